"""Card money: what cards took and gave back each day beside the fees that were booked, and the payouts to the bank."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from pos.core.money import Money, share_of
from pos.domain.ledger.models import JournalEntry, Posting
from pos.domain.payments.models import Tender
from pos.domain.payouts.models import BalanceTransaction, PayoutAllocation, StripePayout
from pos.domain.refunds.models import Refund, RefundPart
from pos.domain.sales.models import Sale
from pos.reports.analysis.opens import Behind, opens, words
from pos.reports.exporters import Cell
from pos.reports.period import Scope
from pos.reports.registry import report
from pos.reports.sales.refund_lines import here as refunds_in
from pos.reports.sales.sales_totals import in_scope

FEES = (
    "Date",
    "Location",
    "Card payments",
    "Paid by card",
    "Given back to cards",
    "Fees",
    "Fees in percent",
    "Currency",
)
PAYOUTS = (
    "Arrives on", "Payout", "Status", "Paid out", "Of these locations", "Rows", "Rows not explained", "Currency"
)  # fmt: skip
_STATUS = words(
    {
        "pending": "Pending",
        "in_transit": "On its way",
        "paid": "Paid",
        "failed": "Failed",
        "canceled": "Cancelled",
    }
)


def card_days(session: Session, scope: Scope) -> dict[tuple[UUID, date], list[int]]:
    """By location and business date: card payments, what they took, what went back, and the fees booked; minor units."""
    found: dict[tuple[UUID, date], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    paid = (
        select(Sale.location_id, Sale.business_on, func.count(), func.sum(Tender.amount_minor))
        .join(Sale, Sale.id == Tender.sale_id)
        .where(in_scope(scope), Tender.kind == "card")
        .group_by(Sale.location_id, Sale.business_on)
    )
    for where, on, count, minor in session.execute(paid):
        found[where, on][:2] = int(count), int(minor)
    back = (
        select(Refund.location_id, Refund.business_on, func.sum(RefundPart.amount_minor))
        .join(Refund, Refund.id == RefundPart.refund_id)
        .where(refunds_in(scope), RefundPart.kind == "card", RefundPart.replaces_id.is_(None))
        .group_by(Refund.location_id, Refund.business_on)
    )
    for where, on, minor in session.execute(back):
        found[where, on][2] = int(minor)
    # The few postings of the account are read by their index, not the entries of the days.
    day = case((JournalEntry.business_on.between(scope.from_on, scope.to_on), JournalEntry.business_on))
    fees = (
        select(Posting.location_id, day, func.sum(Posting.amount_minor))
        .join(JournalEntry, JournalEntry.id == Posting.entry_id)
        .where(Posting.location_id.in_(scope.location_ids), Posting.account_key == "stripe_fees")
        .group_by(Posting.location_id, day)
    )
    for where, on, minor in session.execute(fees):
        if on:
            found[where, on][3] = int(minor)
    return found


@report(
    "card-fees",
    title="Card fees",
    about="What cards took and gave back each day, and the fees booked on it: they are booked when a payout is matched.",
    columns=FEES,
    summed=("Card payments", "Paid by card", "Given back to cards", "Fees"),
    by=FEES[:2],
    behind="card-lines",
    averaged=("Fees in percent",),
)
def card_fees(session: Session, scope: Scope) -> Iterator[tuple[Cell, ...]]:
    """A row for each location and date with any of it; fees sum to what the account Stripe fees moved by."""
    found = card_days(session, scope)
    for place in scope.places:
        for (where, on), (count, paid, back, fees) in sorted(found.items(), key=lambda pair: pair[0][1]):
            if where == place.id:
                rate = share_of(fees, paid, 2) if paid and fees else None
                money = (Money(minor, place.currency) for minor in (paid, -back, fees))
                # The location opens the rows: a date is no text.
                name = Behind(place.name, location=place.slug, **{"from": on, "to": on})
                yield on, name, count, *money, rate, place.currency


@report(
    "payouts",
    title="Payouts",
    about="Payouts from Stripe to the bank by the day they arrive: what of each belongs to these locations.",
    columns=PAYOUTS,
    summed=PAYOUTS[3:-1],
)
def payouts(session: Session, scope: Scope) -> Iterator[tuple[Cell, ...]]:
    """A row for each payout in the currencies of the locations."""
    mine = BalanceTransaction.payout_id == StripePayout.id
    rows = select(func.count()).where(mine).correlate(StripePayout).scalar_subquery()
    unexplained = (
        select(func.count()).where(mine, BalanceTransaction.problem != "").correlate(StripePayout).scalar_subquery()
    )
    own = (
        select(func.coalesce(func.sum(PayoutAllocation.amount_minor), 0))
        .where(PayoutAllocation.payout_id == StripePayout.id, PayoutAllocation.location_id.in_(scope.location_ids))
        .correlate(StripePayout)
        .scalar_subquery()
    )
    query = (
        select(StripePayout, own, rows, unexplained)
        .where(StripePayout.currency.in_(scope.currencies), StripePayout.arrives_on.between(scope.from_on, scope.to_on))
        .order_by(StripePayout.arrives_on, StripePayout.created_at, StripePayout.id)
    )
    for one, minor, count, bad in session.execute(query):
        code = one.currency
        amounts = (Money(one.amount_minor, code), Money(int(minor), code))
        name = opens(one.stripe_payout_id, "payout", one.id)
        yield one.arrives_on, name, _STATUS[one.status], *amounts, int(count), int(bad), code
