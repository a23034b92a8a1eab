"""Fields of forms that the library's own do not quite cover."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from wtforms import IntegerField

_MOST_DIGITS = 6


class WholeNumber(IntegerField):
    """A whole number of a few digits, with a sentence where it is none; the library fails on long ones."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read what was typed; empty stays empty."""
        self.data = None
        text = str(valuelist[0]).strip() if valuelist else ""
        if not text:
            return
        if not text.isdecimal() or not text.isascii() or len(text) > _MOST_DIGITS:
            raise ValueError(_("Write a whole number."))
        self.data = int(text)
