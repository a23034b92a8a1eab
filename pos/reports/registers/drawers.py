"""Drawers from opening to close, with their Z reports: float, expected, counted, and who did what."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, aliased

from pos.core.clock import local_minute
from pos.core.money import Money
from pos.core.paging.window import Query, Window
from pos.domain.locations.models import Desk
from pos.domain.staff.models import Staff
from pos.domain.till.models import CashMovement, Drawer, Shift, ZReport
from pos.reports.analysis.opens import opens, words
from pos.reports.exporters import Cell
from pos.reports.period import Scope
from pos.reports.registry import Keyed, Summed, report, sum_row

COLUMNS = (
    "Date", "Location", "Desk", "Report", "Opened at", "Opened by", "Closed at", "Closed by", "Second person", "Float",
    "Expected", "Counted", "Over or short", "Left in the drawer", "Note", "Currency",
)  # fmt: skip
MOVEMENTS = (
    "Date", "Time", "Location", "Desk", "What", "Amount", "Reason", "By", "Approved by", "Paid to", "Currency"
)  # fmt: skip
_WORDS = words(
    {
        "paid_in": "Paid in",
        "paid_out": "Paid out",
        "drop": "Drop",
        "no_sale": "No sale",
        "tip_paid_out": "Tip paid out",
    }
)
_INTO = "paid_in"
_BY_TIME = (CashMovement.business_on, CashMovement.at, CashMovement.id)


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


def _movements(scope: Scope) -> Query:
    by, approver, to = aliased(Staff), aliased(Staff), aliased(Staff)
    query: Query = (
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
    )
    return query.where(Desk.id == scope.only.desk) if scope.only.desk else query


def _movement(
    scope: Scope, one: CashMovement, desk: str, person: str, agreed: str | None, recipient: str | None
) -> tuple[Cell, ...]:
    place = scope.place(one.location_id)
    minor = one.amount_minor if one.kind == _INTO else -one.amount_minor
    return (
        one.business_on, local_minute(one.at, place.time_zone), place.name, desk, _WORDS[one.kind],
        Money(minor, place.currency), one.reason, person, agreed or "", recipient or "", place.currency,
    )  # fmt: skip


def _all_movements(session: Session, scope: Scope) -> Iterator[tuple[Cell, ...]]:
    for row in session.execute(_movements(scope).order_by(*_BY_TIME).execution_options(yield_per=500)):
        yield _movement(scope, *row)


def _movements_page(
    session: Session, scope: Scope, window: Window
) -> Iterator[tuple[tuple[Any, ...], tuple[Cell, ...]]]:
    for row in window.in_order(session.execute(window.of(_movements(scope), _BY_TIME)).all()):
        yield (row[0].business_on, row[0].at, row[0].id), _movement(scope, *row)


def _movement_sums(session: Session, scope: Scope) -> Iterator[tuple[Cell, ...]]:
    signed = func.sum(case((CashMovement.kind == _INTO, CashMovement.amount_minor), else_=-CashMovement.amount_minor))
    where = CashMovement.location_id
    for location, minor in session.execute(_movements(scope).with_only_columns(where, signed).group_by(where)):
        code = scope.place(location).currency
        yield sum_row(MOVEMENTS, {"Amount": Money(int(minor), code), "Currency": code})


@report(
    "cash-movements",
    title="Cash movements",
    about="Cash that moved without a sale, and drawers opened for nothing: how much, why, by whom and approved by whom.",
    columns=MOVEMENTS,
    summed=("Amount",),
    filters=("desk",),
    keyed=Keyed((date, datetime, UUID), _movements_page),
)
def cash_movements(session: Session, scope: Scope) -> Summed:
    """A row for each movement in the order of time; what left the drawer is negative."""
    return Summed(_all_movements(session, scope), lambda: _movement_sums(session, scope))
