"""Invariants of what comes after a payment: what Stripe holds for us, disputes, fees, payouts to the cent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, func, select

from pos.core.i18n.message import Message
from pos.core.messages.kept import payment_checks as messages
from pos.domain.disputes.models import Dispute, DisputeStep
from pos.domain.ledger.models import Posting
from pos.domain.locations.models import Location
from pos.domain.payments.models import Tender
from pos.domain.payouts.models import (
    BalanceTransaction,
    PayoutAllocation,
    StripePayout,
    UnmatchedTransaction,
)
from pos.domain.refunds.models import Refund, RefundPart
from pos.domain.sales.models import Sale
from pos.reports.invariants.base import Check, CheckScope

_BACK = ("won", "dropped", "recovered")


def _sums(look: CheckScope, *queries: Select[*tuple[Any, ...]]) -> dict[UUID, int]:
    """What some queries of (location, amount) come to for each location."""
    found: dict[UUID, int] = {}
    for query in queries:
        for location, minor in look.rows(query):
            found[location] = found.get(location, 0) + int(minor or 0)
    return found


def _names(look: CheckScope) -> list[tuple[UUID, str]]:
    return list(look.rows(select(Location.id, Location.slug).where(look.in_scope(Location.id)).order_by(Location.slug)))


def _booked(look: CheckScope, account_key: str) -> dict[UUID, int]:
    return look.sums(Posting.location_id, Posting.amount_minor, Posting.account_key == account_key)


def _of_steps(look: CheckScope, amount: Any) -> Select[*tuple[Any, ...]]:
    return (
        select(Dispute.location_id, func.sum(amount))
        .join(Dispute, Dispute.id == DisputeStep.dispute_id)
        .where(look.in_scope(Dispute.location_id))
        .group_by(Dispute.location_id)
    )


def _of_moves(look: CheckScope, amount: Any) -> Select[*tuple[Any, ...]]:
    in_scope = look.in_scope(BalanceTransaction.location_id)
    return (
        select(BalanceTransaction.location_id, func.sum(amount))
        .where(BalanceTransaction.location_id.is_not(None), in_scope)
        .group_by(BalanceTransaction.location_id)
    )


def _other_clearing(look: CheckScope) -> Iterator[Message]:
    """Stripe clearing against the rows themselves: everything taken by card that was not paid out yet."""
    step = DisputeStep.amount_minor
    owned = _sums(
        look,
        select(Sale.location_id, func.sum(Tender.amount_minor))
        .join(Sale, Sale.id == Tender.sale_id)
        .where(Tender.kind == "card", look.in_scope(Sale.location_id))
        .group_by(Sale.location_id),
        select(Refund.location_id, -func.sum(RefundPart.amount_minor))
        .join(Refund, Refund.id == RefundPart.refund_id)
        .where(RefundPart.kind == "card", RefundPart.state != "failed", look.in_scope(Refund.location_id))
        .group_by(Refund.location_id),
        _of_steps(look, case((DisputeStep.kind == "opened", -step), (DisputeStep.kind.in_(_BACK), step), else_=0)),
        _of_moves(look, case((BalanceTransaction.fee_booked, -BalanceTransaction.fee_minor), else_=0)),
        _of_moves(look, case((BalanceTransaction.account_key.is_not(None), BalanceTransaction.amount_minor), else_=0)),
        select(UnmatchedTransaction.location_id, func.sum(UnmatchedTransaction.amount_minor))
        .where(
            UnmatchedTransaction.state.in_(("credited", "refunding", "failed")),
            look.in_scope(UnmatchedTransaction.location_id),
        )
        .group_by(UnmatchedTransaction.location_id),
        select(
            PayoutAllocation.location_id,
            func.sum(
                case(
                    (PayoutAllocation.kind == "paid", -PayoutAllocation.amount_minor),
                    else_=PayoutAllocation.amount_minor,
                )
            ),
        )
        .where(look.in_scope(PayoutAllocation.location_id))
        .group_by(PayoutAllocation.location_id),
    )
    booked = _booked(look, "stripe_clearing")
    for location, name in _names(look):
        taken, said = owned.get(location, 0), booked.get(location, 0)
        if taken != said:
            yield messages.CLEARING_OTHER(place=name, taken=taken, booked=said)


def _other_disputes(look: CheckScope) -> Iterator[Message]:
    step = DisputeStep.amount_minor
    sign = case(
        (DisputeStep.kind == "opened", step), (DisputeStep.kind.in_(("won", "dropped", "lost")), -step), else_=0
    )
    open_, booked = _sums(look, _of_steps(look, sign)), _booked(look, "stripe_disputes")
    for location, name in _names(look):
        held, said = open_.get(location, 0), booked.get(location, 0)
        if held != said:
            yield messages.DISPUTES_HELD_OTHER(place=name, held=held, booked=said)


def _other_fees(look: CheckScope) -> Iterator[Message]:
    own = case((BalanceTransaction.account_key == "stripe_fees", -BalanceTransaction.amount_minor), else_=0)
    kept = _sums(
        look, _of_moves(look, own + case((BalanceTransaction.fee_booked, BalanceTransaction.fee_minor), else_=0))
    )
    booked = _booked(look, "stripe_fees")
    for location, name in _names(look):
        fees, said = kept.get(location, 0), booked.get(location, 0)
        if fees != said:
            yield messages.FEES_KEPT_OTHER(place=name, kept=fees, booked=said)


def _other_payouts(look: CheckScope) -> Iterator[Message]:
    """What was booked of each payout against the rows it was made of."""
    paid = (
        select(func.coalesce(func.sum(PayoutAllocation.amount_minor), 0))
        .where(PayoutAllocation.payout_id == StripePayout.id, PayoutAllocation.kind == "paid")
        .correlate(StripePayout)
        .scalar_subquery()
    )
    rows = (
        select(func.coalesce(func.sum(BalanceTransaction.amount_minor - BalanceTransaction.fee_minor), 0))
        .where(BalanceTransaction.payout_id == StripePayout.id, BalanceTransaction.settled)
        .correlate(StripePayout)
        .scalar_subquery()
    )
    mine = select(PayoutAllocation.id).where(
        PayoutAllocation.payout_id == StripePayout.id, look.in_scope(PayoutAllocation.location_id)
    )
    found = look.rows(
        select(StripePayout.stripe_payout_id, paid, rows)
        .where(mine.exists(), paid != rows)
        .order_by(StripePayout.created_at, StripePayout.id)
    )
    for stripe_id, shared, explained in found:
        yield messages.PAYOUT_BOOKED_OTHER(payout=stripe_id, booked=shared, explained=explained)


CHECKS = (
    Check("stripe_clearing", "Stripe clearing is what was taken by card and not paid out yet", Sale.location_id,
          _other_clearing),
    Check("disputes", "The ledger holds what is disputed and not decided", Dispute.location_id, _other_disputes),
    Check("stripe_fees", "The fees in the ledger are those Stripe kept", BalanceTransaction.location_id, _other_fees),
    Check("payouts", "Every payout is booked as its rows explain it", PayoutAllocation.location_id, _other_payouts),
)  # fmt: skip
