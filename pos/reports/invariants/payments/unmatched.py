"""Invariants of unmatched payments: what was decided, what the books say of it, and the refunds that were asked for."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import func, select

from pos.core.i18n.message import Message
from pos.core.messages.kept import payment_checks as messages
from pos.domain.ledger.models import JournalEntry, Posting
from pos.domain.payouts.models import UnmatchedRefund, UnmatchedTransaction
from pos.domain.stored_value.models import AccountCreditMove
from pos.reports.invariants.base import Check, CheckScope

# Of an unmatched payment: found, credited or explained after a refund had failed. Of one of its refunds: sent, failed.
_OF_PAYMENT = ("unmatched_found", "unmatched_credited", "unmatched_explained")
_OF_REFUND = ("unmatched_refunded", "unmatched_refund_failed")
_SENT, _ASKED = ("waiting", "paid_back"), ("created", "unknown")
_OWED = "refunds_payable"
# Where the money of a payment is in the books, by its state; of the others nothing is left in them.
_HELD_AS = {"credited": "account_credit", "refunding": _OWED, "failed": _OWED}
# The words of the page of unmatched payments.
_STATES = {
    "open": messages.UNMATCHED_OPEN,
    "credited": messages.UNMATCHED_CREDITED,
    "refunding": messages.UNMATCHED_REFUNDING,
    "refunded": messages.UNMATCHED_REFUNDED,
    "failed": messages.UNMATCHED_FAILED,
    "explained": messages.UNMATCHED_EXPLAINED,
}


def _booked(look: CheckScope) -> dict[UUID, dict[tuple[UUID, str], int]]:
    """What the entries of each payment and refund come to, by location and account."""
    found: dict[UUID, dict[tuple[UUID, str], int]] = {}
    rows = look.rows(
        select(JournalEntry.subject_id, Posting.location_id, Posting.account_key, func.sum(Posting.amount_minor))
        .join(Posting, Posting.entry_id == JournalEntry.id)
        .where(JournalEntry.event.in_(_OF_PAYMENT + _OF_REFUND), look.in_scope(JournalEntry.location_id))
        .group_by(JournalEntry.subject_id, Posting.location_id, Posting.account_key)
    )
    for subject, location, account, minor in rows:
        found.setdefault(subject, {})[location, account] = int(minor)
    return found


def _should_hold(row: UnmatchedTransaction) -> dict[tuple[UUID, str], int]:
    account = _HELD_AS.get(row.state)
    if account is None or row.location_id is None:
        return {}
    return {(row.location_id, "stripe_clearing"): row.amount_minor, (row.location_id, account): -row.amount_minor}


def _trouble_of_refunds(row: UnmatchedTransaction, refunds: list[UnmatchedRefund]) -> bool:
    """Whether the refunds of a payment are others than its state says: at most one lives, as far as the payment is."""
    alive = [one.state for one in refunds if one.state != "failed"]
    match row.state:
        case "refunding":
            return len(alive) != 1 or alive[0] not in _ASKED
        case "refunded":
            return len(alive) != 1 or alive[0] not in _SENT
        case "failed":
            return bool(alive) or not refunds
    return bool(alive)


def _other_than_decided(look: CheckScope) -> Iterator[Message]:
    """The entries, refunds and account credit of each unmatched payment against its state."""
    booked = _booked(look)
    refunds: dict[UUID, list[UnmatchedRefund]] = {}
    for (one,) in look.rows(select(UnmatchedRefund).order_by(UnmatchedRefund.unmatched_id, UnmatchedRefund.number)):
        refunds.setdefault(one.unmatched_id, []).append(one)
    moved = AccountCreditMove
    credited = {
        key: (client_id, location_id, minor)
        for key, client_id, location_id, minor in look.rows(
            select(moved.key, moved.client_id, moved.location_id, moved.delta_minor).where(
                moved.key.startswith("unmatched:"), look.in_scope(moved.location_id)
            )
        )
    }
    for (row,) in look.rows(
        select(UnmatchedTransaction)
        .where(look.in_scope(UnmatchedTransaction.location_id))
        .order_by(UnmatchedTransaction.found_at, UnmatchedTransaction.id)
    ):
        mine = refunds.get(row.id, [])
        sums: dict[tuple[UUID, str], int] = {}
        for subject in (row.id, *(one.id for one in mine)):
            for key, minor in booked.pop(subject, {}).items():
                sums[key] = sums.get(key, 0) + minor
        state = _STATES.get(row.state, row.state)
        if {key: minor for key, minor in sums.items() if minor} != _should_hold(row):
            yield messages.UNMATCHED_ENTRIES_OTHER(payment=row.stripe_id, state=state)
        if _trouble_of_refunds(row, mine):
            yield messages.UNMATCHED_REFUNDS_OTHER(payment=row.stripe_id, state=state)
        wanted = (row.client_id, row.location_id, row.amount_minor) if row.state == "credited" else None
        if credited.pop(f"unmatched:{row.id}", None) != wanted:
            yield messages.UNMATCHED_CREDIT_OTHER(payment=row.stripe_id, state=state)
    for subject in sorted(booked):
        yield messages.UNMATCHED_OF_ENTRIES_GONE(subject=subject)
    for key in sorted(credited):
        yield messages.UNMATCHED_OF_CREDIT_GONE(key=key)


CHECKS = (
    Check(
        "unmatched",
        "Unmatched payments are in the books as was decided",
        UnmatchedTransaction.location_id,
        _other_than_decided,
    ),
)
