"""Looking at the books of a location and acting on what is found: a broken invariant stops cards and credits there."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from pos.core import audit
from pos.core.database.base import reading
from pos.core.database.unit_of_work import unit_of_work
from pos.reports.verify import CheckResult, verify
from pos.services.day_totals import forget
from pos.services.integrity import stops
from pos.services.integrity.stops import STOPPED_HERE, StopsChanged, require_no_stop, require_running

__all__ = ["STOPPED_HERE", "act_on", "check_books", "lift_stops", "require_no_stop", "require_running"]

log = logging.getLogger(__name__)


@unit_of_work
def act_on(session: Session, location_id: UUID, results: Sequence[CheckResult]) -> StopsChanged:
    """Stop a location for what fails and lift what holds again."""
    changed = stops.apply(session, location_id, results)
    for action, keys in (("books.stopped", changed.stopped), ("books.stop_lifted", changed.lifted)):
        for key in keys:
            audit.note(session, action, location_id=location_id, check=key)
    return changed


def check_books(location_id: UUID) -> list[CheckResult]:
    """Run every check at a location; writes only where a stop begins or ends, or totals of past days are wrong.

    Those are forgotten, so that reports read the rows until the next night.
    """
    results = verify(reading(), location_ids=frozenset({location_id}))
    reading().rollback()
    stopping = [result for result in results if result.stops]
    if any(not result.holds for result in stopping) or stops.active_stops(reading(), (location_id,)):
        act_on(location_id, stopping)
    for result in results:
        if not result.holds and not result.stops:
            log.error("check %s fails: %s", result.key, result.first)
            forget(location_id, everything=True)
    return results


@unit_of_work
def lift_stops(session: Session, *, location_id: UUID, staff_id: UUID, reason: str) -> None:
    """Let cards and credits go on at a location although checks fail; a manager's decision, with a reason, kept.

    Raises Invalid without a reason, Conflict when nothing is stopped.
    """
    for stop in stops.lift(session, location_id, staff_id=staff_id, reason=reason):
        audit.note(
            session,
            "books.stop_lifted",
            actor_id=staff_id,
            location_id=location_id,
            subject_id=stop.id,
            check=stop.check_key,
            reason=reason,
        )
