"""Paying with gift cards and account credit: chosen when a ticket is priced, held while a card is asked, spent last.

Money that was received outside the till is chosen with them; there is nothing to hold or spend of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.errors import Invalid, NotFound
from pos.core.i18n.message import Message
from pos.core.messages.sales import ACCOUNT_CREDIT_NEEDS_CLIENT
from pos.core.messages.stored_value import (
    CLIENT_WITHOUT_ACCOUNT_CREDIT,
    GIFT_CARD_HAS_EXPIRED,
    GIFT_CARD_HAS_NOTHING_LEFT,
    GIFT_CARD_IS_BLOCKED,
    GIFT_CARD_OF_OTHER_LOCATION,
    NO_SUCH_GIFT_CARD,
)
from pos.domain.locations.action_context import ActionContext
from pos.domain.locations.queries import Place
from pos.domain.receipts.receipt_document import PrintedValue
from pos.domain.sales.cart_options import GIFT_CARD, Stored, StoredPart
from pos.domain.sales.models import Order, Sale
from pos.domain.sales.tender_kinds import RECORDED
from pos.domain.sales.visit_conversions import give_up
from pos.domain.stored_value import queries
from pos.domain.stored_value import wallet as stored_value
from pos.domain.stored_value.balances import (
    ACCOUNTS,
    CARDS,
    StoredValueEntry,
    Wallet,
)
from pos.domain.till.shifts import OpenShift
from pos.services.checkout.package_exchange import hold_pack, release_pack
from pos.services.checkout.visit_conversion import give_visit_back, hold_visit


@dataclass(frozen=True)
class AppliedTender:
    """A gift card or account credit on a ticket. `part` is None when it pays nothing; `problem` then may say why."""

    requested: Stored
    last4: str
    balance_minor: int
    part: StoredPart | None
    problem: Message | None = None


@dataclass(frozen=True)
class UsedValue:
    """Stored value a sale was paid with, and what is left of it; `receipt` is that of a visit which became its first."""

    kind: str
    last4: str
    amount_minor: int
    left_minor: int
    receipt: str = ""


def _card_balance(session: Session, place: Place, card_id: UUID, day: date) -> tuple[str, int, Message | None]:
    """Last four signs, what the card can pay here, and why it cannot."""
    try:
        card = queries.card(session, card_id, day)
    except NotFound:
        raise Invalid(NO_SUCH_GIFT_CARD, field="stored") from None
    if card.location_id != place.id:
        return card.last4, 0, GIFT_CARD_OF_OTHER_LOCATION
    if card.state == "expired":
        return card.last4, 0, GIFT_CARD_HAS_EXPIRED
    if card.state in ("blocked", "replaced"):
        return card.last4, 0, GIFT_CARD_IS_BLOCKED
    return card.last4, card.balance_minor, None if card.balance_minor else GIFT_CARD_HAS_NOTHING_LEFT


def apply_tenders(
    session: Session,
    place: Place,
    requests: Iterable[Stored],
    *,
    client_id: UUID | None,
    payable_minor: int,
    money_minor: int,
    day: date,
) -> tuple[AppliedTender, ...]:
    """What each request pays of `payable_minor`, in their order; raises Invalid for a card that does not exist.

    `money_minor` is due besides, and is not payable by stored value.
    """
    applied: list[AppliedTender] = []
    for requested in requests:
        last4, problem = "", None
        if requested.kind in RECORDED:
            balance = payable_minor + money_minor
            pays = min(balance, requested.amount_minor or balance)
            from_money = min(pays, money_minor)
            money_minor, payable_minor = money_minor - from_money, payable_minor - (pays - from_money)
            part = StoredPart(requested.kind, pays, reference=requested.reference) if pays else None
            applied.append(AppliedTender(requested, "", balance, part))
            continue
        if requested.card_id is not None:
            last4, balance, problem = _card_balance(session, place, requested.card_id, day)
        else:
            balance = stored_value.account_balance(session, client_id, place.id) if client_id else 0
            problem = None if balance else CLIENT_WITHOUT_ACCOUNT_CREDIT
        pays = min(balance, payable_minor, requested.amount_minor or balance)
        payable_minor -= pays
        part = StoredPart(requested.kind, pays, requested.card_id) if pays else None
        applied.append(AppliedTender(requested, last4, balance, part, problem))
    return tuple(applied)


def charged(session: Session, order: Order) -> tuple[AppliedTender, ...]:
    """What an order froze, as it was chosen: for the desk that looks at a ticket being paid."""
    applied = []
    for part in parts_of(order):
        last4, balance = "", 0
        if part.card_id is not None:
            card = queries.card(session, part.card_id, clock.now().date())
            last4, balance = card.last4, card.balance_minor
        elif part.kind not in RECORDED:
            balance = (
                stored_value.account_balance(session, order.client_id, order.location_id) if order.client_id else 0
            )
        # What it pays is set aside already; the desk goes on seeing what was there before.
        requested = Stored(part.kind, part.card_id, reference=part.reference)
        applied.append(AppliedTender(requested, last4, balance + part.amount_minor, part))
    return tuple(applied)


def _wallet_of(
    session: Session, part: StoredPart, client_id: UUID | None, location_id: UUID
) -> tuple[Wallet, dict[str, UUID]]:
    if part.kind == GIFT_CARD:
        assert part.card_id is not None
        return CARDS, {"card_id": part.card_id}
    if client_id is None:
        raise Invalid(ACCOUNT_CREDIT_NEEDS_CLIENT, field="client_id")
    return ACCOUNTS, stored_value.account_of(session, client_id, location_id)


def parts_of(order: Order) -> tuple[StoredPart, ...]:
    """What an order froze of stored value."""
    return tuple(StoredPart.from_json(row) for row in order.stored)


def _order_entry(order: Order, kind: str, number: int, context: ActionContext) -> StoredValueEntry:
    return StoredValueEntry(kind, context.keyed(f"{kind}:{order.id}:{number}"), order_id=order.id)


def hold_parts(session: Session, order: Order, context: ActionContext) -> None:
    """Set aside what a new order pays from stored value; raises NotEnoughValue or Conflict."""
    for number, part in enumerate(parts_of(order), start=1):
        if part.kind in RECORDED:
            continue
        if part.visit_conversion:
            hold_visit(session, part.visit_conversion, by_id=order.id)
            if part.into:
                hold_pack(session, order, part.visit_conversion, context)
            continue
        hold_part(session, order, number, context)


def hold_part(session: Session, order: Order, number: int, context: ActionContext) -> None:
    """Set aside what one part of an order, counted from 1, pays from a gift card or account credit; raises as above."""
    part = parts_of(order)[number - 1]
    wallet, named = _wallet_of(session, part, order.client_id, order.location_id)
    stored_value.hold(session, wallet, named, part.amount_minor, _order_entry(order, "hold", number, context))


def release_parts(session: Session, order: Order, context: ActionContext) -> None:
    """Give back what an order that is given up had set aside."""
    give_up(session, order.id)
    for number, part in enumerate(parts_of(order), start=1):
        if part.kind in RECORDED:
            continue
        if part.visit_conversion:
            if part.into:
                release_pack(session, order.id, part.visit_conversion, context)
            continue
        wallet, named = _wallet_of(session, part, order.client_id, order.location_id)
        stored_value.unhold(session, wallet, named, part.amount_minor, _order_entry(order, "release", number, context))


def spend_parts(
    session: Session,
    context: ActionContext,
    sale: Sale,
    parts: Iterable[StoredPart],
    *,
    held: bool,
    shift: OpenShift | None,
) -> list[UsedValue]:
    """Take from gift cards and account credit what a sale is paid with; `held` was set aside by its order. What becomes part
    of a package is given back in the sale's `shift`.

    Raises NotEnoughValue or Conflict when somebody was faster.
    """
    used: list[UsedValue] = []
    for number, part in enumerate(parts, start=1):
        if part.kind in RECORDED:
            continue
        wallet, named = _wallet_of(session, part, sale.client_id, sale.location_id)
        spent = StoredValueEntry("spend", context.keyed(f"spend:{sale.id}:{number}"), sale_id=sale.id)
        receipt = ""
        if part.visit_conversion:
            hold_visit(session, part.visit_conversion, by_id=sale.id, promised=held)
            if held and part.into:
                release_pack(session, sale.id, part.visit_conversion, context)
            receipt = give_visit_back(
                session, context, sale, part.visit_conversion, shift=shift, is_pack=part.into is not None
            )
        if not part.amount_minor:
            continue  # a package that was given free pays nothing: there is no tender of it
        if held and not part.visit_conversion:
            back = StoredValueEntry("release", context.keyed(f"release:{sale.id}:{number}"), order_id=sale.id)
            left = wallet.spend_held(session, named, part.amount_minor, back, spent)
        else:
            left = stored_value.take(session, wallet, named, part.amount_minor, spent)
        last4 = queries.card(session, part.card_id, sale.business_on).last4 if part.card_id else ""
        used.append(UsedValue(part.kind, last4, part.amount_minor, left, receipt))
    return used


def printed_values(used: Iterable[UsedValue]) -> list[PrintedValue]:
    """What the receipt says of each gift card or account that paid, in the order of the tenders."""
    return [PrintedValue(value.last4, value.left_minor, value.receipt) for value in used]
