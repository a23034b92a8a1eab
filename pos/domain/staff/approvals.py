"""Consent of a second person: bound to an action, a thing, an amount and perhaps content, used once, short-lived.

Who may do a thing by their own role needs nobody. Others ask somebody who may. Of what has a limit, the limits of the role
at the location decide (`limit_rules.py`), for who asks and for who agrees, each time as they are then. An owner alone in the
clinic is never stuck: nobody stands above them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.errors import NeedsApproval, NotAllowed
from pos.core.ids import new_id
from pos.core.messages.people import (
    ABOVE_LIMIT_OF_APPROVER,
    ABOVE_LIMIT_OF_ROLE,
    APPROVAL_NEEDED,
    APPROVAL_UNFIT_OR_OLD,
    APPROVER_MAY_NOT,
)
from pos.domain.staff.limit_rules import TWO_PEOPLE, Limit, Limits
from pos.domain.staff.models import Approval, Staff
from pos.domain.staff.permissions import Permission, Role, may
from pos.domain.staff.role_limits import limits_of

VALID_FOR = timedelta(minutes=2)


class Actor(Protocol):
    """Whoever acts: a signed-in person."""

    @property
    def id(self) -> UUID: ...

    @property
    def role(self) -> Role: ...


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
    exceeds: Callable[[Limits], frozenset[Limit]] | None = None,
    content_hash: str | None = None,
    **facts: Any,
) -> UUID | None:
    """Spend a consent and return who gave it; None where the actor needs nobody.

    `exceeds` tells which of some limits the action exceeds; without it the permission alone decides. `content_hash` binds
    the consent to more than the amount, where other content could have the same; `facts` is JSON that says to whoever is
    asked what it is for. Raises NeedsApproval, with what is to be approved, when there is none, or it is for something
    else, used or too old; NotAllowed where who gave it may not do that alone either.
    """
    if exceeds is None:
        needed = not may(actor.role, permission)
    else:
        needed = bool(exceeds(limits_of(session, location_id, actor.role)))
    if not needed:
        return None
    wanted: dict[str, Any] = {"action": action, "subject_id": str(subject_id), "amount_minor": amount_minor, **facts}
    if content_hash is not None:
        wanted["content_hash"] = content_hash
    if approval_id is None:
        raise NeedsApproval(ABOVE_LIMIT_OF_ROLE if may(actor.role, permission) else APPROVAL_NEEDED, **wanted)
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
    role = Role(session.scalars(select(Staff.role).where(Staff.id == spent)).one())
    if not may(role, permission):
        raise NotAllowed(APPROVER_MAY_NOT)
    if exceeds is not None and exceeds(limits_of(session, location_id, role)) - TWO_PEOPLE:
        raise NotAllowed(ABOVE_LIMIT_OF_APPROVER)
    return spent
