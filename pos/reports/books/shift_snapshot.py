"""What happened in one shift, as the X report looks at it and the Z report freezes it: plain JSON facts, minor units."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from pos.domain.ledger.models import JournalEntry, Posting
from pos.domain.locations.queries import DeskPlace
from pos.domain.receipts.models import Receipt
from pos.domain.receipts.repository import TEST_SERIES
from pos.domain.refunds.models import Refund
from pos.domain.sales.models import Sale, Ticket
from pos.domain.sales.tender_kinds import TENDER_KINDS
from pos.domain.staff.queries import names
from pos.domain.till.models import CashMovement, Shift
from pos.reports.books.period_snapshot import (
    Facts,
    facts_of_tests,
    place_facts,
    sold_facts,
    tax_facts,
)
from pos.reports.period import Scope
from pos.reports.sales.refund_totals import taxes_back
from pos.reports.sales.sales_totals import by_day, totals
from pos.reports.sales.sums import Figures

# What gives money back, and the accounts it goes back by.
CORRECTIONS = ("refund", "refund_failed", "void", "gift_card_cash_out", "account_credit_payout")
MEANS = {kind.account: kind.key for kind in TENDER_KINDS.values()}


def sold_in(shift: Shift, desk_id: UUID, until: datetime) -> ColumnElement[bool]:
    """The sales of a shift: those booked in it, and those of its desk meanwhile that moved nothing and have no entry."""
    booked = select(JournalEntry.subject_id).where(JournalEntry.shift_id == shift.id, JournalEntry.event == "sale")
    entry = select(JournalEntry.id).where(JournalEntry.subject_id == Sale.id, JournalEntry.event == "sale").exists()
    meanwhile = (Sale.desk_id == desk_id) & (Sale.completed_at >= shift.opened_at) & (Sale.completed_at <= until)
    return Sale.id.in_(booked) | (meanwhile & ~entry)


def _figures(session: Session, shift: Shift, desk: DeskPlace, until: datetime) -> Figures:
    scope = Scope((desk.place,), shift.business_on, max(desk.place.business_date(until), shift.business_on))
    (found,) = totals(scope, by_day(session, scope, which=sold_in(shift, desk.id, until)))
    for taxes in taxes_back(session, Refund.shift_id == shift.id).values():
        found.back_taxes.add(taxes)
    return found


def _corrections(session: Session, shift_id: UUID) -> list[Facts]:
    """What each kind of correction gave back in a shift: how many there were, and their amounts in all and by means.

    Positive amounts left the clinic. Facts frozen before have no sum in all.
    """
    rows = session.execute(
        select(JournalEntry.event, JournalEntry.id, Posting.account_key, Posting.amount_minor)
        .join(Posting, Posting.entry_id == JournalEntry.id)
        .where(JournalEntry.shift_id == shift_id, JournalEntry.event.in_(CORRECTIONS))
    )
    entries: dict[str, set[UUID]] = {}
    by_event: dict[str, dict[str, int]] = {}
    for event, entry_id, account, minor in rows:
        entries.setdefault(event, set()).add(entry_id)
        by = MEANS.get(account.partition(":")[0])
        if by:
            sums = by_event.setdefault(event, {})
            sums[by] = sums.get(by, 0) - minor
    return [
        {
            "event": event,
            "count": len(entries[event]),
            "minor": sum(means.values()),
            "means": dict(sorted(means.items())),
        }
        for event in CORRECTIONS
        if event in entries
        for means in (by_event.get(event, {}),)
    ]


def _movements(session: Session, shift_id: UUID) -> dict[str, Facts]:
    rows = session.execute(
        select(CashMovement.kind, func.count(), func.sum(CashMovement.amount_minor))
        .where(CashMovement.shift_id == shift_id)
        .group_by(CashMovement.kind)
        .order_by(CashMovement.kind)
    )
    return {kind: {"count": count, "minor": int(minor)} for kind, count, minor in rows}


def _receipts(session: Session, shift: Shift, desk: DeskPlace, until: datetime) -> Facts:
    query = (
        select(Receipt.label)
        .join(Sale, Sale.id == Receipt.sale_id)
        .where(
            Sale.location_id == desk.place.id,
            Sale.business_on >= shift.business_on,
            sold_in(shift, desk.id, until),
        )
    )
    query = query.where(Receipt.series != TEST_SERIES)
    return {
        "count": session.scalar(select(func.count()).select_from(query.subquery())),
        "first": session.scalar(query.order_by(Receipt.number).limit(1)),
        "last": session.scalar(query.order_by(Receipt.number.desc()).limit(1)),
    }


def shift_facts(session: Session, shift: Shift, desk: DeskPlace, *, until: datetime) -> Facts:
    """The facts of a shift up to an instant. Counts of cash are not in it: the Z adds them, the X has none."""
    found, staff, place = _figures(session, shift, desk, until), names(session), desk.place
    corrections = _corrections(session, shift.id)
    card_back = sum(one["means"].get("card", 0) for one in corrections)
    parked = select(func.count()).where(Ticket.location_id == place.id, Ticket.state == "parked")
    return {
        **place_facts(place),
        "desk": desk.name,
        "drawer_id": str(shift.drawer_id),
        "shift_id": str(shift.id),
        "business_on": shift.business_on.isoformat(),
        "opened_at": shift.opened_at.isoformat(),
        "opened_by": staff.get(shift.opened_by, ""),
        "opening_note": shift.opening_note,
        "until": until.isoformat(),
        **sold_facts(found),
        **tax_facts(found),
        "corrections": corrections,
        "movements": _movements(session, shift.id),
        "receipts": _receipts(session, shift, desk, until),
        **facts_of_tests(session, sold_in(shift, desk.id, until)),
        "parked": session.scalar(parked) or 0,
        "float_minor": shift.float_minor,
        "opening_found_minor": shift.opening_found_minor,
        "stripe_minor": found.tender_minor("card") - card_back,
    }
