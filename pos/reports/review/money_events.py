"""Events of money: voids and refunds in cash, drawers opened or short, prices cut, tips moved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from pos.core.messages.books import POOL_OF_TIPS
from pos.core.money import share_of
from pos.domain.payments.models import Tender
from pos.domain.receipts.models import Receipt
from pos.domain.refunds.models import Refund, RefundPart
from pos.domain.sales.models import Sale
from pos.domain.staff.models import Staff
from pos.domain.till.models import CashMovement, Drawer, Shift, ZReport
from pos.domain.tips.models import TipAllocation
from pos.reports.analysis.discounts import cuts
from pos.reports.analysis.opens import UNNUMBERED, opens
from pos.reports.period import Scope
from pos.reports.review.event import (
    CARD_IN_CASH,
    CASH_VOID,
    DISCOUNT,
    NO_SALE,
    SHORT,
    TIP_MOVED,
    Event,
    Limits,
    with_reason,
)
from pos.reports.sales.refund_lines import here as refunds_in

_BY, _APPROVER = aliased(Staff), aliased(Staff)


def cash_voids(session: Session, scope: Scope, limits: Limits) -> Iterator[Event]:
    """Voids that gave cash back."""
    rows = session.execute(
        select(Refund, Receipt.label, _BY.name, _APPROVER.name, func.sum(RefundPart.amount_minor))
        .join(RefundPart, RefundPart.refund_id == Refund.id)
        .join(_BY, _BY.id == Refund.staff_id)
        .outerjoin(_APPROVER, _APPROVER.id == Refund.approver_id)
        .outerjoin(Receipt, Receipt.sale_id == Refund.sale_id)
        .where(refunds_in(scope), Refund.kind == "void", RefundPart.kind == "cash")
        .group_by(Refund.id, Receipt.label, _BY.name, _APPROVER.name)
    )
    for refund, receipt, by, agreed, minor in rows:
        if int(minor) >= limits[refund.location_id].void_minor:
            yield Event(
                CASH_VOID, refund.location_id, refund.business_on, refund.created_at, by, agreed or "",
                opens(receipt or UNNUMBERED["void"], "refund", refund.id), int(minor), refund.reason,
            )  # fmt: skip


def drawers_opened(session: Session, scope: Scope, limits: Limits) -> Iterator[Event]:
    """Drawers opened for nothing soon after a void at the same drawer."""
    voids: dict[UUID, list[tuple[datetime, str, UUID]]] = defaultdict(list)
    # What was opened in the first hours of these days may follow a void of the business date before.
    with_day_before = replace(scope, from_on=scope.from_on - timedelta(days=1))
    rows = session.execute(
        select(Refund.shift_id, Refund.created_at, Receipt.label, Refund.id)
        .outerjoin(Receipt, Receipt.sale_id == Refund.sale_id)
        .where(refunds_in(with_day_before), Refund.kind == "void", Refund.shift_id.is_not(None))
    )
    for shift, at, receipt, refund in rows:
        if shift:
            voids[shift].append((at, receipt or UNNUMBERED["void"], refund))
    opened = session.execute(
        select(CashMovement, _BY.name, _APPROVER.name)
        .join(_BY, _BY.id == CashMovement.staff_id)
        .outerjoin(_APPROVER, _APPROVER.id == CashMovement.approved_by)
        .where(
            CashMovement.location_id.in_(scope.location_ids),
            CashMovement.business_on.between(scope.from_on, scope.to_on),
            CashMovement.kind == "no_sale",
        )
    )
    for one, by, agreed in opened:
        within = timedelta(minutes=limits[one.location_id].no_sale_minutes)
        before = [void for void in voids[one.shift_id] if timedelta(0) <= one.at - void[0] <= within]
        if before:
            _, label, refund = max(before)
            yield Event(
                NO_SALE, one.location_id, one.business_on, one.at, by, agreed or "", opens(label, "refund", refund), None,
                one.reason,
            )  # fmt: skip


def cards_in_cash(session: Session, scope: Scope, limits: Limits) -> Iterator[Event]:
    """Cash given back for a sale that a card paid and no cash, a card refund that failed and was paid in cash included."""

    def paid_by(kind: str) -> ColumnElement[bool]:
        return select(Tender.sale_id).where(Tender.sale_id == Refund.sale_id, Tender.kind == kind).exists()

    again = and_(
        RefundPart.replaces_id.is_not(None),
        RefundPart.business_on.between(scope.from_on, scope.to_on),
        Refund.location_id.in_(scope.location_ids),
    )
    rows = session.execute(
        select(RefundPart, Refund, Receipt.label, _BY.name, _APPROVER.name)
        .join(Refund, Refund.id == RefundPart.refund_id)
        .join(_BY, _BY.id == RefundPart.staff_id)
        .outerjoin(_APPROVER, _APPROVER.id == func.coalesce(RefundPart.approver_id, Refund.approver_id))
        .outerjoin(Receipt, Receipt.sale_id == Refund.sale_id)
        .where(
            RefundPart.kind == "cash",
            or_(and_(refunds_in(scope), RefundPart.replaces_id.is_(None)), again),
            paid_by("card"),
            ~paid_by("cash"),
        )
    )
    for part, refund, receipt, by, agreed in rows:
        if part.amount_minor >= limits[refund.location_id].cash_refund_minor:
            yield Event(
                CARD_IN_CASH, refund.location_id, part.business_on, part.created_at, by, agreed or "",
                opens(receipt or UNNUMBERED["refund"], "refund", refund.id), part.amount_minor, refund.reason,
            )  # fmt: skip


def price_cuts(session: Session, scope: Scope, limits: Limits) -> Iterator[Event]:
    """Sales of which discounts by hand and agreed prices took off a large part; promo codes are no decision of the desk."""
    for cut in cuts(session, scope):
        off, whole = cut.by_hand_minor + cut.agreed_minor, cut.sale.list_minor + cut.agreed_minor
        if off and whole and Decimal(100 * off) / whole >= limits[cut.sale.location_id].discount_percent:
            share = share_of(off, whole)
            words = "; ".join(filter(None, (f"{share} %", *cut.reasons)))
            yield Event(
                DISCOUNT, cut.sale.location_id, cut.sale.business_on, cut.sale.completed_at, cut.person,
                ", ".join(cut.approvers), opens(cut.receipt or UNNUMBERED["sale"], "sale", cut.sale.id), off, words,
            )  # fmt: skip


def shortages(session: Session, scope: Scope, limits: Limits) -> Iterator[Event]:
    """Drawers that somebody closed short, where they did so as often as the limit says or more, over all days asked for."""
    rows = session.execute(
        select(Shift, ZReport.id, ZReport.number, _BY.name, _APPROVER.name)
        .join(ZReport, ZReport.shift_id == Shift.id)
        .join(_BY, _BY.id == Shift.closed_by)
        .outerjoin(_APPROVER, _APPROVER.id == Shift.close_approved_by)
        .where(
            Shift.location_id.in_(scope.location_ids),
            Shift.business_on.between(scope.from_on, scope.to_on),
            Shift.counted_minor < Shift.expected_minor,
        )
        .order_by(Shift.closed_at, Shift.id)
    ).all()
    times: dict[tuple[UUID, UUID | None], int] = defaultdict(int)
    for shift, *_ in rows:
        times[shift.location_id, shift.closed_by] += 1
    for shift, z_id, number, by, agreed in rows:
        count = times[shift.location_id, shift.closed_by]
        if count >= limits[shift.location_id].shortages and shift.closed_at:
            short = (shift.expected_minor or 0) - (shift.counted_minor or 0)
            yield Event(
                SHORT, shift.location_id, shift.business_on, shift.closed_at, by, agreed or "",
                opens(f"Z {number}", "z", z_id), short, shift.closing_note,
            )  # fmt: skip


def tips_moved(session: Session, scope: Scope, _limits: Limits) -> Iterator[Event]:
    """Tips moved to somebody else after the drawer that was open at the sale's desk was closed, or on another day."""
    closed = (
        select(Shift.id)
        .join(Drawer, Drawer.id == Shift.drawer_id)
        .where(
            Drawer.desk_id == Sale.desk_id,
            Shift.opened_at <= Sale.completed_at,
            Shift.closed_at >= Sale.completed_at,
            Shift.closed_at < TipAllocation.at,
        )
        .correlate(Sale, TipAllocation)
        .exists()
    )
    to = aliased(Staff)
    rows = session.execute(
        select(TipAllocation, Receipt.label, _BY.name, to.name)
        .join(Sale, Sale.id == TipAllocation.sale_id)
        .outerjoin(_BY, _BY.id == TipAllocation.actor_id)
        .outerjoin(to, to.id == TipAllocation.staff_id)
        .outerjoin(Receipt, Receipt.sale_id == Sale.id)
        .where(
            TipAllocation.location_id.in_(scope.location_ids),
            TipAllocation.business_on.between(scope.from_on, scope.to_on),
            TipAllocation.kind == "move",
            TipAllocation.amount_minor > 0,
            or_(TipAllocation.business_on > Sale.business_on, closed),
        )
    )
    for one, receipt, by, receiver in rows:
        yield Event(
            TIP_MOVED, one.location_id, one.business_on, one.at, by or "", "",
            opens(receipt or UNNUMBERED["sale"], "sale", one.sale_id), one.amount_minor,
            with_reason(receiver or POOL_OF_TIPS, one.reason),
        )  # fmt: skip
