"""Tips by person, from the rows that say whose they are: due before some days, what came and went in them, due after.

Persons and pools together are what the ledger owes in tips at the end of any day that is over.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date
from uuid import UUID

from sqlalchemy import func, literal, select
from sqlalchemy.orm import Session, aliased

from pos.core.clock import local_minute
from pos.core.messages.books import TIPS_DIFFER_FROM_LEDGER
from pos.core.money import Money
from pos.domain.ledger.models import JournalEntry, Posting
from pos.domain.locations.models import Desk
from pos.domain.staff.models import Staff
from pos.domain.staff.queries import names
from pos.domain.till.models import CashMovement, Drawer
from pos.domain.tips.models import TipAllocation
from pos.reports.analysis.narrowing import pool_words
from pos.reports.analysis.opens import Behind
from pos.reports.exporters import Cell, Sheet
from pos.reports.period import Scope
from pos.reports.registry import Remark, days_to_come, report

# Of whom: a person, or the pool of a business date.
Holder = UUID | date
_KINDS = {"sale": "given", "refund": "back", "move": "moved", "pool_share": "moved", "payout": "paid"}
COLUMNS = (
    "Location", "Person", "Due before", "Given", "Given back", "Moved and shared out", "Paid out", "Due at the end",
    "Currency",
)  # fmt: skip
PAYOUTS = (
    "Date", "Time", "Location", "Person", "Paid out", "Currency", "Paid out by", "Approved by", "From the drawer of",
    "Reason",
)  # fmt: skip


@dataclass
class TipsDue:
    """One holder's tips, minor units: each part signed as it changed what is due."""

    before: int = 0
    given: int = 0
    back: int = 0
    moved: int = 0
    paid: int = 0

    @property
    def due(self) -> int:
        """What is due at the end: the sum of everything."""
        return sum(getattr(self, part.name) for part in fields(self))


def tips_due(session: Session, scope: Scope) -> dict[UUID, dict[Holder, TipsDue]]:
    """The tips of each holder of each location that had any in the days, or has some due at one of their ends."""
    found: dict[UUID, dict[Holder, TipsDue]] = {place.id: {} for place in scope.places}
    keys = (TipAllocation.location_id, TipAllocation.staff_id, TipAllocation.pool_on)
    here, total = TipAllocation.location_id.in_(scope.location_ids), func.sum(TipAllocation.amount_minor)
    before = select(*keys, literal(""), total).where(here, TipAllocation.business_on < scope.from_on).group_by(*keys)
    within = (
        select(*keys, TipAllocation.kind, total)
        .where(here, TipAllocation.business_on.between(scope.from_on, scope.to_on))
        .group_by(*keys, TipAllocation.kind)
    )
    for query in (before, within):
        for where, person, pool_on, kind, minor in session.execute(query):
            holder = person or pool_on
            assert holder is not None  # by a constraint
            one = found[where].setdefault(holder, TipsDue())
            name = _KINDS[kind] if kind else "before"
            setattr(one, name, getattr(one, name) + int(minor))
    return {
        where: {holder: one for holder, one in held.items() if any(getattr(one, part.name) for part in fields(one))}
        for where, held in found.items()
    }


def _booked(session: Session, location_id: UUID, scope: Scope) -> int:
    """What the ledger's tips payable changed by in some days; minor units, more owed is positive."""
    query = (
        select(func.coalesce(func.sum(Posting.amount_minor), 0))
        .join(JournalEntry, JournalEntry.id == Posting.entry_id)
        .where(
            JournalEntry.location_id == location_id,
            JournalEntry.business_on.between(scope.from_on, scope.to_on),
            Posting.account_key == "tips_payable",
        )
    )
    return -int(session.scalar(query) or 0)


def tips_disagree(session: Session, scope: Scope) -> bool:
    """Whether what persons and pools are owed at a location changed by another amount than its ledger's tips payable.

    That both were the same before is what `pos verify` checks.
    """
    rows = session.execute(
        select(TipAllocation.location_id, func.sum(TipAllocation.amount_minor))
        .where(
            TipAllocation.location_id.in_(scope.location_ids),
            TipAllocation.business_on.between(scope.from_on, scope.to_on),
        )
        .group_by(TipAllocation.location_id)
    )
    changed = {where: int(minor) for where, minor in rows}
    return any(changed.get(place.id, 0) != _booked(session, place.id, scope) for place in scope.places)


def _remarks(session: Session, scope: Scope) -> Sequence[Remark]:
    differs = [Remark(TIPS_DIFFER_FROM_LEDGER, bad=True)] if tips_disagree(session, scope) else []
    return days_to_come(scope) + differs


def tip_payouts(session: Session, scope: Scope) -> Iterator[tuple[Cell, ...]]:
    """One row for each tip paid out, in the order of time: to whom, by whom, out of which drawer."""
    to, by, approver = aliased(Staff), aliased(Staff), aliased(Staff)
    query = (
        select(CashMovement, to.name, by.name, approver.name, Desk.name)
        .join(to, to.id == CashMovement.recipient_id)
        .join(by, by.id == CashMovement.staff_id)
        .outerjoin(approver, approver.id == CashMovement.approved_by)
        .join(Drawer, Drawer.id == CashMovement.drawer_id)
        .join(Desk, Desk.id == Drawer.desk_id)
        .where(
            CashMovement.location_id.in_(scope.location_ids),
            CashMovement.kind == "tip_paid_out",
            CashMovement.business_on.between(scope.from_on, scope.to_on),
        )
        .order_by(CashMovement.business_on, CashMovement.at, CashMovement.id)
    )
    for one, person, payer, agreed, desk in session.execute(query):
        place = scope.place(one.location_id)
        paid = Money(one.amount_minor, place.currency)
        head = (one.business_on, local_minute(one.at, place.time_zone), place.name, person, paid, place.currency)
        yield (*head, payer, agreed or "", desk, one.reason)


def _payouts_sheet(session: Session, scope: Scope) -> Sequence[Sheet]:
    return [Sheet("Paid out", PAYOUTS, tip_payouts(session, scope))]


@report(
    "tips",
    title="Tips",
    about="Tips by person and pool: due before these days, given, given back, moved, paid out, and due at the end.",
    columns=COLUMNS,
    summed=COLUMNS[2:-1],
    by=("Location", "Person"),
    behind="tip-lines",
    more_sheets=_payouts_sheet,
    remarks=_remarks,
)
def tips_report(session: Session, scope: Scope) -> Iterator[tuple[Cell, ...]]:
    """People of each location by name, then its pools by date; the last amounts sum to Tips payable in the ledger."""
    due, known = tips_due(session, scope), names(session)
    for place in scope.places:
        words = {
            holder: pool_words(holder) if isinstance(holder, date) else known.get(holder, "")
            for holder in due[place.id]
        }
        for holder, word in sorted(words.items(), key=lambda pair: (isinstance(pair[0], date), pair[1], str(pair[0]))):
            one = due[place.id][holder]
            amounts = (one.before, one.given, one.back, one.moved, one.paid, one.due)
            name = Behind(word, location=place.slug, holder=holder)
            yield (place.name, name, *(Money(minor, place.currency) for minor in amounts), place.currency)


report(
    "tips-paid-out",
    title="Tips paid out",
    about="Each tip that was paid out: to whom and by whom, who approved it, and out of which drawer.",
    columns=PAYOUTS,
    summed=("Paid out",),
)(tip_payouts)
