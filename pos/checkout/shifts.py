"""Opening and closing a drawer: the close knows tenders and orders, so it is conducted here."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pos.kernel import audit, clock
from pos.kernel.errors import Conflict, Invalid
from pos.kernel.money import LARGEST_MINOR
from pos.kernel.unit_of_work import unit_of_work
from pos.ledger import service as ledger
from pos.ledger.rules import Draft, cash_drawer
from pos.locations.queries import DeskPlace, desk_place
from pos.payments.models import Tender
from pos.sales.models import Order
from pos.till import service as till
from pos.till.models import Shift


@dataclass(frozen=True)
class ShiftOpened:
    """An open drawer."""

    shift_id: UUID
    float_minor: int


@dataclass(frozen=True)
class ShiftClosed:
    """A closed drawer."""

    shift_id: UUID
    expected_minor: int
    counted_minor: int

    @property
    def over_short_minor(self) -> int:
        """Over is positive, short negative."""
        return self.counted_minor - self.expected_minor


def cash_taken(session: Session, shift_id: UUID) -> int:
    """Cash kept in a shift; change is off already."""
    kept = func.coalesce(func.sum(Tender.amount_minor), 0)
    return int(session.scalar(select(kept).where(Tender.shift_id == shift_id)) or 0)


def _post(
    session: Session, event: str, desk: DeskPlace, shift: Shift, staff_id: UUID, against: str, minor: int
) -> None:
    draft = Draft(event, shift.id, desk.place.currency)
    draft.debit(cash_drawer(shift.drawer_id), minor)
    draft.credit(against, minor)
    now = clock.now()
    ledger.post(
        session,
        draft,
        location_id=desk.place.id,
        business_on=desk.place.business_date(now),
        posted_at=now,
        reference=desk.name,
        actor_id=staff_id,
        shift_id=shift.id,
    )


@unit_of_work
def open_shift(session: Session, *, desk_id: UUID, staff_id: UUID, float_minor: int) -> ShiftOpened:
    """Open a desk's drawer with its counted float, which comes from the bank; raises Conflict if it is open already."""
    desk = desk_place(session, desk_id)
    shift = till.open_shift(session, desk, staff_id=staff_id, float_minor=float_minor)
    _post(session, "float", desk, shift, staff_id, "bank", float_minor)
    audit.note(
        session,
        "shift.open",
        actor_kind="staff",
        actor_id=staff_id,
        location_id=desk.place.id,
        subject_id=shift.id,
        float_minor=float_minor,
    )
    return ShiftOpened(shift.id, float_minor)


@unit_of_work
def close_shift(session: Session, *, desk_id: UUID, staff_id: UUID, counted_minor: int) -> ShiftClosed:
    """Close a desk's drawer by a blind count: what was expected is told afterwards, a difference is recorded, and the
    counted cash goes to the bank. Raises Conflict while a payment of this desk is open, Invalid for a senseless count.
    """
    if not 0 <= counted_minor <= LARGEST_MINOR:
        raise Invalid("Count the drawer: zero or more.", field="counted")
    desk = desk_place(session, desk_id)
    shift = till.current_shift(session, desk_id, lock=True, closing=True)
    if shift is None:
        raise Conflict("This drawer is closed already.")
    waiting = session.scalar(select(Order.id).where(Order.desk_id == desk_id, Order.state == "placed").limit(1))
    if waiting is not None:
        raise Conflict("A card payment at this desk is still open. Finish or cancel it, then close the drawer.")
    expected = shift.float_minor + cash_taken(session, shift.id)
    till.close(shift, staff_id=staff_id, expected_minor=expected, counted_minor=counted_minor)
    _post(session, "over_short", desk, shift, staff_id, "over_short", counted_minor - expected)
    _post(session, "drop", desk, shift, staff_id, "bank", -counted_minor)
    audit.note(
        session,
        "shift.close",
        actor_kind="staff",
        actor_id=staff_id,
        location_id=desk.place.id,
        subject_id=shift.id,
        expected_minor=expected,
        counted_minor=counted_minor,
    )
    return ShiftClosed(shift.id, expected, counted_minor)
