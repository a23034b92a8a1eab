"""Reads of payouts, their balance transactions and unmatched transactions."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from pos.domain.payouts.models import BalanceTransaction, StripePayout, UnmatchedTransaction


def payout(session: Session, payout_id: UUID) -> StripePayout | None:
    """A payout, if there is one under this key."""
    return session.get(StripePayout, payout_id)


def balance_transaction(session: Session, transaction_id: UUID) -> BalanceTransaction | None:
    """A balance transaction, if there is one under this key."""
    return session.get(BalanceTransaction, transaction_id)


def unmatched(session: Session, transaction_id: UUID) -> UnmatchedTransaction | None:
    """An unmatched transaction, if there is one under this key."""
    return session.get(UnmatchedTransaction, transaction_id)
