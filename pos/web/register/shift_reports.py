"""The X report of a desk: its open shift, before it is closed."""

from __future__ import annotations

from flask import Response

from pos.core.database.base import reading
from pos.core.database.storage_errors import optional_write
from pos.domain.staff.permissions import Permission
from pos.services.documents.renderer import html_page
from pos.services.documents.x_reports import blind_x_document, note_look, x_document
from pos.web.common.pdf_responses import html_answer
from pos.web.common.permissions import requires
from pos.web.common.sessions import current_staff
from pos.web.register.blueprint import bp
from pos.web.register.current_desk import current_desk


def _page(*, blind: bool) -> Response:
    desk = current_desk()
    document = (blind_x_document if blind else x_document)(reading(), desk)
    page = html_page(document, desk.papers[0])
    with optional_write("a look at an open shift"):
        note_look(desk_id=desk.id, staff_id=current_staff().person.id, blind=blind)
    return html_answer(page)


@bp.get("/x.html")
@requires(Permission.SEE_REPORTS)
def x_page() -> Response:
    """The X report of this desk's open shift: it says what should be in the drawer, so not for those who count it."""
    return _page(blind=False)


@bp.get("/x/counts.html")
@requires(Permission.RUN_DRAWER)
def blind_x_page() -> Response:
    """The same for those who count it: no sum has cash in it."""
    return _page(blind=True)
