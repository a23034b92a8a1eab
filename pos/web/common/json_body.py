"""Reading JSON bodies: each value by its type, each mistake named by its field."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from flask import request

from pos.core.errors import Invalid
from pos.core.i18n.message import Message
from pos.core.i18n.sanitize import printable
from pos.core.ids import parse_id
from pos.core.messages.general import (
    AMOUNT_NOT_ABOVE_ZERO,
    AMOUNT_TOO_LARGE,
    AMOUNT_UNREADABLE,
    FIELD_NOT_A_TEXT,
    FIELD_NOT_A_WHOLE_NUMBER,
    FIELD_NOT_TRUE_OR_FALSE,
    NOT_A_JSON_OBJECT,
)
from pos.core.money import LARGEST_MINOR

# A ticket needs four.
_DEEPEST = 8


def _too_deep(value: object) -> bool:
    level = [value]
    for _ in range(_DEEPEST):
        level = [inner for one in level if isinstance(one, dict | list) for inner in _entries(one)]
    return bool(level)


def _entries(one: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return one.values() if isinstance(one, dict) else one


def _amount_refusal(value: object, most: int) -> Message:
    if type(value) is not int or value < 0:
        return AMOUNT_UNREADABLE
    return AMOUNT_TOO_LARGE if value > most else AMOUNT_NOT_ABOVE_ZERO


class Body:
    """The JSON object of this request; raises Invalid where it is not one, and for each value that does not fit."""

    def __init__(self) -> None:
        try:
            found = request.get_json(silent=True)
        except RecursionError:
            found = None
        if not isinstance(found, dict) or _too_deep(found):
            raise Invalid(NOT_A_JSON_OBJECT)
        self.values: dict[str, Any] = found

    def id(self, field: str) -> UUID:
        """A key that must be there."""
        return parse_id(self.values.get(field), field=field)

    def id_or_none(self, field: str) -> UUID | None:
        """A key, or nothing."""
        return None if self.values.get(field) in (None, "") else self.id(field)

    def integer(self, field: str, *, least: int = 0, most: int = LARGEST_MINOR) -> int:
        """A whole number that must be there, within bounds."""
        value = self.values.get(field)
        if type(value) is int and least <= value <= most:
            return value
        if field.endswith("_minor"):  # what a person typed as an amount
            raise Invalid(_amount_refusal(value, most), field=field)
        raise Invalid(FIELD_NOT_A_WHOLE_NUMBER(least=least, most=most), field=field)

    def integer_or_none(self, field: str, *, least: int = 0, most: int = LARGEST_MINOR) -> int | None:
        """A whole number within bounds, or nothing."""
        return None if self.values.get(field) is None else self.integer(field, least=least, most=most)

    def flag(self, field: str) -> bool:
        """Yes or no; no where it is missing."""
        value = self.values.get(field)
        if value is not None and type(value) is not bool:
            raise Invalid(FIELD_NOT_TRUE_OR_FALSE, field=field)
        return bool(value)

    def text(self, field: str, *, most: int = 200) -> str:
        """A text, empty where it is missing."""
        value = self.values.get(field)
        if value is None:
            return ""
        if not isinstance(value, str) or len(value) > most:
            raise Invalid(FIELD_NOT_A_TEXT(most=most), field=field)
        return printable(value, most).strip()
