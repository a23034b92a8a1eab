"""Staff: PINs and passwords, doors that lock, sign-ins that end, and who may do what."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.errors import Conflict, Invalid, Locked
from pos.domain.staff import credentials, queries
from pos.domain.staff.models import LoginLockout, Staff, StaffSession
from pos.domain.staff.permissions import (
    ALLOWED,
    Permission,
    Role,
    may,
)
from pos.services.auth import sign_in_by_password, sign_in_by_pin, sign_out
from tests.support.barrier import race
from tests.support.clinic import Clinic

REAL_HASHER = credentials._hasher
WRONG = "918273"


def hire(world: Clinic, **facts: object) -> Staff:
    arguments = {"name": "New", "role": Role.RECEPTIONIST, "locations": (), "secret": "s"} | facts
    return world.write(lambda session: credentials.hire(session, **arguments))


def guess(world: Clinic, pin: str = WRONG, desk: int = 0) -> object:
    with world.app.app_context():
        return sign_in_by_pin(desk_id=world.usd.desks[desk], pin=pin)


@pytest.mark.parametrize(
    "pin", ["", "12345", "1234567890123", "12345a", "111111", "121212", "１２３４５６", "123456\n"]
)
def test_pin_weak_is_refused(clinic: Clinic, pin: str) -> None:
    with pytest.raises(Invalid) as refused:
        hire(clinic, pin=pin)
    assert refused.value.field == "pin"


def test_pin_already_taken_is_refused(clinic: Clinic) -> None:
    secret = clinic.app.config["SECRET_KEY"]
    with pytest.raises(Conflict, match="another PIN"):
        hire(clinic, pin=clinic.receptionist.pin, secret=secret)


def test_password_short_is_refused(clinic: Clinic) -> None:
    with pytest.raises(Invalid) as refused:
        hire(clinic, password="elevenchars")
    assert refused.value.field == "password"


def test_pin_and_password_are_stored_as_argon2id_and_keyed_hash(clinic: Clinic) -> None:
    assert REAL_HASHER.hash("1").startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    with clinic.read() as session:
        person = session.get_one(Staff, clinic.manager.id)
    for kept in (person.pin_hash, person.pin_lookup, person.password_hash):
        assert kept is not None
        assert clinic.manager.pin not in kept
        assert "long password" not in kept
    assert person.pin_lookup == credentials.pin_lookup(clinic.manager.pin, clinic.app.config["SECRET_KEY"])
    assert person.pin_lookup != credentials.pin_lookup(clinic.manager.pin, "another secret")


def test_sign_in_by_pin_identifies_person_and_desk(clinic: Clinic) -> None:
    with clinic.app.app_context():
        opened = sign_in_by_pin(desk_id=clinic.usd.desk, pin=clinic.receptionist.pin)
    assert opened.person.id == clinic.receptionist.id
    with clinic.read() as session:
        found = queries.signed_in(session, opened.cookie, "register")
        assert found is not None
        assert (found.person.name, found.desk_id) == ("Rita", clinic.usd.desk)
        assert queries.signed_in(session, opened.cookie, "office") is None
        assert opened.cookie not in session.scalars(select(StaffSession.token_hash)).all()


def test_sign_in_five_wrong_pins_lock_desk_for_quarter_hour(clinic: Clinic, frozen: datetime) -> None:
    for _ in range(5):
        with pytest.raises(Invalid):
            guess(clinic)
    with pytest.raises(Locked) as locked:
        guess(clinic, clinic.receptionist.pin)
    assert locked.value.extra["minutes"] == 15
    assert guess(clinic, clinic.receptionist.pin, desk=1)
    with clock.at(frozen + timedelta(minutes=14, seconds=59)), pytest.raises(Locked):
        guess(clinic, clinic.receptionist.pin)
    with clock.at(frozen + timedelta(minutes=15)):
        assert guess(clinic, clinic.receptionist.pin)


def test_sign_in_right_pin_keeps_failures(clinic: Clinic) -> None:
    """Four wrong ones and one's own, again and again: locked at the fifth wrong one."""
    for _ in range(4):
        with pytest.raises(Invalid):
            guess(clinic)
    for _ in range(7):
        assert guess(clinic, clinic.receptionist.pin)
    with clinic.read() as session:
        assert [lock.failures for lock in session.scalars(select(LoginLockout))] == [4]
    with pytest.raises(Invalid):
        guess(clinic)
    with pytest.raises(Locked):
        guess(clinic, clinic.receptionist.pin)


def test_sign_in_right_pin_alone_leaves_no_failure(clinic: Clinic) -> None:
    guess(clinic, clinic.receptionist.pin)
    with clinic.read() as session:
        assert session.scalars(select(LoginLockout)).all() == []


