"""A client's account credit: what is owed, every move of it, and giving goodwill."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from flask import Response, make_response, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from pos.core.database.base import reading
from pos.core.errors import NotFound, PosError
from pos.core.ids import new_id, parse_id
from pos.core.messages.general import NO_SUCH_LOCATION
from pos.core.money import parse_amount
from pos.domain.clients.queries import client as client_of
from pos.domain.staff.permissions import Permission
from pos.domain.staff.queries import names
from pos.domain.stored_value import queries
from pos.services.packages.authorization import PackageAction
from pos.services.stored_value.account_credit import give_goodwill
from pos.web.common.permissions import requires
from pos.web.common.sessions import current_staff
from pos.web.office.blueprint import bp
from pos.web.office.money.gift_cards import move_labels
from pos.web.office.packages.forms import ReasonForm, add_error, choices
from pos.web.office.request_args import own_places

if TYPE_CHECKING:
    from pos.domain.clients.models import Client


class GoodwillForm(ReasonForm):
    """Money off, given to one client."""

    location = SelectField(_l("Location"))
    amount = StringField(_l("Amount"), [InputRequired(_l("This is needed.")), Length(max=40)])


def _form() -> GoodwillForm:
    form = GoodwillForm(request.form if request.method == "POST" else None, action_id=str(new_id()))
    form.location.choices = choices((place.slug, f"{place.name}, {place.currency}") for place in own_places())
    return form


def _page(client: Client, form: GoodwillForm, status: int = 200) -> Response:
    session = reading()
    places = {place.id: place for place in own_places()}
    accounts = [
        (places[account.location_id], account, queries.account_moves(session, client.id, account.location_id)[::-1])
        for account in queries.accounts_of(session, client.id)
        if account.location_id in places
    ]
    page = render_template(
        "office/clients/account_credit.html",
        client=client,
        form=form,
        accounts=accounts,
        places=list(places.values()),
        move_words=move_labels(),
        people=names(session),
    )
    return make_response(page, status)


@bp.route("/clients/<uuid:client_id>/account-credit", methods=["GET", "POST"])
@requires(Permission.CORRECT_CREDITS)
def account_credit(client_id: UUID) -> AnyResponse:
    """A client's account credit at the person's locations, and the form that gives goodwill."""
    client, form = client_of(reading(), client_id), _form()
    if request.method == "GET":
        return _page(client, form)
    if not form.validate():
        return _page(client, form, 422)
    where = next((place for place in own_places() if place.slug == form.location.data), None)
    if where is None:
        raise NotFound(NO_SUCH_LOCATION)
    try:
        give_goodwill(
            PackageAction(
                parse_id(form.action_id.data, field="action_id"), current_staff().person, form.reason.data or ""
            ),
            client_id=client_id,
            location_id=where.id,
            amount_minor=parse_amount(form.amount.data or "", where.currency),
        )
    except PosError as error:
        add_error(form, error)
        return _page(client, form, error.status)
    return redirect(url_for("office.account_credit", client_id=client_id, done="given"), 303)
