"""Holds a request's parameters to the SDK's types: unknown, missing, mistyped and misspelt ones are refused."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from pos.dev.stripe_simulator.contract.forms import name_of
from pos.dev.stripe_simulator.contract.types import (
    Enum,
    ListOf,
    MapOf,
    OneOf,
    Record,
    Scalar,
    Spec,
    fields,
)
from pos.dev.stripe_simulator.errors import Refused

_INTEGER_LIMIT = 2**63
_REPLACED = {
    "payment_method_types": "allowed_payment_method_types",
}


def checked(record: Record, given: dict[str, Any]) -> dict[str, Any]:
    """Parameters as typed values (int, bool, Decimal, str, list, dict); raises Refused in Stripe's words."""
    return _record(record, given, ())


def _record(record: Record, given: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    known = fields(record)
    for name in given:
        if name not in known:
            where = name_of((*path, name))
            instead = f" Use {_REPLACED[name]} instead." if name in _REPLACED and not path else ""
            raise Refused(400, f"Received unknown parameter: {where}.{instead}", code="parameter_unknown", param=where)
    for name, field in known.items():
        if field.required and name not in given:
            where = name_of((*path, name))
            raise Refused(400, f"Missing required param: {where}.", code="parameter_missing", param=where)
    return {name: _value(known[name].spec, value, (*path, name)) for name, value in given.items()}


def _value(spec: Spec, value: Any, path: tuple[str, ...]) -> Any:
    where = name_of(path)
    match spec:
        case Record():
            if not isinstance(value, dict):
                raise Refused(400, f"Invalid object: {where} must be a hash", param=where)
            return _record(spec, value, path)
        case ListOf(item):
            return [_value(item, entry, (*path, key)) for key, entry in _entries(value, where)]
        case MapOf(item):
            if not isinstance(value, dict):
                raise Refused(400, f"Invalid hash: {where}", param=where)
            return {key: _free_text(item, entry, (*path, key)) for key, entry in value.items()}
        case OneOf(options):
            return _one_of(options, value, path)
        case Enum(values):
            if value not in values:
                wanted = ", ".join(one for one in values if one)
                raise Refused(400, f"Invalid {where}: must be one of {wanted}", param=where)
            return value
        case Scalar(kind):
            return _scalar(kind, value, where)


def _free_text(spec: Spec, value: Any, path: tuple[str, ...]) -> Any:
    # An empty string is how a metadata key is taken away, so it is no error here.
    return value if value == "" else _value(spec, value, path)


def _entries(value: Any, where: str) -> list[tuple[str, Any]]:
    if not isinstance(value, dict) or not all(key.isdigit() for key in value):
        raise Refused(400, f"Invalid array: {where}", param=where)
    entries = sorted(value.items(), key=lambda entry: int(entry[0]))
    if [int(key) for key, _ in entries] != list(range(len(entries))):
        raise Refused(400, f"Invalid array: {where} must be numbered from 0 without gaps", param=where)
    return entries


def _one_of(options: tuple[Spec, ...], value: Any, path: tuple[str, ...]) -> Any:
    wants_hash = isinstance(value, dict)
    fitting = [option for option in options if isinstance(option, (Record, MapOf, ListOf)) == wants_hash]
    refusal: Refused | None = None
    for option in fitting or options:
        try:
            return _value(option, value, path)
        except Refused as refused:
            refusal = refused
    assert refusal is not None
    raise refusal


def _scalar(kind: str, value: Any, where: str) -> Any:
    if not isinstance(value, str):
        raise Refused(400, f"Invalid {where}: expected a single value", param=where)
    if value == "":
        raise Refused(
            400,
            f"You passed an empty string for '{where}'. We assume empty values are an attempt to unset a parameter; "
            f"however '{where}' cannot be unset.",
            code="parameter_invalid_empty",
            param=where,
        )
    if kind == "int":
        digits = value.removeprefix("-")
        if not (digits.isascii() and digits.isdigit()) or abs(int(digits)) >= _INTEGER_LIMIT:
            raise Refused(400, f"Invalid integer: {value}", code="parameter_invalid_integer", param=where)
        return int(value)
    if kind == "bool":
        if value not in {"true", "false"}:
            raise Refused(400, f"Invalid boolean: {value}", param=where)
        return value == "true"
    if kind == "decimal":
        try:
            return Decimal(value)
        except InvalidOperation as error:
            raise Refused(400, f"Invalid decimal: {value}", param=where) from error
    return value
