"""What an operator does on the server when nobody can sign in any more."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from pos.core import audit
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import NotFound
from pos.core.messages.people import NO_SUCH_PERSON
from pos.domain.staff import second_factors
from pos.domain.staff.credentials import end_sign_ins, set_password
from pos.domain.staff.links import end_links
from pos.domain.staff.models import LoginLockout, Staff


@unit_of_work
def reset_sign_in(session: Session, *, email: str, password: str) -> str:
    """Give the person of an address a new password; the second factor and every sign-in end. Returns the name.

    Somebody deactivated can work here again. Raises NotFound for an address that nobody has, Invalid for a short password.
    """
    row = session.scalar(select(Staff).where(Staff.email == email.strip().lower()).with_for_update())
    if row is None:
        raise NotFound(NO_SUCH_PERSON)
    before = {"active": row.active, "second_factor": second_factors.end(session, row.id)}
    set_password(row, password)
    row.active = True
    session.flush()
    end_sign_ins(session, row.id)
    end_links(session, row.id)
    session.execute(delete(LoginLockout).where(LoginLockout.door.in_((f"account:{row.email}", f"factor:{row.id}"))))
    audit.note(
        session, "staff.sign_in_reset", subject_id=row.id, before=before, after={"active": True, "second_factor": False}
    )
    return row.name
