"""Reserving what is given back, writing refunds and moving their parts.

How much of a sale and of a tender is gone changes by a conditional UPDATE, so that two refunds at once cannot give back more
than was taken: the second one finds nothing to change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, func, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from pos.core import clock
from pos.core.database.base import execute
from pos.core.errors import AlreadyUsedKey, Conflict, NotFound
from pos.core.messages.refunds import (
    NO_SUCH_ONLINE_PURCHASE,
    NO_SUCH_REFUND,
    REFUND_KEY_USED,
    SALE_RETURNED_ALREADY,
    SALE_RETURNED_MEANWHILE,
)
from pos.domain.locations.action_context import ActionContext
from pos.domain.payments.models import PaymentAttempt, Tender
from pos.domain.refunds.models import (
    OPEN_PARTS,
    Refund,
    RefundLine,
    RefundPart,
    SaleRefunded,
    TenderRefunded,
    WithdrawalConsent,
)
from pos.domain.refunds.rules import Destination, TenderLeft, may_move
from pos.domain.sales.models import Order, Sale

_LATER = aliased(RefundPart)
_AMOUNT = bindparam("amount", type_=SaleRefunded.refunded_minor.type)
_TIP = bindparam("tip", type_=SaleRefunded.refunded_minor.type)
_TAKE_OF_SALE = (
    update(SaleRefunded)
    .where(
        SaleRefunded.sale_id == bindparam("sale"),
        SaleRefunded.voided.is_(False),
        SaleRefunded.refunded_minor + _AMOUNT <= SaleRefunded.captured_minor,
        SaleRefunded.tip_refunded_minor + _TIP <= SaleRefunded.tip_minor,
    )
    .values(
        refunded_minor=SaleRefunded.refunded_minor + _AMOUNT,
        tip_refunded_minor=SaleRefunded.tip_refunded_minor + _TIP,
    )
    .returning(SaleRefunded.refunded_minor)
)
_VOID_SALE = (
    update(SaleRefunded)
    .where(SaleRefunded.sale_id == bindparam("sale"), SaleRefunded.voided.is_(False), SaleRefunded.refunded_minor == 0)
    .values(voided=True, refunded_minor=SaleRefunded.captured_minor, tip_refunded_minor=SaleRefunded.tip_minor)
    .returning(SaleRefunded.refunded_minor)
)
_TENDER = and_(TenderRefunded.sale_id == bindparam("sale"), TenderRefunded.position == bindparam("at_position"))
_TAKE_OF_TENDER = (
    update(TenderRefunded)
    .where(_TENDER, TenderRefunded.refunded_minor + _AMOUNT <= TenderRefunded.captured_minor)
    .values(refunded_minor=TenderRefunded.refunded_minor + _AMOUNT)
    .returning(TenderRefunded.refunded_minor)
)
_GIVE_BACK_TO_TENDER = (
    update(TenderRefunded)
    .where(_TENDER, TenderRefunded.refunded_minor >= _AMOUNT)
    .values(refunded_minor=TenderRefunded.refunded_minor - _AMOUNT)
    .returning(TenderRefunded.refunded_minor)
)


def find(session: Session, refund_id: UUID, content_hash: str) -> Refund | None:
    """The refund already made under this key; raises AlreadyUsedKey if it was another one."""
    seen = session.get(Refund, refund_id)
    if seen is not None and seen.content_hash != content_hash:
        raise AlreadyUsedKey(REFUND_KEY_USED)
    return seen


def get(session: Session, refund_id: UUID) -> Refund:
    """A refund; raises NotFound."""
    found = session.get(Refund, refund_id)
    if found is None:
        raise NotFound(NO_SUCH_REFUND)
    return found


def _know(session: Session, sale: Sale) -> None:
    """Write the sale's counters before its first refund; two first ones meet at the key, and the second runs again."""
    if session.scalar(select(SaleRefunded.sale_id).where(SaleRefunded.sale_id == sale.id)) is not None:
        return
    session.add(
        SaleRefunded(
            sale_id=sale.id,
            captured_minor=sale.total_minor + sale.tip_minor,
            refunded_minor=0,
            tip_minor=sale.tip_minor,
            tip_refunded_minor=0,
            voided=False,
        )
    )
    for tender in session.scalars(select(Tender).where(Tender.sale_id == sale.id)):
        session.add(
            TenderRefunded(
                sale_id=sale.id,
                position=tender.position,
                captured_minor=tender.amount_minor,
                refunded_minor=0,
            )
        )


