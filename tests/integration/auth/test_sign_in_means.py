"""Ways to sign in outlive a change of SECRET_KEY; codes follow RFC 6238; the server has a last resort."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.audit import AuditEvent
from pos.core.errors import Conflict, Invalid
from pos.domain.staff import second_factors
from pos.domain.staff.models import SecondFactor, Staff, StaffSession
from pos.domain.staff.queries import Person, by_key
from pos.domain.staff.totp import code_at, step_of, step_of_code
from pos.services.auth import CodeNeeded, Opened, sign_in_by_code, sign_in_by_password, sign_in_by_pin
from pos.services.staff.last_resort import reset_sign_in
from pos.services.staff.people import deactivate, is_npi
from pos.services.staff.sign_in_means import set_pin
from tests.support.barrier import race
from tests.support.clinic import Clinic

# RFC 6238, appendix B: the last six digits of its eight, for the secret "12345678901234567890".
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
LONG = "a fresh long password"


@pytest.mark.parametrize(("second", "code"), [(1111111111, "050471"), (1111111109, "081804"), (20000000000, "353130")])
def test_totp_codes_of_rfc_are_accepted_one_step_around_and_once(second: int, code: str) -> None:
    step = second // 30
    assert code_at(RFC_SECRET, step) == code
    for moved, found in ((-31, step), (0, step), (31, step), (-61, None), (61, None)):
        moment = datetime.fromtimestamp(step * 30 + 15 + moved, UTC)
        assert step_of_code(RFC_SECRET, code, moment, after=0) == found
    assert step_of_code(RFC_SECRET, code, datetime.fromtimestamp(second, UTC), after=step) is None
    assert step_of_code(RFC_SECRET, "１" + code[1:], datetime.fromtimestamp(second, UTC), after=0) is None


def test_npi_check_digit_is_luhn_with_prefix() -> None:
    assert is_npi("1234567893")
    assert not any(map(is_npi, ("1234567890", "123456789", "12345678930", "x234567893")))


def _set_up_factor(clinic: Clinic) -> str:
    def write(session: Session) -> str:
        second_factors.begin(session, clinic.owner.id)
        secret = second_factors.secret_to_prove(session, clinic.owner.id)
        assert secret
        second_factors.prove(session, clinic.owner.id, code_at(secret, step_of(clock.now()) - 1))
        return secret

    return clinic.write(write)


def _enter(clinic: Clinic, secret: str) -> Opened:
    asked = sign_in_by_password(email=str(clinic.owner.email), password=str(clinic.owner.password))
    assert isinstance(asked, CodeNeeded)
    return sign_in_by_code(token=asked.token, code=code_at(secret, step_of(clock.now())))


def test_pin_password_and_second_factor_survive_another_secret_key(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = _set_up_factor(clinic)
    monkeypatch.setattr("pos.services.auth.settings", _another_key(clinic))
    with clinic.app.app_context():
        assert _enter(clinic, secret).person.id == clinic.owner.id
        assert sign_in_by_pin(desk_id=clinic.usd.desk, pin=clinic.receptionist.pin).person.name == "Rita"


def _another_key(clinic: Clinic) -> object:
    from dataclasses import replace

    from pos.core.app_context import settings

    with clinic.app.app_context():
        changed = replace(settings(), secret_key="another secret of at least thirty-two characters")
    return lambda: changed


def test_pin_tried_by_manager_five_times_taken_is_locked(clinic: Clinic) -> None:
    with clinic.app.app_context():
        person = by_key_of(clinic)
        for _ in range(5):
            with pytest.raises(Conflict, match="choose another PIN"):
                set_pin(staff_id=clinic.receptionist.id, pin=clinic.manager.pin, person=person)
        with pytest.raises(Exception, match="Too many wrong attempts"):
            set_pin(staff_id=clinic.receptionist.id, pin="918273", person=person)


def by_key_of(clinic: Clinic, who: str = "manager") -> Person:
    with clinic.read() as session:
        return by_key(session, getattr(clinic, who).id)


def test_owners_who_deactivate_each_other_at_once_leave_one(clinic: Clinic) -> None:
    def promote(session: Session) -> None:
        session.get_one(Staff, clinic.manager.id).role = "owner"

    clinic.write(promote)
    first, second = by_key_of(clinic, "owner"), by_key_of(clinic, "manager")

    def end(victim: Person, actor: Person) -> None:
        with clinic.app.app_context():
            deactivate(staff_id=victim.id, person=actor)

    race(lambda: end(second, first), lambda: end(first, second))
    with clinic.read() as session:
        owners = session.scalars(select(Staff.id).where(Staff.role == "owner", Staff.active)).all()
    assert len(owners) == 1


def test_last_resort_gives_password_ends_second_factor_and_sign_ins(clinic: Clinic) -> None:
    _set_up_factor(clinic)
    clinic.desk_cookie(clinic.owner)
    with clinic.app.app_context():
        with pytest.raises(Invalid):
            reset_sign_in(email=str(clinic.owner.email), password="short")
        assert reset_sign_in(email=str(clinic.owner.email).upper(), password=LONG) == "Olga"
        assert isinstance(sign_in_by_password(email=str(clinic.owner.email), password=LONG), Opened)
    with clinic.read() as session:
        assert session.scalars(select(SecondFactor)).all() == []
        faces = session.scalars(select(StaffSession.face).where(StaffSession.staff_id == clinic.owner.id)).all()
        assert faces == ["office"]
        note = session.scalars(select(AuditEvent).where(AuditEvent.action == "staff.sign_in_reset")).one()
    assert (note.actor_kind, note.detail["before"]["second_factor"]) == ("system", True)
