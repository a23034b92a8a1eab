"""Keeping what moved the balance at Stripe: each balance transaction once, matched to what it is of here."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session

from pos.core import clock
from pos.domain.disputes.models import Dispute, DisputeStep
from pos.domain.locations.models import Location
from pos.domain.payments.attempt_states import SUCCEEDED
from pos.domain.payments.models import PaymentAttempt, Tender
from pos.domain.payouts.models import (
    BalanceTransaction,
    PollingCursor,
    StripePayout,
    UnmatchedRefund,
    UnmatchedTransaction,
)
from pos.domain.refunds.models import Refund, RefundPart
from pos.domain.sales.models import Order
from pos.integrations.stripe.disputes_payouts.types import BalanceTransactionFacts

# Balance transactions with which Stripe charges for itself.
OWN_FEES = ("stripe_fee", "stripe_fx_fee", "tax_fee")
# A fee that has not come after this long comes with its payout, or never.
FEES_FOR = timedelta(days=60)


def keep(session: Session, move: BalanceTransactionFacts) -> BalanceTransaction:
    """The row of a balance transaction, written the first time it is seen; locked for this transaction."""
    query = select(BalanceTransaction).where(BalanceTransaction.stripe_id == move.move_id).with_for_update()
    row = session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        row = BalanceTransaction(
            stripe_id=move.move_id,
            kind=move.kind[:60],
            category=move.category[:60],
            source_id=move.source_id,
            description=move.description[:200],
            amount_minor=move.amount_minor,
            fee_minor=move.fee_minor,
            currency=move.currency,
            created_at=move.created_at,
            seen_at=clock.now(),
        )
        session.add(row)
        session.flush()
    return row


def match(session: Session, row: BalanceTransaction) -> None:
    """Find what a balance transaction is of, or say in `problem` why that cannot be done; what is matched stays so."""
    if row.location_id is not None or row.settled:
        return
    found = _subject(session, row)
    row.what, row.subject_id, location_id, expected, currency = found
    row.problem = ""
    if location_id is None:
        row.problem = {"": "unknown", "fee": "place", "payout": "", "payment": "no_sale"}.get(row.what, "unknown")
    elif currency != row.currency:
        row.problem = "currency"
    elif expected != row.amount_minor:
        row.problem = "amount"
    else:
        row.location_id = location_id
    session.flush()


_Found = tuple[str, UUID | None, UUID | None, int, str]
_NOTHING: _Found = ("", None, None, 0, "")


def _subject(session: Session, row: BalanceTransaction) -> _Found:
    """What it is, its key, its location, the amount it should have, and the currency of that."""
    if row.kind in OWN_FEES:
        return _own_fee(session, row)
    if row.source_id is None:
        return _NOTHING
    if row.kind in ("charge", "payment"):
        return _payment(session, row.source_id)
    if row.kind in ("refund", "payment_refund", "refund_failure"):
        return _refund(session, row.source_id, 1 if row.kind == "refund_failure" else -1)
    if row.category in ("dispute", "dispute_reversal"):
        return _dispute(session, row)
    if row.kind == "payout_failure":
        failed = session.scalar(select(StripePayout.id).where(StripePayout.stripe_payout_id == row.source_id))
        return ("payout", failed, None, 0, "") if failed else _NOTHING
    return _NOTHING


def _own_fee(session: Session, row: BalanceTransaction) -> _Found:
    places = session.scalars(select(Location.id).where(Location.currency == row.currency).limit(2)).all()
    return ("fee", None, places[0] if len(places) == 1 else None, row.amount_minor, row.currency)


def _payment(session: Session, charge_id: str) -> _Found:
    found = session.execute(
        select(PaymentAttempt.id, Order.location_id, Tender.amount_minor, PaymentAttempt.currency)
        .join(Order, Order.id == PaymentAttempt.order_id)
        .outerjoin(Tender, Tender.attempt_id == PaymentAttempt.id)
        .where(PaymentAttempt.charge_id == charge_id)
    ).first()
    if found is not None:
        attempt_id, location_id, amount, currency = found
        decided = _unmatched(_unmatched_of(session, charge_id), 1) if amount is None else _NOTHING
        if decided != _NOTHING:
            return decided
        # Money that paid for no sale is in no book yet.
        return ("payment", attempt_id, location_id if amount is not None else None, amount or 0, currency)
    return _unmatched(_unmatched_of(session, charge_id), 1)


def _unmatched_of(session: Session, charge_id: str) -> UnmatchedTransaction | None:
    return session.scalar(
        select(UnmatchedTransaction).where(
            UnmatchedTransaction.charge_id == charge_id, UnmatchedTransaction.kind == "payment"
        )
    )


def _unmatched(unmatched: UnmatchedTransaction | None, sign: int) -> _Found:
    if unmatched is None or unmatched.state not in ("credited", "refunding", "refunded", "failed"):
        return _NOTHING
    return ("unmatched", unmatched.id, unmatched.location_id, sign * unmatched.amount_minor, unmatched.currency)


def _refund(session: Session, refund_id: str, sign: int) -> _Found:
    found = session.execute(
        select(RefundPart.id, Refund.location_id, RefundPart.amount_minor, Refund.currency)
        .join(Refund, Refund.id == RefundPart.refund_id)
        .where(RefundPart.stripe_refund_id == refund_id)
    ).first()
    if found is not None:
        part_id, location_id, amount, currency = found
        return ("refund", part_id, location_id, sign * amount, currency)
    unmatched = select(UnmatchedTransaction).join(UnmatchedRefund).where(UnmatchedRefund.stripe_refund_id == refund_id)
    unmatched = session.scalar(unmatched)
    if unmatched is None:
        return _NOTHING
    return ("unmatched", unmatched.id, unmatched.location_id, sign * unmatched.amount_minor, unmatched.currency)


def _dispute(session: Session, row: BalanceTransaction) -> _Found:
    dispute = session.scalar(select(Dispute).where(Dispute.stripe_dispute_id == row.source_id))
    if dispute is None:
        return _NOTHING
    back = row.amount_minor > 0
    kinds = ("won", "dropped", "recovered") if back else ("opened",)
    booked = session.scalar(
        select(DisputeStep.amount_minor).where(DisputeStep.dispute_id == dispute.id, DisputeStep.kind.in_(kinds))
    )
    amount = booked or 0
    return ("dispute", dispute.id, dispute.location_id, amount if back else -amount, dispute.currency)


def without_fee(session: Session, mode: str, *, limit: int = 200) -> list[str]:
    """Charges whose fee has not come yet, oldest first; those of orders that are open for a rest are in no book yet."""
    known = exists().where(BalanceTransaction.source_id == PaymentAttempt.charge_id)
    query = (
        select(PaymentAttempt.charge_id)
        .join(Order, Order.id == PaymentAttempt.order_id)
        .where(
            Order.state != "placed",
            PaymentAttempt.state == SUCCEEDED,
            PaymentAttempt.mode == mode,
            PaymentAttempt.charge_id.is_not(None),
            PaymentAttempt.changed_at > clock.now() - FEES_FOR,
            ~known,
        )
        .order_by(PaymentAttempt.changed_at)
        .limit(limit)
    )
    return [charge_id for charge_id in session.scalars(query) if charge_id]


def fees_of(session: Session, subject_id: UUID) -> int:
    """The fees that were booked for an attempt or a dispute, in minor units."""
    total = func.coalesce(func.sum(BalanceTransaction.fee_minor), 0)
    query = select(total).where(BalanceTransaction.subject_id == subject_id, BalanceTransaction.fee_booked)
    return int(session.scalar(query) or 0)


def fee_known(session: Session, charge_id: str) -> bool:
    """Whether what a charge did to the balance is known here."""
    return (
        session.scalar(select(BalanceTransaction.id).where(BalanceTransaction.source_id == charge_id).limit(1))
        is not None
    )


def poll_failed(session: Session, what: str, since: datetime) -> None:
    """Stripe did not give its list: ask again at the next occasion, from where this look began."""
    session.execute(update(PollingCursor).where(PollingCursor.what == what).values(at=since))


def claim_poll(session: Session, what: str, every: timedelta) -> datetime | None:
    """Claim the next look at a list of Stripe's: since when to ask, or None where somebody looked a moment ago."""
    now = clock.now()
    before = session.scalar(select(PollingCursor.at).where(PollingCursor.what == what))
    if before is None:
        session.add(PollingCursor(what=what, at=now))
        session.flush()
        return now - FEES_FOR
    claimed = update(PollingCursor).where(
        PollingCursor.what == what, PollingCursor.at == before, PollingCursor.at <= now - every
    )
    if session.scalar(claimed.values(at=now).returning(PollingCursor.what)) is None:
        return None
    return before
