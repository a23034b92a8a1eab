"""Disputes, payouts and unmatched transactions as rows: what the office shows of them, and the files it gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from pos.core.money import Money
from pos.core.paging.window import Window
from pos.domain.clients.models import Client
from pos.domain.disputes.models import Dispute
from pos.domain.disputes.rules import ANSWERABLE, OPEN
from pos.domain.locations.queries import Place
from pos.domain.payments.models import PaymentAttempt
from pos.domain.payouts.models import (
    UNDECIDED,
    BalanceTransaction,
    StripePayout,
    UnmatchedTransaction,
)
from pos.domain.receipts.credit_note_models import CreditNote
from pos.domain.receipts.models import Receipt
from pos.domain.refunds.models import Refund, RefundPart
from pos.domain.sales.models import Sale
from pos.reports.exporters import Cell, Sheet


@dataclass(frozen=True)
class DisputeRow:
    """A dispute as a list shows it. Money in minor units of `currency`."""

    dispute_id: UUID
    place: Place
    status: str
    reason: str
    amount_minor: int
    currency: str
    opened_at: datetime
    due_at: datetime | None
    handed_in: int
    receipt: str
    client: str


def dispute_rows(session: Session, places: Sequence[Place], *, open_only: bool = False) -> list[DisputeRow]:
    """The disputes of some places: those to answer first, by their deadline, then the newest."""
    known = {place.id: place for place in places}
    query = (
        select(Dispute, Receipt.label, Client)
        .outerjoin(Receipt, Receipt.sale_id == Dispute.sale_id)
        .outerjoin(Sale, Sale.id == Dispute.sale_id)
        .outerjoin(Client, Client.id == Sale.client_id)
        .where(Dispute.location_id.in_(known))
        .order_by(Dispute.opened_at.desc(), Dispute.id.desc())
    )
    if open_only:
        query = query.where(Dispute.status.in_(OPEN))
    rows = [
        DisputeRow(
            dispute_id=one.id,
            place=known[one.location_id],
            status=one.status,
            reason=one.reason,
            amount_minor=one.amount_minor,
            currency=one.currency,
            opened_at=one.opened_at,
            due_at=one.due_at,
            handed_in=one.handed_in,
            receipt=label or "",
            client=client.name if client else "",
        )
        for one, label, client in session.execute(query)
    ]
    # The sort is stable: those without a deadline stay newest first.
    late = datetime.max.replace(tzinfo=UTC)
    return sorted(rows, key=lambda row: (row.due_at or late) if row.status in ANSWERABLE else late)


@dataclass(frozen=True)
class PayoutRow:
    """A payout as a list shows it. `open_rows` are those nothing explains yet."""

    payout_id: UUID
    stripe_id: str
    status: str
    amount_minor: int
    currency: str
    arrives_on: date
    created_at: datetime
    rows: int
    open_rows: int


def payout_rows(session: Session, currencies: Sequence[str], *, window: Window) -> list[PayoutRow]:
    """Payouts in some currencies, newest first."""
    mine = BalanceTransaction.payout_id == StripePayout.id
    count = select(func.count()).where(mine).correlate(StripePayout).scalar_subquery()
    unexplained = (
        select(func.count()).where(mine, BalanceTransaction.problem != "").correlate(StripePayout).scalar_subquery()
    )
    query = select(StripePayout, count, unexplained).where(StripePayout.currency.in_(currencies))
    found = session.execute(window.of(query, (StripePayout.created_at, StripePayout.id))).all()
    return [
        PayoutRow(
            payout_id=one.id,
            stripe_id=one.stripe_payout_id,
            status=one.status,
            amount_minor=one.amount_minor,
            currency=one.currency,
            arrives_on=one.arrives_on,
            created_at=one.created_at,
            rows=rows,
            open_rows=bad,
        )
        for one, rows, bad in window.in_order(found)
    ]


@dataclass(frozen=True)
class MoveRow:
    """A row of a payout with what it is of. `label` names the receipt, the credit note or the dispute."""

    move_id: UUID
    stripe_id: str
    kind: str
    what: str
    label: str
    sale_id: UUID | None
    refund_id: UUID | None
    dispute_id: UUID | None
    location_id: UUID | None
    amount_minor: int
    fee_minor: int
    currency: str
    problem: str
    account_key: str | None
    description: str
    created_at: datetime

    @property
    def net_minor(self) -> int:
        """What it changed the balance by."""
        return self.amount_minor - self.fee_minor


def move_rows(session: Session, payout_id: UUID) -> list[MoveRow]:
    """What a payout was made of, unexplained rows first, then oldest first."""
    query = (
        select(BalanceTransaction, Receipt.label, Receipt.sale_id, CreditNote.label, Refund.id, Dispute)
        .outerjoin(PaymentAttempt, PaymentAttempt.id == BalanceTransaction.subject_id)
        .outerjoin(Receipt, Receipt.sale_id == PaymentAttempt.order_id)
        .outerjoin(RefundPart, RefundPart.id == BalanceTransaction.subject_id)
        .outerjoin(Refund, Refund.id == RefundPart.refund_id)
        .outerjoin(CreditNote, CreditNote.refund_id == Refund.id)
        .outerjoin(Dispute, Dispute.id == BalanceTransaction.subject_id)
        .where(BalanceTransaction.payout_id == payout_id)
        .order_by(BalanceTransaction.created_at, BalanceTransaction.id)
    )
    found = [
        MoveRow(
            move_id=row.id,
            stripe_id=row.stripe_id,
            kind=row.kind,
            what=row.what,
            label=receipt or note or (dispute.stripe_dispute_id if dispute else ""),
            sale_id=sale_id,
            refund_id=refund_id,
            dispute_id=dispute.id if dispute else None,
            location_id=row.location_id,
            amount_minor=row.amount_minor,
            fee_minor=row.fee_minor,
            currency=row.currency,
            problem=row.problem,
            account_key=row.account_key,
            description=row.description,
            created_at=row.created_at,
        )
        for row, receipt, sale_id, note, refund_id, dispute in session.execute(query)
    ]
    return sorted(found, key=lambda row: not row.problem)


COLUMNS = (
    "When", "At Stripe", "Kind", "What", "Receipt or note", "Location", "Amount", "Fee", "After fee", "Currency",
    "Difference",
)  # fmt: skip


def payout_sheet(rows: Sequence[MoveRow], places: Sequence[Place]) -> Sheet:
    """The rows of a payout as a table; those of other locations are left out, what nothing explains is in it."""
    names = {place.id: place.name for place in places}

    def cells(row: MoveRow) -> tuple[Cell, ...]:
        amounts = (Money(minor, row.currency) for minor in (row.amount_minor, row.fee_minor, row.net_minor))
        where = names.get(row.location_id, "") if row.location_id else ""
        return (
            row.created_at.date(), row.stripe_id, row.kind, row.what, row.label, where, *amounts, row.currency,
            row.problem,
        )  # fmt: skip

    mine = [row for row in rows if row.location_id is None or row.location_id in names]
    return Sheet("Payout", COLUMNS, (cells(row) for row in mine))


def _whose(places: Sequence[Place], unplaced: bool) -> ColumnElement[bool]:
    """Unmatched payments of some places; with `unplaced` also those of no known location, in the places' currencies."""
    theirs = UnmatchedTransaction.location_id.in_([place.id for place in places])
    nobodys = and_(
        UnmatchedTransaction.location_id.is_(None),
        UnmatchedTransaction.currency.in_([place.currency for place in places]),
    )
    return or_(theirs, nobodys) if unplaced else theirs


