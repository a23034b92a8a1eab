"""Adding, editing and retiring locations. What was sold, booked and printed keeps what the location was set to then."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, or_, select, true
from sqlalchemy.orm import Session

from pos.core import audit, clock
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Conflict, Invalid, NotFound
from pos.core.messages.general import NO_SUCH_LOCATION
from pos.core.messages.installation import (
    CUTOFF_MOVES_TODAY,
    CUTOFF_SHIFT_OPEN,
    FROZEN_WITH_FIRST_SALE,
    LAST_LOCATION,
    LOCATION_CHANGED_MEANWHILE,
    LOCATION_PAYMENT_WAITS,
    LOCATION_SHIFT_OPEN,
    PRICES_HAVE_OTHER_DIGITS,
    RECEIPT_PREFIX_TAKEN,
    SECOND_TAX_HAS_RATES,
    SLUG_TAKEN,
)
from pos.core.money import exponent
from pos.domain.catalogue.models import Price
from pos.domain.catalogue.tax_rates import has_second_rate
from pos.domain.ledger.models import JournalEntry
from pos.domain.ledger.posting import open_books
from pos.domain.locations.models import Desk, Location
from pos.domain.receipts.credit_note_models import CreditNoteSeries
from pos.domain.receipts.models import Receipt
from pos.domain.receipts.repository import TEST_SERIES, open_series
from pos.domain.refunds.models import Refund
from pos.domain.sales.models import Order, Sale
from pos.domain.staff.models import Staff, StaffLocation
from pos.domain.staff.permissions import Role
from pos.domain.staff.queries import Person, require_everywhere, works_everywhere
from pos.domain.till.models import Drawer, Shift
from pos.services.locations.location_facts import FROZEN, LocationFacts, as_columns, facts_of


def is_frozen(session: Session, location_id: UUID) -> bool:
    """Whether the frozen facts of a location stay as they are: something was sold, ordered or booked there.

    Test sales, their voids and the shifts that held nothing else do not count (decision 22); an open shift does.
    """
    tests = select(Receipt.sale_id).where(Receipt.location_id == location_id, Receipt.series == TEST_SERIES)
    voids = select(Refund.id).where(Refund.sale_id.in_(tests))
    of_test = JournalEntry.subject_id.in_(tests.union(voids))
    held_tests = select(JournalEntry.shift_id).where(
        JournalEntry.location_id == location_id, of_test, JournalEntry.shift_id.is_not(None)
    )
    counts: tuple[tuple[Any, ColumnElement[bool]], ...] = (
        (JournalEntry, ~of_test),
        (Sale, Sale.id.not_in(tests)),
        (Order, true()),
        (Shift, (Shift.state == "open") | Shift.id.not_in(held_tests)),
    )
    return bool(
        session.scalar(select(or_(*(exists().where(of.location_id == location_id, cond) for of, cond in counts))))
    )


def _own_row(session: Session, location_id: UUID, person: Person) -> Location:
    """The locked row of a location of the person; raises NotFound for another's."""
    row = session.get(Location, location_id, with_for_update=True, populate_existing=True)
    if row is None or not (location_id in person.locations or works_everywhere(session, person)):
        raise NotFound(NO_SUCH_LOCATION)
    return row


def _require_unique(session: Session, facts: LocationFacts, but: UUID | None) -> None:
    for field, sentence in (("slug", SLUG_TAKEN), ("receipt_prefix", RECEIPT_PREFIX_TAKEN)):
        column = getattr(Location, field)
        query = select(Location.id).where(column == getattr(facts, field))
        if session.scalar(query if but is None else query.where(Location.id != but)) is not None:
            raise Invalid(sentence, field=field)


def begin_records(session: Session, location_id: UUID) -> None:
    """Begin the books of a new location and its numbering of receipts and credit notes."""
    open_books(session, location_id)
    open_series(session, location_id)
    session.add(CreditNoteSeries(location_id=location_id, last_number=0))


@unit_of_work
def add_location(session: Session, *, location_id: UUID, facts: LocationFacts, person: Person) -> UUID:
    """Add a location with its books and its series of receipts and credit notes; the same key again changes nothing.

    Whoever adds it works there from now on, and so does every owner. Raises NotAllowed, Invalid naming the field.
    """
    require_everywhere(session, person)
    if session.get(Location, location_id) is not None:
        return location_id
    clean = facts.cleaned()
    _require_unique(session, clean, None)
    last = session.scalar(select(func.max(Location.position))) or 0
    session.add(Location(id=location_id, position=last + 1, active=True, **as_columns(clean)))
    session.flush()
    begin_records(session, location_id)
    owners = session.scalars(select(Staff.id).where(Staff.role == Role.OWNER, Staff.active))
    session.add_all(StaffLocation(staff_id=one, location_id=location_id) for one in sorted({*owners, person.id}))
    audit.note_change(
        session, "location.added", before={}, after=asdict(clean),
        actor_id=person.id, location_id=location_id, subject_id=location_id,
    )  # fmt: skip
    session.flush()
    return location_id


