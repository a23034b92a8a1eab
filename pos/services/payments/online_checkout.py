"""Buying a package or a gift card online: frozen as an order, paid on Stripe's page, settled like every other payment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.database.base import reading
from pos.core.database.storage_errors import optional_write
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import AlreadyUsedKey, Conflict, Invalid
from pos.core.hashing import digest
from pos.core.ids import new_id
from pos.core.messages.payments import (
    ACCOUNT_CREDIT_OF_OTHER_ADDRESS,
    AMOUNT_REFUSED_ONLINE,
    ORDER_KEY_USED,
    PACKAGE_NOT_SOLD_ONLINE,
    PRICE_CHANGED_ONLINE,
    TERMS_NOT_ACCEPTED,
)
from pos.domain.clients.queries import name_of
from pos.domain.clients.registration import Buyer, client_of_buyer
from pos.domain.credits.rules.refund_policies import WITHDRAWAL_COUNTRIES
from pos.domain.locations.queries import Place, place, place_by_slug
from pos.domain.payments import repository as payments
from pos.domain.payments.attempt_states import FINAL
from pos.domain.payments.minimum_charge import least_charge, too_small
from pos.domain.payments.repository import NewAttempt
from pos.domain.refunds import repository as refunds
from pos.domain.sales import repository as sales
from pos.domain.sales.cart_options import (
    ACCOUNT_CREDIT,
    GIFT_CARD,
    Gift,
    Stored,
)
from pos.domain.sales.carts import CartLineRequest, CartRequest
from pos.domain.sales.models import Order
from pos.domain.sales.pricing import settle
from pos.domain.sales.repository import SaleDraft
from pos.integrations.stripe.current import gateway, is_current_mode
from pos.integrations.stripe.types import CheckoutLine, CheckoutOpened, CheckoutRequest
from pos.services.buyers import make_client
from pos.services.checkout.complete_sale import Known, complete
from pos.services.checkout.place_order import PAGE_OPEN, attempt_needed, snapshot_order
from pos.services.checkout.price_cart import PricedCart, price_request
from pos.services.checkout.promo_codes import use_promo
from pos.services.integrity.run_checks import require_running
from pos.services.payments.apply_outcome import apply_outcome, record_stripe_ids
from pos.services.payments.payment_state import PaymentState, payment_state
from pos.services.payments.refresh_payment import refresh_payment
from pos.services.payments.trial_completion import require_completable


@dataclass(frozen=True)
class PaidWith:
    """What makes a purchase cheaper, or pays for it before Stripe's page: a promo code, a gift card, account credit.

    `account_of` is the client who is signed in: nobody else's account credit can be used.
    """

    promo: str | None = None
    gift_card_id: UUID | None = None
    account_of: UUID | None = None

    def same(self) -> list[str]:
        """What must be equal for a retry to be the same purchase."""
        named = (("promo", self.promo), ("gift", self.gift_card_id), ("account", self.account_of))
        return [f"{name} {value}" for name, value in named if value]

    def wanted(self, line: CartLineRequest) -> CartRequest:
        """The cart of one line."""
        stored = [Stored(GIFT_CARD, self.gift_card_id)] if self.gift_card_id else []
        stored += [Stored(ACCOUNT_CREDIT)] if self.account_of else []
        return CartRequest((line,), stored=tuple(stored), promo=self.promo)


def quote_online(where: Place, item_id: UUID, paid_with: PaidWith, client_id: UUID | None = None) -> PricedCart:
    """What a package comes to for somebody, and what is left to pay; nothing is set aside yet.

    `client_id` is who buys, where that is known before the order. A guest is taken for somebody who has used no code.
    """
    day = where.business_date(clock.now())
    wanted = paid_with.wanted(CartLineRequest(new_id(), item_id))
    return _priced(reading(), where, wanted, client_id=paid_with.account_of or client_id, day=day)


def _priced(
    session: Session,
    where: Place,
    wanted: CartRequest,
    *,
    client_id: UUID | None,
    day: date,
    buyer_hash: str | None = None,
) -> PricedCart:
    """Price a purchase, for its quote and for its order alike.

    Where gift card and account credit would leave less than a card can be charged, they pay that much less.
    """

    def assembled(cart: CartRequest) -> PricedCart:
        is_unknown_yet = client_id is None
        return price_request(
            session, where, cart, client_id=client_id, day=day, is_unknown_yet=is_unknown_yet, buyer_hash=buyer_hash
        )

    priced = assembled(wanted)
    lack = least_charge(where.currency) - priced.rest_minor if priced.rest_minor else 0
    if lack <= 0:
        return priced
    kept_back, stored = lack, []
    for applied in reversed(priced.applied):
        pays = applied.part.amount_minor if applied.part else 0
        if pays > lack or not pays:
            stored.append(replace(applied.requested, amount_minor=pays - lack) if lack and pays else applied.requested)
        lack -= min(pays, lack)
    if lack:
        return priced  # all of it is less than a card can be charged: the order says so
    wanted = replace(wanted, stored=tuple(reversed(stored)))
    return replace(assembled(wanted), kept_back_minor=kept_back)


def _require_shown(assembled: PricedCart, expected_minor: int | None) -> None:
    if expected_minor is not None and expected_minor != assembled.rest_minor:
        raise Conflict(PRICE_CHANGED_ONLINE, why="price_changed")


@dataclass(frozen=True)
class BuyOnline:
    """A guest or a client buys one package, or the `gift` card. `order_id` was minted with the form and guards the retry.

    The addresses lead back to us; `success_url` holds {CHECKOUT_SESSION_ID}. `begin_early`: the client asks expressly that
    sessions may begin before the time to withdraw is over; it is kept where the law gives such a time. `expected_minor` is
    what the page said is left to pay. `signed_in` is the client who is signed in, if anybody.
    """

    order_id: UUID
    place_slug: str
    item_id: UUID
    given_name: str
    family_name: str
    email: str
    phone: str | None
    locale: str
    terms_accepted: bool
    success_url: str
    cancel_url: str
    gift: Gift | None = None
    begin_early: bool = False
    paid_with: PaidWith = PaidWith()
    expected_minor: int | None = None
    signed_in: UUID | None = None

    def content_hash(self) -> str:
        """What must be equal for a retry to be the same purchase."""
        same = [self.place_slug, str(self.item_id), self.email.strip().lower(), self.given_name, self.family_name]
        same += ["begin early"] if self.begin_early else []
        same += self.paid_with.same()
        return digest([*same, self.gift.to_json()] if self.gift else same)


@unit_of_work
def _place(session: Session, command: BuyOnline) -> None:
    content = command.content_hash()
    if sales.find(session, command.order_id, content) is not None:
        return
    seen = session.get(Order, command.order_id)
    if seen is not None:
        if seen.content_hash != content:
            raise AlreadyUsedKey(ORDER_KEY_USED)
        return
    if not command.terms_accepted:
        raise Invalid(TERMS_NOT_ACCEPTED, field="terms")
    where = place_by_slug(session, command.place_slug)
    buyer = Buyer.typed(
        given_name=command.given_name,
        family_name=command.family_name,
        email=command.email,
        phone=command.phone,
        country=where.country,
        locale=command.locale,
    )
    client = client_of_buyer(session, buyer, signed_in=command.signed_in or command.paid_with.account_of)
    client_id = client.id if client else None
    day = where.business_date(clock.now())
    paid_with = command.paid_with
    if paid_with.account_of is not None and paid_with.account_of != client_id:
        raise Invalid(ACCOUNT_CREDIT_OF_OTHER_ADDRESS, field="email")
    wanted = paid_with.wanted(CartLineRequest(new_id(), command.item_id, gift=command.gift))
    assembled = _priced(session, where, wanted, client_id=client_id, day=day, buyer_hash=buyer.hash)
    grant = assembled.grants.get(command.item_id)
    if command.gift is None and (grant is None or not grant.plan.in_shop):
        raise Invalid(PACKAGE_NOT_SOLD_ONLINE, field="item_id")
    if assembled.promo is not None and assembled.promo.problem:
        raise Invalid(assembled.promo.problem, field="promo")
    _require_shown(assembled, command.expected_minor)
    if assembled.rest_minor and (why := too_small(assembled.rest_minor, where.currency)):
        raise Invalid(AMOUNT_REFUSED_ONLINE(why=why), field="item_id")
    now = clock.now()
    agreed = SaleDraft(
        sale_id=command.order_id,
        location_id=where.id,
        desk_id=None,
        staff_id=None,
        client_id=client_id,
        ticket_id=None,
        channel="shop",
        business_on=day,
        completed_at=now,
        tip_minor=0,
        tip_staff_id=None,
        content_hash=content,
    )
    if assembled.rest_minor:
        snapshot_order(
            session,
            where,
            agreed,
            assembled,
            NewAttempt("checkout", assembled.rest_minor, expires_at=now + PAGE_OPEN),
            card_minor=assembled.rest_minor,
            locale=command.locale,
            buyer=buyer,
        )
    else:
        _complete_at_once(session, where, agreed, assembled, buyer)
    if command.begin_early and where.country in WITHDRAWAL_COUNTRIES:
        refunds.request_immediate_start(session, command.order_id, at=now, staff_id=None)


def _complete_at_once(session: Session, where: Place, agreed: SaleDraft, assembled: PricedCart, buyer: Buyer) -> None:
    """Nothing is left to pay, so nobody is sent to Stripe: the order has no payment, and the sale is complete."""
    require_running(session, where.id)
    grants = {str(item): grant.to_json() for item, grant in assembled.grants.items()}
    nothing = {"cash_tendered_minor": 0, "card_minor": 0}
    order = sales.place(
        session,
        agreed,
        assembled.cart,
        grants=grants,
        locale=buyer.locale,
        stored=assembled.stored,
        buyer=buyer.to_json() if agreed.client_id is None else None,
        **nothing,
    )
    sales.move_order(order, "completed")
    make_client(session, order, country=where.country)
    agreed = replace(agreed, client_id=order.client_id)
    use_promo(
        session,
        assembled.promo,
        by_id=agreed.sale_id,
        location_id=where.id,
        client_id=agreed.client_id,
        buyer_hash=buyer.hash,
    )
    settlement = settle(assembled.due_minor, cash_tendered_minor=0, card=False, stored=assembled.stored)
    complete(
        session,
        where,
        agreed,
        assembled.cart,
        settlement,
        grants=assembled.grants,
        known=Known(name_of(session, agreed.client_id) if agreed.client_id else ""),
    )


def _page_lines(order: Order) -> tuple[CheckoutLine, ...]:
    """What Stripe's page says is bought; what was paid before it leaves one line with the rest."""
    lines = [CheckoutLine(line["name"], line["net_minor"] + line["tax_minor"]) for line in order.cart["lines"]]
    if order.card_minor == sum(line.amount_minor for line in lines):
        return tuple(lines)
    return (CheckoutLine(", ".join(line.description for line in lines), order.card_minor),)


