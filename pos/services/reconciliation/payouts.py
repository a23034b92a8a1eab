"""Payouts: what Stripe sent to the bank, row by row against our own sales, refunds, disputes and fees.

A payout is in the books once it is paid and its rows can be listed: each location's part goes from Stripe clearing to the
bank, as far as the rows are explained. What is not explained stays a difference, is said on the page, and is booked when
somebody has said what it was.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pos.core import audit, clock
from pos.core.app_context import settings
from pos.core.database.base import reading
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import (
    Conflict,
    Invalid,
    NotFound,
    PosError,
)
from pos.core.messages.reconciliation import (
    EXPLANATION_KIND_MISSING,
    EXPLANATION_MISSING,
    LOCATION_OF_OTHER_CURRENCY,
    NO_SUCH_PAYOUT_ROW,
    PAYOUT_ROW_EXPLAINED_ALREADY,
)
from pos.domain.locations.queries import place
from pos.domain.payouts import balance_transactions
from pos.domain.payouts.models import BalanceTransaction, PayoutAllocation, StripePayout
from pos.domain.posting_rules.disputes import entry_for_own, entry_for_share
from pos.domain.staff.approvals import Actor
from pos.integrations.stripe.current import gateway
from pos.integrations.stripe.disputes_payouts.types import BalanceTransactionFacts, Payout
from pos.services.reconciliation.stripe_fees import book_move, post_at

log = logging.getLogger(__name__)
# How often the polling job asks for new payouts and after those that are not settled.
EVERY = timedelta(hours=1)
# What a difference may be booked on.
ACCOUNTS = ("stripe_fees", "bad_debt", "bank")
_PLACE = {"pending": 1, "in_transit": 2, "paid": 3, "canceled": 3, "failed": 4}


@unit_of_work
def apply_payout(session: Session, fetched: Payout) -> UUID | None:
    """Note how far a payout is, forward only; returns its key, or None for one of the other mode of Stripe."""
    if fetched.livemode != (settings().payments.mode == "live"):
        return None
    payout = _locked(session, fetched.payout_id)
    if payout is None:
        payout = StripePayout(
            stripe_payout_id=fetched.payout_id,
            status=fetched.status,
            amount_minor=fetched.amount_minor,
            currency=fetched.currency,
            automatic=fetched.automatic,
            reconciled=fetched.reconciled,
            arrives_on=fetched.arrives_at.date(),
            failure_code=fetched.failure_code,
            created_at=fetched.created_at,
            changed_at=clock.now(),
        )
        session.add(payout)
    elif _PLACE[fetched.status] > _PLACE[payout.status]:
        payout.status, payout.failure_code, payout.changed_at = fetched.status, fetched.failure_code, clock.now()
    payout.reconciled = payout.reconciled or fetched.reconciled
    session.flush()
    if payout.status == "failed":
        _return(session, payout)
    return payout.id


def _locked(session: Session, stripe_payout_id: str) -> StripePayout | None:
    query = select(StripePayout).where(StripePayout.stripe_payout_id == stripe_payout_id).with_for_update()
    return session.scalar(query.execution_options(populate_existing=True))


@unit_of_work
def apply_rows(session: Session, stripe_payout_id: str, moves: Sequence[BalanceTransactionFacts]) -> None:
    """Match what a payout was made of and book what is explained; doing it again books what has been explained since."""
    payout = _locked(session, stripe_payout_id)
    assert payout is not None
    for move in moves:
        row = balance_transactions.keep(session, move)
        row.payout_id = payout.id
        book_move(session, row)
    payout.listed_at = clock.now()
    session.flush()
    _share_out(session, payout)


def rows_of(session: Session, payout_id: UUID) -> list[BalanceTransaction]:
    """What a payout was made of, oldest first."""
    query = select(BalanceTransaction).where(BalanceTransaction.payout_id == payout_id)
    return list(session.scalars(query.order_by(BalanceTransaction.created_at, BalanceTransaction.id)))


def _by_location(session: Session, rows: Sequence[BalanceTransaction]) -> dict[UUID, int]:
    """What of some rows belongs to each location. A failed payout that comes back is split as it was."""
    sums: dict[UUID, int] = {}
    for row in rows:
        if row.location_id is not None:
            sums[row.location_id] = sums.get(row.location_id, 0) + row.net_minor
        elif row.what == "payout" and row.subject_id is not None:
            for location_id, minor in _by_location(session, rows_of(session, row.subject_id)).items():
                sums[location_id] = sums.get(location_id, 0) + minor
    return sums


def _came_back_whole(session: Session, row: BalanceTransaction) -> bool:
    assert row.subject_id is not None
    return sum(_by_location(session, rows_of(session, row.subject_id)).values()) == row.net_minor


def _share_out(session: Session, payout: StripePayout) -> None:
    """Take what is explained and not booked yet of a payout from Stripe clearing to the bank."""
    if payout.status not in ("paid", "failed"):
        return
    ready = []
    for row in rows_of(session, payout.id):
        if row.settled:
            continue
        if row.what == "payout":
            row.problem = "" if _came_back_whole(session, row) else "amount"
        if row.location_id is not None or (row.what == "payout" and not row.problem):
            ready.append(row)
    for location_id, minor in sorted(_by_location(session, ready).items()):
        _write_share(session, payout, location_id, "paid", minor)
    for row in ready:
        row.settled, row.problem = True, ""
    session.flush()
    if payout.status == "failed":
        _return(session, payout)


def _write_share(session: Session, payout: StripePayout, location_id: UUID, kind: str, minor: int) -> None:
    if not minor:
        return
    where, now = place(session, location_id), clock.now()
    mine = (
        PayoutAllocation.payout_id == payout.id, PayoutAllocation.location_id == location_id, PayoutAllocation.kind == kind
    )  # fmt: skip
    share = PayoutAllocation(
        payout_id=payout.id,
        location_id=location_id,
        kind=kind,
        number=(session.scalar(select(func.max(PayoutAllocation.number)).where(*mine)) or 0) + 1,
        amount_minor=minor,
        business_on=where.business_date(now),
        at=now,
    )
    session.add(share)
    session.flush()
    draft = entry_for_share(share.id, payout.currency, minor, returned=kind == "returned")
    post_at(session, location_id, draft, payout.stripe_payout_id)


def _return(session: Session, payout: StripePayout) -> None:
    """The bank sent a payout back: what was booked as paid goes back to Stripe clearing."""
    sums: dict[UUID, int] = {}
    for share in session.scalars(select(PayoutAllocation).where(PayoutAllocation.payout_id == payout.id)):
        sign = 1 if share.kind == "paid" else -1
        sums[share.location_id] = sums.get(share.location_id, 0) + sign * share.amount_minor
    for location_id, minor in sorted(sums.items()):
        _write_share(session, payout, location_id, "returned", minor)


def news_of_payout(stripe_payout_id: str) -> bool:
    """Ask Stripe how far a payout is and what it was made of; False if Stripe does not say, or it is of another mode."""
    fetched = gateway().payouts.fetch_payout(stripe_payout_id)
    return _take(fetched) if isinstance(fetched, Payout) else False


def _take(fetched: Payout) -> bool:
    payout_id = apply_payout(fetched)
    if payout_id is None:
        return False
    if fetched.reconciled:
        moves = gateway().payouts.list_balance_transactions(fetched.payout_id)
        if isinstance(moves, tuple):
            apply_rows(fetched.payout_id, moves)
    return True


@unit_of_work
def _claim_poll(session: Session) -> datetime | None:
    return balance_transactions.claim_poll(session, "payouts", EVERY)


@unit_of_work
def _poll_failed(session: Session, since: datetime) -> None:
    balance_transactions.poll_failed(session, "payouts", since)


def poll_payouts() -> int:
    """Ask for new payouts and after those with something open, once an hour; returns how many were looked at."""
    if not settings().payments.on:
        return 0
    since = _claim_poll()
    if since is None:
        return 0
    found = gateway().payouts.list_payouts(since - timedelta(days=7))
    if not isinstance(found, tuple):
        _poll_failed(since)
    listed = {fetched.payout_id: fetched for fetched in found} if isinstance(found, tuple) else {}
    waiting = unsettled(reading())
    looked = 0
    for stripe_id in dict.fromkeys([*listed, *waiting]):
        try:
            fetched = listed.get(stripe_id)
            looked += _take(fetched) if fetched is not None else news_of_payout(stripe_id)
        except PosError as error:
            log.warning("the payout %s stays as it was: %s", stripe_id, error.sentence)
        except Exception:  # whatever one payout meets, the others must be looked at too
            log.exception("the payout %s stays as it was", stripe_id)
            reading().rollback()
    return looked


def unsettled(session: Session) -> list[str]:
    """The ids at Stripe of payouts that are under way or have rows nothing explains, oldest first."""
    open_row = select(BalanceTransaction.id).where(
        BalanceTransaction.payout_id == StripePayout.id, BalanceTransaction.settled.is_(False)
    )
    query = select(StripePayout.stripe_payout_id).where(
        StripePayout.status.in_(("pending", "in_transit"))
        | (StripePayout.status.in_(("paid", "failed")) & (StripePayout.listed_at.is_(None) | open_row.exists()))
    )
    return list(session.scalars(query.order_by(StripePayout.created_at)))


@unit_of_work
def post_discrepancy(
    session: Session, *, move_id: UUID, location_id: UUID, account: str, reason: str, actor: Actor
) -> None:
    """Say what a row of a payout was that nothing here explains; it is booked at a location, and with its payout.

    Raises NotFound, Invalid naming the field, Conflict when it was explained meanwhile.
    """
    row = session.scalar(
        select(BalanceTransaction)
        .where(BalanceTransaction.id == move_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None or row.payout_id is None:
        raise NotFound(NO_SUCH_PAYOUT_ROW)
    if account not in ACCOUNTS:
        raise Invalid(EXPLANATION_KIND_MISSING, field="account")
    if not reason:
        raise Invalid(EXPLANATION_MISSING, field="reason")
    if row.settled or row.location_id is not None or row.what == "payout":
        raise Conflict(PAYOUT_ROW_EXPLAINED_ALREADY, why="explained")
    where = place(session, location_id)
    if where.currency != row.currency:
        raise Invalid(LOCATION_OF_OTHER_CURRENCY(currency=row.currency), field="location_id")
    row.location_id, row.account_key, row.fee_booked, row.problem = location_id, account, True, ""
    draft = entry_for_own(row.id, row.currency, account, row.amount_minor, row.fee_minor)
    post_at(session, location_id, draft, reason, actor_id=actor.id)
    audit.note(
        session,
        "stripe.difference_booked",
        actor_id=actor.id,
        location_id=location_id,
        subject_id=row.id,
        account=account,
        amount_minor=row.amount_minor,
        reason=reason,
    )
    payout = session.get_one(StripePayout, row.payout_id, with_for_update=True)
    session.flush()
    _share_out(session, payout)
