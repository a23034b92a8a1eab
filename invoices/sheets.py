"""What a document is set on: the paper, its template and its styles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Sheet:
    """Template and styles of one format. `page` and `margin` are CSS sizes; `continuous` paper is cut at its text's end."""

    template: str
    styles: tuple[str, ...]
    page: str
    margin: str = "18mm 20mm 20mm 25mm"
    continuous: bool = False


def page_sheets(template: str, *styles: str) -> dict[str, Sheet]:
    """A template with its styles on A4 and on Letter."""
    of_both = ("sheet.css", *styles)
    return {
        "a4": Sheet(template, of_both, "210mm 297mm"),
        "letter": Sheet(template, of_both, "8.5in 11in", margin="14mm 20mm 17mm 25mm"),
    }


def roll_sheet(template: str, *styles: str) -> dict[str, Sheet]:
    """A template with its styles on the paper of a receipt printer."""
    return {"80mm": Sheet(template, styles, "80mm 3000mm", margin="3mm 4mm 6mm", continuous=True)}


Sheets = Mapping[str, Sheet]


def all_sheets(*parts: Sheets) -> Sheets:
    """All of these together, by the name of the paper."""
    return MappingProxyType({name: sheet for part in parts for name, sheet in part.items()})
