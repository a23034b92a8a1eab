"""Gift cards in the shop: bought for somebody, sent on a day, and looked up by their code."""

from __future__ import annotations

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
from pos.core.messages.stored_value import SEND_DAY_IN_THE_PAST
from pos.core.money import parse_amount
from pos.domain.catalogue.gift_card_item import GIFT_CARD_ITEM
from pos.domain.locations.queries import Place, place_by_slug
from pos.domain.payments.attempt_states import ENDED_UNPAID
from pos.domain.sales.cart_options import Gift
from pos.domain.stored_value.queries import CardFacts, terms_of
from pos.services.payments.online_checkout import BuyOnline, buy_online
from pos.services.stored_value.gift_cards import look_up
from pos.web.common.permissions import public
from pos.web.common.security import limiter
from pos.web.common.sessions import current_client
from pos.web.common.template_context import page_language, page_text
from pos.web.shop.blueprint import bp
from pos.web.shop.catalogue import ORDER_IN_SESSION
from pos.web.shop.checkout import DETAILS_IN_SESSION, known_details
from pos.web.shop.forms import BalanceForm, GiftForm
from pos.web.shop.order_tokens import form_key, order_of_form, order_token

_FIELDS = {"amount_minor": "amount", "value_minor": "amount", "to_email": "to_email", "send_on": "send_on"}


def _page(where: Place, form: GiftForm, notice: tuple[str, str] | None, status: int = 200) -> Response:
    page = render_template(
        "shop/gift_card.html",
        place=where,
        site_name=where.clinic_name,
        form=form,
        notice=notice,
        online=settings().payments.on,
        terms=terms_of(reading(), where, where.today()),
    )
    return make_response(page, status)


@bp.get("/shop/<slug>/gift-card")
@public
def gift_card(slug: str) -> Response:
    """What it is worth, who it is for, and who pays."""
    where = place_by_slug(reading(), slug)
    form = GiftForm(country=where.country, order_key=form_key(new_id()), **known_details())
    back = ("", _("Nothing was taken. Go on whenever you like."))
    return _page(where, form, back if "back" in request.args else None)


def _gift(where: Place, form: GiftForm) -> Gift:
    """The card that was typed; raises Invalid naming the field."""
    amount = parse_amount(form.amount.data or "", where.currency, field="amount_minor")
    terms_of(reading(), where, where.today()).require_amount(amount)
    if form.send_on.data and form.send_on.data < where.today():
        raise Invalid(SEND_DAY_IN_THE_PAST, field="send_on")
    return Gift(
        amount_minor=amount,
        to_name=(form.to_name.data or "").strip(),
        to_email=(form.to_email.data or "").strip() or None,
        message=(form.message.data or "").strip(),
        send_on=form.send_on.data,
    )


@bp.post("/shop/<slug>/gift-card")
@public
@limiter.limit("30 per minute")
def buy_gift_card(slug: str) -> AnyResponse:
    """Place the order and lead on to Stripe's page; the same form again leads to the same page."""
    where = place_by_slug(reading(), slug)
    form = GiftForm(request.form, country=where.country)
    if not settings().payments.on:
        return _page(where, form, None, 409)
    order_id = order_of_form(form.order_key.data or "")
    if order_id is None:
        form.order_key.data = form_key(new_id())
        late = _("This page was open too long. Please press the button once more.")
        return _page(where, form, ("warn", late), 422)
    if not form.validate():
        return _page(where, form, None, 422)
    landing = f"{settings().base_url}{url_for('shop.order', token=order_token(order_id))}"
    typed, buyer = form.typed(), current_client()
    try:
        state = buy_online(
            BuyOnline(
                order_id=order_id,
                place_slug=where.slug,
                item_id=GIFT_CARD_ITEM,
                given_name=typed["given_name"],
                family_name=typed["family_name"],
                email=typed["email"],
                phone=typed["phone"] or None,
                locale=page_language(),
                terms_accepted=True,
                success_url=f"{landing}?session_id={{CHECKOUT_SESSION_ID}}",
                cancel_url=f"{landing}/back",
                gift=_gift(where, form),
                signed_in=buyer.id if buyer else None,
            )
        )
    except AlreadyUsedKey:
        form.order_key.data = form_key(new_id())
        changed = _(
            "You changed something after the payment page was opened. Press the button again to pay this order."
        )
        return _page(where, form, ("warn", changed), 409)
    except Invalid as error:
        field = _FIELDS.get(error.field or "")
        if field is None:
            return _page(where, form, ("bad", page_text(error.sentence)), 422)
        form[field].errors = [*form[field].errors, page_text(error.sentence)]
        return _page(where, form, None, 422)
    except Conflict as error:
        form.order_key.data = form_key(new_id())
        return _page(where, form, ("warn", page_text(error.sentence)), 409)
    session[DETAILS_IN_SESSION], session[ORDER_IN_SESSION] = typed, order_token(order_id)
    if state.url:
        return redirect(state.url, 303)
    if state.paid or state.state in ENDED_UNPAID:
        return redirect(url_for("shop.order", token=order_token(order_id)), 303)
    if state.reason_code == "server_error":
        form.order_key.data = form_key(new_id())
        session.pop(ORDER_IN_SESSION)
    silent = _("The payment page did not open. Nothing was taken. Please press the button again.")
    return _page(where, form, ("warn", silent), 503)


def _balance_page(
    where: Place, form: BalanceForm, card: CardFacts | None = None, refused: str | None = None, status: int = 200
) -> Response:
    page = render_template(
        "shop/gift_card_balance.html",
        place=where,
        site_name=where.clinic_name,
        form=form,
        card=card,
        refused=refused,
    )
    return make_response(page, status)


@bp.get("/shop/<slug>/gift-card/balance")
@public
def gift_card_balance(slug: str) -> Response:
    """What is left on my card?"""
    return _balance_page(place_by_slug(reading(), slug), BalanceForm())


@bp.post("/shop/<slug>/gift-card/balance")
@public
@limiter.limit("10 per minute; 40 per hour")
def show_gift_card_balance(slug: str) -> Response:
    """What is left on the card of a code; five codes that are nobody's lock the asking address out for a while."""
    where = place_by_slug(reading(), slug)
    form = BalanceForm(request.form)
    if not form.validate():
        return _balance_page(where, form, status=422)
    try:
        card = look_up(form.code.data or "", door=f"shop:{request.remote_addr or ''}")
    except (NotFound, Locked) as error:
        return _balance_page(where, form, refused=page_text(error.sentence), status=error.status)
    if card is None:
        slip = _("That is not the code of a gift card. Look at it once more.")
        return _balance_page(where, form, refused=slip, status=422)
    return _balance_page(where, form, card=card)
