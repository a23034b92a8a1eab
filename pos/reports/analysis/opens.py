"""A text in a report that opens what it is about; in files it is a plain text."""

from __future__ import annotations

from uuid import UUID


class Opens(str):
    """The words of a cell, and what a page opens by them.

    `what` is a sale, refund, package, client, payout, shift or Z, `key` its key.
    """

    __slots__ = ("key", "what")

    what: str
    key: UUID

    def __new__(cls, text: str, what: str, key: UUID) -> Opens:
        """Make a text of it."""
        made = super().__new__(cls, text)
        made.what, made.key = what, key
        return made


def opens(text: str | None, what: str, key: UUID | None) -> str:
    """A text that opens something, or the text alone where there is nothing to open or no words to open it by."""
    return Opens(text, what, key) if text and key else text or ""
