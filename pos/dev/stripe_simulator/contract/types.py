"""Annotations of the SDK read as specifications a value can be checked against."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from typing import Literal

from pos.dev.stripe_simulator.contract.sources import imported_names, module_tree


@dataclass(frozen=True, slots=True)
class Scalar:
    """A string, whole number, decimal or truth value."""

    kind: Literal["str", "int", "bool", "decimal", "any"]


@dataclass(frozen=True, slots=True)
class Enum:
    """One of a closed list. The SDK leaves its lists open (`Literal[...] | str`) for later versions; we close them."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListOf:
    """Any number of `item`."""

    item: Spec


@dataclass(frozen=True, slots=True)
class MapOf:
    """Free keys, such as metadata."""

    value: Spec


@dataclass(frozen=True, slots=True)
class Record:
    """A class of the SDK with named fields, resolved when first needed: many refer to one another."""

    module: str
    name: str


@dataclass(frozen=True, slots=True)
class OneOf:
    """Any of several specifications."""

    options: tuple[Spec, ...]


Spec = Scalar | Enum | ListOf | MapOf | Record | OneOf

_SCALARS: dict[str, Literal["str", "int", "bool", "decimal", "any"]] = {
    "str": "str", "int": "int", "bool": "bool", "float": "decimal", "Decimal": "decimal", "Any": "any",
}  # fmt: skip
_WRAPPERS = {"NotRequired", "Optional", "Required"}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record: its specification and whether it must be there."""

    spec: Spec
    required: bool


@cache
def fields(record: Record) -> dict[str, Field]:
    """The fields of a TypedDict of parameters, by name; a dotted `record.name` reaches into nested classes."""
    body, scope = _body(record)
    found: dict[str, Field] = {}
    for name, annotation in body:
        optional = (
            isinstance(annotation, ast.Subscript)
            and isinstance(annotation.value, ast.Name)
            and annotation.value.id in {"NotRequired", "Optional"}
        )
        found[name] = Field(_read(annotation, record.module, scope), not optional)
    return found


def _body(record: Record) -> tuple[list[tuple[str, ast.expr]], tuple[str, ...]]:
    tree = module_tree(record.module)
    parts = tuple(record.name.split("."))
    holder: list[ast.stmt] = tree.body
    node: ast.ClassDef | None = None
    for part in parts:
        node = next((item for item in holder if isinstance(item, ast.ClassDef) and item.name == part), None)
        if node is None:
            return _functional(tree, part), parts
        holder = node.body
    pairs = [
        (item.target.id, item.annotation)
        for item in holder
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
    ]
    for base in node.bases if node else ():
        # Names that are Python keywords (`from`, `in`) come in through a base written as a call.
        if isinstance(base, ast.Name) and base.id.startswith("_"):
            pairs += _functional(tree, base.id)
    return pairs, parts


def _functional(tree: ast.Module, name: str) -> list[tuple[str, ast.expr]]:
    for item in tree.body:
        if (
            isinstance(item, ast.Assign)
            and isinstance(item.targets[0], ast.Name)
            and item.targets[0].id == name
            and isinstance(item.value, ast.Call)
            and isinstance(item.value.args[1], ast.Dict)
        ):
            given = item.value.args[1]
            return [
                (str(key.value), value)
                for key, value in zip(given.keys, given.values, strict=True)
                if isinstance(key, ast.Constant)
            ]
    raise LookupError(f"the installed SDK has no class {name}")


def _read(node: ast.expr, module: str, scope: tuple[str, ...]) -> Spec:
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            return _read(ast.parse(node.value.strip(), mode="eval").body, module, scope)
        return Scalar("any")
    if isinstance(node, ast.Name):
        return Scalar(_SCALARS[node.id]) if node.id in _SCALARS else _record(node.id, module, scope)
    if isinstance(node, ast.Attribute):
        return _record(ast.unparse(node), module, scope)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _union([_read(node.left, module, scope), _read(node.right, module, scope)])
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        return _subscript(node.value.id, node.slice, module, scope)
    return Scalar("any")


def _subscript(outer: str, inner: ast.expr, module: str, scope: tuple[str, ...]) -> Spec:
    parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
    if outer in _WRAPPERS:
        return _read(parts[0], module, scope)
    if outer == "Literal":
        values = [part.value for part in parts if isinstance(part, ast.Constant)]
        if all(isinstance(value, bool) for value in values):
            return Scalar("bool")
        return Enum(tuple(str(value) for value in values))
    if outer in {"List", "list"}:
        return ListOf(_read(parts[0], module, scope))
    if outer == "ListObject":
        return Record("stripe._list_object", "ListObject")
    if outer in {"Dict", "dict"}:
        return MapOf(_read(parts[-1], module, scope))
    if outer == "UntypedStripeObject":
        return MapOf(_read(parts[0], module, scope))
    if outer == "Union":
        return _union([_read(part, module, scope) for part in parts])
    if outer == "ExpandableField":
        return _union([Scalar("str"), _read(parts[0], module, scope)], closes=False)
    return Scalar("any")


def _record(name: str, module: str, scope: tuple[str, ...]) -> Spec:
    tree = module_tree(module)
    # A nested class is named from the class around it, so the innermost scope that has it wins.
    for depth in range(len(scope), -1, -1):
        path = [*scope[:depth], name]
        holder: list[ast.stmt] = tree.body
        for part in path:
            found = next((item for item in holder if isinstance(item, ast.ClassDef) and item.name == part), None)
            if found is None:
                break
            holder = found.body
        else:
            return Record(module, ".".join(path))
    source = imported_names(tree).get(name)
    if source and source.startswith("stripe."):
        return MapOf(Scalar("any")) if name == "UntypedStripeObject" else Record(source, name)
    return Record(module, name)


def _union(options: list[Spec], *, closes: bool = True) -> Spec:
    flat: list[Spec] = []
    for option in options:
        flat += option.options if isinstance(option, OneOf) else (option,)
    listed = [option for option in flat if isinstance(option, Enum)]
    if closes and any(any(option.values) for option in listed):
        flat = [option for option in flat if option != Scalar("str")]
    merged: list[Spec] = []
    if listed:
        merged.append(Enum(tuple(dict.fromkeys(value for option in listed for value in option.values))))
    merged += [option for option in dict.fromkeys(flat) if not isinstance(option, Enum)]
    return merged[0] if len(merged) == 1 else OneOf(tuple(merged))
