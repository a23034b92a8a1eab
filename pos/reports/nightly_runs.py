"""What the last night did at each location."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core.i18n.message import Message, messages_of, remade
from pos.core.messages import books, general, packages, stored_value, till
from pos.core.messages.kept import nights
from pos.domain.locations.queries import Place
from pos.domain.operations.models import NightlyRun
from pos.reports.verify import CHECKS

_OUTCOMES = messages_of(nights)
# What the services that work at night are refused with.
_REFUSALS = messages_of(books, general, packages, stored_value, till)


@dataclass(frozen=True)
class NightlyResult:
    """A nightly job of a location that was done, and its outcome in words."""

    place: Place
    job: str
    done_at: datetime
    outcome: str

    @property
    def failing(self) -> tuple[str, ...]:
        """The words of the checks that fail, which the outcome names by their keys."""
        keys = self.outcome.values.get("checks", "") if isinstance(self.outcome, Message) else ""
        words = {check.key: check.words for check in CHECKS}
        return tuple(words.get(key, key) for key in str(keys).split(", ") if key)


def last_nightly_runs(session: Session, places: tuple[Place, ...]) -> list[NightlyResult]:
    """The last run of each nightly job, by location."""
    known = {place.id: place for place in places}
    rows = session.scalars(
        select(NightlyRun)
        .where(NightlyRun.location_id.in_(known), NightlyRun.done_at.is_not(None))
        .order_by(NightlyRun.location_id, NightlyRun.done_at, NightlyRun.job)
    )
    return [NightlyResult(known[row.location_id], row.job, row.done_at, _said(row)) for row in rows if row.done_at]


def _said(row: NightlyRun) -> str:
    said = remade(row.outcome, *_OUTCOMES)
    if isinstance(said, Message) and "why" in said.values:
        return nights.NIGHT_WAITS(why=remade(str(said.values["why"]), *_REFUSALS))
    return said