def test_sign_in_wrong_pins_expire_after_quarter_hour(clinic: Clinic, frozen: datetime) -> None:
    for _ in range(4):
        with pytest.raises(Invalid):
            guess(clinic)
    with clock.at(frozen + timedelta(minutes=15, seconds=1)):
        for _ in range(4):
            with pytest.raises(Invalid):
                guess(clinic)
        assert guess(clinic, clinic.receptionist.pin)


def test_sign_in_wrong_pins_at_once_are_all_counted(clinic: Clinic) -> None:
    outcomes = race(*[lambda: guess(clinic)] * 9)
    kinds = sorted(type(outcome).__name__ for outcome in outcomes)
    assert kinds.count("Invalid") <= 5
    with pytest.raises(Locked):
        guess(clinic, clinic.receptionist.pin)


@pytest.mark.parametrize(
    ("name", "error"),
    [("therapist", Invalid), ("bookkeeper", Invalid), ("eur_receptionist", Invalid), ("manager", None)],
)
def test_sign_in_by_pin_accepts_only_roles_and_locations_of_desk(
    clinic: Clinic, name: str, error: type[Exception] | None
) -> None:
    pin = getattr(clinic, name).pin
    if error is None:
        assert guess(clinic, pin)
    else:
        with pytest.raises(error):
            guess(clinic, pin)


def test_sign_in_to_office_checks_address_and_password_and_locks(clinic: Clinic) -> None:
    def enter(email: str | None, password: str | None) -> object:
        with clinic.app.app_context():
            return sign_in_by_password(email=email or "", password=password or "")

    manager = clinic.manager
    assert enter(str(manager.email).upper(), manager.password)
    for email, password in ((manager.email, "wrong password"), ("nobody@clinic.example", manager.password), ("", "")):
        with pytest.raises(Invalid, match="The address or the password is not right"):
            enter(email, password)
    for _ in range(4):
        with pytest.raises(Invalid):
            enter(manager.email, "wrong password")
    with pytest.raises(Locked):
        enter(manager.email, manager.password)


def test_sign_in_idle_half_hour_ends_and_sign_out_closes_it(clinic: Clinic, frozen: datetime) -> None:
    cookie = clinic.desk_cookie(clinic.receptionist)

    def here(instant: datetime) -> bool:
        with clock.at(instant), clinic.read() as session:
            return queries.signed_in(session, cookie, "register") is not None

    assert here(frozen + timedelta(minutes=29, seconds=59))
    assert not here(frozen + timedelta(minutes=30))
    with clock.at(frozen + timedelta(minutes=29)):
        clinic.write(lambda s: credentials.touch(s, cookie))
    assert here(frozen + timedelta(minutes=58))
    with clinic.app.app_context():
        sign_out(cookie)
        sign_out("unknown")
    assert not here(frozen + timedelta(minutes=58))


def test_sign_in_ends_after_fourteen_hours_and_when_staff_leaves(clinic: Clinic, frozen: datetime) -> None:
    cookie = clinic.office_cookie(clinic.manager)
    instant = frozen
    while instant < frozen + timedelta(hours=13, minutes=30):
        instant += timedelta(minutes=30)
        with clock.at(instant):
            clinic.write(lambda s: credentials.touch(s, cookie))
    with clock.at(frozen + timedelta(hours=14)), clinic.read() as session:
        assert queries.signed_in(session, cookie, "office") is None

    def leave(session: Session) -> None:
        session.get_one(Staff, clinic.manager.id).active = False

    fresh = clinic.office_cookie(clinic.manager)
    clinic.write(leave)
    with clinic.read() as session:
        assert queries.signed_in(session, fresh, "office") is None
        assert clinic.manager.id in queries.names(session)


def test_permission_table_of_each_role_is_exact() -> None:
    table = {role: {str(p) for p in Permission if may(role, p)} for role in Role}
    desk = {"ring_up", "see_clients", "run_drawer", "discount", "exempt_tax"}
    office = {"own", "see_reports", "export_ledger", "run_checks"}
    above = {
        "refund", "correct_credits", "manage_books", "manage_catalogue", "manage_clients", "manage_staff", "approve",
    }  # fmt: skip
    assert table == {
        Role.RECEPTIONIST: desk,
        Role.THERAPIST: {"own"},
        Role.MANAGER: desk | office | above,
        Role.OWNER: desk | office | above | {"manage_roles"},
        Role.BOOKKEEPER: office,
    }
    assert set(ALLOWED) == set(Role)


def test_staff_query_of_one_location_excludes_others(clinic: Clinic) -> None:
    with clinic.read() as session:
        found = queries.by_address(session, str(clinic.manager.email))
        assert found is not None
        assert found[0].locations == {clinic.usd.location_id}
        assert queries.therapists(session, clinic.usd.location_id) == [(clinic.therapist.id, "Theo", 0)]
        assert queries.therapists(session, clinic.eur.location_id) == []
