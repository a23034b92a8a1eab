"""Limits of roles by location: set by owners, written down, and what each of them holds back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from pos.core.audit import AuditEvent
from pos.core.errors import Invalid, NeedsApproval, NotAllowed
from pos.core.ids import new_id
from pos.domain.staff.limit_rules import Limit, usual_limits
from pos.domain.staff.permissions import Role
from pos.domain.staff.role_limits import limits_of
from pos.domain.till.shifts import MovementRequest
from pos.services.auth import give_approval
from pos.services.packages.complimentary_credits import ComplimentaryGrant, grant_complimentary_credits
from pos.services.packages.freeze_and_extend import extend_package
from pos.services.stored_value.account_credit import give_goodwill, pay_out
from pos.services.till.cash_movements import record_movement
from pos.services.till.shifts import close_shift
from tests.support.books import book_floats, failing
from tests.support.clinic import Clinic
from tests.support.package_actions import package_action
from tests.support.role_limits import set_limits


@pytest.fixture
def books(clinic: Clinic) -> Clinic:
    return book_floats(clinic)


def changed(before: dict[str, int | None], *after: int | None) -> dict[str, dict[str, int | None]]:
    return {"before": before, "after": dict(zip(before, after, strict=True))}


def test_limits_of_role_belong_to_location_and_are_written_down(clinic: Clinic) -> None:
    set_limits(clinic, Role.RECEPTIONIST, {Limit.PAID_OUT: None, Limit.REFUND: 30_00})
    set_limits(clinic, Role.RECEPTIONIST, {Limit.PAID_OUT: 5_00})
    with clinic.read() as session:
        here, there = clinic.usd.location_id, clinic.eur.location_id
        assert limits_of(session, here, Role.RECEPTIONIST).of(Limit.PAID_OUT) == 5_00
        assert limits_of(session, there, Role.RECEPTIONIST) == usual_limits(Role.RECEPTIONIST, "EUR")
        assert limits_of(session, here, Role.MANAGER) == usual_limits(Role.MANAGER, "USD")
        notes = session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
        kept = [
            (one.actor_id, one.location_id, one.detail) for one in notes if one.action == "roles.receptionist_limits"
        ]
    assert kept == [
        (clinic.owner.id, here, changed({"paid_out_minor": 100_00, "refund_minor": 0}, None, 30_00)),
        (clinic.owner.id, here, changed({"paid_out_minor": None}, 5_00)),
    ]
    for by in (clinic.manager, clinic.receptionist, clinic.bookkeeper):
        with pytest.raises(NotAllowed):
            set_limits(clinic, Role.RECEPTIONIST, {Limit.PAID_OUT: None}, by=by)
    with pytest.raises(Invalid) as refused:
        set_limits(clinic, Role.RECEPTIONIST, {Limit.PAID_OUT: -1})
    assert refused.value.field == "paid_out_minor"


def goodwill(world: Clinic, amount: int, **more: object) -> object:
    return give_goodwill(
        package_action(world, **more), client_id=world.ana, location_id=world.usd.location_id, amount_minor=amount
    )


def complimentary(world: Clinic, sessions: int, **more: object) -> object:
    item = world.items["trigger_60"]
    grant = ComplimentaryGrant(world.ana, world.usd.location_id, item, sessions, "goodwill", date(2099, 1, 1))
    return grant_complimentary_credits(package_action(world, **more), grant)


@pytest.mark.parametrize(("limit", "act"), [(Limit.GOODWILL, goodwill), (Limit.COMPLIMENTARY, complimentary)])
def test_what_manager_gives_above_limit_is_done_by_owner(
    books: Clinic, limit: Limit, act: Callable[..., object]
) -> None:
    set_limits(books, Role.MANAGER, {limit: 3})
    with books.app.app_context():
        act(books, 3)
    with books.app.app_context(), pytest.raises(NeedsApproval, match="somebody with a higher limit"):
        act(books, 4)
    with books.app.app_context():
        act(books, 4, by=books.owner)
    assert failing(books) == {}


def test_days_added_to_one_package_count_together(books: Clinic) -> None:
    lot = books.buy("three", books.ana)
    set_limits(books, Role.MANAGER, {Limit.EXTENSION: 10})
    ends = books.lot(lot).expires_on
    assert ends

    def extend(days: int) -> None:
        with books.app.app_context():
            extend_package(package_action(books), lot, to=ends + timedelta(days=days))

    extend(6)
    with pytest.raises(NeedsApproval):
        extend(11)
    extend(10)


def test_cash_paid_out_within_raised_limit_needs_nobody(books: Clinic) -> None:
    def move(minor: int) -> None:
        wanted = MovementRequest(new_id(), "paid_out", minor, "Towels")
        with books.app.app_context():
            record_movement(desk_id=books.usd.desk, staff_id=books.manager.id, wanted=wanted)

    move(10_00)  # without limit
    set_limits(books, Role.MANAGER, {Limit.PAID_OUT: 20_00})
    move(20_00)
    with pytest.raises(NeedsApproval):
        move(20_01)
    set_limits(books, Role.MANAGER, {Limit.PAID_OUT: 20_01})  # counts from the next action on
    move(20_01)


def test_drawer_that_differs_within_raised_limit_needs_nobody_and_exact_count_never(books: Clinic) -> None:
    set_limits(books, Role.RECEPTIONIST, {Limit.DIFFERENCE: 0})

    def close(minor: int) -> int:
        with books.app.app_context():
            who = books.receptionist.id
            return close_shift(desk_id=books.usd.desk, staff_id=who, counted_minor=minor).over_short_minor

    with pytest.raises(NeedsApproval):
        close(100_01)
    set_limits(books, Role.RECEPTIONIST, {Limit.DIFFERENCE: 1})
    assert close(100_01) == 1


def test_account_credit_paid_out_by_manager_within_cash_limit_needs_nobody(books: Clinic) -> None:
    with books.app.app_context():
        goodwill(books, 40_00, by=books.owner)
    set_limits(books, Role.MANAGER, {Limit.CASH_REFUND: 40_00})
    with books.app.app_context():
        paid = pay_out(
            client_id=books.ana,
            action_id=new_id(),
            desk_id=books.usd.desk,
            staff_id=books.manager.id,
            reason="Moves away",
        )
    assert paid.amount_minor == 40_00
    assert failing(books) == {}


def test_second_person_agrees_to_difference_whatever_their_own_limit(books: Clinic) -> None:
    """It is about another pair of eyes: a manager signs for a count whose difference they could not sign for alone."""
    with books.app.app_context(), pytest.raises(NeedsApproval) as refused:
        close_shift(desk_id=books.usd.desk, staff_id=books.receptionist.id, counted_minor=40_00)
    asked = refused.value.extra
    with books.app.app_context():
        given = give_approval(
            desk_id=books.usd.desk, asked_by=books.receptionist.id, action=asked["action"],
            subject_id=UUID(asked["subject_id"]), amount_minor=40_00, pin=books.manager.pin,
        )  # fmt: skip
    with books.app.app_context():
        close_shift(desk_id=books.usd.desk, staff_id=books.receptionist.id, counted_minor=40_00, approval_id=given)
