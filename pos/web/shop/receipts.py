"""Receipts behind an unguessable link, as a page and as PDF."""

from __future__ import annotations

from flask import Response

from invoices.errors import PaperError
from pos.core.database.base import reading
from pos.domain.locations.queries import place
from pos.domain.receipts import repository as receipts
from pos.domain.receipts.models import Receipt
from pos.services.documents.receipts import receipt_html, receipt_pdf
from pos.web.common.pdf_responses import html_answer, pdf_answer, pdf_unavailable
from pos.web.common.permissions import public
from pos.web.common.security import limiter
from pos.web.shop.blueprint import bp

_LETTER = ("US", "CA")


def page_of(receipt: Receipt) -> Response:
    """A receipt as a page that reads well on a phone."""
    return html_answer(receipt_html(receipt, _format_of(receipt)))


def pdf_of(receipt: Receipt, page_path: str) -> Response:
    """A receipt as PDF on the country's paper; the way to its page where this host cannot make PDFs."""
    label = receipt.label
    try:
        return pdf_answer(receipt_pdf(receipt, _format_of(receipt)), label)
    except PaperError as error:
        return pdf_unavailable(error, page_path)


def _format_of(receipt: Receipt) -> str:
    return "letter" if place(reading(), receipt.location_id).country in _LETTER else "a4"


@bp.get("/r/<token>")
@public
@limiter.limit("120 per minute")
def receipt(token: str) -> Response:
    """The receipt of whoever has the link."""
    return page_of(receipts.by_token(reading(), token))


@bp.get("/r/<token>.pdf")
@public
@limiter.limit("60 per minute")
def receipt_file(token: str) -> Response:
    """The same as PDF."""
    return pdf_of(receipts.by_token(reading(), token), f"/r/{token}")
