"""What a report covers: places and business dates, and one moment to read them at."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from functools import cached_property
from itertools import chain
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from pos.core.clock import add_months
from pos.core.errors import Invalid
from pos.core.messages.books import MONTH_MALFORMED
from pos.core.messages.general import DAY_OUT_OF_RANGE, DAYS_EXCHANGED, NO_SUCH_PERIOD, NOT_A_DAY
from pos.domain.locations.csv_forms import CSV_FORMS, RFC_4180, CsvForm
from pos.domain.locations.queries import Place

FIRST, LAST = date(2000, 1, 1), date(2099, 12, 31)
_DAYS_OF_A_WEEK = 7
T = TypeVar("T")
# What is read at once while a file is written: days with about so many rows, and never more days.
_ROWS_AT_ONCE, _DAYS_AT_ONCE = 1_500, 366


# Of a filter by person: what nobody did, such as lines without a therapist and sales online.
NOBODY = UUID(int=0)


@dataclass(frozen=True)
class Only:
    """Which rows are wanted, by the filters of `pos.reports.analysis.narrowing`; nothing for all.

    `weekday` is a digit, 0 for Monday; `hour` is one of the location's clock. `therapist` and `staff` may be NOBODY.
    `account` is the key of an account, or several joined by commas; `holder` that of a person, the business date of a pool,
    or NOBODY for any pool; `plan` is the name a package was granted by; `person` the name of who did it, or NOBODY; `event`
    what happened.
    """

    therapist: UUID | None = None
    item: UUID | None = None
    category: str = ""
    tender: str = ""
    channel: str = ""
    desk: UUID | None = None
    staff: UUID | None = None
    weekday: str = ""
    hour: str = ""
    account: str = ""
    holder: str = ""
    plan: str = ""
    person: str = ""
    event: str = ""

    def args(self) -> dict[str, str]:
        """What is chosen, for a link."""
        return {one.name: str(value) for one in fields(self) if (value := getattr(self, one.name))}


@dataclass(frozen=True)
class Scope:
    """Some locations from one business date to another, both included; `only` where a report with filters is narrowed."""

    places: tuple[Place, ...]
    from_on: date
    to_on: date
    only: Only = Only()

    @property
    def is_narrowed(self) -> bool:
        """Whether a filter is set."""
        return self.only != Only()

    @property
    def location_ids(self) -> tuple[UUID, ...]:
        """The keys of its locations."""
        return tuple(place.id for place in self.places)

    @property
    def csv_form(self) -> CsvForm:
        """How its CSV files are written: as its locations do, or by RFC 4180 where they differ."""
        forms = {place.csv_form for place in self.places}
        return CSV_FORMS[forms.pop()] if len(forms) == 1 else RFC_4180

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

    @cached_property
    def _by_key(self) -> dict[UUID | str, Place]:
        return {key: place for place in self.places for key in (place.id, place.id.hex, str(place.id))}

    def place(self, location_id: UUID | str) -> Place:
        """One of its locations, by its key or by the text that a database makes of it."""
        return self._by_key[location_id]

    def in_stretches(self, read: Callable[[Scope], Iterable[T]]) -> Iterator[T]:
        """What `read` finds, a stretch of days after the other, so that memory and the first row do not wait for years.

        A stretch has the days that some 1,500 rows fall on, and at least one.
        """

        def rows(part: Scope) -> list[T]:
            return list(read(part))

        portions: Iterator[list[T]] = self.in_portions(rows, len)
        return chain.from_iterable(portions)

    def in_portions(self, read: Callable[[Scope], T], size: Callable[[T], int]) -> Iterator[T]:
        """The same stretch by stretch, where `size` says how many rows are in what `read` gives; none that is empty."""
        first, days = self.from_on, 1
        while first <= self.to_on:
            last = min(self.to_on, first + timedelta(days=days - 1))
            found = read(replace(self, from_on=first, to_on=last))
            if count := size(found):
                yield found
            first = last + timedelta(days=1)
            fitting = days * _ROWS_AT_ONCE // max(count, 1)
            days = max(1, min(fitting, 4 * days, _DAYS_AT_ONCE))


def file_name(what: str, scope: Scope, ending: str) -> str:
    """`sales-maple-street-2026-11-01-2026-11-22.csv`: plain letters, whatever a location is called.

    Of several locations `all`, and `all-usd` where one currency is all they have.
    """
    several = "all" if len(scope.currencies) > 1 else f"all-{scope.currencies[0]}"
    where = scope.places[0].slug if len(scope.places) == 1 else several
    days = scope.from_on.isoformat() if scope.days == 1 else f"{scope.from_on}-{scope.to_on}"
    return f"{what}-{re.sub(r'[^a-z0-9-]+', '-', where.lower())}-{days}.{ending}"


def parse_month(text: str, *, field: str = "month") -> date:
    """The first day of a month that was typed like 2026-10; raises Invalid."""
    if not re.fullmatch(r"20[0-9]{2}-(0[1-9]|1[0-2])", text):
        raise Invalid(MONTH_MALFORMED, field=field)
    return date.fromisoformat(f"{text}-01")


# Days by the name people call them; each is reckoned from the location's business date of today.
PERIODS = (
    "today", "yesterday", "this-week", "last-week", "this-month", "last-month", "this-quarter", "last-quarter",
    "year-to-date", "last-year",
)  # fmt: skip


def _first_of(unit: str, day: date) -> date:
    match unit:
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return date(day.year, day.month - (day.month - 1) % 3, 1)
        case _:
            return date(day.year, 1, 1)


def days_of(period: str, today: date) -> tuple[date, date]:
    """The first and the last day of one of PERIODS; what has not ended yet goes on until today. Weeks begin on Monday.

    Raises Invalid for another word.
    """
    if period not in PERIODS:
        raise Invalid(NO_SUCH_PERIOD(typed=period[:40], known=", ".join(PERIODS)), field="period")
    which, _, unit = period.partition("-")
    if period == "today":
        return today, today
    if period == "yesterday":
        return today - timedelta(days=1), today - timedelta(days=1)
    start = _first_of("year" if period == "year-to-date" else unit, today)
    if which == "last":
        return _first_of(unit, start - timedelta(days=1)), start - timedelta(days=1)
    return start, today


def same_before(from_on: date, to_on: date) -> tuple[date, date]:
    """The same period before some days.

    Of whole months as many months. What begins with a month and ends within one has the same days so many months earlier,
    cut at their end; one day and a whole week are not taken for the beginning of a month. Of any other days as many, ending
    the day before.
    """
    months = 12 * (to_on.year - from_on.year) + to_on.month - from_on.month + 1
    is_week = from_on.weekday() == 0 and (to_on - from_on).days == _DAYS_OF_A_WEEK - 1
    if from_on.day == 1 and (to_on + timedelta(days=1)).day == 1:
        return add_months(from_on, -months), from_on - timedelta(days=1)
    if from_on.day == 1 and from_on != to_on and not is_week:
        return add_months(from_on, -months), add_months(to_on, -months)
    return from_on - (to_on - from_on) - timedelta(days=1), from_on - timedelta(days=1)


def year_before(from_on: date, to_on: date) -> tuple[date, date]:
    """The same days of the year before; of whole months the same months, whose February may be a day longer or shorter."""
    after = to_on + timedelta(days=1)
    whole_months = from_on.day == after.day == 1
    last = add_months(after, -12) - timedelta(days=1) if whole_months else add_months(to_on, -12)
    return add_months(from_on, -12), last


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
