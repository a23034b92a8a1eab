"""Consent of a second person: bound to an action, a thing, an amount and perhaps content, used once, short-lived.

Who may do a thing by their own role needs nobody. Others ask somebody who may; and a few actions (`second_person`) ask for
another pair of eyes even then. An owner alone in the clinic is never stuck: nobody stands above them.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.errors import NeedsApproval, NotAllowed
from pos.core.ids import new_id
from pos.core.messages.people import APPROVAL_NEEDED, APPROVAL_UNFIT_OR_OLD, APPROVER_MAY_NOT
from pos.domain.staff.models import Approval, Staff
from pos.domain.staff.permissions import Permission, Role, may

VALID_FOR = timedelta(minutes=2)


class Actor(Protocol):
    """Whoever acts: a signed-in person."""

    @property
    def id(self) -> UUID: ...

    @property
    def role(self) -> Role: ...


def needs_approval(role: Role, permission: Permission, *, second_person: bool = False) -> bool:
    """Whether somebody of this role must ask another person for an action that takes `permission`."""
    return not may(role, permission) or (second_person and role is not Role.OWNER)


def approve(
    session: Session,
    *,
    action: str,
    subject_id: UUID,
    amount_minor: int | None,
    location_id: UUID,
    asked_by: UUID,
    approver_id: UUID,
    content_hash: str | None = None,
) -> Approval:
    """Write the consent of a person who was found by their PIN."""
    consent = Approval(
        id=new_id(),
        location_id=location_id,
        action=action,
        subject_id=subject_id,
        amount_minor=amount_minor,
        asked_by=asked_by,
        approver_id=approver_id,
        content_hash=content_hash,
        given_at=clock.now(),
    )
    session.add(consent)
    session.flush()
    return consent


def use_approval(
    session: Session,
    approval_id: UUID | None,
    *,
    action: str,
    subject_id: UUID,
    amount_minor: int | None,
    actor: Actor,
    permission: Permission,
    location_id: UUID,
    second_person: bool = False,
    content_hash: str | None = None,
    **facts: Any,
) -> UUID | None:
    """Spend a consent and return who gave it; None where the actor needs nobody.

    `content_hash` binds it to more than the amount, where other content could have the same; `facts` is JSON that says to
    whoever is asked what it is for. Raises NeedsApproval, with what is to be approved, when there is none, or it is for
    something else, used or too old.
    """
    if not needs_approval(actor.role, permission, second_person=second_person):
        return None
    wanted: dict[str, Any] = {"action": action, "subject_id": str(subject_id), "amount_minor": amount_minor, **facts}
    if content_hash is not None:
        wanted["content_hash"] = content_hash
    if approval_id is None:
        raise NeedsApproval(APPROVAL_NEEDED, **wanted)
    now = clock.now()
    spent = session.execute(
        update(Approval)
        .where(
            Approval.id == approval_id,
            Approval.action == action,
            Approval.subject_id == subject_id,
            Approval.amount_minor.is_(None) if amount_minor is None else Approval.amount_minor == amount_minor,
            Approval.content_hash.is_(None) if content_hash is None else Approval.content_hash == content_hash,
            Approval.asked_by == actor.id,
            Approval.location_id == location_id,
            Approval.given_at > now - VALID_FOR,
            Approval.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(Approval.approver_id)
        .execution_options(synchronize_session=False)
    ).scalar()
    if spent is None:
        raise NeedsApproval(APPROVAL_UNFIT_OR_OLD, **wanted)
    role = session.scalars(select(Staff.role).where(Staff.id == spent)).one()
    if not may(Role(role), permission):
        raise NotAllowed(APPROVER_MAY_NOT)
    return spent