def unmatched(
    session: Session, places: Sequence[Place], *, unplaced: bool, limit: int = 100
) -> list[UnmatchedTransaction]:
    """What Stripe knows and we did not at some places, undecided first, then the newest. `unplaced` as in
    `needs_attention`."""
    query = select(UnmatchedTransaction).where(_whose(places, unplaced))
    return list(
        session.scalars(
            query.order_by(
                UnmatchedTransaction.state.not_in(UNDECIDED),
                UnmatchedTransaction.happened_at.desc(),
                UnmatchedTransaction.id,
            ).limit(limit)
        )
    )


def undecided_transactions(session: Session, places: Sequence[Place], *, unplaced: bool) -> int:
    """How many of them wait for a decision."""
    query = (
        select(func.count())
        .select_from(UnmatchedTransaction)
        .where(UnmatchedTransaction.state.in_(UNDECIDED), _whose(places, unplaced))
    )
    return session.scalar(query) or 0


@dataclass(frozen=True)
class AttentionList:
    """What of it somebody should look at: disputes to answer, payouts with differences, unmatched transactions to decide."""

    disputes: tuple[DisputeRow, ...]
    payouts: int
    unmatched: int


def needs_attention(session: Session, places: Sequence[Place], *, unplaced: bool) -> AttentionList:
    """The same for some places; `unplaced` counts what has no location too, which is whoever's who works at all of them."""
    currencies = [place.currency for place in places]
    differing = (
        select(func.count(func.distinct(BalanceTransaction.payout_id)))
        .join(StripePayout, StripePayout.id == BalanceTransaction.payout_id)
        .where(BalanceTransaction.problem != "", StripePayout.currency.in_(currencies))
    )
    answerable = [row for row in dispute_rows(session, places, open_only=True) if row.status in ANSWERABLE]
    waiting = undecided_transactions(session, places, unplaced=unplaced)
    return AttentionList(tuple(answerable), session.scalar(differing) or 0, waiting)
