"""Whose credits end soon, and the mail that tells them."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from pos.core.database.base import reading
from pos.core.errors import Invalid
from pos.domain.staff.permissions import Permission
from pos.services.packages.holder_mails import holders, mail_holders
from pos.web.common.permissions import requires
from pos.web.common.sessions import current_staff
from pos.web.office.blueprint import bp
from pos.web.office.periods import coming_links
from pos.web.office.request_args import ScopeRequest, format_days, own_places, requested_scope

AHEAD = (7, 30, 60, 90)


def _asked() -> ScopeRequest:
    return requested_scope(ahead=30)


def _page(refused: Invalid | None = None) -> Response:
    asked = _asked()
    shared = {
        "asked": asked,
        "own_places": own_places(),
        "periods": coming_links(asked.places[0].today(), asked.scope, AHEAD),
        "sent": request.args.get("sent", default=-1, type=int),
    }
    if asked.scope is None:
        return make_response(render_template("office/packages/holder_mails.html", **shared), 422)
    found = holders(reading(), asked.scope.places, asked.scope.from_on, asked.scope.to_on)
    page = render_template(
        "office/packages/holder_mails.html",
        **shared,
        holders=found,
        days_words=format_days(asked.scope),
        refused=refused,
        mailable=any(one.email for one in found),
    )
    return make_response(page, refused.status if refused else 200)


@bp.get("/packages/ending")
@requires(Permission.MANAGE_CLIENTS)
def credit_holders() -> Response:
    """People whose credits end on some days to come, who of them had a mail lately, and the key that sends one."""
    return _page()


@bp.post("/packages/ending")
@requires(Permission.MANAGE_CLIENTS)
def mail_credit_holders() -> AnyResponse:
    """Send the mail to those chosen; the days are in the address as the page had them."""
    asked = _asked()
    if asked.scope is None:
        return _page()
    chosen = frozenset(request.form.getlist("to")[:5000])
    try:
        sent = mail_holders(
            asked.scope.places,
            asked.scope.from_on,
            asked.scope.to_on,
            chosen=chosen,
            staff_id=current_staff().person.id,
        )
    except Invalid as refused:
        return _page(refused)
    args: dict[str, Any] = {**asked.args(), "sent": sent}
    return redirect(url_for("office.credit_holders", **args), 303)
