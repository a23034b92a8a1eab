"""Receipts behind an unguessable link, as a page and as PDF."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response

from pos.core.database.base import reading
from pos.domain.locations.queries import place
from pos.domain.receipts import repository as receipts
from pos.services.documents.receipts import receipt_html, receipt_pdf
from pos.web.common.pdf_responses import document_response, html_answer
from pos.web.common.permissions import public
from pos.web.common.security import limiter
from pos.web.shop.blueprint import bp

if TYPE_CHECKING:
    from pos.domain.receipts.models import Receipt


def page_of(receipt: Receipt) -> Response:
    """A receipt as a page that reads well on a phone."""
    return html_answer(receipt_html(receipt, _format_of(receipt)))


def pdf_of(receipt: Receipt, page_path: str) -> Response:
    """A receipt as PDF on the country's paper; the way to its page where this host cannot make PDFs."""
    label = receipt.label
    return document_response(lambda: receipt_pdf(receipt, _format_of(receipt)), label, page_path)


def _format_of(receipt: Receipt) -> str:
    return place(reading(), receipt.location_id).paper_format


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