def lock_sale(session: Session, sale: Sale) -> None:
    """Wait until no refund of a sale is being written, and let none begin before this transaction ends."""
    _know(session, sale)
    session.execute(select(SaleRefunded.sale_id).where(SaleRefunded.sale_id == sale.id).with_for_update())


def take(session: Session, sale: Sale, amount_minor: int, tip_minor: int) -> None:
    """Reserve an amount of a sale, `tip_minor` of it tip; the sale is locked from here on. Raises Conflict if it is gone."""
    _know(session, sale)
    if execute(session, _TAKE_OF_SALE, sale=sale.id, amount=amount_minor, tip=tip_minor).first() is None:
        raise Conflict(SALE_RETURNED_MEANWHILE, why="refunded")


def take_all(session: Session, sale: Sale) -> None:
    """Reserve the whole sale for a void; raises Conflict when anything of it was given back before."""
    _know(session, sale)
    if execute(session, _VOID_SALE, sale=sale.id).first() is None:
        raise Conflict(SALE_RETURNED_ALREADY, why="refunded")


def take_of_tenders(session: Session, sale_id: UUID, ways: Sequence[Destination]) -> None:
    """Reserve what goes back the way it came; raises Conflict if another refund was faster."""
    for way in ways:
        if way.tender_position is None:
            continue
        given = {"sale": sale_id, "at_position": way.tender_position, "amount": way.amount_minor}
        if execute(session, _TAKE_OF_TENDER, **given).first() is None:
            raise Conflict(SALE_RETURNED_MEANWHILE, why="refunded")


def return_to_tender(session: Session, part: RefundPart) -> None:
    """What did not reach the card can be given back to it again."""
    if part.sale_id is not None and part.tender_position is not None:
        given = {"sale": part.sale_id, "at_position": part.tender_position, "amount": part.amount_minor}
        execute(session, _GIVE_BACK_TO_TENDER, **given).one()


def tenders_left(session: Session, sale_id: UUID) -> list[TenderLeft]:
    """The tenders of a sale with what of each was not given back yet."""
    rows = session.execute(
        select(
            Tender.position,
            Tender.kind,
            Tender.amount_minor - func.coalesce(TenderRefunded.refunded_minor, 0),
            Tender.rounding_minor,
        )
        .outerjoin(
            TenderRefunded,
            and_(TenderRefunded.sale_id == Tender.sale_id, TenderRefunded.position == Tender.position),
        )
        .where(Tender.sale_id == sale_id)
        .order_by(Tender.position)
    )
    return [TenderLeft(position, kind, int(left), rounding) for position, kind, left, rounding in rows]


@dataclass(frozen=True)
class Counters:
    """How much of a sale has been given back, tip included, and how much of its tip."""

    refunded_minor: int
    tip_refunded_minor: int
    voided: bool


def counters(session: Session, sale_id: UUID) -> Counters:
    """What was given back for a sale so far."""
    row = session.execute(
        select(SaleRefunded.refunded_minor, SaleRefunded.tip_refunded_minor, SaleRefunded.voided).where(
            SaleRefunded.sale_id == sale_id
        )
    ).first()
    return Counters(row.refunded_minor, row.tip_refunded_minor, row.voided) if row else Counters(0, 0, False)


