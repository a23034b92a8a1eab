"""Receipts as paper: rendered once, kept, and the same bytes ever after."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from sqlalchemy.orm import Session

from invoices.documents import ReceiptDocument
from invoices.renderer import RenderPool
from pos.core.app_context import running
from pos.core.config import Settings
from pos.core.database.base import reading
from pos.core.database.storage_errors import optional_write
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Invalid
from pos.core.i18n.translator import words
from pos.core.messages.sales import RECEIPT_FORMAT_UNKNOWN
from pos.domain.receipts import repository as receipts
from pos.domain.receipts.models import Receipt

TOKENS = Path(__file__).parents[2] / "static" / "css" / "tokens.css"
FORMATS = {"80mm": "receipt_80mm", "a4": "receipt_a4", "letter": "receipt_letter"}


def _open(_settings: Settings) -> RenderPool:
    return RenderPool(tokens_css=TOKENS.read_text(encoding="utf-8"))


def printers() -> RenderPool:
    """The warm rendering processes of this application."""
    return running().once("printers", _open)


_keep = unit_of_work(receipts.keep_file)


def _sheet(paper_format: str) -> str:
    if paper_format not in FORMATS:
        raise Invalid(RECEIPT_FORMAT_UNKNOWN, field="format")
    return FORMATS[paper_format]


def receipt_pdf(receipt: Receipt, paper_format: str) -> bytes:
    """The original receipt as PDF (`80mm`, `a4` or `letter`); raises Invalid, and PaperUnavailable without Pango."""
    sheet = _sheet(paper_format)
    kept = receipts.kept_file(reading(), receipt.id, sheet)
    if kept is not None:
        return kept
    receipt_id = receipt.id
    content = printers().render(ReceiptDocument.from_json(receipt.document), sheet)
    with optional_write("the PDF of a receipt"):
        _keep(receipt_id, sheet, content)
    return content


def receipt_html(receipt: Receipt, paper_format: str = "80mm") -> str:
    """The original receipt as a page of its own, which needs no Pango."""
    return printers().render_html(ReceiptDocument.from_json(receipt.document), _sheet(paper_format))


@unit_of_work
def _count_reprint(session: Session, sale_id: UUID, staff_id: UUID | None) -> int:
    return receipts.note_reprint(session, receipts.of_sale(session, sale_id), staff_id)


def reprint(sale_id: UUID, staff_id: UUID | None) -> int:
    """Count a reprint and say which duplicate it is."""
    return _count_reprint(sale_id, staff_id)


def duplicate_pdf(receipt: Receipt, number: int, paper_format: str, locale: str) -> bytes:
    """The receipt marked DUPLICATE `number`; nothing else on it differs from the original."""
    w = words(locale)
    mark = w("DUPLICATE %(number)s", number=number)
    document = ReceiptDocument.from_json(receipt.document)
    joined = f"{document.watermark} · {mark}" if document.watermark else mark
    return printers().render(document.with_watermark(joined), _sheet(paper_format))
