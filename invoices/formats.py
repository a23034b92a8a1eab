"""The sheets a document can be set on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from invoices.documents import Document


@dataclass(frozen=True, slots=True)
class Sheet:
    """Template and styles of one format. `page` and `margin` are CSS sizes; `continuous` paper is cut at its text's end."""

    kind: str
    template: str
    styles: tuple[str, ...]
    page: str
    margin: str = "18mm 20mm 20mm 25mm"
    continuous: bool = False


FORMATS: Mapping[str, Sheet] = MappingProxyType(
    {
        "receipt_80mm": Sheet(
            "receipt", "receipt_80mm.html", ("receipt_80mm.css",), "80mm 3000mm", margin="3mm 4mm 6mm", continuous=True
        ),
        "receipt_a4": Sheet("receipt", "receipt_sheet.html", ("sheet.css", "receipt_sheet.css"), "210mm 297mm"),
        "receipt_letter": Sheet(
            "receipt",
            "receipt_sheet.html",
            ("sheet.css", "receipt_sheet.css"),
            "8.5in 11in",
            margin="14mm 20mm 17mm 25mm",
        ),
        "certificate_a4": Sheet(
            "certificate", "certificate_sheet.html", ("sheet.css", "certificate_sheet.css"), "210mm 297mm"
        ),
        "certificate_letter": Sheet(
            "certificate",
            "certificate_sheet.html",
            ("sheet.css", "certificate_sheet.css"),
            "8.5in 11in",
            margin="14mm 20mm 17mm 25mm",
        ),
        "report_80mm": Sheet(
            "report",
            "report_80mm.html",
            ("receipt_80mm.css", "report_80mm.css"),
            "80mm 3000mm",
            margin="3mm 4mm 6mm",
            continuous=True,
        ),
        "report_a4": Sheet("report", "report_sheet.html", ("sheet.css", "report_sheet.css"), "210mm 297mm"),
        "report_letter": Sheet(
            "report", "report_sheet.html", ("sheet.css", "report_sheet.css"), "8.5in 11in", margin="14mm 20mm 17mm 25mm"
        ),
    }
)
"""Every format by name."""


def sheet_for(document: Document, paper_format: str) -> Sheet:
    """The sheet of that name; raises ValueError where there is none or the document is of another kind."""
    sheet = FORMATS.get(paper_format)
    if sheet is None:
        raise ValueError(f"no paper format {paper_format!r}; there are {', '.join(FORMATS)}")
    if sheet.kind != document.kind:
        raise ValueError(f"a {document.kind} cannot be set on {paper_format}")
    return sheet
