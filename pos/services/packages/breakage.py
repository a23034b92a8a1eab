"""Recognising what clients will not use before their credits end: each night, by each location's own rule.

It may run as often as one likes: a lot whose breakage is what it should be is left alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from pos.core.database.base import reading
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Conflict
from pos.core.messages.packages import EXPECTED_NOT_TO_BE_USED
from pos.domain.credits.rules.breakage_recognition import Turn, breakage_due, turn
from pos.domain.ledger.entries import Draft
from pos.domain.locations.action_context import ActionContext
from pos.domain.locations.queries import Place, place
from pos.domain.posting_rules.sales import move_breakage
from pos.services.integrity.run_checks import require_running
from pos.services.packages.authorization import (
    Adjustment,
    lot_and_package,
    note,
    post,
)


@dataclass(frozen=True)
class Recognised:
    """Breakage of one lot: what changed and what is recognised ahead now, minor units; negative where it is taken back."""

    lot_id: UUID
    location: str
    package: str
    change_minor: int
    breakage_minor: int
    currency: str


@unit_of_work
def _turn(session: Session, found: Turn) -> None:
    lot, package = lot_and_package(session, found.lot_id)
    where = place(session, lot.location_id)
    key = f"breakage:{lot.id}:{lot.seq}"
    adjustment = Adjustment(lot, package, ActionContext.at(where, reason=EXPECTED_NOT_TO_BE_USED, key=key))
    moved = turn(session, found, adjustment.context)
    note(session, adjustment, "breakage", change_minor=moved.breakage_minor)
    draft = Draft("breakage", moved.move_id, lot.currency)
    move_breakage(draft, moved.breakage_minor)
    post(session, adjustment, draft)


def recognise_breakage(places: tuple[Place, ...], *, on: date | None = None, dry_run: bool = False) -> list[Recognised]:
    """Bring the breakage recognised ahead of every package to what its location's rule says; what goes the other way is
    taken back.

    Entries carry today. `dry_run` tells what would happen, also on another day (`on`), and changes nothing. Raises what
    `require_running` raises where the books are stopped.
    """
    done: list[Recognised] = []
    for where in places:
        if not dry_run:
            require_running(reading(), where.id)
        for found in list(breakage_due(reading(), where.id, on if on and dry_run else where.today())):
            if not dry_run:
                try:
                    _turn(found)
                except Conflict:
                    continue  # used this very moment: the next run looks again
            change = found.target_minor - found.breakage_minor
            done.append(Recognised(found.lot_id, where.slug, found.package, change, found.target_minor, found.currency))
    return done
