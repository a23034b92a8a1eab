"""The formats of paper: each kind of document on each sheet that it declares."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from invoices.documents import KINDS, Document
from invoices.sheets import Sheet

FORMATS: Mapping[str, Sheet] = MappingProxyType(
    {f"{kind.kind}_{paper}": sheet for kind in KINDS for paper, sheet in kind.sheets.items()}
)
"""Every format by name, such as `receipt_80mm`."""


def sheet_for(document: Document, paper_format: str) -> Sheet:
    """The sheet of that name; raises ValueError where there is none or the document is of another kind."""
    sheet = FORMATS.get(paper_format)
    if sheet is None:
        raise ValueError(f"no paper format {paper_format!r}; there are {', '.join(FORMATS)}")
    if sheet not in document.sheets.values():
        raise ValueError(f"a {document.kind} cannot be set on {paper_format}")
    return sheet