def buy_online(command: BuyOnline) -> PaymentState:
    """Place the order and open Stripe's page for it; the same command again leads to the same page.

    Raises Invalid naming the field, AlreadyUsedKey, Conflict for a price that has changed. The state's `url` is where the
    client goes; where nothing is left to pay it is paid already. Else the outcome is not known yet, and asking again with
    the same key finds out.
    """
    gateway().require_answers()  # refuses while cards are off or nobody answers there, before anything is written
    _place(command)
    session = reading()
    order = session.get_one(Order, command.order_id)
    attempt = payments.attempt_of(session, order.id)
    if attempt is None or attempt.state in FINAL or attempt.session_id or not is_current_mode(attempt.mode):
        return payment_state(session, order.id)
    require_completable(command.order_id)
    session = reading()
    order = session.get_one(Order, command.order_id)
    attempt = attempt_needed(session, order.id)
    if attempt.state in FINAL:
        return payment_state(session, order.id)
    request = CheckoutRequest(
        order_id=str(order.id),
        currency=order.currency,
        lines=_page_lines(order),
        success_url=command.success_url,
        cancel_url=command.cancel_url,
        expires_at=attempt.expires_at or clock.now() + PAGE_OPEN,
        customer_email=command.email.strip(),
        metadata={"order_id": str(order.id)},
        locale=command.locale,
        methods=place(session, order.location_id).online_methods,
    )
    key, attempt_id = attempt.key, attempt.id
    made = gateway().open_checkout(request, key=key)
    if isinstance(made, CheckoutOpened):
        record_stripe_ids(attempt_id, made)
    else:
        apply_outcome(command.order_id, made, attempt_id=attempt_id)
    return payment_state(reading(), command.order_id)


def give_up(order_id: UUID) -> PaymentState:
    """The client came back without paying: close the page and release the order. If it was paid meanwhile, it is paid."""
    session = reading()
    attempt = payments.attempt_of(session, order_id)
    is_open = attempt is not None and attempt.state not in FINAL and is_current_mode(attempt.mode)
    if attempt is not None and is_open and attempt.session_id:
        session_id, attempt_id = attempt.session_id, attempt.id
        closed = gateway().expire_checkout(session_id)
        with optional_write("that a payment page was closed"):  # the polling job asks again
            apply_outcome(order_id, closed, attempt_id=attempt_id)
        return payment_state(reading(), order_id)
    return refresh_payment(order_id)
