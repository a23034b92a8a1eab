"""A language that translates every text of this program, so that whatever is still in English never came to a translation.

Each letter becomes its full-width form, which a person can read and no test takes for English. Greek stands for it: its
months, days and amounts have no Latin letters of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from flask import Flask
from sqlalchemy import JSON, String, select
from sqlalchemy.orm import Session

from pos.core import i18n
from pos.core.i18n import translator
from pos.dev.extract_messages import FOLDER, TEMPLATE, compile_language, script_texts
from pos.models import metadata
from pos.web.common import template_context

LANGUAGE, LOCALE = "el", "el_GR"
_WIDE = {code: code + 0xFEE0 for letters in ("AZ", "az") for code in range(ord(letters[0]), ord(letters[1]) + 1)}
# What a translation keeps: values of the server and of the scripts, tags, entities.
_KEPT = re.compile(r"(%\(\w+\)[sd]|%%|\{\w+(?:!r)?\}|<[^>]+>|&#?\w+;)")
_READ_ALOUD = {"title", "aria-label", "placeholder", "alt", "label"}
_UNSEEN = {"script", "style", "template"}
_ENGLISH = re.compile(r"[A-Za-z]{2,}")
# Addresses of pages and mail, keys and hashes, numbers of papers, versions: words with a digit among them.
_NO_WORDS = re.compile(r"\S+://\S+|\S+@\S+|localhost/\S+|(?<!\w)(?=[\w.-]*\d)[\w.-]+(?:[-=][\w.-]+)*")
# Names, the same in every language: of products and programs, forms of files, papers, keys of the keyboard.
NAMES = (
    "Tenderpoint", "Stripe", "CSV", "XLSX", "PDF", "JSON", "DATEV (EXTF)", "QuickBooks Desktop (IIF)", "QuickBooks Online",
    "Xero", "Beancount", "hledger", "Epson TM-T88", "Epson TM-T20, TM-m30", "Visa", "Mastercard",
)  # fmt: skip
# What people type, wherever it is kept.
_TYPED = {
    "name", "short_name", "clinic_name", "given_name", "family_name", "client_name", "to_name", "allergy", "licence_number",
    "address_lines", "tax_label", "second_tax_label", "label", "receipt_note", "file_name", "currency", "headline",
    "introduction", "privacy", "imprint", "terms", "service_charges", "message", "card_brand", "last4", "receipt_prefix",
}  # fmt: skip
# Named by this program until somebody gives them another name.
_OURS = {"accounts"}


def pseudo(text: str) -> str:
    """A text in the language."""
    return "".join(part if at % 2 else part.translate(_WIDE) for at, part in enumerate(_KEPT.split(text)))


@cache
def _compiled() -> dict[str, bytes]:
    """The whole template of translators, compiled for the server and for the scripts: once in a process, it takes half a
    second."""
    with (FOLDER / TEMPLATE).open("rb") as file:
        texts = [message.id for message in read_po(file) if message.id]
    language = Catalog(locale=LANGUAGE)
    for text in texts:
        language.add(text, pseudo(text) if isinstance(text, str) else tuple(map(pseudo, text)))
    with TemporaryDirectory() as folder:
        path = Path(folder) / LANGUAGE / "LC_MESSAGES" / "messages.po"
        path.parent.mkdir(parents=True)
        with path.open("wb") as written:
            write_po(written, language)
        compile_language(path, script_texts())
        return {one.name: one.read_bytes() for one in path.parent.glob("*.mo")}


def install(app: Flask, folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Translate every text, on the server and in the scripts; catalogues are put into `folder`."""
    catalogues = folder / LANGUAGE / "LC_MESSAGES"
    catalogues.mkdir(parents=True)
    for name, content in _compiled().items():
        (catalogues / name).write_bytes(content)
    patch.setattr(i18n, "TRANSLATIONS", folder)
    patch.setattr(template_context, "LANGUAGES", (*template_context.LANGUAGES, LANGUAGE))
    patch.setattr(app.extensions["babel"], "translation_directories", [str(folder)])
    translator.translator.cache_clear()


class _Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.unseen += tag in _UNSEEN
        self.texts += [value for name, value in attrs if name in _READ_ALOUD and value]

    def handle_endtag(self, tag: str) -> None:
        self.unseen -= tag in _UNSEEN

    def handle_data(self, data: str) -> None:
        if not self.unseen:
            self.texts.append(data)


def seen(page: str) -> list[str]:
    """What a reader sees of a page or has read aloud."""
    parser = _Seen()
    parser.feed(page)
    parser.close()
    return [" ".join(text.split()) for text in parser.texts]


def strings(value: Any) -> Iterator[str]:
    """The texts in lists and mappings."""
    match value:
        case str():
            yield value
        case dict():
            yield from strings([*value.values()])
        case list() | tuple():
            for one in value:
                yield from strings(one)


def typed_texts(session: Session) -> set[str]:
    """What people have typed into the tables."""
    columns = [
        column
        for table in metadata.sorted_tables
        for column in table.columns
        if column.name in _TYPED and table.name not in _OURS and isinstance(column.type, String | JSON)
    ]
    return {text for column in columns for value in session.scalars(select(column)) for text in strings(value)}


class Data:
    """What may stay as it is: what people typed, names, keys, addresses and numbers."""

    def __init__(self, typed: Iterable[str]) -> None:
        texts = {" ".join(text.split()) for text in (*typed, *NAMES) if _ENGLISH.search(text)}
        parts = map(re.escape, sorted(texts, key=len, reverse=True))
        self._typed = re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)")

    def english(self, texts: Iterable[str]) -> set[str]:
        """What is left of the texts that have English words beside the data."""
        left = {" ".join(_NO_WORDS.sub(" ", self._typed.sub(" ", text)).split()) for text in texts}
        return {text for text in left if _ENGLISH.search(text)}