def is_voided(sale_id: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    """The condition of a query that a sale was voided."""
    return select(Refund.id).where(Refund.sale_id == sale_id, Refund.kind == "void").exists()


class GivenBack(NamedTuple):
    """What was given back of a line: net, all tax, the part of it that is the location's second tax, and whole units."""

    net_minor: int = 0
    tax_minor: int = 0
    second_tax_minor: int = 0
    units: int = 0


def lines_refunded(session: Session, sale_id: UUID) -> dict[int, GivenBack]:
    """What was given back for each line of a sale so far, by the line's position."""
    columns = RefundLine.net_minor, RefundLine.tax_minor, RefundLine.second_tax_minor, RefundLine.units
    sums = map(func.sum, columns)
    rows = session.execute(
        select(RefundLine.sale_position, *sums).where(RefundLine.sale_id == sale_id).group_by(RefundLine.sale_position)
    )
    return {position: GivenBack(*map(int, found)) for position, *found in rows}


def discounts_refunded(session: Session, sale_id: UUID) -> dict[int, tuple[int, int]]:
    """What refunds took back of the discount of each line of a sale so far, as displayed and as booked, by position."""
    sums = func.sum(RefundLine.discount_minor), func.sum(RefundLine.discount_net_minor)
    rows = session.execute(
        select(RefundLine.sale_position, *sums).where(RefundLine.sale_id == sale_id).group_by(RefundLine.sale_position)
    )
    return {position: (int(minor), int(net)) for position, minor, net in rows}


def package_refunded(session: Session, package_id: UUID) -> int:
    """What was given back for a package so far, tax included."""
    total = func.coalesce(func.sum(Refund.net_minor + Refund.tax_minor), 0)
    return int(session.scalar(select(total).where(Refund.package_id == package_id)) or 0)


def action_of(session: Session, refund_id: UUID) -> list[UUID]:
    """A refund and those the same action made for other sales: what was paid for a package in parts comes back together."""
    row = get(session, refund_id)
    others = select(Refund.id).where(
        Refund.package_id == row.package_id, Refund.content_hash == row.content_hash, Refund.id != row.id
    )
    return [row.id, *(session.scalars(others.order_by(Refund.id)) if row.package_id and row.policy else ())]


def of_sale(session: Session, sale_id: UUID) -> list[Refund]:
    """The refunds of a sale, oldest first."""
    return list(session.scalars(select(Refund).where(Refund.sale_id == sale_id).order_by(Refund.created_at, Refund.id)))


def lines_of(session: Session, refund_id: UUID) -> list[RefundLine]:
    """The lines of a refund in their order."""
    query = select(RefundLine).where(RefundLine.refund_id == refund_id).order_by(RefundLine.position)
    return list(session.scalars(query))


def parts_of(session: Session, refund_id: UUID) -> list[RefundPart]:
    """The parts of a refund in their order, with those paid another way after a failure at the end."""
    query = select(RefundPart).where(RefundPart.refund_id == refund_id).order_by(RefundPart.position)
    return list(session.scalars(query))


def write_parts(
    session: Session,
    refund: Refund,
    ways: Sequence[Destination],
    tenders: Sequence[Tender],
    context: ActionContext,
    *,
    shift_id: UUID | None,
) -> list[RefundPart]:
    """Write how the money goes back. Cash, gift cards and accounts are paid back now; a card's part gets its key."""
    by_position = {tender.position: tender for tender in tenders}
    parts = []
    for position, way in enumerate(ways, start=1):
        tender = by_position.get(way.tender_position) if way.tender_position is not None else None
        parts.append(
            add_part(
                session,
                refund,
                way,
                context,
                position=position,
                attempt_id=tender.attempt_id if tender and way.kind == "card" else None,
                shift_id=shift_id if way.kind == "cash" else None,
            )
        )
    return parts


def add_part(
    session: Session,
    refund: Refund,
    way: Destination,
    context: ActionContext,
    *,
    position: int,
    attempt_id: UUID | None,
    shift_id: UUID | None,
    replaces_id: UUID | None = None,
) -> RefundPart:
    """Write one part; a card's is `created` until Stripe has answered, everything else is paid back by being written."""
    part = RefundPart(
        refund_id=refund.id,
        position=position,
        kind=way.kind,
        state="created" if way.kind == "card" else "paid_back",
        amount_minor=way.amount_minor,
        rounding_minor=way.rounding_minor,
        sale_id=refund.sale_id if way.tender_position is not None else None,
        tender_position=way.tender_position,
        attempt_id=attempt_id,
        shift_id=shift_id,
        key=f"refund-{refund.id}-{position}" if way.kind == "card" else None,
        replaces_id=replaces_id,
        staff_id=context.actor_id,
        approver_id=context.approver_id,
        business_on=context.business_date,
        created_at=context.now,
        changed_at=context.now,
    )
    session.add(part)
    session.flush()
    return part


def lock_part(session: Session, part_id: UUID) -> RefundPart:
    """A part, locked for this transaction; raises NotFound."""
    part = session.get(RefundPart, part_id, with_for_update=True, populate_existing=True)
    if part is None:
        raise NotFound(NO_SUCH_REFUND)
    return part


class Moving(Protocol):
    """A row that goes through the states of a refund's part."""

    state: str
    changed_at: datetime


def move_part(part: Moving, state: str) -> bool:
    """Move a locked part; False if it may not go there (late or repeated news), and nothing changes then."""
    if not may_move(part.state, state):
        return False
    part.state = state
    part.changed_at = clock.now()
    return True


def part_by_object(session: Session, stripe_refund_id: str) -> RefundPart | None:
    """The part a refund at Stripe belongs to."""
    return session.scalar(select(RefundPart).where(RefundPart.stripe_refund_id == stripe_refund_id))


def open_parts(session: Session) -> list[UUID]:
    """Parts whose money is still on its way or in doubt, oldest first: what the polling job asks about."""
    query = select(RefundPart.id).where(RefundPart.state.in_(OPEN_PARTS)).order_by(RefundPart.created_at, RefundPart.id)
    return list(session.scalars(query))


def attempt_of_part(session: Session, part: RefundPart) -> PaymentAttempt:
    """The card payment a part goes back to."""
    return session.get_one(PaymentAttempt, part.attempt_id)


def owed_again(session: Session, refund_id: UUID) -> list[RefundPart]:
    """Parts that failed and were not paid another way yet: the client is owed them."""
    return list(
        session.scalars(
            select(RefundPart)
            .outerjoin(_LATER, _LATER.replaces_id == RefundPart.id)
            .where(RefundPart.refund_id == refund_id, RefundPart.state == "failed", _LATER.id.is_(None))
            .order_by(RefundPart.position)
        )
    )


def cash_refunded(session: Session, shift_id: UUID) -> int:
    """Cash that left the drawer in a shift for refunds and voids, in minor units."""
    total = func.coalesce(func.sum(RefundPart.moved_minor), 0)
    return int(session.scalar(select(total).where(RefundPart.shift_id == shift_id)) or 0)


def request_immediate_start(session: Session, order_id: UUID, *, at: datetime, staff_id: UUID | None) -> None:
    """Record that the client asked expressly to begin before the time to withdraw is over; once is enough."""
    if session.get(Order, order_id) is None:
        raise NotFound(NO_SUCH_ONLINE_PURCHASE)
    if session.get(WithdrawalConsent, order_id) is None:
        session.add(WithdrawalConsent(order_id=order_id, at=at, staff_id=staff_id))
        session.flush()


def requested_immediate_start(session: Session, order_id: UUID) -> bool:
    """Whether that was recorded."""
    return session.get(WithdrawalConsent, order_id) is not None
