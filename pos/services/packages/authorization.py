"""What every action on a package begins and ends with: may this person do it here, and who did it, written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core import audit
from pos.core.errors import Invalid, NotFound
from pos.core.i18n.sanitize import printable
from pos.core.messages.packages import ADJUSTMENT_REASON_MISSING, NO_SUCH_PACKAGE
from pos.core.money import rates_of
from pos.domain.credits.lot_writes import Moved
from pos.domain.credits.models import CreditLot, CreditMove, PurchasedPackage
from pos.domain.ledger import posting as ledger
from pos.domain.ledger.entries import Draft
from pos.domain.locations.action_context import ActionContext
from pos.domain.locations.queries import place
from pos.domain.staff.approvals import use_approval
from pos.domain.staff.limit_rules import Limit, exceeds
from pos.domain.staff.permissions import Permission
from pos.domain.staff.queries import Person
from pos.services.integrity.run_checks import require_running

# Takes a permission away and moves nothing, so it goes on where the books are stopped.
_GOES_ON = frozenset({"end_share"})


@dataclass(frozen=True)
class PackageAction:
    """Who wants what done, why, under a key the caller minted: the same key again does nothing more.

    `approval_id` is the consent of a second person, for roles that need one.
    """

    action_id: UUID
    person: Person
    reason: str
    approval_id: UUID | None = None


@dataclass(frozen=True)
class Adjustment:
    """A lot with its package, and who adjusts it, when and why."""

    lot: CreditLot
    package: PurchasedPackage
    context: ActionContext


def done_before(session: Session, key: str) -> Moved | None:
    """The move an action left when it was done before."""
    seen = session.scalar(select(CreditMove).where(CreditMove.key == key))
    if seen is None:
        return None
    rates = rates_of(session.get_one(CreditLot, seen.lot_id))
    return Moved(
        seen.id, seen.lot_id, seen.balance_after, seen.value_minor, seen.tax_minor, rates.first, seen.breakage_minor,
        seen.second_tax_minor, rates.second,
    )  # fmt: skip


def reason_of(text: str) -> str:
    """A reason somebody can read later; raises Invalid without one."""
    reason = printable(text, 200)
    if len(reason) < 3:
        raise Invalid(ADJUSTMENT_REASON_MISSING, field="reason")
    return reason


def lot_and_package(session: Session, lot_id: UUID) -> tuple[CreditLot, PurchasedPackage]:
    """A lot and its package; raises NotFound."""
    lot = session.get(CreditLot, lot_id)
    if lot is None:
        raise NotFound(NO_SUCH_PACKAGE)
    return lot, session.get_one(PurchasedPackage, lot.package_id)


def authorize_adjustment(
    session: Session, command: PackageAction, lot_id: UUID, action: str, *, uses: Mapping[Limit, int] | None = None
) -> Adjustment:
    """Let a person at a lot for `action`, a word such as `burn`; an approval is bound to it and to the lot.

    `uses` is what it uses of a limit of the role, where it has one.

    Raises NotFound for a lot of a location the person does not work at, NeedsApproval, Invalid without a reason, and what
    `require_running` raises where the books are stopped.
    """
    lot, package = lot_and_package(session, lot_id)
    if command.person.locations and lot.location_id not in command.person.locations:
        raise NotFound(NO_SUCH_PACKAGE)
    if action not in _GOES_ON:
        require_running(session, lot.location_id)
    reason = reason_of(command.reason)
    approver = use_approval(
        session,
        command.approval_id,
        action=f"credits.{action}",
        subject_id=lot_id,
        amount_minor=None,
        actor=command.person,
        permission=Permission.CORRECT_CREDITS,
        location_id=lot.location_id,
        exceeds=exceeds(uses) if uses else None,
    )
    context = ActionContext.at(
        place(session, lot.location_id),
        actor_id=command.person.id,
        approver_id=approver,
        reason=reason,
        key=f"{action}:{command.action_id}",
    )
    return Adjustment(lot, package, context)


def post(session: Session, adjustment: Adjustment, draft: Draft) -> None:
    """Post a draft under the action's date, actor and client."""
    ledger.post(
        session,
        draft,
        adjustment.context,
        reference=adjustment.package.name[:80],
        client_id=adjustment.lot.client_id,
    )


def note(session: Session, adjustment: Adjustment, action: str, **detail: Any) -> None:
    """Write the action into the audit trail, beside the package."""
    context = adjustment.context
    audit.note(
        session,
        f"credits.{action}",
        actor_id=context.actor_id,
        location_id=context.location.id,
        subject_id=adjustment.package.id,
        lot_id=str(adjustment.lot.id),
        reason=context.reason,
        **({"approver_id": str(context.approver_id)} if context.approver_id else {}),
        **detail,
    )
