"""Opening and closing a drawer: the close knows tenders, orders and tickets, so it is conducted here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core import audit
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Conflict, Invalid, NeedsApproval
from pos.core.messages.till import (
    CARD_PAYMENT_OPEN_AT_DESK,
    COINS_DIFFER_FROM_AMOUNT,
    COUNT_BELOW_ZERO,
    DRAWER_CLOSED_ALREADY,
    MORE_LEFT_THAN_COUNTED,
    NOT_ENOUGH_CASH_IN_DRAWER,
    TICKET_OPEN_AT_DESK,
)
from pos.core.money import LARGEST_MINOR, plain
from pos.domain.ledger import posting as ledger
from pos.domain.ledger.entries import Draft, cash_drawer
from pos.domain.ledger.queries import moved_in_shift
from pos.domain.locations.action_context import ActionContext
from pos.domain.locations.queries import DeskPlace, desk_place
from pos.domain.sales.models import Order, Ticket
from pos.domain.staff.approvals import use_approval
from pos.domain.staff.limit_rules import Limit, exceeds
from pos.domain.staff.models import Staff
from pos.domain.staff.permissions import Permission, Role
from pos.domain.till import shifts as till
from pos.domain.till.models import Shift
from pos.domain.till.rules import counted as sum_of
from pos.domain.till.rules import likely_sum, require_likely
from pos.domain.till.shifts import OpenShift
from pos.services.till.z_reports import snapshot


@dataclass(frozen=True)
class ShiftOpened:
    """An open drawer."""

    shift_id: UUID
    float_minor: int


@dataclass(frozen=True)
class ShiftClosed:
    """A closed drawer, and the number of its Z report."""

    shift_id: UUID
    expected_minor: int
    counted_minor: int
    left_minor: int
    z_id: UUID
    z_number: int

    @property
    def over_short_minor(self) -> int:
        """Over is positive, short negative."""
        return self.counted_minor - self.expected_minor


@dataclass(frozen=True)
class Acting:
    """A member of staff as approvals look at them."""

    id: UUID
    role: Role


def acting(session: Session, staff_id: UUID) -> Acting:
    """The person who acts, with their role."""
    return Acting(staff_id, Role(session.scalars(select(Staff.role).where(Staff.id == staff_id)).one()))


def expected_in(session: Session, shift: Shift | OpenShift) -> int:
    """What should be in the drawer: its float, and everything the books say went in and out since."""
    return shift.float_minor + moved_in_shift(session, shift.id, cash_drawer(shift.drawer_id), without="float")


def require_cash(session: Session, shift: Shift | OpenShift, minor: int, currency: str, *, instead: str) -> None:
    """Refuse cash out of a drawer that holds less; `instead` says what else can be done. Raises Conflict.

    Nobody else takes cash out meanwhile where the shift was locked with `closing`. Change needs no such lock: what the
    client laid down is more than what is handed back, so that the drawer never holds less after it.
    """
    if minor <= 0:
        return
    there = expected_in(session, shift)
    if minor > there:
        raise Conflict(
            NOT_ENOUGH_CASH_IN_DRAWER(
                there=plain(max(there, 0), currency), currency=currency, amount=plain(minor, currency), instead=instead
            ),
            why="not_enough_cash",
            in_drawer_minor=there,
        )


def _post(
    session: Session, event: str, context: ActionContext, desk: DeskPlace, shift: Shift, moves: Mapping[str, int]
) -> None:
    """Book cash of a shift: `moves` are what each account gives to the drawer, minor units."""
    draft = Draft(event, shift.id, desk.place.currency)
    for account, minor in moves.items():
        draft.debit(cash_drawer(shift.drawer_id), minor)
        draft.credit(account, minor)
    ledger.post(session, draft, context, reference=desk.name, shift_id=shift.id)


def _sum(
    counts: Mapping[str, int] | None, minor: int | None, currency: str, field: str, confirmed_minor: int | None
) -> int:
    """The counted sum: of the pieces where they were counted, else as it was written. An unusual one is confirmed."""
    found = _counted(counts, minor, currency, field)
    require_likely(found, likely_sum(currency), currency, confirmed_minor=confirmed_minor, field=field)
    return found


def _counted(counts: Mapping[str, int] | None, minor: int | None, currency: str, field: str) -> int:
    if counts:
        found = sum_of(counts, currency, field="counts")
        if minor is not None and minor != found:
            raise Invalid(COINS_DIFFER_FROM_AMOUNT, field="counts")
        return found
    if minor is None or not 0 <= minor <= LARGEST_MINOR:
        raise Invalid(COUNT_BELOW_ZERO, field=field)
    return minor


@unit_of_work
def open_shift(
    session: Session,
    *,
    desk_id: UUID,
    staff_id: UUID,
    float_minor: int | None = None,
    counts: Mapping[str, int] | None = None,
    note: str = "",
    confirmed_minor: int | None = None,
) -> ShiftOpened:
    """Open a desk's drawer with its counted float.

    Where the last close left nothing, the float comes from the bank; else a difference to what was left is over or short.
    Raises Conflict if it is open already, Invalid for a senseless count or a difference without a note, NeedsConfirmation
    for a sum that is unusually much and not the one that was confirmed.
    """
    desk = desk_place(session, desk_id)
    counted = _sum(counts, float_minor, desk.place.currency, "float", confirmed_minor)
    shift = till.open_shift(session, desk, staff_id=staff_id, float_minor=counted, counts=counts, note=note)
    _post(
        session,
        "float",
        ActionContext.at(desk.place, actor_id=staff_id),
        desk,
        shift,
        {"over_short" if shift.opening_found_minor else "bank": counted - shift.opening_found_minor},
    )
    audit.note(
        session,
        "shift.open",
        actor_id=staff_id,
        location_id=desk.place.id,
        subject_id=shift.id,
        float_minor=counted,
        opening_found_minor=shift.opening_found_minor,
    )
    return ShiftOpened(shift.id, counted)


def _require_nothing_open(session: Session, desk: DeskPlace) -> None:
    """Raise Conflict while a payment or a ticket of the desk is open; a parked ticket waits for any desk and may."""
    waiting = session.scalar(select(Order.id).where(Order.desk_id == desk.id, Order.state == "placed").limit(1))
    if waiting is not None:
        raise Conflict(CARD_PAYMENT_OPEN_AT_DESK)
    tickets = session.scalars(select(Ticket.content).where(Ticket.desk_id == desk.id, Ticket.state == "open"))
    if any(content["lines"] for content in tickets):
        raise Conflict(TICKET_OPEN_AT_DESK, why="ticket_open")


def close_shift(
    *,
    desk_id: UUID,
    staff_id: UUID,
    counted_minor: int | None = None,
    counts: Mapping[str, int] | None = None,
    left_minor: int = 0,
    note: str = "",
    approval_id: UUID | None = None,
    confirmed_minor: int | None = None,
) -> ShiftClosed:
    """Close a desk's drawer by a blind count: what was expected is told afterwards, a difference is recorded, what does
    not stay in the drawer goes to the bank, and the Z report is frozen.

    Raises Conflict while a payment or a ticket of this desk is open, Invalid for a senseless count, NeedsApproval when the
    difference is above the limit of the role: a second person signs for the count. Each such count is kept in the audit.
    NeedsConfirmation as for the float.
    """
    try:
        return count_and_close(
            desk_id=desk_id,
            staff_id=staff_id,
            counted_minor=counted_minor,
            counts=counts,
            left_minor=left_minor,
            note=note,
            approval_id=approval_id,
            confirmed_minor=confirmed_minor,
        )
    except NeedsApproval as refused:
        if approval_id is None:
            _keep_count(desk_id, staff_id, UUID(refused.extra["subject_id"]), refused.extra["amount_minor"])
        raise


@unit_of_work
def _keep_count(session: Session, desk_id: UUID, staff_id: UUID, shift_id: UUID, counted_minor: int) -> None:
    """Counts that differ too much are kept, so that a count repeated until it fits shows."""
    audit.note(
        session,
        "shift.count_differs",
        actor_id=staff_id,
        location_id=desk_place(session, desk_id).place.id,
        subject_id=shift_id,
        counted_minor=counted_minor,
    )


@unit_of_work
def count_and_close(
    session: Session,
    *,
    desk_id: UUID,
    staff_id: UUID,
    counted_minor: int | None,
    counts: Mapping[str, int] | None,
    left_minor: int,
    note: str,
    approval_id: UUID | None,
    confirmed_minor: int | None,
) -> ShiftClosed:
    """`close_shift` without what is kept of a refused count."""
    desk = desk_place(session, desk_id)
    place = desk.place
    counted = _sum(counts, counted_minor, place.currency, "counted", confirmed_minor)
    if not 0 <= left_minor <= counted:
        raise Invalid(MORE_LEFT_THAN_COUNTED, field="left")
    shift = till.current_shift(session, desk_id, lock=True, closing=True)
    if shift is None:
        raise Conflict(DRAWER_CLOSED_ALREADY)
    _require_nothing_open(session, desk)
    expected = expected_in(session, shift)
    approver = None
    if counted != expected:
        # The consent is to the count and not to the difference, which the person who counts is not to learn before.
        approver = use_approval(
            session,
            approval_id,
            action="close_drawer",
            subject_id=shift.id,
            amount_minor=counted,
            actor=acting(session, staff_id),
            permission=Permission.APPROVE,
            location_id=place.id,
            exceeds=exceeds({Limit.DIFFERENCE: abs(counted - expected)}),
        )
    context = ActionContext.at(place, actor_id=staff_id, approver_id=approver)
    till.close(
        shift,
        context,
        expected_minor=expected,
        counted_minor=counted,
        left_minor=left_minor,
        counts=counts,
        note=note,
    )
    _post(session, "over_short", context, desk, shift, {"over_short": counted - expected})
    _post(session, "drop", context, desk, shift, {"bank": left_minor - counted})
    session.flush()
    report = snapshot(session, shift, desk)
    audit.note(
        session,
        "shift.close",
        actor_id=staff_id,
        location_id=place.id,
        subject_id=shift.id,
        expected_minor=expected,
        counted_minor=counted,
        z_number=report.number,
        approved_by=str(approver) if approver else None,
    )
    return ShiftClosed(shift.id, expected, counted, left_minor, report.id, report.number)
