"""A receipt or credit note as lines of text for a printer that knows characters only, in as many columns as its roll has."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterable, Iterator

import msgspec

from invoices.documents import ReceiptDocument

# What printers have no sign for, or only in some of their code pages.
_PLAIN = str.maketrans({
    "\u00a0": " ", "\u2007": " ", "\u2009": " ", "\u202f": " ", "\u2212": "-", "–": "-", "—": "-", "•": "*", "…": "...",
    "’": "'", "‘": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"',
})  # fmt: skip
_INDENT = "  "


class RollLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line. `large` is twice as high; `centred` is padded by the printer; `code` is a QR code in place of text."""

    text: str = ""
    bold: bool = False
    large: bool = False
    centred: bool = False
    code: bool = False


def plain(text: str) -> str:
    """Text as a printer takes it: one code point a sign, blanks and dashes of one kind."""
    return unicodedata.normalize("NFC", text).translate(_PLAIN)


def _wrapped(text: str, columns: int, indent: str = "") -> list[str]:
    return textwrap.wrap(plain(text), columns, initial_indent=indent, subsequent_indent=indent)


def _texts(texts: Iterable[str], columns: int, *, centred: bool = False, bold: bool = False) -> Iterator[RollLine]:
    for text in texts:
        for line in _wrapped(text, columns):
            yield RollLine(text=line, centred=centred, bold=bold)


def _row(left: str, right: str, columns: int, *, bold: bool = False) -> Iterator[RollLine]:
    """A text with its amount at the right edge of its first line; below it where both have no room beside each other."""
    amount = plain(right)
    room = columns - len(amount) - 1 if amount else columns
    beside = room >= columns // 3
    first, *rest = _wrapped(left, room if beside else columns) or [""]
    yield RollLine(text=f"{first:<{columns - len(amount)}}{amount}" if beside else first, bold=bold)
    yield from (RollLine(text=line, bold=bold) for line in rest)
    if not beside:
        yield from (RollLine(text=f"{line:>{columns}}", bold=bold) for line in _wrapped(amount, columns))


def _head(document: ReceiptDocument, columns: int) -> Iterator[RollLine]:
    clinic = document.clinic
    if document.watermark:
        yield from _texts([f"*** {document.watermark} ***"], columns, centred=True, bold=True)
    for line in _wrapped(clinic.name, columns):
        yield RollLine(text=line, bold=True, large=True, centred=True)
    yield from _texts((*clinic.address, *clinic.contacts, *clinic.tax_ids), columns, centred=True)
    yield RollLine()


def _lines(document: ReceiptDocument, columns: int) -> Iterator[RollLine]:
    labels, rule = document.labels, RollLine(text="-" * columns)
    yield from _head(document, columns)
    yield from _texts([f"{document.title} {document.number}"], columns, bold=True)
    place = " · ".join(part for part in (document.location, document.desk) if part)
    server = f"{labels['served_by']} {document.served_by}" if document.served_by else ""
    client = f"{labels['client']}: {', '.join(document.recipient)}" if document.recipient else ""
    yield from _texts((document.issued_at, place, server, client, *document.references), columns)
    yield rule
    for line in document.lines:
        mark = f" ({line.tax_mark})" if line.tax_mark else ""
        yield from _row(line.description + mark, line.amount, columns)
        price = " × ".join(part for part in (line.quantity, line.unit_price) if part)
        discount = f"{labels['discount']} {line.discount}" if line.discount else ""
        for text in (price, *line.details, discount):
            yield from (RollLine(text=one) for one in _wrapped(text, columns, _INDENT))
    yield rule
    for total in document.totals:
        mark = f" ({total.tax_mark})" if total.tax_mark else ""
        base = f" {labels['tax_base']} {total.base}" if total.base else ""
        yield from _row(total.label + mark + base, total.amount, columns, bold=total.emphasis)
    if document.tenders:
        yield rule
    for tender in document.tenders:
        yield from _row(f"{tender.label} {tender.detail}".strip(), tender.amount, columns)
    if document.credits or document.packages_sold:
        yield rule
        yield from _texts([labels["credits"]], columns, bold=True)
    for credit in document.credits:
        moves = (
            f"{credit.before} {labels['before']}", f"{credit.used} {labels['used']}", f"{credit.left} {labels['left']}",
            *([credit.expiry] if credit.expiry else []),
        )  # fmt: skip
        yield from _texts((credit.package, " · ".join(moves)), columns)
    for package in document.packages_sold:
        sold = " · ".join(part for part in (package.credits, package.expiry) if part)
        yield from _texts((package.package, sold, package.part), columns)
    yield RollLine()
    if document.portal_url:
        yield RollLine(text=document.portal_url, code=True)
        yield from _texts([document.portal_caption], columns, centred=True)
    yield from _texts(document.policies, columns)
    yield from _texts([document.footer], columns, centred=True)
    yield RollLine(text="Tenderpoint", centred=True)


def roll_lines(document: ReceiptDocument, columns: int) -> list[RollLine]:
    """The lines of a document on a roll of `columns` characters; nothing is cut off, long texts go on below."""
    return list(_lines(document, columns))
