"""Declares documents that are opened by an address. Each gets a page and a PDF at the register, in the office or at both.

A document is a function from the key of its subject to a `Printed`, decorated with `@document`. The web layer reads the
declarations and knows no document by name.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import Literal, TypeVar
from uuid import UUID

from invoices.documents import Document
from pos.domain.staff.permissions import Permission

Interface = Literal["register", "office"]


@dataclass(frozen=True)
class Printed:
    """A document, the name its PDF is saved under, and the paper where it is not that of its address."""

    document: Document
    name: str
    paper: str | None = None


@dataclass(frozen=True)
class Reader:
    """Who opens a document: from where, and the locations whose documents they may see."""

    interface: Interface
    location_ids: frozenset[UUID]


Builder = Callable[[UUID, Reader], Printed]
B = TypeVar("B", bound=Builder)


@dataclass(frozen=True)
class Address:
    """Where a document is opened: `rule` without its ending, with one variable, the key of the subject.

    `paper` is what it is set on where the address does not say: `80mm`, `a4` or `letter`. `personal`: it tells all of one
    person, whose key is the subject; so it takes somebody who may act at every location, and each look is in the log.
    """

    rule: str
    permission: Permission
    paper: str = "a4"
    personal: bool = False


@dataclass(frozen=True)
class Printable:
    """One declared document. `name` begins the names of its endpoints."""

    name: str
    build: Builder
    addresses: Mapping[Interface, Address]


DECLARED: dict[str, Printable] = {}


def document(name: str, *, register: Address | None = None, office: Address | None = None) -> Callable[[B], B]:
    """Declare the decorated function as a document; raises ValueError for a name that is taken.

    The function raises NotFound for a subject that its reader may not see.
    """
    if name in DECLARED:
        raise ValueError(f"“{name}” is taken.")
    pairs: tuple[tuple[Interface, Address | None], ...] = (("register", register), ("office", office))

    def declare(build: B) -> B:
        DECLARED[name] = Printable(name, build, {interface: address for interface, address in pairs if address})
        return build

    return declare


def documents() -> Mapping[str, Printable]:
    """Every document that a module of this package declares, by its name."""
    package = import_module("pos.services.documents")
    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        import_module(module.name)
    return MappingProxyType(DECLARED)
