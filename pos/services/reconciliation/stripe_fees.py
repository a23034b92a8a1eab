"""Stripe's fees, booked when they arrive and once for each balance transaction, whoever brings it first."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from pos.core.app_context import settings
from pos.core.database.base import reading
from pos.core.database.unit_of_work import unit_of_work
from pos.domain.ledger import posting as ledger
from pos.domain.ledger.entries import Draft
from pos.domain.locations.action_context import ActionContext
from pos.domain.locations.queries import place
from pos.domain.payments.attempt_states import SUCCEEDED
from pos.domain.payments.repository import attempts_of
from pos.domain.payouts import balance_transactions
from pos.domain.payouts.models import BalanceTransaction
from pos.domain.posting_rules.disputes import entry_for_fee, entry_for_own
from pos.domain.sales.models import Order
from pos.integrations.stripe.current import gateway
from pos.integrations.stripe.disputes_payouts.types import BalanceTransactionFacts

log = logging.getLogger(__name__)
# Fees mostly come with the payment; for those that do not, this often is enough.
EVERY = timedelta(minutes=10)


def post_at(session: Session, location_id: UUID, draft: Draft, reference: str, *, actor_id: UUID | None = None) -> None:
    """Post an entry at a location today; one without amounts is left out."""
    if not draft.lines():
        return
    context = ActionContext.at(place(session, location_id), actor_id=actor_id)
    ledger.post(session, draft, context, reference=reference[:80])


def store_balance_transaction(session: Session, move: BalanceTransactionFacts) -> BalanceTransaction:
    """Keep a balance transaction, match it and book its fee; doing it again changes nothing."""
    row = balance_transactions.keep(session, move)
    book_move(session, row)
    return row


def book_move(session: Session, row: BalanceTransaction) -> None:
    """Match a kept balance transaction and book what of it is not in the books yet: its fee, or Stripe's own charge."""
    balance_transactions.match(session, row)
    if row.location_id is None:
        return
    if row.what == "fee" and row.account_key is None:
        row.account_key, row.fee_booked = "stripe_fees", True
        draft = entry_for_own(row.id, row.currency, "stripe_fees", row.amount_minor, row.fee_minor)
        post_at(session, row.location_id, draft, row.description or row.stripe_id)
    elif not row.fee_booked:
        row.fee_booked = True
        post_at(session, row.location_id, entry_for_fee(row.id, row.currency, row.fee_minor), row.stripe_id)
    session.flush()


@unit_of_work
def store_balance_transactions(session: Session, moves: Sequence[BalanceTransactionFacts]) -> None:
    """Keep, match and book balance transactions."""
    for move in moves:
        store_balance_transaction(session, move)


def note_fee(charge_id: str) -> bool:
    """Ask Stripe for the fee of a charge and book it; False while it is to come."""
    found = gateway().payouts.fetch_charge_transaction(charge_id)
    if not isinstance(found, BalanceTransactionFacts):
        return False
    store_balance_transactions((found,))
    return True


def note_fee_of(order_id: UUID) -> None:
    """Book the fees of an order's payments, where they are there and were not booked yet.

    What paid a part of an order that is open is in no book yet: its fee is asked for when the sale is.
    """
    session = reading()
    if session.get_one(Order, order_id).state == "placed":
        return
    charges = [one.charge_id for one in attempts_of(session, order_id) if one.state == SUCCEEDED and one.charge_id]
    for charge_id in charges:
        if not balance_transactions.fee_known(reading(), charge_id):
            note_fee(charge_id)


@unit_of_work
def _claim_look(session: Session, what: str, every: timedelta) -> object:
    return balance_transactions.claim_poll(session, what, every)


def poll_fees() -> int:
    """Ask for the fees that have not come; returns how many have now."""
    if not settings().payments.on:
        return 0
    waiting = balance_transactions.without_fee(reading(), settings().payments.mode)
    if not waiting or _claim_look("fees", EVERY) is None:
        return 0
    return sum(note_fee(charge_id) for charge_id in waiting)
