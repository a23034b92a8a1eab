"""What is done with gift cards outside a sale: looked up, blocked, replaced, paid out, expired, and their terms set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core import audit, clock, outbox
from pos.core.app_context import settings
from pos.core.database.base import reading
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import (
    Conflict,
    Invalid,
    NotAllowed,
    NotFound,
)
from pos.core.ids import new_id
from pos.core.messages import stored_value as messages
from pos.core.messages.people import NOT_OF_THIS_LOCATION
from pos.core.messages.till import INSTEAD_PAY_IN_OR_OTHER_DESK, SHIFT_CLOSED
from pos.domain.ledger import posting as ledger
from pos.domain.ledger.entries import Draft
from pos.domain.locations.action_context import ActionContext
from pos.domain.locations.queries import Place, desk_place, place
from pos.domain.posting_rules.refunds import pay_out as pay_out_cash
from pos.domain.staff import credentials as staff
from pos.domain.staff.approvals import use_approval
from pos.domain.staff.limit_rules import Limit, exceeds
from pos.domain.staff.permissions import Permission
from pos.domain.stored_value import gift_card_codes, queries
from pos.domain.stored_value import wallet as stored_value
from pos.domain.stored_value.balances import CARDS, StoredValueEntry
from pos.domain.stored_value.dispute_holds import is_suspended
from pos.domain.stored_value.models import GiftCard, GiftCardTerms
from pos.domain.stored_value.queries import CardFacts, certificate_key
from pos.domain.stored_value.rules import CardTerms
from pos.domain.till import shifts as till
from pos.services.integrity.run_checks import require_running
from pos.services.till.shifts import acting, require_cash


@unit_of_work
def _count_attempt(session: Session, door: str) -> None:
    staff.count_attempt(session, door)


@unit_of_work
def _take_back(session: Session, door: str) -> None:
    staff.take_back(session, door)


def look_up(text: str, *, door: str) -> CardFacts | None:
    """The card of a code somebody typed or scanned; None for text that cannot be a code, which costs nobody an attempt.

    `door` is who asks (a desk, an address): five codes that belong to no card lock it for a quarter of an hour. Raises
    Locked, and NotFound for a code nobody was given.
    """
    code = gift_card_codes.read_code(text)
    if code is None:
        return None
    _count_attempt(f"gift-card:{door}")
    found = queries.card_by_code(reading(), code, clock.now().date())
    if found is None:
        raise NotFound(messages.NO_GIFT_CARD_WITH_CODE)
    _take_back(f"gift-card:{door}")
    return queries.card(reading(), found.card_id, place(reading(), found.location_id).today())


def code_to_print(card_id: UUID) -> str:
    """The code of a card for its certificate, in groups of four.

    Raises Conflict when the installation's secret has changed since: the card works on, only its paper cannot be made again.
    """
    found = reading().get_one(GiftCard, card_id)
    code = gift_card_codes.code_of(card_id, settings().secret_key)
    if gift_card_codes.code_hash(code) != found.code_hash:
        raise Conflict(messages.CERTIFICATE_NOT_PRINTABLE)
    return gift_card_codes.shown(code)


@dataclass(frozen=True)
class Replaced:
    """The card that took the place of a lost one."""

    card_id: UUID
    last4: str
    balance_minor: int


def _own(session: Session, card_id: UUID, own: frozenset[UUID]) -> GiftCard:
    card = session.get(GiftCard, card_id, with_for_update=True, populate_existing=True)
    if card is None or card.location_id not in own:
        raise NotFound(messages.NO_SUCH_GIFT_CARD)
    return card


def _note(session: Session, action: str, card: GiftCard, staff_id: UUID, **detail: Any) -> None:
    audit.note(
        session,
        f"gift_card.{action}",
        actor_id=staff_id,
        location_id=card.location_id,
        subject_id=card.id,
        last4=card.last4,
        **detail,
    )


def _require_undisputed(session: Session, card: GiftCard) -> None:
    if is_suspended(session, card.id):
        raise Conflict(messages.GIFT_CARD_PAYMENT_DISPUTED)


def _reason(text: str) -> str:
    if not text.strip():
        raise Invalid(messages.GIFT_CARD_REASON_MISSING, field="reason")
    return text.strip()[:200]


@unit_of_work
def block(session: Session, *, card_id: UUID, staff_id: UUID, own: frozenset[UUID], reason: str) -> None:
    """Stop a card from paying; asking again changes nothing. Raises Invalid without a reason, Conflict, NotFound."""
    card, why = _own(session, card_id, own), _reason(reason)
    if card.state == "replaced":
        raise Conflict(messages.GIFT_CARD_REPLACED)
    if card.state == "active":
        card.state = "blocked"
        _note(session, "block", card, staff_id, reason=why)


@unit_of_work
def unblock(session: Session, *, card_id: UUID, staff_id: UUID, own: frozenset[UUID], reason: str) -> None:
    """Let a blocked card pay again; asking again changes nothing. Raises Invalid, Conflict, NotFound."""
    card, why = _own(session, card_id, own), _reason(reason)
    if card.state == "replaced":
        raise Conflict(messages.GIFT_CARD_REPLACED_BY_NEW)
    _require_undisputed(session, card)
    if card.state == "blocked":
        card.state = "active"
        _note(session, "unblock", card, staff_id, reason=why)


@unit_of_work
def replace_card(
    session: Session, *, card_id: UUID, new_card_id: UUID, staff_id: UUID, own: frozenset[UUID], reason: str
) -> Replaced:
    """Move what is on a lost card to a new one with another code; the same `new_card_id` again gives the same card.

    Nothing is booked: the location owes as much as before. Raises Invalid, NotFound, and Conflict for an empty card, one
    that was replaced before, or one a card payment is holding, and what `require_running` raises where the books are
    stopped.
    """
    card, why = _own(session, card_id, own), _reason(reason)
    seen = session.get(GiftCard, new_card_id)
    if seen is not None and seen.replaces_id == card.id:
        return Replaced(seen.id, seen.last4, seen.balance_minor)
    require_running(session, card.location_id)
    if card.state == "replaced":
        raise Conflict(messages.GIFT_CARD_REPLACED)
    if card.held_minor:
        raise Conflict(messages.GIFT_CARD_IN_USE)
    _require_undisputed(session, card)
    if not card.balance_minor:
        raise Conflict(messages.GIFT_CARD_EMPTY)
    where, amount = place(session, card.location_id), card.balance_minor
    context = ActionContext.at(where, actor_id=staff_id, reason=why, key=f"replaced:{new_card_id}")
    card.state = "replaced"
    session.flush()
    entry = StoredValueEntry("replaced", context)
    if CARDS.change(session, CARDS.remove, {"card_id": card.id}, -amount, entry) is None:
        raise Conflict(messages.GIFT_CARD_USED_A_MOMENT_AGO)
    new = stored_value.NewCard(
        card_id=new_card_id,
        currency=card.currency,
        amount_minor=amount,
        expires_on=card.expires_on,
        buyer_id=card.buyer_id,
        to_name=card.to_name,
        to_email=card.to_email,
        message=card.message,
        replaces_id=card.id,
    )
    keyed = context.keyed(f"replace:{new_card_id}", "")
    made = stored_value.issue_card(session, new, keyed, secret=settings().secret_key, kind="replace")
    _note(session, "replace", card, staff_id, reason=why, new_card_id=str(new_card_id))
    if made.to_email:
        outbox.record(
            session,
            "gift_certificate",
            {"card_id": str(new_card_id)},
            key=certificate_key(new_card_id),
        )
    return Replaced(made.id, made.last4, amount)


@dataclass(frozen=True)
class PaidOut:
    """What was paid out of a card in cash; the same for every retry."""

    amount_minor: int
    currency: str


@unit_of_work
def cash_out(
    session: Session,
    *,
    card_id: UUID,
    action_id: UUID,
    desk_id: UUID,
    staff_id: UUID,
    approval_id: UUID | None = None,
) -> PaidOut:
    """Pay the rest of a card out of the desk's drawer, where the location's terms say so; `action_id` guards the retry.

    Raises Conflict for a closed drawer, too little cash in it or a card that may not be paid out, NeedsApproval, NotFound,
    and what `require_running` raises where the books are stopped.
    """
    desk = desk_place(session, desk_id)
    key = f"cash_out:{action_id}"
    done = next(
        (m for m in queries.card_moves(session, card_id) if m.kind == "cash_out" and m.note == str(action_id)), None
    )
    if done is not None:
        return PaidOut(-done.delta_minor, desk.place.currency)
    require_running(session, desk.place.id)
    shift = till.current_shift(session, desk.id, lock=True, closing=True)
    if shift is None:
        raise Conflict(SHIFT_CLOSED, why="shift_closed")
    day = desk.place.today()
    card, terms = queries.card(session, card_id, day), queries.terms_of(session, desk.place, day)
    if card.location_id != desk.place.id:
        raise NotFound(messages.NO_SUCH_GIFT_CARD)
    if terms.cash_out_minor is None:
        raise Conflict(messages.GIFT_CARDS_NOT_CASHED_HERE)
    if card.state != "active" or card.held_minor:
        raise Conflict(messages.GIFT_CARD_NOT_CASHABLE_NOW)
    if card.balance_minor > terms.cash_out_minor:
        raise Conflict(messages.GIFT_CARD_ABOVE_CASH_OUT, most_minor=terms.cash_out_minor)
    more = desk.place.cash.difference(card.balance_minor)
    require_cash(session, shift, card.balance_minor + more, card.currency, instead=INSTEAD_PAY_IN_OR_OTHER_DESK)
    approver = use_approval(
        session,
        approval_id,
        action="gift_card_cash_out",
        subject_id=card_id,
        amount_minor=card.balance_minor,
        actor=acting(session, staff_id),
        permission=Permission.REFUND,
        location_id=desk.place.id,
        exceeds=exceeds({Limit.REFUND: card.balance_minor}),
    )
    context = ActionContext.at(desk.place, actor_id=staff_id, approver_id=approver, reason=str(action_id), key=key)
    entry = StoredValueEntry("cash_out", context)
    stored_value.take(session, CARDS, {"card_id": card_id}, card.balance_minor, entry)
    draft = Draft("gift_card_cash_out", action_id, card.currency)
    draft.debit("gift_card_liability", card.balance_minor)
    pay_out_cash(draft, shift.drawer_id, card.balance_minor, more)
    ledger.post(session, draft, context, reference=f"gift card {card.last4}", shift_id=shift.id)
    audit.note(
        session,
        "gift_card.cash_out",
        actor_id=staff_id,
        location_id=desk.place.id,
        subject_id=card_id,
        amount_minor=card.balance_minor,
        approved_by=str(approver) if approver else None,
    )
    return PaidOut(card.balance_minor, card.currency)


@unit_of_work
def _expire(session: Session, card_id: UUID, where: Place) -> int:
    """Book what is left on an expired card as breakage; 0 when somebody was faster."""
    card = session.get_one(GiftCard, card_id, with_for_update=True, populate_existing=True)
    action_id, amount = new_id(), card.balance_minor
    context = ActionContext.at(where, key=f"expire:{action_id}")
    if not amount or card.state != "active" or card.expires_on is None or card.expires_on >= context.business_date:
        return 0
    CARDS.change(session, CARDS.remove, {"card_id": card.id}, -amount, StoredValueEntry("expire", context))
    draft = Draft("gift_card_expiry", action_id, card.currency)
    draft.debit("gift_card_liability", amount)
    draft.credit("breakage", amount)
    ledger.post(session, draft, context, reference=f"gift card {card.last4}")
    return amount


def expire_cards(at: tuple[Place, ...]) -> int:
    """Turn what is left on cards whose last day is over into breakage; returns how many. Again it does nothing: a card is
    emptied by it. Raises what `require_running` raises where the books are stopped.
    """
    count = 0
    for where in at:
        require_running(reading(), where.id)
        due = reading().scalars(
            select(GiftCard.id)
            .where(
                GiftCard.location_id == where.id,
                GiftCard.state == "active",
                GiftCard.balance_minor > 0,
                GiftCard.expires_on < where.today(),
            )
            .order_by(GiftCard.id)
        )
        for card_id in list(due):
            count += _expire(card_id, where) > 0
    return count


@unit_of_work
def set_terms(
    session: Session, *, location_id: UUID, from_on: date, terms: CardTerms, staff_id: UUID, own: frozenset[UUID]
) -> None:
    """Set what gift cards of a location may be from a day on; raises Invalid for a day that is past, NotAllowed.

    What counts already is history and stays; the terms of a day to come may be set again.
    """
    if location_id not in own:
        raise NotAllowed(NOT_OF_THIS_LOCATION)
    if from_on < place(session, location_id).today():
        raise Invalid(messages.GIFT_CARD_TERMS_START_IN_THE_PAST, field="from_on")
    row = session.get(GiftCardTerms, (location_id, from_on))
    if row is None:
        row = GiftCardTerms(location_id=location_id, from_on=from_on)
        session.add(row)
    row.least_minor, row.most_minor = terms.least_minor, terms.most_minor
    row.balance_most_minor = terms.balance_most_minor
    row.cash_out_minor, row.validity_months = terms.cash_out_minor, terms.validity_months
    audit.note(
        session,
        "gift_card.terms",
        actor_id=staff_id,
        location_id=location_id,
        from_on=from_on.isoformat(),
        least_minor=terms.least_minor,
        most_minor=terms.most_minor,
        balance_most_minor=terms.balance_most_minor,
        cash_out_minor=terms.cash_out_minor,
        validity_months=terms.validity_months,
    )
