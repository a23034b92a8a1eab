"""Adding, changing and retiring the receipt printers of a location."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from ipaddress import IPv6Address
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from pos.core import audit
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Invalid, NotFound
from pos.core.messages.general import CHOOSE_ONE_OF_THESE, NO_SUCH_LOCATION
from pos.core.messages.till import (
    NO_SUCH_PRINTER,
    PRINTER_HOST_ODD,
    PRINTER_NAME_MISSING_OR_LONG,
    PRINTER_NAME_TAKEN,
    PRINTER_PORT_ODD,
)
from pos.domain.locations.models import Printer
from pos.domain.staff.queries import Person
from pos.integrations.receipt_printer import MODELS
from pos.services.locations.named_rows import free_name, own_row

# The ports of raw printing, and no other: what is typed here must not make the server talk to a database or a mail server.
PORTS = range(9100, 9110)
# A name of RFC 1123 or an IPv4 address: parts of at most 63 letters, digits and hyphens.
_LABEL = r"[0-9A-Za-z](?:[0-9A-Za-z-]{0,61}[0-9A-Za-z])?"
_HOST = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*")


@dataclass(frozen=True)
class PrinterTerms:
    """What is typed of a printer; `port` as text."""

    name: str
    host: str
    model: str
    port: str = "9100"
    opens_drawer: bool = False
    prints_always: bool = False


def _is_ipv6(host: str) -> bool:
    try:
        return bool(IPv6Address(host)) and "%" not in host
    except ValueError:
        return False


def _cleaned(session: Session, location_id: UUID, terms: PrinterTerms, but: UUID) -> dict[str, Any]:
    name = free_name(
        session,
        Printer,
        location_id,
        terms.name,
        but=but,
        missing=PRINTER_NAME_MISSING_OR_LONG,
        taken=PRINTER_NAME_TAKEN,
    )
    host = terms.host.strip()
    if not (_HOST.fullmatch(host) or _is_ipv6(host)):
        raise Invalid(PRINTER_HOST_ODD, field="host")
    port = terms.port.strip() or "9100"
    if not (port.isascii() and port.isdecimal() and len(port) == 4 and int(port) in PORTS):
        raise Invalid(PRINTER_PORT_ODD, field="port")
    if terms.model not in MODELS:
        raise Invalid(CHOOSE_ONE_OF_THESE, field="model")
    return asdict(terms) | {"name": name, "host": host, "port": int(port)}


def _note(
    session: Session, action: str, row: Printer, person: Person, before: dict[str, Any], after: dict[str, Any]
) -> None:
    audit.note_change(
        session, f"printer.{action}", before=before, after=after,
        actor_id=person.id, location_id=row.location_id, subject_id=row.id,
    )  # fmt: skip


@unit_of_work
def add_printer(session: Session, *, printer_id: UUID, location_id: UUID, terms: PrinterTerms, person: Person) -> None:
    """Add a printer; the same key again changes nothing. Raises NotFound for another's location, Invalid."""
    if location_id not in person.locations:
        raise NotFound(NO_SUCH_LOCATION)
    if session.get(Printer, printer_id) is not None:
        return
    facts = _cleaned(session, location_id, terms, printer_id)
    row = Printer(id=printer_id, location_id=location_id, active=True, **facts)
    session.add(row)
    session.flush()
    _note(session, "added", row, person, {}, facts)


@unit_of_work
def change_printer(session: Session, *, printer_id: UUID, terms: PrinterTerms, person: Person) -> None:
    """Change how a printer is reached and what it does. Raises NotFound, Invalid."""
    row = own_row(session, Printer, printer_id, person, NO_SUCH_PRINTER)
    facts = _cleaned(session, row.location_id, terms, printer_id)
    before = {name: getattr(row, name) for name in facts}
    if facts == before:
        return
    for name, value in facts.items():
        setattr(row, name, value)
    session.flush()
    _note(session, "changed", row, person, before, facts)


@unit_of_work
def retire_printer(session: Session, *, printer_id: UUID, person: Person, retired: bool = True) -> None:
    """Take a printer out of use, or use it again; the desks that print on it print by the browser meanwhile."""
    row = own_row(session, Printer, printer_id, person, NO_SUCH_PRINTER)
    if row.active is not retired:
        return
    row.active = not retired
    session.flush()
    _note(session, "retired" if retired else "brought_back", row, person, {"active": retired}, {"active": not retired})
