"""Opening a shift, finding the open one, moving cash in it, closing it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, bindparam, func, literal_column, select
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.database.prepared import add_row, run
from pos.core.errors import AlreadyUsedKey, Conflict, Invalid
from pos.core.ids import new_id
from pos.core.messages.till import (
    DIFFERENCE_REASON_MISSING,
    DRAWER_OPEN_ALREADY,
    FLOAT_BELOW_ZERO,
    FLOAT_DIFFERS_FROM_LAST_CLOSE,
    MOVEMENT_KEY_USED,
    SHIFT_CLOSED,
    TIP_RECIPIENT_MISSING,
)
from pos.core.money import LARGEST_MINOR
from pos.domain.locations.action_context import ActionContext
from pos.domain.locations.models import Desk, Location
from pos.domain.locations.queries import DESK_COLUMNS, DeskPlace, as_desk, desk_place
from pos.domain.till.models import (
    CashMovement,
    Drawer,
    Shift,
)
from pos.domain.till.rules import (
    KINDS,
    require_amount,
)

# Written into the statement: as a parameter it would decide whether the partial index of open shifts can be used, and both
# databases would plan the statement anew at every execution (SQLite: 178 µs instead of 38).
_OPEN: ColumnElement[str] = literal_column("'open'")


def drawer_of(session: Session, desk: DeskPlace) -> Drawer:
    """The drawer of a desk, made when it is first asked for."""
    found = session.scalar(select(Drawer).where(Drawer.desk_id == desk.id))
    if found is None:
        found = Drawer(id=new_id(), location_id=desk.place.id, desk_id=desk.id)
        session.add(found)
        session.flush()
    return found


def left_in(session: Session, drawer_id: UUID) -> int:
    """What the last close left in a drawer; nothing for one that was never closed."""
    last = select(Shift.left_minor).where(Shift.drawer_id == drawer_id, Shift.state == "closed")
    return session.scalar(last.order_by(Shift.closed_at.desc(), Shift.id.desc()).limit(1)) or 0


def open_shift(
    session: Session,
    desk: DeskPlace,
    *,
    staff_id: UUID,
    float_minor: int,
    counts: Mapping[str, int] | None = None,
    note: str = "",
) -> Shift:
    """Open a desk's drawer with a counted float.

    Raises Conflict when it is open already, Invalid when the last close left another sum and no note says why.
    """
    if not 0 <= float_minor <= LARGEST_MINOR:
        raise Invalid(FLOAT_BELOW_ZERO, field="float")
    drawer = drawer_of(session, desk)
    if current_shift(session, desk.id) is not None:
        raise Conflict(DRAWER_OPEN_ALREADY)
    found = left_in(session, drawer.id)
    if found and found != float_minor and not note:
        raise Invalid(
            FLOAT_DIFFERS_FROM_LAST_CLOSE,
            field="note",
            left_minor=found,
        )
    now = clock.now()
    shift = Shift(
        location_id=desk.place.id,
        drawer_id=drawer.id,
        state="open",
        business_on=desk.place.business_date(now),
        opened_by=staff_id,
        opened_at=now,
        float_minor=float_minor,
        opening_found_minor=found,
        opening_counts=dict(counts) if counts else None,
        opening_note=note,
    )
    session.add(shift)
    session.flush()
    return shift


def current_shift(session: Session, desk_id: UUID, *, lock: bool = False, closing: bool = False) -> Shift | None:
    """The open shift of a desk's drawer. `lock` keeps it from being closed meanwhile, `closing` also from being sold in."""
    query = (
        select(Shift).join(Drawer, Drawer.id == Shift.drawer_id).where(Drawer.desk_id == desk_id, Shift.state == _OPEN)
    )
    if lock:
        query = query.with_for_update(read=not closing, of=Shift).execution_options(populate_existing=True)
    return session.scalar(query)


@dataclass(frozen=True)
class OpenShift:
    """The shift a sale belongs to."""

    id: UUID
    drawer_id: UUID
    float_minor: int


# The open shift of the desk `desk`, locked against closing, with the desk and its location.
OPEN_SHIFT = (
    select(Shift.id.label("shift_id"), Shift.drawer_id, Shift.float_minor, *DESK_COLUMNS)
    .join_from(Shift, Drawer, Drawer.id == Shift.drawer_id)
    .join(Desk, Desk.id == Drawer.desk_id)
    .join(Location, Location.id == Desk.location_id)
    .where(Drawer.desk_id == bindparam("desk"), Desk.active, Shift.state == _OPEN)
    .with_for_update(read=True, of=Shift)
)


def as_open_shift(row: Row[Any]) -> tuple[DeskPlace, OpenShift]:
    """A row of `OPEN_SHIFT` as the desk and its shift."""
    return as_desk(row), OpenShift(row.shift_id, row.drawer_id, row.float_minor)


