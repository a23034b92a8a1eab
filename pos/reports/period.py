"""What a report covers: places and business dates, and one moment to read them at."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from pos.core.errors import Invalid
from pos.core.messages.general import DAY_OUT_OF_RANGE, DAYS_EXCHANGED, NOT_A_DAY
from pos.domain.locations.queries import Place

FIRST, LAST = date(2000, 1, 1), date(2099, 12, 31)


@dataclass(frozen=True)
class Scope:
    """Some locations from one business date to another, both included."""

    places: tuple[Place, ...]
    from_on: date
    to_on: date

    @property
    def location_ids(self) -> tuple[UUID, ...]:
        """The keys of its locations."""
        return tuple(place.id for place in self.places)

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.to_on - self.from_on).days + 1

    @property
    def currencies(self) -> tuple[str, ...]:
        """The currencies of its locations, in their order; never summed."""
        return tuple(dict.fromkeys(place.currency for place in self.places))

    def before(self) -> Scope:
        """As many days again, ending the day before."""
        return replace(self, from_on=self.from_on - timedelta(days=self.days), to_on=self.from_on - timedelta(days=1))

    def place(self, location_id: UUID) -> Place:
        """One of its locations."""
        return next(place for place in self.places if place.id == location_id)


def parse_day(text: str, *, field: str) -> date:
    """A date written 2026-11-22; raises Invalid for anything else and for dates no clinic traded on."""
    try:
        day = date.fromisoformat(text.strip())
    except ValueError as error:
        raise Invalid(NOT_A_DAY(typed=text.strip()[:40]), field=field) from error
    if not FIRST <= day <= LAST:
        raise Invalid(DAY_OUT_OF_RANGE(first=FIRST.year, last=LAST.year), field=field)
    return day


def parse_days(from_text: str, to_text: str) -> tuple[date, date]:
    """Two dates in their order; raises Invalid, naming the field `from` or `to`."""
    from_on, to_on = parse_day(from_text, field="from"), parse_day(to_text, field="to")
    if to_on < from_on:
        raise Invalid(DAYS_EXCHANGED, field="to")
    return from_on, to_on


def one_moment(session: Session) -> None:
    """Let everything read from here on be of one moment, so that sums and rows agree while sales go on.

    Ends what the session read before. SQLite's transactions are snapshots anyway.
    """
    session.rollback()
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
