"""Opening a shift and finding the open one."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from pos.kernel import clock
from pos.kernel.errors import Conflict, Invalid
from pos.kernel.ids import new_id
from pos.kernel.money import LARGEST_MINOR
from pos.kernel.rows import run
from pos.locations.queries import DeskPlace
from pos.till.models import Drawer, Shift


def drawer_of(session: Session, desk: DeskPlace) -> Drawer:
    """The drawer of a desk, made when it is first asked for."""
    found = session.scalar(select(Drawer).where(Drawer.desk_id == desk.id))
    if found is None:
        found = Drawer(id=new_id(), location_id=desk.place.id, desk_id=desk.id)
        session.add(found)
        session.flush()
    return found


def open_shift(session: Session, desk: DeskPlace, *, staff_id: UUID, float_minor: int) -> Shift:
    """Open a desk's drawer with a counted float; raises Conflict when it is open already."""
    if not 0 <= float_minor <= LARGEST_MINOR:
        raise Invalid("The float is zero or more.", field="float")
    drawer = drawer_of(session, desk)
    if current_shift(session, desk.id) is not None:
        raise Conflict("This drawer is open already.")
    now = clock.now()
    shift = Shift(
        location_id=desk.place.id,
        drawer_id=drawer.id,
        state="open",
        business_on=desk.place.business_date(now),
        opened_by=staff_id,
        opened_at=now,
        float_minor=float_minor,
    )
    session.add(shift)
    session.flush()
    return shift


def current_shift(session: Session, desk_id: UUID, *, lock: bool = False, closing: bool = False) -> Shift | None:
    """The open shift of a desk's drawer. `lock` keeps it from being closed meanwhile, `closing` also from being sold in."""
    query = (
        select(Shift).join(Drawer, Drawer.id == Shift.drawer_id).where(Drawer.desk_id == desk_id, Shift.state == "open")
    )
    if lock:
        query = query.with_for_update(read=not closing, of=Shift).execution_options(populate_existing=True)
    return session.scalar(query)


@dataclass(frozen=True)
class OpenShift:
    """The shift a sale belongs to."""

    id: UUID
    drawer_id: UUID


_OPEN = (
    select(Shift.id, Shift.drawer_id)
    .join(Drawer, Drawer.id == Shift.drawer_id)
    .where(Drawer.desk_id == bindparam("desk"), Shift.state == "open")
    .with_for_update(read=True, of=Shift)
)


def lock_open_shift(session: Session, desk_id: UUID) -> OpenShift:
    """The open shift a sale belongs to, kept from being closed meanwhile; raises Conflict when the drawer is closed."""
    found = run(session, _OPEN, desk=desk_id).first()
    if found is None:
        raise Conflict("The drawer of this desk is closed. Count the float and open it first.", why="shift_closed")
    return OpenShift(found.id, found.drawer_id)


def close(shift: Shift, *, staff_id: UUID, expected_minor: int, counted_minor: int) -> None:
    """Close a locked shift with what was expected and what was counted."""
    shift.state = "closed"
    shift.closed_by, shift.closed_at = staff_id, clock.now()
    shift.expected_minor, shift.counted_minor = expected_minor, counted_minor
