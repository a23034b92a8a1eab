"""Invariants of sales and payments: sums, tenders, and card money that is accounted for."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from pos.core import clock
from pos.core.i18n.message import Message
from pos.core.messages.kept import payment_checks as messages
from pos.domain.locations.models import Location
from pos.domain.payments.attempt_states import (
    AWAITED,
    BANK_TAKES_DAYS,
    CANCELED,
    CREATED,
    DECLINED,
    FAILED,
    PENDING,
    SUCCEEDED,
    UNKNOWN,
)
from pos.domain.payments.models import PaymentAttempt, Tender
from pos.domain.payouts.models import UnmatchedTransaction
from pos.domain.receipts.models import Receipt
from pos.domain.sales.models import Order, Sale, SaleLine
from pos.reports.dashboard import PATIENCE, SWEPT
from pos.reports.invariants.base import Check, CheckScope

# What a payment is in words; None is the state of one that is not there.
_STATES = {
    None: messages.STATE_MISSING,
    CREATED: messages.STATE_CREATED,
    PENDING: messages.STATE_PENDING,
    DECLINED: messages.STATE_DECLINED,
    UNKNOWN: messages.STATE_UNKNOWN,
    CANCELED: messages.STATE_CANCELED,
    FAILED: messages.STATE_FAILED,
}
_SUMMED = ("list_minor", "covered_minor", "discount_minor", "net_minor", "tax_minor", "second_tax_minor")


def _other_sums(look: CheckScope) -> Iterator[Message]:
    def of_lines(column: InstrumentedAttribute[int]) -> object:
        total = func.coalesce(func.sum(column), 0)
        return select(total).where(SaleLine.sale_id == Sale.id).correlate(Sale).scalar_subquery()

    differs = Sale.total_minor != Sale.net_minor + Sale.tax_minor
    for name in _SUMMED:
        differs = differs | (getattr(Sale, name) != of_lines(getattr(SaleLine, name)))
    differs = differs | ~select(SaleLine.sale_id).where(SaleLine.sale_id == Sale.id).correlate(Sale).exists()
    rows = look.rows(
        select(Sale.id, Receipt.label)
        .outerjoin(Receipt, Receipt.sale_id == Sale.id)
        .where(look.in_scope(Sale.location_id), differs)
        .order_by(Sale.location_id, Sale.completed_at, Sale.id)
    )
    for sale_id, label in rows:
        yield messages.SALE_SUMS_OTHER(sale=label or sale_id)


def _other_tenders(look: CheckScope) -> Iterator[Message]:
    kept = (
        select(func.coalesce(func.sum(Tender.amount_minor), 0)).where(Tender.sale_id == Sale.id).correlate(Sale)
    ).scalar_subquery()
    rows = look.rows(
        select(Sale.id, Receipt.label, Sale.total_minor + Sale.tip_minor, kept)
        .outerjoin(Receipt, Receipt.sale_id == Sale.id)
        .where(look.in_scope(Sale.location_id), Sale.total_minor + Sale.tip_minor != kept)
        .order_by(Sale.location_id, Sale.completed_at, Sale.id)
    )
    for sale_id, label, due, paid in rows:
        yield messages.SALE_TENDERS_OTHER(sale=label or sale_id, due=due, paid=paid)
    slips = look.rows(
        select(Tender.sale_id, Tender.position)
        .join(Sale, Sale.id == Tender.sale_id)
        .where(
            look.in_scope(Sale.location_id),
            Tender.tendered_minor != Tender.moved_minor + Tender.change_minor,
        )
        .order_by(Tender.sale_id, Tender.position)
    )
    for sale_id, position in slips:
        yield messages.TENDER_HANDED_OVER_OTHER(tender=position, sale=sale_id)


def _money_without_sale(look: CheckScope) -> Iterator[Message]:
    is_open_part = and_(Order.state == "placed", PaymentAttempt.reason_code.is_(None), Tender.sale_id.is_(None))
    rows = look.rows(
        select(
            PaymentAttempt.id,
            func.count(Tender.sale_id).label("tenders"),
            func.sum(
                case(
                    (
                        (Tender.amount_minor != PaymentAttempt.amount_minor + PaymentAttempt.tip_minor)
                        | (Sale.currency != PaymentAttempt.currency)
                        | (Tender.sale_id != PaymentAttempt.order_id),
                        1,
                    ),
                    else_=0,
                )
            ).label("differing"),
            func.count(UnmatchedTransaction.id).label("unmatched"),
            # What paid a part of an order that is still open for its rest has no tender yet.
            func.sum(case((is_open_part, 1), else_=0)).label("open_part"),
        )
        .join(Order, Order.id == PaymentAttempt.order_id)
        .outerjoin(Tender, Tender.attempt_id == PaymentAttempt.id)
        .outerjoin(Sale, Sale.id == Tender.sale_id)
        .outerjoin(
            UnmatchedTransaction,
            (UnmatchedTransaction.stripe_id == PaymentAttempt.intent_id) & (UnmatchedTransaction.kind == "payment"),
        )
        .where(look.in_scope(Order.location_id), PaymentAttempt.state == SUCCEEDED)
        .group_by(PaymentAttempt.id)
        .order_by(PaymentAttempt.id)
    )
    for attempt_id, tenders, differing, unmatched, open_part in rows:
        if tenders == 1 and unmatched + open_part:
            yield messages.PAYMENT_COUNTED_TWICE(payment=attempt_id)
        elif tenders + unmatched + open_part != 1:
            yield messages.PAYMENT_TENDERS_OTHER(payment=attempt_id, tenders=tenders)
        elif differing:
            yield messages.PAYMENT_TENDER_DIFFERS(payment=attempt_id)


def _sale_without_money(look: CheckScope) -> Iterator[Message]:
    rows = look.rows(
        select(Tender.sale_id, Tender.position, PaymentAttempt.state)
        .join(Sale, Sale.id == Tender.sale_id)
        .outerjoin(PaymentAttempt, PaymentAttempt.id == Tender.attempt_id)
        .where(
            look.in_scope(Sale.location_id),
            Tender.kind == "card",
            PaymentAttempt.id.is_(None) | (PaymentAttempt.state != SUCCEEDED),
        )
        .order_by(Tender.sale_id, Tender.position)
    )
    for sale_id, position, state in rows:
        yield messages.TENDER_NOT_BACKED(tender=position, sale=sale_id, state=_STATES.get(state, state))


def _in_doubt(look: CheckScope) -> Iterator[Message]:
    """A page a client is paying on is not in doubt while it is open; a card that was declined is no doubt at all.

    A debit that the bank was asked for is known to be under way, for days.
    """
    rows = look.rows(
        select(PaymentAttempt.id, PaymentAttempt.state, Location.slug)
        .join(Order, Order.id == PaymentAttempt.order_id)
        .join(Location, Location.id == Order.location_id)
        .where(
            look.in_scope(Order.location_id),
            PaymentAttempt.state.in_(AWAITED),
            func.coalesce(PaymentAttempt.reason_code, "") != BANK_TAKES_DAYS,
            or_(
                func.coalesce(PaymentAttempt.expires_at, PaymentAttempt.created_at) < clock.now() - PATIENCE,
                and_(PaymentAttempt.kind == "reader", PaymentAttempt.expires_at < clock.now() - SWEPT),
            ),
        )
        .order_by(PaymentAttempt.created_at, PaymentAttempt.id)
    )
    for attempt_id, state, slug in rows:
        yield messages.PAYMENT_IN_DOUBT(payment=attempt_id, place=slug, state=_STATES.get(state, state))


CHECKS = (
    Check("lines", "Every sale is the sum of its lines", Sale.location_id, _other_sums),
    Check("tenders", "Every sale is paid exactly by its tenders", Sale.location_id, _other_tenders),
    Check(
        "captured", "Every card payment that succeeded paid one sale, exactly", Order.location_id, _money_without_sale
    ),
    Check("backed", "Every card tender has a payment that succeeded", Sale.location_id, _sale_without_money),
    Check("settled", "No card payment is in doubt for more than 15 minutes", Order.location_id, _in_doubt),
)
