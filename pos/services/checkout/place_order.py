"""Orders: a priced cart frozen, its credits held, its attempt and key written, before anybody asks for a card."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.app_context import settings
from pos.core.database.unit_of_work import idempotent, unit_of_work
from pos.core.errors import AlreadyUsedKey, Invalid
from pos.core.hashing import digest
from pos.core.messages.payments import PART_NOT_WITHIN_REST, PAY_CASH_OR_MORE_BY_CARD
from pos.core.messages.sales import (
    CARD_AMOUNT_REFUSED,
    NOTHING_TO_PAY_BY_CARD,
    PACKAGE_NEEDS_CLIENT,
    PAYMENT_KEY_USED,
    PERSONS_NEED_CLIENT,
    SALE_COMPLETED_ALREADY,
)
from pos.core.money import plain
from pos.domain.clients.registration import Buyer
from pos.domain.credits import redemptions as credits
from pos.domain.locations.action_context import ActionContext
from pos.domain.locations.queries import DeskPlace, Place, desk_place
from pos.domain.locations.queries import place as place_of
from pos.domain.payments import repository as payments
from pos.domain.payments.attempt_states import CANCELED
from pos.domain.payments.minimum_charge import least_charge, too_small
from pos.domain.payments.models import PaymentAttempt
from pos.domain.payments.received import paid_a_part, received
from pos.domain.payments.repository import NewAttempt
from pos.domain.promotions.repository import give_back
from pos.domain.sales import repository as sales
from pos.domain.sales.cart_json import cart_from_json
from pos.domain.sales.carts import (
    cart_request_from_json,
    move,
    require_open,
    ticket_of,
)
from pos.domain.sales.models import Order, Sale
from pos.domain.sales.pricing import Cart, settle
from pos.domain.sales.repository import SaleDraft
from pos.domain.sales.shown_totals import NOTHING_SHOWN, ShownTotals
from pos.domain.staff.approvals import Actor
from pos.domain.till.shifts import lock_open_shift
from pos.services.checkout.gift_card_lines import require_gift_card_money
from pos.services.checkout.instalments import hold_later_parts, release_later_parts
from pos.services.checkout.open_items import note_charges_off, require_allowed
from pos.services.checkout.price_cart import PricedCart, price_request
from pos.services.checkout.promo_codes import use_promo
from pos.services.checkout.stored_value_tenders import hold_parts, release_parts
from pos.services.integrity.run_checks import require_running

# Stripe keeps a page open for 30 minutes at least; a little more, so that our clock and theirs may differ.
PAGE_OPEN = timedelta(minutes=45)


@dataclass(frozen=True)
class ChargeTicket:
    """Take a ticket's amount by card, or the first part of it: in cash (`cash_tendered_minor`), by card, or one of each.

    `card_minor` is the part to be taken by card, None for all that is left, 0 where only cash was taken so far. The rest
    follows by `pos/services/payments/next_part.py`.
    At the desk's reader, or at another one of the location (`reader_id`), which asks for a tip if `tip_on_reader`; or
    `by_code`: on Stripe's page, whose address the desk shows as a QR code. Where an `actor` at a desk asks for it, discounts
    above their limit need a consent, as in `RingUpSale`.
    """

    sale_id: UUID
    desk_id: UUID
    staff_id: UUID
    ticket_id: UUID
    ticket_version: int | None = None
    cash_tendered_minor: int = 0
    card_minor: int | None = None
    shown: ShownTotals = NOTHING_SHOWN
    tip_on_reader: bool = False
    reader_id: UUID | None = None
    by_code: bool = False
    actor: Actor | None = None
    approval_id: UUID | None = None

    def content_hash(self) -> str:
        """What must be equal for a retry to be the same order; the reader may be another one."""
        same = ["card", str(self.desk_id), str(self.ticket_id), self.cash_tendered_minor]
        part = [] if self.card_minor is None else [f"part {self.card_minor}"]
        return digest([*same, *(["tip"] if self.tip_on_reader else []), *(["code"] if self.by_code else []), *part])


def _placed(session: Session, command: ChargeTicket) -> UUID | None:
    """The order that the same command has placed."""
    seen = session.get(Order, command.sale_id)
    if seen is not None and seen.content_hash != command.content_hash():
        raise AlreadyUsedKey(PAYMENT_KEY_USED)
    if seen is None and session.get(Sale, command.sale_id) is not None:
        raise AlreadyUsedKey(SALE_COMPLETED_ALREADY)
    return seen.id if seen else None


def held_credits(cart: Cart) -> list[tuple[str, UUID, UUID | None]]:
    """The credits a frozen cart holds: a key for each, its lot, and who uses it where that is not the client."""
    return [
        (f"{position}:{number}", priced.line.cover.lot_id, priced.line.person_id)
        for position, priced in enumerate(cart.lines, start=1)
        if priced.line.cover and priced.line.cover.kind == "credit"
        for number in range(1, priced.line.cover.uses + 1)
    ]


def snapshot_order(
    session: Session,
    place: Place,
    agreed: SaleDraft,
    assembled: PricedCart,
    attempt: NewAttempt | None,
    *,
    card_minor: int,
    locale: str,
    cash_tendered_minor: int = 0,
    buyer: Buyer | None = None,
) -> Order:
    """Write the order, hold its credits and stored value, and write its card attempt, where a card is asked for now.

    `buyer` is who buys in the shop, whose client is known when the money is there.

    Raises NoCreditLeft, NotEnoughValue or Invalid.
    """
    require_running(session, place.id)
    if assembled.needs_client and agreed.client_id is None and buyer is None:
        raise Invalid(PACKAGE_NEEDS_CLIENT, field="client_id")
    if agreed.client_id is None and any(p.line.person_id for p in assembled.cart.lines):
        raise Invalid(PERSONS_NEED_CLIENT, field="client_id")
    order = sales.place(
        session,
        agreed,
        assembled.cart,
        grants={str(item): grant.to_json() for item, grant in assembled.grants.items()},
        cash_tendered_minor=cash_tendered_minor,
        card_minor=card_minor,
        locale=locale,
        stored=assembled.stored,
        buyer=buyer.to_json() if buyer and agreed.client_id is None else None,
    )
    context = ActionContext.at(place, actor_id=order.staff_id)
    for key, lot_id, person_id in held_credits(assembled.cart):
        credits.hold(session, lot_id, context.keyed(f"{order.id}:{key}"), order_id=order.id, person_id=person_id)
    hold_parts(session, order, context)
    use_promo(
        session,
        assembled.promo,
        by_id=order.id,
        location_id=place.id,
        client_id=agreed.client_id,
        buyer_hash=buyer.hash if buyer else None,
    )
    hold_later_parts(session, order, assembled.cart)
    if attempt is not None:
        payments.start_attempt(session, order, attempt, mode=settings().payments.mode)
    return order


@idempotent(_placed)
@unit_of_work
def place_desk_order(session: Session, command: ChargeTicket) -> UUID:
    """Freeze a ticket for a card payment or a first part; returns the order's key, the same for a retry.

    Raises Conflict for a changed ticket, a closed drawer or a desk without reader, NeedsApproval, NoCreditLeft, Invalid.
    """
    if seen := _placed(session, command):
        return seen
    desk = desk_place(session, command.desk_id)
    lock_open_shift(session, desk.id)
    reader_id = None if command.by_code or command.card_minor == 0 else _reader_for(session, command, desk)
    ticket = ticket_of(session, command.ticket_id, desk.place.id, lock=True)
    require_open(ticket, command.ticket_version)
    move(ticket, "paying")
    now = clock.now()
    day = desk.place.business_date(now)
    wanted = cart_request_from_json(ticket.content)
    assembled = price_request(session, desk.place, wanted, client_id=ticket.client_id, day=day, at=now)
    command.shown.require(assembled.cart, tip_minor=assembled.tip_minor, stored_minor=assembled.stored_minor)
    require_allowed(
        session, desk.place, wanted, assembled, subject=ticket, actor=command.actor, approval_id=command.approval_id
    )
    note_charges_off(session, desk.place, assembled, sale_id=command.sale_id, staff_id=command.staff_id)
    if not assembled.rest_minor:
        raise Invalid(NOTHING_TO_PAY_BY_CARD, field="lines")
    settlement = settle(
        assembled.due_minor,
        cash_tendered_minor=command.cash_tendered_minor,
        card=True,
        stored=assembled.stored,
        rounding=desk.place.cash,
    )
    require_gift_card_money(assembled.cart, settlement)
    asked_minor = settlement.card_minor if command.card_minor is None else command.card_minor
    require_part(asked_minor, settlement.card_minor, desk.place.currency, is_begun=bool(command.cash_tendered_minor))
    attempt = new_attempt(
        command,
        asked_minor,
        reader_id=reader_id,
        tip_base_minor=_tip_base(command, desk, assembled) if asked_minor == settlement.card_minor else None,
    )
    agreed = SaleDraft(
        sale_id=command.sale_id,
        location_id=desk.place.id,
        desk_id=desk.id,
        staff_id=command.staff_id,
        client_id=ticket.client_id,
        ticket_id=ticket.id,
        channel="register",
        business_on=day,
        completed_at=now,
        tip_minor=assembled.tip_minor,
        tip_staff_id=assembled.tip_staff_id,
        content_hash=command.content_hash(),
    )
    order = snapshot_order(
        session,
        desk.place,
        agreed,
        assembled,
        attempt,
        cash_tendered_minor=settlement.cash_minor,
        card_minor=settlement.card_minor,
        locale=desk.place.locale,
    )
    return order.id


def require_part(asked_minor: int, rest_minor: int, currency: str, *, is_begun: bool) -> None:
    """Refuse what cannot be a part by card of what is left; raises Invalid. Cash alone may begin: no card is asked for 0."""
    if asked_minor == 0 and is_begun:
        return
    if not 0 < asked_minor <= rest_minor:
        raise Invalid(PART_NOT_WITHIN_REST(rest=plain(rest_minor, currency)), field="amount_minor")
    if why := too_small(asked_minor, currency):
        raise Invalid(
            CARD_AMOUNT_REFUSED(why=why, what_now=PAY_CASH_OR_MORE_BY_CARD),
            field="cash_tendered_minor",
            least_minor=least_charge(currency),
        )


class AsksCard(Protocol):
    """What says how a card is asked for."""

    @property
    def by_code(self) -> bool: ...


def new_attempt(
    command: AsksCard, amount_minor: int, *, reader_id: UUID | None, tip_base_minor: int | None
) -> NewAttempt | None:
    """How a card is asked for an amount; None for no amount."""
    if not amount_minor:
        return None
    return NewAttempt(
        kind="checkout" if command.by_code else "reader",
        amount_minor=amount_minor,
        reader_id=reader_id,
        expires_at=clock.now() + PAGE_OPEN if command.by_code else None,
        tip_base_minor=tip_base_minor,
    )


def _reader_for(session: Session, command: ChargeTicket, desk: DeskPlace) -> UUID:
    if command.reader_id is not None:
        return payments.reader(session, command.reader_id, location_id=desk.place.id).id
    return payments.reader_of(session, desk.id).id


def _tip_base(command: ChargeTicket, desk: DeskPlace, assembled: PricedCart) -> int | None:
    """What the reader reckons its tips from; None where it does not ask: a tip on the screen is the only one."""
    if not command.tip_on_reader or not desk.place.reader_tips or command.by_code or assembled.tip_minor:
        return None
    return assembled.cart.tip_base_minor or None


def close_attempt(session: Session, order: Order, attempt: PaymentAttempt) -> None:
    """A locked attempt has ended without money: the way the desk has turned to begins, or else the order is released.

    An order of which a part was received stays open for its rest until it is paid, or its parts are given back.
    """
    if order.state != "placed":
        return
    if attempt.next_kind is None:
        if received(session, order).is_begun:
            return
        release(session, order, place_of(session, order.location_id))
        return
    by_code = attempt.next_kind == "checkout"
    # The old attempt must be seen to be over before a new one may be active.
    session.flush()
    new = NewAttempt(
        kind=attempt.next_kind,
        amount_minor=attempt.amount_minor,
        reader_id=attempt.reader_id,
        expires_at=clock.now() + PAGE_OPEN if by_code else None,
        tip_base_minor=attempt.tip_base_minor,
    )
    payments.start_attempt(session, order, new, mode=settings().payments.mode, number=attempt.number + 1)


def release(session: Session, order: Order, place: Place) -> None:
    """Give up a locked order: its credits and stored value come back, its ticket can be changed again.

    Who wanted to buy is forgotten: an order that nobody paid keeps no personal data.
    Raises RuntimeError while a card that paid a part has not been set aside: its money would be nobody's.
    """
    if paid_a_part(session, order.id):
        raise RuntimeError(f"order {order.id} was paid in part and cannot be released")
    sales.move_order(order, "released")
    order.buyer = None
    cart = cart_from_json(order.cart)
    release_later_parts(session, order, cart)
    context = ActionContext.at(place, actor_id=order.staff_id)
    for key, lot_id, person_id in held_credits(cart):
        credits.release(session, lot_id, context.keyed(f"{order.id}:{key}"), order_id=order.id, person_id=person_id)
    release_parts(session, order, context)
    give_back(session, order.id)
    if order.ticket_id is not None:
        ticket = ticket_of(session, order.ticket_id, order.location_id, lock=True)
        # A ticket that was completed in another way stays so; the order is released all the same.
        if ticket.state == "paying":
            move(ticket, "open")


@unit_of_work
def end_unsent(session: Session, order_id: UUID, attempt_id: UUID, reason: str, sentence: str | None = None) -> bool:
    """Cancel an attempt for which Stripe returned no id. No client secret or address was handed out, so it cannot be paid.

    False where its object is known or it has ended; nothing is changed then.
    """
    order = sales.lock_order(session, order_id)
    attempt = payments.locked_attempt(session, attempt_id)
    known = attempt.intent_id or attempt.session_id
    if known is not None or not payments.move_attempt(attempt, CANCELED):
        return False
    attempt.reason_code, attempt.sentence = reason, sentence[:300] if sentence else None
    close_attempt(session, order, attempt)
    return True


def attempt_needed(session: Session, order_id: UUID, *, lock: bool = False) -> PaymentAttempt:
    """The newest attempt of an order that is known to have one."""
    found = payments.attempt_of(session, order_id, lock=lock)
    if found is None:
        raise LookupError(f"order {order_id} has no attempt")
    return found
