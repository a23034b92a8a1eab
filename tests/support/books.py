"""A world whose books are complete, and hands that reach past the triggers to plant a fault.

The world's drawers are opened without the entry the use case writes for their float; `book_floats` writes it, after which
every invariant of `pos verify` holds. `tamper(world, "UPDATE …")` changes rows that the application cannot change.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from pos.core.database.base import engine, reading
from pos.core.ids import new_id
from pos.domain.ledger import posting as ledger
from pos.domain.ledger.entries import Draft, cash_drawer
from pos.domain.locations.queries import place
from pos.domain.sales.carts import Tip
from pos.domain.sales.pricing import Discount
from pos.domain.till.models import Shift
from pos.domain.till.shifts import MovementRequest, current_shift
from pos.reports.period import one_moment
from pos.reports.verify import CHECKS, CheckResult, verify
from pos.services.till.cash_movements import record_movement
from pos.services.till.close_period import write_closing
from pos.services.till.shifts import close_shift, expected_in
from tests.conftest import NOON
from tests.support.actions import action
from tests.support.clinic import Clinic, line
from tests.support.remembered_checks import broken_checks, first_break


def book_floats(world: Clinic) -> Clinic:
    """Write the entry of each open drawer's float."""

    def conduct(session: Session) -> None:
        for shift in session.scalars(select(Shift).order_by(Shift.id)):
            site = world.usd if shift.location_id == world.usd.location_id else world.eur
            draft = Draft("float", shift.id, site.currency)
            draft.debit(cash_drawer(shift.drawer_id), shift.float_minor)
            draft.credit("bank", shift.float_minor)
            context = action(session, shift.location_id, on=shift.business_on, at=shift.opened_at)
            ledger.post(session, draft, context, reference="float", shift_id=shift.id)

    world.write(conduct)
    return world


def trade(world: Clinic) -> Clinic:
    """A day's worth of different sales."""
    world.buy("ten", world.ana)
    world.sell(
        line("trigger_60", therapist=world.therapist),
        line("cupping"),
        client=world.ana,
        tip=Tip(Decimal(20), staff_id=world.therapist.id),
    )
    world.sell(line("foot_60"), discount=Discount(amount_minor=5_00, reason="Birthday"))
    world.sell(line("oil", 2), line("aromatherapy"), desk=world.usd.desks[1])
    world.buy("three", world.ben, site=world.eur)
    world.sell(line("trigger_60"), client=world.ben, site=world.eur)
    world.sell(line("trigger_90"), site=world.eur, cash=200_00)
    return world


def tamper(world: Clinic, *statements: str, **values: Any) -> None:
    """Run statements with triggers and foreign keys out of the way, as somebody with the database's password could."""
    with world.app.app_context(), engine().connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("COMMIT")  # a pragma on foreign keys does nothing inside a transaction
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            triggers = connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all()
            for name in triggers:
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            connection.exec_driver_sql("SET session_replication_role = replica")
        for statement in statements:
            connection.execute(text(statement), values)
        connection.commit()
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA foreign_keys = ON")
            connection.exec_driver_sql("BEGIN")
        else:
            connection.exec_driver_sql("SET session_replication_role = DEFAULT")
        connection.commit()


def checked(world: Clinic, **options: Any) -> dict[str, CheckResult]:
    """The outcome of `pos verify`, by key."""
    with world.app.app_context():
        return {result.key: result for result in verify(reading(), **options)}


def failing(world: Clinic, **options: Any) -> dict[str, str]:
    """The checks that fail, with the first bad row of each."""
    if not options:
        with world.app.app_context():
            return broken_checks(reading())
    return {key: result.first or "" for key, result in checked(world, **options).items() if not result.holds}


def found_by(world: Clinic, key: str) -> str | None:
    """The first bad row that one check finds. The others, which take most of the time of a planted fault, are not asked."""
    (check,) = (one for one in CHECKS if one.key == key)
    with world.app.app_context():
        session = reading()
        one_moment(session)
        return first_break(session, check)


def close_drawer(world: Clinic, desk_id: UUID, *, off: int = 0, left: int = 0) -> None:
    """The owner counts and closes the open drawer of a desk: what should be in it, or so much more."""
    with world.app.app_context():
        shift = current_shift(reading(), desk_id)
        assert shift is not None
        held = expected_in(reading(), shift)
        reading().rollback()
        close_shift(desk_id=desk_id, staff_id=world.owner.id, counted_minor=held + off, left_minor=left)


def close_up(world: Clinic) -> Clinic:
    """Cash moves, the second drawer closes, and the next morning closes the day before, as if the first had been too."""
    desk, back = world.usd.desks
    wanted = (
        MovementRequest(new_id(), "paid_in", 20_00, "Change from the bank"),
        MovementRequest(new_id(), "tip_paid_out", 5_00, "Friday", world.therapist.id),
    )
    with world.app.app_context():
        for movement in wanted:
            record_movement(desk_id=desk, staff_id=world.receptionist.id, wanted=movement)
        shift = current_shift(reading(), back)
        assert shift is not None
        held = expected_in(reading(), shift)
        reading().rollback()
        close_shift(desk_id=back, staff_id=world.receptionist.id, counted_minor=held, left_minor=50_00)
    world.write(lambda s: write_closing(s, place(s, world.usd.location_id), "day", NOON.date(), None))
    return world
