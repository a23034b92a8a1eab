"""Giving a client a complimentary credit."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from pos.core.clock import add_months
from pos.core.database.base import reading
from pos.core.errors import NotFound, PosError
from pos.core.ids import new_id, parse_id
from pos.core.messages.general import NO_SUCH_LOCATION
from pos.domain.catalogue.queries import menu
from pos.domain.clients.queries import client as client_of
from pos.domain.credits.queries import package_of
from pos.domain.staff.permissions import Permission
from pos.services.packages.authorization import PackageAction
from pos.services.packages.complimentary_credits import ComplimentaryGrant, grant_complimentary_credits
from pos.web.common.permissions import requires
from pos.web.common.sessions import current_staff
from pos.web.office.blueprint import bp
from pos.web.office.packages.forms import ComplimentaryForm, add_error, choices
from pos.web.office.packages.labels import complimentary_labels
from pos.web.office.request_args import own_places

if TYPE_CHECKING:
    from pos.domain.clients.models import Client


def _form() -> ComplimentaryForm:
    places = own_places()
    first = places[0]
    form = ComplimentaryForm(
        request.form if request.method == "POST" else None,
        action_id=str(new_id()),
        expires_on=add_months(first.today(), 3),
        credits=1,
    )
    form.location.choices = choices((place.slug, place.name) for place in places)
    groups = menu(reading(), first, first.today()).services
    form.item_id.choices = choices((str(v.item_id), v.name) for group in groups for v in group.variants)
    form.code.choices = choices(complimentary_labels().items())
    return form


def _page(client: Client, form: ComplimentaryForm, status: int = 200) -> Response:
    return make_response(render_template("office/packages/complimentary.html", client=client, form=form), status)


@bp.route("/clients/<uuid:client_id>/complimentary", methods=["GET", "POST"])
@requires(Permission.CORRECT_CREDITS)
def complimentary(client_id: UUID) -> AnyResponse:
    """Give complimentary credits to a client."""
    client, form = client_of(reading(), client_id), _form()
    if request.method == "GET":
        return _page(client, form)
    if not form.validate():
        return _page(client, form, 422)
    where = next((place for place in own_places() if place.slug == form.location.data), None)
    if where is None:
        raise NotFound(NO_SUCH_LOCATION)
    command = PackageAction(
        parse_id(form.action_id.data, field="action_id"), current_staff().person, form.reason.data or ""
    )
    try:
        lot_id = grant_complimentary_credits(
            command,
            ComplimentaryGrant(
                client_id,
                where.id,
                parse_id(form.item_id.data, field="item_id"),
                form.credits.data or 0,
                form.code.data or "",
                form.expires_on.data or where.today(),
            ),
        )
    except PosError as error:
        add_error(form, error)
        return _page(client, form, error.status)
    package_id = package_of(reading(), lot_id)
    return redirect(url_for("office.package", package_id=package_id, done="complimentary"), 303)
