"""Second factors of office sign-ins: set up, proved, asked for, ended; and the recovery codes that stand in for one."""

from __future__ import annotations

import re
import secrets
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.errors import Invalid
from pos.core.hashing import sha256_hex
from pos.core.messages.people import SECOND_FACTOR_CODE_WRONG
from pos.domain.staff.models import RecoveryCode, RequiredFactor, SecondFactor
from pos.domain.staff.permissions import Role
from pos.domain.staff.totp import new_secret, step_of_code

RECOVERY_CODES = 10
# Without letters and digits that are taken for one another.
_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"


def has_second_factor(session: Session, staff_id: UUID) -> bool:
    """Whether somebody's office sign-in asks for a code."""
    found = select(SecondFactor.staff_id).where(SecondFactor.staff_id == staff_id, SecondFactor.proved_at.is_not(None))
    return session.scalar(found) is not None


def required_roles(session: Session) -> frozenset[Role]:
    """The roles whose office sign-ins need a second factor."""
    return frozenset(Role(role) for role in session.scalars(select(RequiredFactor.role)))


def must_set_up(staff_id: ColumnElement[UUID], role: ColumnElement[str]) -> ColumnElement[bool]:
    """The condition under which somebody of a role needs a second factor and has none that counts."""
    required = select(RequiredFactor.role).where(RequiredFactor.role == role)
    proved = select(SecondFactor.staff_id).where(SecondFactor.staff_id == staff_id, SecondFactor.proved_at.is_not(None))
    return required.exists() & ~proved.exists()


def require(session: Session, role: Role, *, required_by: UUID | None) -> None:
    """Need a second factor of a role from now on, or (by nobody) no longer."""
    if required_by is None:
        session.execute(delete(RequiredFactor).where(RequiredFactor.role == role.value))
    elif session.get(RequiredFactor, role.value) is None:
        session.add(RequiredFactor(role=role.value, required_by=required_by, required_at=clock.now()))
        session.flush()


def secret_to_prove(session: Session, staff_id: UUID) -> str | None:
    """The secret somebody has begun to set up and not proved yet."""
    return session.scalar(
        select(SecondFactor.secret).where(SecondFactor.staff_id == staff_id, SecondFactor.proved_at.is_(None))
    )


def begin(session: Session, staff_id: UUID) -> None:
    """Make a secret that counts once a code has proved it; one that counts already stays."""
    row = session.get(SecondFactor, staff_id)
    if row is None:
        session.add(SecondFactor(staff_id=staff_id, secret=new_secret(), last_step=0))
        session.flush()


def prove(session: Session, staff_id: UUID, code: str) -> list[str]:
    """Turn a second factor on by its first code; returns ten recovery codes, never shown again. Raises Invalid."""
    row = session.get(SecondFactor, staff_id, with_for_update=True, populate_existing=True)
    if row is None or row.proved_at is not None:
        raise Invalid(SECOND_FACTOR_CODE_WRONG, field="code")
    step = step_of_code(row.secret, _clean(code), clock.now(), after=row.last_step)
    if step is None:
        raise Invalid(SECOND_FACTOR_CODE_WRONG, field="code")
    row.proved_at, row.last_step = clock.now(), step
    codes = ["".join(secrets.choice(_ALPHABET) for _ in range(12)) for _ in range(RECOVERY_CODES)]
    session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == staff_id))
    session.add_all(RecoveryCode(code_hash=_hashed(staff_id, code), staff_id=staff_id) for code in codes)
    session.flush()
    return [f"{code[:4]}-{code[4:8]}-{code[8:]}" for code in codes]


def take_code(session: Session, staff_id: UUID, typed: str) -> str:
    """Use a code of the app, or a recovery code, once; returns which kind it was (`app`, `recovery`). Raises Invalid."""
    code = _clean(typed)
    row = session.get(SecondFactor, staff_id, with_for_update=True, populate_existing=True)
    if row is not None and row.proved_at is not None:
        step = step_of_code(row.secret, code, clock.now(), after=row.last_step)
        if step is not None:
            row.last_step = step
            session.flush()
            return "app"
        spent = session.scalar(
            update(RecoveryCode)
            .where(RecoveryCode.code_hash == _hashed(staff_id, code.upper()), RecoveryCode.used_at.is_(None))
            .values(used_at=clock.now())
            .returning(RecoveryCode.staff_id),
            execution_options={"synchronize_session": False},
        )
        if spent is not None:
            return "recovery"
    raise Invalid(SECOND_FACTOR_CODE_WRONG, field="code")


def codes_left(session: Session, staff_id: UUID) -> int:
    """How many recovery codes somebody has not used."""
    unused = select(func.count()).where(RecoveryCode.staff_id == staff_id, RecoveryCode.used_at.is_(None))
    return session.scalar(unused) or 0


def end(session: Session, staff_id: UUID) -> bool:
    """Forget a second factor and its recovery codes; returns whether it counted."""
    was_on = has_second_factor(session, staff_id)
    session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == staff_id))
    session.execute(delete(SecondFactor).where(SecondFactor.staff_id == staff_id))
    return was_on


def _clean(typed: str) -> str:
    return re.sub(r"[\s-]", "", typed)[:40]


def _hashed(staff_id: UUID, code: str) -> str:
    return sha256_hex(f"{staff_id}:{code}".encode())