def _require_changeable(session: Session, row: Location, before: LocationFacts, after: LocationFacts) -> None:
    """Refuse what must not change: frozen facts, and an end of the day that would move today's business date."""
    changed = [name for name in FROZEN if getattr(after, name) != getattr(before, name)]
    if changed and is_frozen(session, row.id):
        raise Invalid(FROZEN_WITH_FIRST_SALE, field=changed[0])
    if not after.second_tax_label and before.second_tax_label and has_second_rate(session, row.id):
        raise Invalid(SECOND_TAX_HAS_RATES, field="second_tax_label")
    if exponent(after.currency) != exponent(before.currency) and session.scalar(
        select(exists().where(Price.location_id == row.id))
    ):
        raise Invalid(PRICES_HAVE_OTHER_DIGITS(currency=after.currency), field="currency")
    if after.cutoff_hour == before.cutoff_hour or not is_frozen(session, row.id):
        return
    if _open_shift(session, row.id) is not None:
        raise Invalid(CUTOFF_SHIFT_OPEN, field="cutoff_hour")
    now = clock.now()
    today = clock.business_date(now, before.time_zone, before.cutoff_hour)
    if clock.business_date(now, after.time_zone, after.cutoff_hour) != today:
        hour = max(before.cutoff_hour, after.cutoff_hour)
        raise Invalid(CUTOFF_MOVES_TODAY(hour=hour), field="cutoff_hour")


@unit_of_work
def edit_location(session: Session, *, location_id: UUID, facts: LocationFacts, seen: str, person: Person) -> None:
    """Set a location anew; `seen` is the print of its facts as the person saw them.

    Raises NotFound for another's location, Invalid naming the field (also for what is frozen), Conflict when somebody was
    faster.
    """
    row = _own_row(session, location_id, person)
    before, after = facts_of(row), facts.cleaned()
    if after == before:
        return
    if seen != before.state_token:
        raise Conflict(LOCATION_CHANGED_MEANWHILE)
    _require_unique(session, after, location_id)
    _require_changeable(session, row, before, after)
    for name, value in as_columns(after).items():
        setattr(row, name, value)
    audit.note_change(
        session, "location.changed", before=asdict(before), after=asdict(after),
        actor_id=person.id, location_id=location_id, subject_id=location_id,
    )  # fmt: skip
    session.flush()


def _open_shift(session: Session, location_id: UUID) -> str | None:
    """The name of a desk whose drawer is open."""
    query = (
        select(Desk.name)
        .join(Drawer, Drawer.desk_id == Desk.id)
        .join(Shift, Shift.drawer_id == Drawer.id)
        .where(Shift.location_id == location_id, Shift.state == "open")
    )
    return session.scalar(query.order_by(Desk.name).limit(1))


@unit_of_work
def retire_location(session: Session, *, location_id: UUID, person: Person) -> None:
    """Close a location for good or for a while: nothing is sold there until it is brought back; its books stay.

    Raises NotAllowed, NotFound, and Conflict while a drawer is open, money is awaited, or no other location is open.
    """
    require_everywhere(session, person)
    row = _own_row(session, location_id, person)
    if not row.active:
        return
    if desk := _open_shift(session, location_id):
        raise Conflict(LOCATION_SHIFT_OPEN(desk=desk))
    if session.scalar(select(exists().where(Order.location_id == location_id, Order.state == "placed"))):
        raise Conflict(LOCATION_PAYMENT_WAITS)
    if not session.scalar(select(exists().where(Location.active, Location.id != location_id))):
        raise Conflict(LAST_LOCATION)
    _set_active(session, row, person, active=False)


@unit_of_work
def bring_back_location(session: Session, *, location_id: UUID, person: Person) -> None:
    """Open a retired location again; raises NotAllowed, NotFound."""
    require_everywhere(session, person)
    row = _own_row(session, location_id, person)
    if not row.active:
        _set_active(session, row, person, active=True)


def _set_active(session: Session, row: Location, person: Person, *, active: bool) -> None:
    audit.note_change(
        session, "location.brought_back" if active else "location.retired",
        before={"active": row.active}, after={"active": active},
        actor_id=person.id, location_id=row.id, subject_id=row.id,
    )  # fmt: skip
    row.active = active
    session.flush()
