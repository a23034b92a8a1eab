"""Sharing one's own package: inviting an address, withdrawing, and the page on which an invitation is accepted."""

from __future__ import annotations

from uuid import UUID

from flask import Response, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from pos.core.database.base import reading
from pos.core.errors import Conflict, Invalid
from pos.services.packages.invitations import (
    Invitation,
    accept_invitation,
    invitation,
    invite_to_share,
    withdraw_invitation,
)
from pos.web.common.permissions import client_only, public
from pos.web.common.security import limiter
from pos.web.common.template_context import page_language, page_text
from pos.web.shop.account.pages import own_package_page, render_own, signed_in_client
from pos.web.shop.blueprint import bp
from pos.web.shop.forms import NameForm, ShareForm


@bp.post("/account/packages/<uuid:package_id>/invitations")
@client_only
@limiter.limit("5 per minute; 20 per day")
def invite(package_id: UUID) -> AnyResponse:
    """Mail somebody an invitation to use one's own package; the answer is the same whoever has the address."""
    form = ShareForm(request.form)
    if not form.validate():
        return make_response(own_package_page(package_id, form), 422)
    try:
        invite_to_share(
            signed_in_client().id,
            package_id,
            email=form.email.data or "",
            cap=form.cap.data,
            locale=page_language(),
        )
    except (Invalid, Conflict) as error:
        field = form.cap if error.field == "cap" else form.email
        field.errors = [*field.errors, page_text(error.sentence)]
        return make_response(own_package_page(package_id, form), error.status)
    return redirect(url_for("shop.own_package", package_id=package_id) + "#sharing", 303)


@bp.post("/account/packages/<uuid:package_id>/invitations/<uuid:invitation_id>/withdraw")
@client_only
def withdraw(package_id: UUID, invitation_id: UUID) -> AnyResponse:
    """Withdraw an invitation that waits."""
    withdraw_invitation(signed_in_client().id, package_id, invitation_id)
    return redirect(url_for("shop.own_package", package_id=package_id) + "#sharing", 303)


def _page(
    token: str,
    found: Invitation | None,
    form: NameForm,
    *,
    refused: str | None = None,
    accepted: bool = False,
    status: int = 200,
) -> Response:
    page = render_own("invitation.html", token=token, invitation=found, form=form, refused=refused, accepted=accepted)
    return make_response(page, status)


@bp.get("/account/invitations/<token>")
@public
@limiter.limit("60 per minute")
def invited(token: str) -> Response:
    """Who invites, to what, and one button: programs that read mail follow links, but they do not press buttons."""
    try:
        return _page(token, invitation(reading(), token), NameForm())
    except (Invalid, Conflict) as error:
        return _page(token, None, NameForm(), refused=page_text(error.sentence), status=error.status)


@bp.post("/account/invitations/<token>")
@public
@limiter.limit("20 per minute")
def accept(token: str) -> Response:
    """Accept an invitation, once; whoever is new here writes their name."""
    form = NameForm(request.form)
    try:
        found = invitation(reading(), token)
        if found.needs_name and not form.validate():
            return _page(token, found, form, status=422)
        typed = {"given_name": form.given_name.data or "", "family_name": form.family_name.data or ""}
        accepted_invitation = accept_invitation(token=token, locale=page_language(), **typed)
    except (Invalid, Conflict) as error:
        return _page(token, None, form, refused=page_text(error.sentence), status=error.status)
    return _page(token, accepted_invitation, form, accepted=True)
