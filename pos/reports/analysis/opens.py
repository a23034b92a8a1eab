"""A text in a report that opens what it is about, or is a word of this program; in files it is a plain text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar
from uuid import UUID

K = TypeVar("K")


class Word(str):
    """A word of this program in a cell, none that somebody typed: pages and papers say it in their language.

    Files have it in English, as they have their heads. `key` is what a file for programs has in its place, if anything.
    """

    __slots__ = ("key",)

    key: str

    def __new__(cls, text: str, key: str = "") -> Word:
        """Make a word of it."""
        made = super().__new__(cls, text)
        made.key = key
        return made


def words(texts: Mapping[K, str], *, is_keyed: bool = False) -> dict[K, Word]:
    """A table of words; `is_keyed`: programs are told the keys."""
    return {key: Word(text, str(key) if is_keyed else "") for key, text in texts.items()}


class WordList(str):
    """Several words of this program in one cell."""

    __slots__ = ("parts",)

    parts: tuple[str, ...]

    def __new__(cls, parts: Iterable[str]) -> WordList:
        """Join them as files have them."""
        kept = tuple(parts)
        made = super().__new__(cls, ", ".join(kept))
        made.parts = kept
        return made


class Month(str):
    """A month in a cell as `2026-10`, by which files sort; pages and papers write it as their language does."""

    __slots__ = ()


class Opens(str):
    """The words of a cell, and what a page opens by them.

    `what` is a sale, refund, package, client, payout, shift or Z, `key` its key. `name` is the text itself, which may be a
    `Word`.
    """

    __slots__ = ("key", "name", "what")

    name: str
    what: str
    key: UUID

    def __new__(cls, text: str, what: str, key: UUID) -> Opens:
        """Make a text of it."""
        made = super().__new__(cls, text)
        made.name, made.what, made.key = text, what, key
        return made


# What is opened by a word where it has no number: a sale without a receipt, a refund without a credit note.
UNNUMBERED = words({"sale": "Sale", "refund": "Refund", "void": "Void"})


def opens(text: str | None, what: str, key: UUID | None) -> str:
    """A text that opens something, or the text alone where there is nothing to open or no words to open it by."""
    return Opens(text, what, key) if text and key else text or ""


class Behind(str):
    """The name of a row, and by which words of an address the report behind it (`Report.behind`) shows what it sums.

    The location and the days of the page hold for both; `args` are the filters beside them, or other days or a location.
    `name` is the text itself, which may be a `Word`, a `Month` or a message.
    """

    __slots__ = ("args", "name")

    args: Mapping[str, str]
    name: str

    def __new__(cls, text: str, **args: object) -> Behind:
        """Make a text of it; what is None is left out."""
        made = super().__new__(cls, text)
        made.name = text.name if isinstance(text, Behind) else text
        made.args = {name: str(value) for name, value in args.items() if value is not None}
        return made
