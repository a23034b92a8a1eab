"""Freezing a package, ending the freeze, and moving its last day."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from pos.core.database.unit_of_work import unit_of_work
from pos.domain.credits import freezes
from pos.domain.credits.lot_writes import Moved
from pos.domain.staff.limit_rules import Limit
from pos.services.packages.authorization import (
    PackageAction,
    authorize_adjustment,
    done_before,
    lot_and_package,
    note,
)

# What a package sold before its terms said so is taken to allow.
FREEZE_DAYS, EXTENSION_DAYS = 90, 365


@unit_of_work
def freeze_package(
    session: Session, command: PackageAction, lot_id: UUID, *, until_on: date | None = None, medical: bool = False
) -> Moved:
    """Freeze a lot from today: nothing is redeemed until it ends, and the expiry moves by the frozen days.

    Without `until_on` it lasts until somebody ends it or the days the terms allow are used up; a medical freeze has no such
    limit. Raises Invalid, NotFound, NeedsApproval, Conflict for a lot that rests already.
    """
    if seen := done_before(session, f"freeze:{command.action_id}"):
        return seen
    adjustment = authorize_adjustment(session, command, lot_id, "freeze")
    most = int(adjustment.package.terms.get("freeze_days", FREEZE_DAYS))
    moved = freezes.freeze(session, lot_id, adjustment.context, until_on=until_on, medical=medical, most_days=most)
    note(session, adjustment, "freeze", medical=medical, until_on=until_on.isoformat() if until_on else None)
    return moved


@unit_of_work
def unfreeze_package(session: Session, command: PackageAction, lot_id: UUID) -> date | None:
    """End a freeze today; returns the new expiry. Raises NotFound, NeedsApproval, Conflict when it is not frozen."""
    adjustment = authorize_adjustment(session, command, lot_id, "unfreeze")
    if done_before(session, adjustment.context.key):
        return adjustment.lot.expires_on
    ends = freezes.unfreeze(session, lot_id, adjustment.context)
    note(session, adjustment, "unfreeze", expires_on=ends.isoformat() if ends else None)
    return ends


@unit_of_work
def extend_package(session: Session, command: PackageAction, lot_id: UUID, *, to: date) -> Moved:
    """Move a lot's last day to a later one, within what its terms, and the role alone, allow in all.

    Raises Invalid, NotFound, NeedsApproval, Conflict when it was changed meanwhile.
    """
    if seen := done_before(session, f"extend:{command.action_id}"):
        return seen
    before = lot_and_package(session, lot_id)[0].expires_on
    days = freezes.days_extended(session, lot_id) + ((to - before).days if before else 0)
    adjustment = authorize_adjustment(session, command, lot_id, "extend", uses={Limit.EXTENSION: max(days, 0)})
    most = int(adjustment.package.terms.get("extension_days", EXTENSION_DAYS))
    moved = freezes.extend(session, adjustment.lot, to, adjustment.context, most_days=most)
    note(session, adjustment, "extend", before=before.isoformat() if before else None, to=to.isoformat())
    return moved
