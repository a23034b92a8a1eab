"""Buying a package: your details, Stripe's page, and the page one comes back to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

from flask import Response, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from pos.core.app_context import settings
from pos.core.database.base import reading
from pos.core.errors import (
    AlreadyUsedKey,
    Conflict,
    Invalid,
    Locked,
    NotFound,
)
from pos.core.ids import new_id
from pos.domain.catalogue.gift_card_item import GIFT_CARD
from pos.domain.credits.rules.refund_policies import WITHDRAWAL_COUNTRIES
from pos.domain.locations.queries import Place, place, place_by_slug
from pos.domain.payments.attempt_states import BANK_TAKES_DAYS, DECLINED, ENDED_UNPAID, MISMATCH, SUCCEEDED
from pos.domain.sales import repository as sales
from pos.domain.stored_value.queries import cards_of_sale
from pos.domain.stored_value.wallet import account_balance
from pos.services.checkout.price_cart import PricedCart
from pos.services.payments.online_checkout import (
    BuyOnline,
    PaidWith,
    buy_online,
    give_up,
    quote_online,
)
from pos.services.payments.payment_state import PaymentState
from pos.services.payments.refresh_payment import refresh_payment
from pos.services.stored_value.gift_cards import look_up
from pos.web.common.permissions import public
from pos.web.common.security import limiter
from pos.web.common.sessions import current_client
from pos.web.common.template_context import page_language, page_text
from pos.web.shop import policy_texts
from pos.web.shop.account.statement import bought
from pos.web.shop.blueprint import bp
from pos.web.shop.catalogue import ORDER_IN_SESSION
from pos.web.shop.forms import PackageForm
from pos.web.shop.offers import Offer, offer_of
from pos.web.shop.order_tokens import (
    form_key,
    order_of_form,
    order_of_token,
    order_token,
)

if TYPE_CHECKING:
    from pos.domain.sales.models import Order

DETAILS_IN_SESSION = "details"


def _paid_with(form: PackageForm, where: Place) -> PaidWith:
    """What was typed that makes it cheaper or pays for it; a code that is nobody's becomes its field's error."""
    client = current_client()
    card_id = None
    if typed := (form.gift_code.data or "").strip():
        try:
            card = look_up(typed, door=f"shop:{request.remote_addr or ''}")
            card_id = card.card_id if card else None
            if card is None:
                form.gift_code.errors = [_("That is not the code of a gift card. Look at it once more.")]
        except (NotFound, Locked) as error:
            form.gift_code.errors = [page_text(error.sentence)]
    account_of = client.id if client and form.use_credit.data else None
    return PaidWith((form.promo.data or "").strip() or None, card_id, account_of)


def _buyer(form: PackageForm) -> UUID | None:
    """Who is signed in, where the order would be theirs: somebody else's address makes it somebody else's."""
    client = current_client()
    typed = (form.email.data or "").strip().casefold()
    return client.id if client and client.email and typed in ("", client.email.casefold()) else None


def _quote(where: Place, offer: Offer, form: PackageForm) -> PricedCart:
    """What it comes to with the codes that were typed; why one takes nothing stands at its field."""
    paid_with = _paid_with(form, where)
    if form.promo.errors:
        paid_with = replace(paid_with, promo=None)  # the order said why it does not hold for whoever buys
    quote = quote_online(where, offer.item_id, paid_with, _buyer(form))
    if quote.promo and quote.promo.problem:
        form.promo.errors = [page_text(quote.promo.problem)]
    for applied in quote.applied:
        if applied.problem and applied.requested.card_id:
            form.gift_code.errors = [page_text(applied.problem)]
    return quote


def _page(where: Place, offer: Offer, form: PackageForm, notice: tuple[str, str] | None, status: int = 200) -> Response:
    quote = _quote(where, offer, form)
    form.shown.data = str(quote.rest_minor)
    client = current_client()
    page = render_template(
        "shop/checkout.html",
        quote=quote,
        account_minor=account_balance(reading(), client.id, where.id) if client else 0,
        place=where,
        site_name=where.clinic_name,
        offer=offer,
        form=form,
        notice=notice,
        online=settings().payments.on,
        sentences=policy_texts,
        may_withdraw=where.country in WITHDRAWAL_COUNTRIES,
    )
    return make_response(page, status)


def known_details() -> dict[str, str]:
    """What this browser typed before, or what we know of who is signed in."""
    kept: dict[str, str] | None = session.get(DETAILS_IN_SESSION)
    if kept is not None:
        return kept
    client = current_client()
    if client is None:
        return {}
    return {
        "given_name": client.given_name,
        "family_name": client.family_name,
        "email": client.email or "",
        "phone": client.phone or "",
    }


@bp.get("/shop/<slug>/<uuid:item_id>")
@public
def details(slug: str, item_id: UUID) -> Response:
    """Your details, beside what you are buying."""
    where = place_by_slug(reading(), slug)
    offer = offer_of(reading(), where, item_id)
    form = PackageForm(country=where.country, order_key=form_key(new_id()), **known_details())
    back = ("", _("Nothing was taken. What you typed is still here; go on whenever you like."))
    return _page(where, offer, form, back if "back" in request.args else None)


@bp.post("/shop/<slug>/<uuid:item_id>")
@public
@limiter.limit("30 per minute")
def place_order(slug: str, item_id: UUID) -> AnyResponse:
    """Place the order and lead on to Stripe's page; the same form again leads to the same page."""
    where = place_by_slug(reading(), slug)
    offer = offer_of(reading(), where, item_id)
    form = PackageForm(request.form, country=where.country)
    if not settings().payments.on:
        return _page(where, offer, form, None, 409)
    order_id = order_of_form(form.order_key.data or "")
    if order_id is None:
        form.order_key.data = form_key(new_id())
        return _page(
            where, offer, form, ("warn", _("This page was open too long. Please press the button once more.")), 422
        )
    if "look" in request.form:
        return _page(where, offer, form, None)
    if not form.validate():
        return _page(where, offer, form, None, 422)
    paid_with = _paid_with(form, where)
    if form.gift_code.errors:
        return _page(where, offer, form, None, 422)
    typed = form.typed()
    try:
        command = _command(where, offer, order_id, typed, begin_early=bool(form.begin_early.data))
        state = buy_online(replace(command, paid_with=paid_with, expected_minor=form.shown_minor()))
    except AlreadyUsedKey:
        form.order_key.data = form_key(new_id())
        changed = _(
            "You changed something after the payment page was opened. Press the button again to pay this order."
        )
        return _page(where, offer, form, ("warn", changed), 409)
    except Invalid as error:
        if error.field == "promo":
            form.promo.errors = [page_text(error.sentence)]
            return _page(where, offer, form, None, 422)
        return _page(where, offer, form, ("bad", page_text(error.sentence)), 422)
    except Conflict as error:
        if error.extra.get("why") != "price_changed":
            return _page(where, offer, form, ("warn", page_text(error.sentence)), 409)
        moved = _("The price has changed since you opened this page. Look at it again; nothing was taken.")
        return _page(where, offer, form, ("warn", moved), 409)
    session[DETAILS_IN_SESSION] = typed
    session[ORDER_IN_SESSION] = order_token(order_id)
    if state.url:
        return redirect(state.url, 303)
    if state.paid or state.state in ENDED_UNPAID:
        return redirect(url_for("shop.order", token=order_token(order_id)), 303)
    if state.reason_code == "server_error":
        # Stripe repeats a 500 for its key, so this order cannot get a page any more; nobody has an address to pay it at.
        form.order_key.data = form_key(new_id())
        session.pop(ORDER_IN_SESSION)
    silent = _("The payment page did not open. Nothing was taken. Please press the button again.")
    return _page(where, offer, form, ("warn", silent), 503)


