"""The register's pages: the desk itself, and the paper of a sale."""

from __future__ import annotations

from uuid import UUID

from flask import Response, render_template, request

from pos.core.database.base import reading
from pos.core.errors import NotFound
from pos.core.messages.general import NO_SUCH_REPRINT
from pos.domain.receipts import repository as receipts
from pos.domain.staff.permissions import Permission
from pos.services.documents.receipts import duplicate_pdf, receipt_html, receipt_pdf
from pos.web.common.compression import compressed_page
from pos.web.common.pdf_responses import document_response, html_answer
from pos.web.common.permissions import requires
from pos.web.register.api.sales import own_sale
from pos.web.register.blueprint import bp
from pos.web.register.current_desk import current_desk


@bp.get("/")
@requires(Permission.RING_UP)
def desk() -> Response:
    """The desk: an empty frame that its scripts fill from /register/api/state."""
    return compressed_page(render_template("register/desk.html", desk=current_desk()))


@bp.get("/sales/<uuid:sale_id>/receipt.pdf")
@requires(Permission.RING_UP)
def receipt_file(sale_id: UUID) -> Response:
    """The original receipt: `format` is 80mm, a4 or letter."""
    receipt = receipts.of_sale(reading(), own_sale(sale_id).id)
    return document_response(
        lambda: receipt_pdf(receipt, request.args.get("format", "80mm")),
        receipt.label,
        f"/register/sales/{sale_id}/receipt.html",
    )


@bp.get("/sales/<uuid:sale_id>/receipt.html")
@requires(Permission.RING_UP)
def receipt_page(sale_id: UUID) -> Response:
    """The original receipt as a page."""
    return html_answer(receipt_html(receipts.of_sale(reading(), own_sale(sale_id).id)))


@bp.get("/sales/<uuid:sale_id>/duplicate/<int:number>.pdf")
@requires(Permission.RING_UP)
def duplicate_file(sale_id: UUID, number: int) -> Response:
    """A reprint that was counted before."""
    receipt = receipts.of_sale(reading(), own_sale(sale_id).id)
    if not receipts.was_reprinted(reading(), receipt.id, number):
        raise NotFound(NO_SUCH_REPRINT)
    locale = current_desk().place.locale
    return document_response(
        lambda: duplicate_pdf(receipt, number, request.args.get("format", "80mm"), locale),
        f"{receipt.label}-duplicate-{number}",
        f"/register/sales/{sale_id}/receipt.html",
    )
