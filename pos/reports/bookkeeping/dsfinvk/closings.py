"""The closings of a location's tills, each with its bons: read one after the other, and held against the books."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pos.core.errors import Conflict
from pos.core.messages.books import CASH_DATA_DISAGREE
from pos.domain.ledger.models import JournalEntry, Posting
from pos.domain.locations.queries import Place
from pos.domain.posting_rules.refunds import account_of
from pos.domain.sales.models import Sale
from pos.domain.sales.tender_kinds import RECEIVED
from pos.domain.staff.queries import names
from pos.domain.till.models import Drawer, Shift, ZReport
from pos.reports.bookkeeping.dsfinvk import moved
from pos.reports.bookkeeping.dsfinvk.bons import Bon
from pos.reports.bookkeeping.dsfinvk.rows import TillClosing
from pos.reports.bookkeeping.dsfinvk.sold import sale_bons
from pos.reports.books.shift_snapshot import sold_in


def closing_count(session: Session, place: Place, from_on: date, to_on: date) -> int:
    """How many closings the tills of a location have on some business days."""
    here = ZReport.location_id == place.id, ZReport.business_on.between(from_on, to_on)
    return session.scalar(select(func.count()).select_from(ZReport).where(*here)) or 0


def _bons(session: Session, place: Place, shift: Shift, drawer: Drawer) -> list[Bon]:
    """Everything that happened at a till between opening and close, oldest first."""
    assert shift.closed_at is not None
    last = max(place.business_date(shift.closed_at), shift.business_on)
    days = Sale.location_id == shift.location_id, Sale.business_on.between(shift.business_on, last)
    sold = sale_bons(session, [*days, sold_in(shift, drawer.desk_id, shift.closed_at)])
    between = [
        *sold.values(),
        *moved.refunds(session, shift, sold),
        *moved.movements(session, shift),
        *moved.cashed_out(session, shift),
    ]
    return [
        *moved.opening(shift),
        *sorted(between, key=lambda bon: (bon.end, bon.id)),
        *moved.closing(shift),
    ]


def _require_agreement(session: Session, shift: Shift, z: ZReport, bons: list[Bon]) -> None:
    """Raise Conflict unless each kind of tender's money is what the books moved, and cash is what the drawer kept."""
    paid = Counter[str]()
    for part in (part for bon in bons if bon.counts for part in bon.payments):
        paid[part.tender] += part.minor
    accounts = {kind: account_of(kind, shift.drawer_id) for kind in RECEIVED}
    rows = session.execute(
        select(Posting.account_key, func.sum(Posting.amount_minor).label("minor"))
        .join(JournalEntry, JournalEntry.id == Posting.entry_id)
        .where(JournalEntry.shift_id == shift.id, Posting.account_key.in_(accounts.values()))
        .group_by(Posting.account_key)
    )
    booked = Counter({row.account_key: int(row.minor) for row in rows})
    booked[accounts["cash"]] += shift.opening_found_minor
    agrees = all(paid[kind] == booked[account] for kind, account in accounts.items())
    if not agrees or paid["cash"] != shift.left_minor:
        raise Conflict(CASH_DATA_DISAGREE(bon="Z", number=z.number))


def till_closings(session: Session, place: Place, from_on: date, to_on: date, software: str) -> Iterator[TillClosing]:
    """The closings of some business days, by till and number. Raises Conflict for one that does not agree with the books."""
    staff = names(session)
    rows = session.execute(
        select(ZReport, Shift, Drawer)
        .join(Shift, Shift.id == ZReport.shift_id)
        .join(Drawer, Drawer.id == ZReport.drawer_id)
        .where(ZReport.location_id == place.id, ZReport.business_on.between(from_on, to_on))
        .order_by(ZReport.drawer_id, ZReport.number)
    ).all()
    for z, shift, drawer in rows:
        bons = _bons(session, place, shift, drawer)
        _require_agreement(session, shift, z, bons)
        yield TillClosing(place, z, bons, staff, software)
