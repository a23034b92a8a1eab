"""Forms and fields that the library's own do not quite cover."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Form, IntegerField

from pos.web.common.template_context import page_text

_MOST_DIGITS = 6
# What the library says itself of a field, as far as a form of ours can bring it to that.
_OF_LIBRARY = (
    _l("Not a valid choice."),
    _l("Invalid Choice: could not coerce."),
    _l("Not a valid date value."),
    _l("Not a valid time value."),
)


class _Words:
    """The library's sentences in the language of the request, out of our catalogue."""

    def gettext(self, text: str) -> str:
        """A sentence."""
        return page_text(text)

    def ngettext(self, one: str, many: str, count: int) -> str:
        """A sentence that counts."""
        return page_text(one if count == 1 else many)


class PageForm(Form):
    """A form of a page."""

    class Meta:
        """What is particular to all forms."""

        def get_translations(self, _form: Form) -> _Words:
            """Where the library looks its sentences up."""
            return _Words()


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
