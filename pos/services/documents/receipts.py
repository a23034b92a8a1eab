"""Receipts as paper: rendered once, kept, and the same bytes ever after."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from invoices.documents import ReceiptDocument
from pos.core.database.base import reading
from pos.core.database.storage_errors import optional_write
from pos.core.database.unit_of_work import unit_of_work
from pos.core.i18n.translator import translator
from pos.domain.receipts import repository as receipts
from pos.domain.receipts.models import Receipt
from pos.services.documents.renderer import sheet_of, to_html, to_pdf

_keep = unit_of_work(receipts.keep_file)


def receipt_pdf(receipt: Receipt, paper_format: str) -> bytes:
    """The original receipt as PDF (`80mm`, `a4` or `letter`); raises Invalid, and PaperUnavailable without Pango."""
    sheet = sheet_of("receipt", paper_format)
    kept = receipts.kept_file(reading(), receipt.id, sheet)
    if kept is not None:
        return kept
    receipt_id = receipt.id
    content = to_pdf(ReceiptDocument.from_json(receipt.document), sheet)
    with optional_write("the PDF of a receipt"):
        _keep(receipt_id, sheet, content)
    return content


def receipt_html(receipt: Receipt, paper_format: str = "80mm") -> str:
    """The original receipt as a page of its own, which needs no Pango."""
    return to_html(ReceiptDocument.from_json(receipt.document), sheet_of("receipt", paper_format))


@unit_of_work
def _count_reprint(session: Session, sale_id: UUID, staff_id: UUID | None) -> int:
    return receipts.note_reprint(session, receipts.of_sale(session, sale_id), staff_id)


def reprint(sale_id: UUID, staff_id: UUID | None) -> int:
    """Count a reprint and say which duplicate it is."""
    return _count_reprint(sale_id, staff_id)


def duplicate_of(receipt: Receipt, number: int, locale: str) -> ReceiptDocument:
    """The receipt marked DUPLICATE `number`; nothing else on it differs from the original."""
    mark = translator(locale)("DUPLICATE %(number)s", number=number)
    document = ReceiptDocument.from_json(receipt.document)
    return document.with_watermark(f"{document.watermark} · {mark}" if document.watermark else mark)


def duplicate_pdf(receipt: Receipt, number: int, paper_format: str, locale: str) -> bytes:
    """That duplicate as PDF."""
    return to_pdf(duplicate_of(receipt, number, locale), sheet_of("receipt", paper_format))
