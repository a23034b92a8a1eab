"""Reading JSON bodies: each value by its type, each mistake named by its field."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request

from pos.kernel.errors import Invalid
from pos.kernel.ids import parse_id
from pos.kernel.money import LARGEST_MINOR
from pos.kernel.texts import printable


class Body:
    """The JSON object of this request; raises Invalid where it is not one, and for each value that does not fit."""

    def __init__(self) -> None:
        found = request.get_json(silent=True)
        if not isinstance(found, dict):
            raise Invalid("The request must be a JSON object.")
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
        if type(value) is not int or not least <= value <= most:
            raise Invalid(f"“{field}” must be a whole number between {least} and {most}.", field=field)
        return value

    def integer_or_none(self, field: str, *, least: int = 0, most: int = LARGEST_MINOR) -> int | None:
        """A whole number within bounds, or nothing."""
        return None if self.values.get(field) is None else self.integer(field, least=least, most=most)

    def text(self, field: str, *, most: int = 200) -> str:
        """A text, empty where it is missing."""
        value = self.values.get(field)
        if value is None:
            return ""
        if not isinstance(value, str) or len(value) > most:
            raise Invalid(f"“{field}” must be a text of at most {most} characters.", field=field)
        return printable(value, most).strip()