def _command(where: Place, offer: Offer, order_id: UUID, typed: dict[str, str], *, begin_early: bool) -> BuyOnline:
    # Addresses in mails and at Stripe come from the settings, never from the request's Host header.
    landing = f"{settings().base_url}{url_for('shop.order', token=order_token(order_id))}"
    client = current_client()
    return BuyOnline(
        order_id=order_id,
        place_slug=where.slug,
        item_id=offer.item_id,
        given_name=typed["given_name"],
        family_name=typed["family_name"],
        email=typed["email"],
        phone=typed["phone"] or None,
        locale=page_language(),
        terms_accepted=True,
        success_url=f"{landing}?session_id={{CHECKOUT_SESSION_ID}}",
        cancel_url=f"{landing}/back",
        begin_early=begin_early,
        signed_in=client.id if client else None,
    )


def _package_address(order: Order, *, back: str | None = None) -> str:
    first, slug = order.cart["lines"][0], place(reading(), order.location_id).slug
    if first["kind"] == GIFT_CARD:
        return url_for("shop.gift_card", slug=slug, back=back)
    return url_for("shop.details", slug=slug, item_id=UUID(first["item_id"]), back=back)


def _landing(order_id: UUID, state: PaymentState, token: str) -> str:
    order = sales.order(reading(), order_id)
    where, again = place(reading(), order.location_id), _package_address(order)
    common = {"place": where, "site_name": where.clinic_name, "state": state, "again": again}
    if state.paid:
        session.pop(DETAILS_IN_SESSION, None)
        session.pop(ORDER_IN_SESSION, None)
        cards = cards_of_sale(reading(), order_id, where.today())
        return render_template("shop/paid.html", bought=bought(reading(), order_id), cards=cards, **common)
    if state.state in (*ENDED_UNPAID, DECLINED):
        session.pop(ORDER_IN_SESSION, None)
        return render_template("shop/not_paid.html", **common)
    if state.state == SUCCEEDED or state.reason_code == MISMATCH:
        return render_template("shop/payment_in_review.html", **common)
    if state.reason_code == BANK_TAKES_DAYS:
        session.pop(ORDER_IN_SESSION, None)
        return render_template("shop/bank_transfer_pending.html", **common)
    # Stripe leads back here only from a page that was paid; anybody else has it still before them.
    if state.url and "session_id" not in request.args:
        return render_template("shop/payment_open.html", token=token, **common)
    return render_template("shop/payment_pending.html", **common)


@bp.get("/shop/order/<token>")
@public
@limiter.limit("60 per minute")
def order(token: str) -> str:
    """What became of an order: asks Stripe, so it is right whether the browser or the webhook came first."""
    order_id = order_of_token(token)
    return _landing(order_id, refresh_payment(order_id), token)


@bp.get("/shop/order/<token>/back")
@public
@limiter.limit("60 per minute")
def back(token: str) -> AnyResponse:
    """Stripe's way back without paying: close the payment page and show the package again; if it was paid, say so."""
    order_id = order_of_token(token)
    state = give_up(order_id)
    if state.paid or state.state not in ENDED_UNPAID:
        return redirect(url_for("shop.order", token=token), 303)
    session.pop(ORDER_IN_SESSION, None)
    return redirect(_package_address(sales.order(reading(), order_id), back="1"), 303)