def shift_closed(session: Session, desk_id: UUID) -> Conflict:
    """Why `OPEN_SHIFT` found no row: raise what this returns. Raises NotFound for an unknown desk."""
    desk_place(session, desk_id)
    return Conflict(SHIFT_CLOSED, why="shift_closed")


def lock_open_shift(session: Session, desk_id: UUID) -> tuple[DeskPlace, OpenShift]:
    """A desk and the open shift a sale belongs to, kept from being closed meanwhile.

    Raises NotFound for an unknown desk, Conflict when its drawer is closed.
    """
    found = run(session, OPEN_SHIFT, desk=desk_id).first()
    if found is None:
        raise shift_closed(session, desk_id)
    return as_open_shift(found)


def close(
    shift: Shift,
    context: ActionContext,
    *,
    expected_minor: int,
    counted_minor: int,
    left_minor: int = 0,
    counts: Mapping[str, int] | None = None,
    note: str = "",
) -> None:
    """Close a locked shift with what was expected, what was counted and what stays in the drawer."""
    shift.state = "closed"
    shift.closed_by, shift.closed_at = context.actor_id, context.now
    shift.expected_minor, shift.counted_minor, shift.left_minor = expected_minor, counted_minor, left_minor
    shift.closing_counts, shift.closing_note = dict(counts) if counts else None, note
    shift.close_approved_by = context.approver_id


@dataclass(frozen=True)
class MovementRequest:
    """A movement to record. `movement_id` is minted by the caller and guards the retry."""

    movement_id: UUID
    kind: str
    amount_minor: int
    reason: str
    recipient_id: UUID | None = None

    def check(self) -> None:
        """Raise Invalid for an amount, a reason or a recipient that does not fit the kind."""
        require_amount(self.kind, self.amount_minor)
        if not self.reason:
            raise Invalid(DIFFERENCE_REASON_MISSING, field="reason")
        if (self.kind == "tip_paid_out") != (self.recipient_id is not None):
            raise Invalid(TIP_RECIPIENT_MISSING, field="recipient_id")


def find_movement(session: Session, wanted: MovementRequest, shift_drawer_id: UUID) -> CashMovement | None:
    """The movement recorded under a key before; raises AlreadyUsedKey when it was another."""
    row = session.get(CashMovement, wanted.movement_id)
    if row is None:
        return None
    same = (row.drawer_id, row.kind, row.amount_minor, row.reason, row.recipient_id) == (
        shift_drawer_id, wanted.kind, wanted.amount_minor, wanted.reason, wanted.recipient_id,
    )  # fmt: skip
    if not same:
        raise AlreadyUsedKey(MOVEMENT_KEY_USED)
    return row


def record_movement(
    session: Session,
    shift: Shift,
    wanted: MovementRequest,
    *,
    staff_id: UUID,
    approved_by: UUID | None,
    desk: DeskPlace,
) -> CashMovement:
    """Write a movement of an open, locked shift."""
    now = clock.now()
    values = {
        "id": wanted.movement_id, "location_id": shift.location_id, "drawer_id": shift.drawer_id, "shift_id": shift.id,
        "kind": wanted.kind, "amount_minor": wanted.amount_minor, "reason": wanted.reason, "staff_id": staff_id,
        "recipient_id": wanted.recipient_id, "approved_by": approved_by,
        "business_on": desk.place.business_date(now), "at": now,
    }  # fmt: skip
    add_row(session, CashMovement, **values)
    return CashMovement(**values)


def moved(session: Session, shift_id: UUID) -> int:
    """What the movements of a shift put into its drawer, less what they took out; minor units."""
    rows = session.execute(
        select(CashMovement.kind, func.sum(CashMovement.amount_minor))
        .where(CashMovement.shift_id == shift_id)
        .group_by(CashMovement.kind)
    )
    return sum(KINDS[kind].direction * int(minor) for kind, minor in rows)


def movements_of(session: Session, shift_id: UUID) -> list[CashMovement]:
    """The cash movements of a shift in the order of time."""
    query = select(CashMovement).where(CashMovement.shift_id == shift_id).order_by(CashMovement.at, CashMovement.id)
    return list(session.scalars(query))


def drawer_at(session: Session, desk_id: UUID) -> UUID | None:
    """The key of the drawer of a desk; none before its first shift."""
    return session.scalar(select(Drawer.id).where(Drawer.desk_id == desk_id))


def desk_of_open_shift(session: Session, shift_id: UUID) -> DeskPlace | None:
    """The desk of an open shift; none where the shift is closed or unknown."""
    query = select(Drawer.desk_id).join(Shift, Shift.drawer_id == Drawer.id)
    desk_id = session.scalar(query.where(Shift.id == shift_id, Shift.state == "open"))
    return desk_place(session, desk_id) if desk_id else None


def open_desks(session: Session, location_id: UUID) -> frozenset[UUID]:
    """The desks of a location whose drawer is open."""
    query = select(Drawer.desk_id).join(Shift, Shift.drawer_id == Drawer.id)
    return frozenset(session.scalars(query.where(Shift.location_id == location_id, Shift.state == "open")))
