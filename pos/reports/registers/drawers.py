"""Drawers from opening to close, with their Z reports: float, expected, counted, and who did what."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from pos.core.clock import local_minute
from pos.core.money import Money
from pos.domain.locations.models import Desk
from pos.domain.staff.models import Staff
from pos.domain.till.models import CashMovement, Drawer, Shift, ZReport
from pos.reports.analysis.opens import opens
from pos.reports.exporters import Cell
from pos.reports.period import Scope
from pos.reports.registry import report

COLUMNS = (
    "Date", "Location", "Desk", "Report", "Opened at", "Opened by", "Closed at", "Closed by", "Second person", "Float",
    "Expected", "Counted", "Over or short", "Left in the drawer", "Note", "Currency",
)  # fmt: skip
MOVEMENTS = (
    "Date", "Time", "Location", "Desk", "What", "Amount", "Reason", "By", "Approved by", "Paid to", "Currency"
)  # fmt: skip
_WORDS = {
    "paid_in": "Paid in",
    "paid_out": "Paid out",
    "drop": "Drop",
    "no_sale": "No sale",
    "tip_paid_out": "Tip paid out",
}
_INTO = "paid_in"


@report(
    "drawers",
    title="Drawers and Z reports",
    about="Each drawer from opening to close: float, expected, counted, over or short, and its Z report.",
    columns=COLUMNS,
    summed=("Over or short",),
    filters=("desk",),
)
def drawers(session: Session, scope: Scope) -> Iterator[tuple[Cell, ...]]:
    """A row for each shift, by business date and the time it was opened; an open one has no count yet."""
    opener, closer, second = aliased(Staff), aliased(Staff), aliased(Staff)
    query = (
        select(Shift, Desk.name, ZReport.id, ZReport.number, opener.name, closer.name, second.name)
        .join(Drawer, Drawer.id == Shift.drawer_id)
        .join(Desk, Desk.id == Drawer.desk_id)
        .join(opener, opener.id == Shift.opened_by)
        .outerjoin(closer, closer.id == Shift.closed_by)
        .outerjoin(second, second.id == Shift.close_approved_by)
        .outerjoin(ZReport, ZReport.shift_id == Shift.id)
        .where(Shift.location_id.in_(scope.location_ids), Shift.business_on.between(scope.from_on, scope.to_on))
        .order_by(Shift.business_on, Shift.opened_at, Shift.id)
    )
    if scope.only.desk:
        query = query.where(Desk.id == scope.only.desk)
    for shift, desk, z_id, number, opened_by, closed_by, agreed in session.execute(query):
        place = scope.place(shift.location_id)
        code, zone = place.currency, place.time_zone
        counted, expected = shift.counted_minor, shift.expected_minor
        is_closed = counted is not None
        over = None if counted is None or expected is None else counted - expected
        counts = (shift.float_minor, expected, counted, over, shift.left_minor if is_closed else None)
        notes = [note for note in (shift.opening_note, shift.closing_note) if note]
        yield (
            shift.business_on, place.name, desk,
            opens(f"Z {number}", "z", z_id) if z_id else opens("X", "shift", shift.id),
            local_minute(shift.opened_at, zone), opened_by,
            local_minute(shift.closed_at, zone) if shift.closed_at else None, closed_by or "", agreed or "",
            *(None if minor is None else Money(minor, code) for minor in counts), "; ".join(notes), code,
        )  # fmt: skip


@report(
    "cash-movements",
    title="Cash movements",
    about="Cash that moved without a sale, and drawers opened for nothing: how much, why, by whom and approved by whom.",
    columns=MOVEMENTS,
    summed=("Amount",),
    filters=("desk",),
)
def cash_movements(session: Session, scope: Scope) -> Iterator[tuple[Cell, ...]]:
    """A row for each movement in the order of time; what left the drawer is negative."""
    by, approver, to = aliased(Staff), aliased(Staff), aliased(Staff)
    query = (
        select(CashMovement, Desk.name, by.name, approver.name, to.name)
        .join(Drawer, Drawer.id == CashMovement.drawer_id)
        .join(Desk, Desk.id == Drawer.desk_id)
        .join(by, by.id == CashMovement.staff_id)
        .outerjoin(approver, approver.id == CashMovement.approved_by)
        .outerjoin(to, to.id == CashMovement.recipient_id)
        .where(
            CashMovement.location_id.in_(scope.location_ids),
            CashMovement.business_on.between(scope.from_on, scope.to_on),
        )
        .order_by(CashMovement.business_on, CashMovement.at, CashMovement.id)
    )
    if scope.only.desk:
        query = query.where(Desk.id == scope.only.desk)
    for one, desk, person, agreed, recipient in session.execute(query):
        place = scope.place(one.location_id)
        minor = one.amount_minor if one.kind == _INTO else -one.amount_minor
        yield (
            one.business_on, local_minute(one.at, place.time_zone), place.name, desk, _WORDS[one.kind],
            Money(minor, place.currency), one.reason, person, agreed or "", recipient or "", place.currency,
        )  # fmt: skip
