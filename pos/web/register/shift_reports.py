"""The X report of a desk: its open shift, before it is closed."""

from __future__ import annotations

from flask import Response

from pos.core.database.base import reading
from pos.domain.staff.permissions import Permission
from pos.services.documents.renderer import html_page
from pos.services.documents.till_reports import x_document
from pos.web.common.pdf_responses import html_answer
from pos.web.common.permissions import requires
from pos.web.register.blueprint import bp
from pos.web.register.current_desk import current_desk


@bp.get("/x.html")
@requires(Permission.SEE_REPORTS)
def x_page() -> Response:
    """The X report of this desk's open shift: it says what should be in the drawer, so not for those who count it."""
    desk = current_desk()
    return html_answer(html_page(x_document(reading(), desk), desk.papers[0]))
