"""Frozen dataclasses to plain JSON values and back, strictly: an archived document must read as it was written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Literal, get_args, get_origin, get_type_hints


def encode(value: Any) -> Any:
    """Dataclasses and mappings become dicts, tuples become lists; str and bool stay. Raises TypeError for the rest."""
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, tuple):
        return [encode(item) for item in value]
    if names := _names(type(value)):
        return {name: encode(getattr(value, name)) for name in names}
    if isinstance(value, Mapping):
        return {key: encode(value[key]) for key in sorted(value)}
    raise TypeError(f"a document holds texts, not {type(value).__name__}")


_known_names: dict[type, tuple[str, ...]] = {}


def _names(kind: type) -> tuple[str, ...]:
    """The fields of a dataclass; none of anything else."""
    if kind not in _known_names:
        _known_names[kind] = tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()
    return _known_names[kind]


def decode(kind: Any, value: Any, where: str) -> Any:
    """The value as `kind` (a dataclass, tuple[X, ...], Mapping[str, str], str or bool); raises ValueError naming `where`."""
    if is_dataclass(kind):
        return _decode_dataclass(kind, value, where)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is tuple and isinstance(value, list):
        return tuple(decode(arguments[0], item, f"{where}[{index}]") for index, item in enumerate(value))
    if origin is Mapping and isinstance(value, dict):
        return MappingProxyType({str(key): decode(str, item, f"{where}.{key}") for key, item in value.items()})
    if kind in (str, bool) and isinstance(value, kind):
        return value
    if origin is Literal and value in arguments:
        return value
    raise ValueError(f"{where} does not hold what it should")


def _decode_dataclass(kind: Any, value: Any, where: str) -> Any:
    if not isinstance(value, dict):
        raise ValueError(f"{where} does not hold what it should")
    known = {field.name: field for field in fields(kind)}
    if strange := sorted(set(value) - set(known)):
        raise ValueError(f"{where} has no {', '.join(strange)}")
    for name, field in known.items():
        if name not in value and field.default is MISSING and field.default_factory is MISSING:
            raise ValueError(f"{where} lacks {name}")
    hints = _hints(kind)
    return kind(**{name: decode(hints[name], item, f"{where}.{name}") for name, item in value.items()})


@cache
def _hints(kind: Any) -> Mapping[str, Any]:
    return get_type_hints(kind)
