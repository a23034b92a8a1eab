"""The next part of an order of which a part was received: by another card, in cash, by gift card or from account credit.

One part at a time, under the lock of the order: no card is asked for while another one is, and none for more than is left.
Whoever asks says what was left on the screen. What is left only falls, so that a command that comes twice, or from a second
screen, finds another rest and takes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from pos.core import audit, clock
from pos.core.app_context import settings
from pos.core.database.base import reading
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Conflict, Invalid, NotFound
from pos.core.messages.payments import (
    CARD_STILL_ASKED,
    GIFT_CARD_PAYS_NO_PART,
    NO_SUCH_PAYMENT,
    PART_IS_ALL_OF_IT,
    PART_NOT_WITHIN_REST,
    PART_OF_UNKNOWN_KIND,
    PART_PAID_IN_OTHER_MODE,
    REST_HAS_CHANGED,
    TICKET_NOT_PARTLY_PAID,
)
from pos.core.messages.sales import CASH_NOT_IN_COINS, NOT_ENOUGH_CASH
from pos.core.messages.stored_value import NO_SUCH_GIFT_CARD, TOO_MANY_GIFT_CARDS
from pos.core.messages.till import INSTEAD_SMALLER_NOTE
from pos.core.money import plain
from pos.domain.locations.action_context import ActionContext
from pos.domain.locations.queries import Place, desk_place, place
from pos.domain.payments import repository as payments
from pos.domain.payments.attempt_states import ACTIVE
from pos.domain.payments.received import Received, is_asking, received
from pos.domain.sales import repository as sales
from pos.domain.sales.cart_json import cart_from_json
from pos.domain.sales.cart_options import GIFT_CARD, MOST_STORED, Stored
from pos.domain.sales.models import Order
from pos.domain.sales.tender_kinds import STORED
from pos.domain.till.rules import likely_tender, require_likely
from pos.domain.till.shifts import lock_open_shift
from pos.integrations.stripe.current import gateway, is_current_mode
from pos.services.checkout.place_order import new_attempt, require_part
from pos.services.checkout.stored_value_tenders import apply_tenders, hold_part
from pos.services.integrity.run_checks import require_running
from pos.services.payments.complete_order import complete_order
from pos.services.payments.payment_state import PaymentState, payment_state
from pos.services.payments.terminal_payment import start_or_resume
from pos.services.till.shifts import require_cash


@dataclass(frozen=True)
class TakePart:
    """Take a part of what is left of an order, or all of it (`amount_minor` is None, or for cash what was laid down).

    `kind` is a kind of tender. `is_part`: the cash is less than what is left, and the rest follows by other means.
    `card_id` is a gift card. The reader is that of the desk, or `reader_id`.
    """

    order_id: UUID
    desk_id: UUID
    kind: str
    amount_minor: int | None
    expected_rest_minor: int
    is_part: bool = False
    by_code: bool = False
    tip_on_reader: bool = False
    reader_id: UUID | None = None
    card_id: UUID | None = None
    confirmed_minor: int | None = None
    staff_id: UUID | None = None


def take_part(command: TakePart) -> PaymentState:
    """Take a part; the last one completes the sale. Of a sale that is complete the answer is that it is paid.

    Raises Conflict while a card is being asked for, where the rest is another one, or where the order was given up; Invalid
    for an amount that is no part, and what asking for a card, holding stored value and completing a sale raise.
    """
    if command.kind == "card":
        gateway().require_answers()
        _begin_card(command)
        return start_or_resume(command.order_id)
    if command.kind == "cash":
        _take_cash(command)
    elif command.kind in STORED:
        _take_stored(command)
    else:
        raise Invalid(PART_OF_UNKNOWN_KIND, field="kind")
    return payment_state(reading(), command.order_id)


def _open_order(session: Session, command: TakePart) -> tuple[Order, Place, Received] | None:
    """The locked order of this desk with what was received; None where it is a sale already."""
    order = sales.lock_order(session, command.order_id)
    if order.desk_id != command.desk_id:
        raise NotFound(NO_SUCH_PAYMENT)  # its cash lies in the drawer of its desk
    if order.state == "completed":
        return None
    if order.state != "placed":
        raise Conflict(TICKET_NOT_PARTLY_PAID, why="released")
    if is_asking(session, order.id):
        raise Conflict(CARD_STILL_ASKED, why="card_asked")
    so_far = received(session, order)
    # No sale is made of money of a test and real money; while cards are off, the rest of a real one is taken in cash.
    if settings().payments.on and not all(is_current_mode(one.mode) for one in so_far.cards):
        raise Conflict(PART_PAID_IN_OTHER_MODE, why="other_mode")
    if so_far.rest_minor != command.expected_rest_minor:
        raise Conflict(REST_HAS_CHANGED, why="rest_changed", rest_minor=so_far.rest_minor)
    return order, place(session, order.location_id), so_far


def _note(session: Session, order: Order, command: TakePart, kind: str, amount_minor: int) -> None:
    audit.note(
        session, f"payment.part_{kind}", actor_id=command.staff_id, location_id=order.location_id, subject_id=order.id,
        amount_minor=amount_minor, rest_minor=received(session, order).rest_minor,
    )  # fmt: skip


@unit_of_work
def _begin_card(session: Session, command: TakePart) -> None:
    desk_id = sales.lock_order(session, command.order_id).desk_id
    newest = payments.attempt_of(session, command.order_id)
    kind = "checkout" if command.by_code else "reader"
    if newest is not None and newest.state in ACTIVE and newest.kind == kind and desk_id == command.desk_id:
        asked = command.expected_rest_minor if command.amount_minor is None else command.amount_minor
        if newest.amount_minor == asked:
            return  # the same press, twice
    found = _open_order(session, command)
    if found is None:
        return
    order, where, so_far = found
    amount = so_far.rest_minor if command.amount_minor is None else command.amount_minor
    require_part(amount, so_far.rest_minor, order.currency, is_begun=False)
    require_running(session, order.location_id)
    reader_id = None
    if not command.by_code:
        desk = desk_place(session, command.desk_id)
        reader_id = (
            payments.reader(session, command.reader_id, location_id=desk.place.id)
            if command.reader_id
            else payments.reader_of(session, desk.id)
        ).id
    new = new_attempt(command, amount, reader_id=reader_id, tip_base_minor=_tip_base(command, where, order, so_far))
    assert new is not None
    payments.start_attempt(
        session, order, new, mode=settings().payments.mode, number=newest.number + 1 if newest else 1
    )


def _tip_base(command: TakePart, where: Place, order: Order, so_far: Received) -> int | None:
    """A reader asks for a tip once, with the last part, where there is none yet."""
    is_last = command.amount_minor in (None, so_far.rest_minor)
    has_tip = order.tip_minor or so_far.tip_minor
    if not command.tip_on_reader or command.by_code or not where.reader_tips or not is_last or has_tip:
        return None
    return cart_from_json(order.cart).tip_base_minor or None


@unit_of_work
def _take_cash(session: Session, command: TakePart) -> None:
    found = _open_order(session, command)
    if found is None:
        return
    order, where, so_far = found
    tendered = command.amount_minor or 0
    in_cash = where.cash.rounded(so_far.rest_minor)
    if not where.cash.fits(tendered):
        raise Invalid(CASH_NOT_IN_COINS, field="amount_minor")
    if command.is_part:
        rest = plain(so_far.rest_minor, order.currency)
        if tendered <= 0:
            raise Invalid(PART_NOT_WITHIN_REST(rest=rest), field="amount_minor")
        if tendered >= min(in_cash, so_far.rest_minor):
            raise Invalid(PART_IS_ALL_OF_IT(rest=rest), field="amount_minor")
        order.cash_tendered_minor += tendered
        session.flush()
        _note(session, order, command, "cash", tendered)
        return
    if tendered < in_cash:
        raise Invalid(NOT_ENOUGH_CASH, field="amount_minor")
    likely = likely_tender(so_far.rest_minor, order.currency)
    require_likely(tendered, likely, order.currency, confirmed_minor=command.confirmed_minor, field="amount_minor")
    assert order.desk_id is not None
    _, shift = lock_open_shift(session, order.desk_id)
    # The parts in cash before lie in the drawer already, and are booked with the sale.
    change = tendered - in_cash - so_far.cash_minor
    require_cash(session, shift, change, order.currency, instead=INSTEAD_SMALLER_NOTE)
    order.cash_tendered_minor += tendered
    session.flush()
    complete_order(session, order, is_last_in_cash=True)


@unit_of_work
def _take_stored(session: Session, command: TakePart) -> None:
    found = _open_order(session, command)
    if found is None:
        return
    order, where, so_far = found
    require_running(session, order.location_id)
    if command.amount_minor is not None and not 0 < command.amount_minor <= so_far.rest_minor:
        raise Invalid(PART_NOT_WITHIN_REST(rest=plain(so_far.rest_minor, order.currency)), field="amount_minor")
    is_card = command.kind == GIFT_CARD
    if is_card and command.card_id is None:
        raise Invalid(NO_SUCH_GIFT_CARD, field="stored")
    card_id = command.card_id if is_card else None  # account credit is that of the client, whatever card is named
    if len(order.stored) >= MOST_STORED:
        raise Invalid(TOO_MANY_GIFT_CARDS(most=MOST_STORED), field="stored")
    # No gift card is bought with one.
    before = sum(part.amount_minor for part in so_far.stored if part.kind in STORED)
    payable = so_far.due_minor - cart_from_json(order.cart).gift_minor - before
    (applied,) = apply_tenders(
        session,
        where,
        [Stored(command.kind, card_id, command.amount_minor)],
        client_id=order.client_id,
        payable_minor=max(0, min(so_far.rest_minor, payable)),
        money_minor=0,
        day=where.business_date(clock.now()),
    )
    if applied.part is None:
        raise Invalid(applied.problem or GIFT_CARD_PAYS_NO_PART, field="stored")
    order.stored = [*order.stored, applied.part.to_json()]
    session.flush()
    hold_part(session, order, len(order.stored), ActionContext.at(where, actor_id=command.staff_id))
    _note(session, order, command, applied.part.kind, applied.part.amount_minor)
    if not received(session, order).rest_minor:
        complete_order(session, order)
