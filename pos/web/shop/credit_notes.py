"""Credit notes behind an unguessable link, as a page and as PDF."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response

from pos.core.database.base import reading
from pos.domain.locations.queries import place
from pos.domain.receipts import credit_notes
from pos.services.refunds.credit_notes import note_html, note_pdf
from pos.web.common.pdf_responses import document_response, html_answer
from pos.web.common.permissions import public
from pos.web.common.security import limiter
from pos.web.shop.blueprint import bp

if TYPE_CHECKING:
    from pos.domain.receipts.credit_note_models import CreditNote


def _format_of(note: CreditNote) -> str:
    return place(reading(), note.location_id).paper_format


@bp.get("/cn/<token>")
@public
@limiter.limit("120 per minute")
def credit_note(token: str) -> Response:
    """The credit note of whoever has the link."""
    note = credit_notes.by_token(reading(), token)
    return html_answer(note_html(note, _format_of(note)))


@bp.get("/cn/<token>.pdf")
@public
@limiter.limit("60 per minute")
def credit_note_file(token: str) -> Response:
    """The same as PDF."""
    note = credit_notes.by_token(reading(), token)
    label = note.label
    return document_response(lambda: note_pdf(note, _format_of(note)), label, f"/cn/{token}")
