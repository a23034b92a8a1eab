"""The register's pages of the drawer: the look at an open shift, and the Z report of a closed one."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from flask import Response, request

from pos.core.database.base import reading
from pos.domain.staff.permissions import Permission
from pos.services.documents.till_reports import (
    close_html,
    close_pdf,
    x_document,
    z_document,
)
from pos.services.till.z_reports import z_of
from pos.web.common.pdf_responses import document_response, html_answer
from pos.web.common.permissions import requires
from pos.web.register.api.desk import here
from pos.web.register.blueprint import bp

if TYPE_CHECKING:
    from pos.domain.till.models import ZReport


def _own_z(z_id: UUID) -> ZReport:
    return z_of(reading(), z_id, frozenset({here().place.id}))


@bp.get("/x.html")
@requires(Permission.SEE_REPORTS)
def x_page() -> Response:
    """The X report of this desk's open shift: it says what should be in the drawer, so not for those who count it."""
    return html_answer(close_html(x_document(reading(), here())))


@bp.get("/z/<uuid:z_id>.html")
@requires(Permission.RUN_DRAWER)
def z_page(z_id: UUID) -> Response:
    """A Z report of this location as a page."""
    return html_answer(close_html(z_document(_own_z(z_id))))


@bp.get("/z/<uuid:z_id>.pdf")
@requires(Permission.RUN_DRAWER)
def z_file(z_id: UUID) -> Response:
    """A Z report of this location on paper: `format` is 80mm, a4 or letter."""
    report = _own_z(z_id)
    return document_response(
        lambda: close_pdf(z_document(report), request.args.get("format", "80mm")),
        f"Z-{report.number}",
        f"/register/z/{z_id}.html",
    )
