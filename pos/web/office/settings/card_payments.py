"""Setting card payments up: the connection, the webhook endpoint, readers and their desks. No key is shown or typed."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from flask import Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from pos.core.app_context import settings
from pos.core.database.base import reading
from pos.core.errors import PosError
from pos.core.ids import new_id, parse_id
from pos.domain.locations.queries import Place, desks
from pos.domain.staff.permissions import Permission
from pos.integrations.stripe.setup_types import Endpoint
from pos.integrations.stripe.types import API_VERSION
from pos.services.payments import stripe_setup
from pos.services.payments.stripe_setup import Found, Unanswered
from pos.web.common.permissions import may_chain_wide, requires
from pos.web.common.sessions import current_staff
from pos.web.office.blueprint import bp
from pos.web.office.first_steps import setup_steps
from pos.web.office.request_args import own_ids, own_places, requested_place


def _mode_words() -> dict[str, tuple[str, str]]:
    return {
        "off": (_("off: no cards are taken"), "warn"),
        "simulator": (_("simulated: no money moves"), "warn"),
        "test": (_("Stripe test mode: no money moves"), "warn"),
        "live": (_("live: cards are charged"), "good"),
    }


def _page(
    *,
    found: Found | None = None,
    made: Endpoint | None = None,
    error: PosError | None = None,
    where: str = "",
    done: bool = False,
) -> Response:
    place, config = requested_place(), settings().payments
    # After a lost answer the same key finds out; in every other case the next press is another wish.
    key = request.form.get("key", "") if isinstance(error, Unanswered) else ""
    page = render_template(
        "office/settings/card_payments.html",
        place=place,
        own_places=own_places(),
        desks=desks(reading(), place.id),
        mode=config.mode,
        mode_words=_mode_words()[config.mode],
        found=found,
        at=stripe_setup.desks_of([one.reader_id for one in found.readers]) if found else {},
        made=made,
        error=error,
        where=where,
        done=done,
        key=key or str(new_id()),
        hook_url=stripe_setup.hook_url(),
        reachable=stripe_setup.reachable(),
        api_version=API_VERSION,
        typed=request.form,
    )
    return make_response(page, error.status if error else 200)


def _key() -> str:
    return str(parse_id(request.form.get("key", "")))


def _desk() -> UUID | None:
    text = request.form.get("desk", "")
    return parse_id(text) if text else None


def _back(place: Place) -> AnyResponse:
    """To the settings with every desk and its reader, or to the steps of set-up while these are gone through."""
    return redirect(url_for("office.card_payments" if setup_steps() else "office.setup", location=place.slug), 303)


@bp.get("/settings/payments")
@requires(Permission.MANAGE_BOOKS)
def card_payments() -> Response:
    """How cards are taken, and what is left to set up."""
    return _page()


@bp.post("/settings/payments/look")
@requires(Permission.MANAGE_BOOKS)
def poll_stripe() -> Response:
    """Test the connection: whose key it is, where messages go, which readers there are."""
    try:
        found = stripe_setup.look()
        if found.readers and not may_chain_wide():
            mine, at = own_ids(), stripe_setup.locations_of(found.readers)
            seen = tuple(one for one in found.readers if one.reader_id not in at or at[one.reader_id] in mine)
            found = replace(found, readers=seen)
        return _page(found=found, done="done" in request.args)
    except PosError as error:
        return _page(error=error, where="look")


@bp.post("/settings/payments/endpoint")
@requires(Permission.MANAGE_BOOKS, chain_wide=True)
def make_endpoint() -> Response:
    """Have Stripe send its messages here; the secret is shown this once."""
    try:
        made = stripe_setup.make_endpoint(key=_key(), staff_id=current_staff().person.id)
    except PosError as error:
        return _page(error=error, where="endpoint")
    return _page(made=made)


@bp.post("/settings/payments/readers")
@requires(Permission.MANAGE_BOOKS)
def register_reader() -> AnyResponse:
    """Pair a reader with the code it shows."""
    form, place = request.form, requested_place()
    try:
        stripe_setup.register_reader(
            place=place,
            code=form.get("code", "")[:200],
            label=form.get("label", "")[:200],
            desk_id=_desk(),
            key=_key(),
            staff_id=current_staff().person.id,
        )
    except PosError as error:
        return _page(error=error, where="register")
    return _back(place)


@bp.post("/settings/payments/readers/place")
@requires(Permission.MANAGE_BOOKS)
def place_reader() -> AnyResponse:
    """Name a reader and give it to a desk."""
    form, place = request.form, requested_place()
    try:
        stripe_setup.place_reader(
            place=place,
            stripe_reader_id=form.get("reader", "")[:120],
            label=form.get("label", "")[:200],
            desk_id=_desk(),
            staff_id=current_staff().person.id,
            own=None if may_chain_wide() else own_ids(),
        )
    except PosError as error:
        return _page(error=error, where="readers")
    return _back(place)
