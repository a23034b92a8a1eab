"""Stops: invariants that broke at a location, which end card and credit operations there until they are lifted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.database.base import execute
from pos.core.errors import Conflict, Invalid
from pos.core.i18n.message import messages_of, remade
from pos.core.messages.books import CHECK_HOLDS_AGAIN, LIFT_REASON_MISSING, LOCATION_STOPPED, NOTHING_STOPPED
from pos.core.messages.kept import book_checks, package_checks, payment_checks, restored
from pos.domain.locations.models import Location
from pos.domain.operations.models import SafetyStop
from pos.reports.verify import CheckResult

_SENTENCES = messages_of(book_checks, package_checks, payment_checks, restored)
_ACTIVE = select(SafetyStop.words).where(SafetyStop.lifted_at.is_(None)).limit(1)
_LIVE = _ACTIVE.where(SafetyStop.location_id == bindparam("place"))
# For a statement that reads a location: the words of a stop that holds there, or NULL.
STOPPED_HERE = _ACTIVE.where(SafetyStop.location_id == Location.id).correlate(Location).scalar_subquery()


def require_running(session: Session, location_id: UUID) -> None:
    """Raise Conflict where a broken invariant has stopped card and credit operations."""
    require_no_stop(execute(session, _LIVE, place=location_id).scalar())


def require_no_stop(words: str | None) -> None:
    """Raise Conflict where the words of a stop were read, as `require_running` does."""
    if words is not None:
        raise Conflict(
            LOCATION_STOPPED,
            why="stopped",
        )


def active_stops(session: Session, location_ids: Sequence[UUID]) -> list[SafetyStop]:
    """The stops that hold at some locations, oldest first."""
    query = select(SafetyStop).where(SafetyStop.location_id.in_(location_ids), SafetyStop.lifted_at.is_(None))
    return list(session.scalars(query.order_by(SafetyStop.stopped_at, SafetyStop.id)))


def why_stopped(stop: SafetyStop) -> str:
    """The first row that broke the check of a stop, as a message; one that was cut where it was kept stays English."""
    return remade(stop.sentence, *_SENTENCES)


@dataclass(frozen=True)
class StopsChanged:
    """What a look at the books did: checks that stop now, checks whose stop is lifted."""

    stopped: tuple[str, ...]
    lifted: tuple[str, ...]


def apply(session: Session, location_id: UUID, results: Sequence[CheckResult]) -> StopsChanged:
    """Stop for each check that fails, lift what holds again. A fault a manager lifted does not stop again unchanged."""
    now = clock.now()
    live = {stop.check_key: stop for stop in active_stops(session, (location_id,))}
    stopped, lifted = [], []
    for result in results:
        stop = live.get(result.key)
        if result.holds:
            if stop is not None:
                stop.lifted_at, stop.lift_reason = now, CHECK_HOLDS_AGAIN
                lifted.append(result.key)
            continue
        sentence = (result.first or "")[:500]
        if stop is not None:
            stop.sentence, stop.bad = sentence, result.bad
            continue
        if _accepted(session, location_id, result.key, sentence, result.bad):
            continue
        session.add(
            SafetyStop(
                location_id=location_id,
                check_key=result.key,
                words=result.words[:200],
                sentence=sentence,
                bad=result.bad,
                stopped_at=now,
            )
        )
        stopped.append(result.key)
    session.flush()
    return StopsChanged(tuple(stopped), tuple(lifted))


def _accepted(session: Session, location_id: UUID, check_key: str, sentence: str, bad: int) -> bool:
    """Whether a manager has lifted exactly this fault the last time."""
    last = session.execute(
        select(SafetyStop.sentence, SafetyStop.bad, SafetyStop.lifted_by)
        .where(SafetyStop.location_id == location_id, SafetyStop.check_key == check_key)
        .order_by(SafetyStop.stopped_at.desc(), SafetyStop.id.desc())
        .limit(1)
    ).first()
    return last is not None and last.lifted_by is not None and (last.sentence, last.bad) == (sentence, bad)


def lift(session: Session, location_id: UUID, *, staff_id: UUID, reason: str) -> list[SafetyStop]:
    """Lift every stop of a location; raises Invalid without a reason, Conflict when there is none."""
    if not reason:
        raise Invalid(LIFT_REASON_MISSING, field="reason")
    found = active_stops(session, (location_id,))
    if not found:
        raise Conflict(NOTHING_STOPPED)
    at: datetime = clock.now()
    for stop in found:
        stop.lifted_at, stop.lifted_by, stop.lift_reason = at, staff_id, reason[:200]
    return found
