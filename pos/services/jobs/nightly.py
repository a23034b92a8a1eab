"""What happens at each location every night, once, however often the process starts: checks, closings, expiry, reminders."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.database.base import reading
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import PosError
from pos.core.messages.kept.nights import (
    NIGHT_BREAKAGE,
    NIGHT_CLOSED,
    NIGHT_EXPIRED,
    NIGHT_FAILED,
    NIGHT_FAILS,
    NIGHT_HOLDS,
    NIGHT_REMINDED,
    NIGHT_SUMMED,
    NIGHT_WAITS,
)
from pos.domain.locations.queries import Place, all_places
from pos.domain.operations.models import NightlyRun
from pos.services.day_totals import sum_days
from pos.services.integrity.run_checks import check_books
from pos.services.packages.breakage import recognise_breakage
from pos.services.packages.expiry import end_freezes_and_expire, remind
from pos.services.packages.invitations import end_old_invitations
from pos.services.stored_value.gift_cards import expire_cards
from pos.services.till.close_period import close_periods

log = logging.getLogger(__name__)

# Jobs of a day begin this long after its start: by then the evening before has been counted and typed in.
QUIET = timedelta(hours=3)
# A job that was claimed and never finished (the process ended) is taken up again after this.
CLAIM_FOR = timedelta(hours=1)


def _expire(where: Place) -> str:
    end_old_invitations(where.id)
    return NIGHT_EXPIRED(lots=len(end_freezes_and_expire((where,))), cards=expire_cards((where,)))


def _breakage(where: Place) -> str:
    return NIGHT_BREAKAGE(lots=len(recognise_breakage((where,))))


def _remind(where: Place) -> str:
    return NIGHT_REMINDED(reminders=len(remind((where,))))


def _close(where: Place) -> str:
    days, months = close_periods(where.id)
    return NIGHT_CLOSED(days=len(days), months=len(months))


def _sum(where: Place) -> str:
    return NIGHT_SUMMED(days=sum_days(where))


def _verify(where: Place) -> str:
    broken = [result.key for result in check_books(where.id) if not result.holds]
    return NIGHT_FAILS(checks=", ".join(broken)) if broken else NIGHT_HOLDS


# In this order: what expires is in the books before the day is closed, and all of it before they are checked.
JOBS: dict[str, Callable[[Place], str]] = {
    "expire": _expire,
    "breakage": _breakage,
    "remind": _remind,
    "close": _close,
    "totals": _sum,
    "verify": _verify,
}


@unit_of_work
def _claim(session: Session, where: Place, job: str) -> bool:
    """Take a job of tonight, unless it is done or somebody is at it."""
    now = clock.now()
    row = session.get(NightlyRun, (where.id, job))
    if row is None:
        session.add(NightlyRun(location_id=where.id, job=job, claimed_at=now))
        return True
    taken = session.execute(
        update(NightlyRun)
        .where(
            NightlyRun.location_id == where.id,
            NightlyRun.job == job,
            or_(NightlyRun.done_on.is_(None), NightlyRun.done_on < where.today()),
            or_(NightlyRun.claimed_at.is_(None), NightlyRun.claimed_at < now - CLAIM_FOR),
        )
        .values(claimed_at=now)
        .returning(NightlyRun.job)
        .execution_options(synchronize_session=False)
    ).scalar()
    return taken is not None


@unit_of_work
def _finish(session: Session, location_id: UUID, job: str, outcome: str, where: Place) -> None:
    row = session.get_one(NightlyRun, (location_id, job))
    row.done_on, row.done_at, row.claimed_at, row.outcome = where.today(), clock.now(), None, outcome[:300]


def _is_night(where: Place) -> bool:
    """Whether the location's day is old enough; the hours before its cut-off belong to the day before."""
    local = clock.now().astimezone(clock.zone(where.time_zone))
    since_start = timedelta(hours=(local.hour - where.cutoff_hour) % 24, minutes=local.minute)
    return since_start >= QUIET


def run_due() -> list[tuple[str, str, str]]:
    """Run what no night of any location has run yet; returns (location, job, outcome). Cheap when nothing is due."""
    ran = []
    for where in all_places(reading()):
        if not _is_night(where):
            continue
        for job, run in JOBS.items():
            done = reading().get(NightlyRun, (where.id, job))
            if done is not None and done.done_on is not None and done.done_on >= where.today():
                continue
            if not _claim(where, job):
                continue
            try:
                outcome = run(where)
            except PosError as error:
                outcome = NIGHT_WAITS(why=error.sentence)
                log.warning("the nightly job %s of %s waits: %s", job, where.slug, error.sentence)
            except Exception as error:  # one job must not keep the others from running; tomorrow it is tried again
                log.exception("the nightly job %s of %s failed", job, where.slug)
                reading().rollback()
                outcome = NIGHT_FAILED(error=type(error).__name__)
            _finish(where.id, job, outcome, where)
            ran.append((where.slug, job, outcome))
    return ran
