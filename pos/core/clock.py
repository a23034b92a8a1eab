"""The only place that asks what time it is, and which trading day an instant belongs to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pos.core.errors import Invalid
from pos.core.messages.general import NOT_A_TIME_ZONE

# Each minute of a day once: a file has many of each.
_MINUTES = tuple(time(minute // 60, minute % 60) for minute in range(24 * 60))
_frozen: datetime | None = None
_ahead = timedelta(0)


def now() -> datetime:
    """The current instant, aware, in UTC, to the microsecond."""
    return _frozen or datetime.now(UTC) + _ahead


@contextmanager
def at(instant: datetime) -> Iterator[None]:
    """Hold the clock of this process at `instant` (tests and the demo's history)."""
    global _frozen
    before = _frozen
    _frozen = instant.astimezone(UTC)
    try:
        yield
    finally:
        _frozen = before


@contextmanager
def ahead(by: timedelta) -> Iterator[None]:
    """Let the clock of this process run `by` ahead of the machine's (tests that serve pages at a time of their own)."""
    global _ahead
    before = _ahead
    _ahead = by
    try:
        yield
    finally:
        _ahead = before


def zone(name: str) -> ZoneInfo:
    """The IANA time zone `name`; raises Invalid."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise Invalid(NOT_A_TIME_ZONE(name=name), field="time_zone") from error


def business_date(instant: datetime, time_zone: str, cutoff_hour: int) -> date:
    """The trading day of `instant` at a location: local date, the hours before `cutoff_hour` counted to the day before."""
    local = instant.astimezone(zone(time_zone))
    return local.date() - timedelta(days=1) if local.hour < cutoff_hour else local.date()


def local_minute(instant: datetime, time_zone: str) -> time:
    """The time of the clock at a location, to the minute."""
    local = instant.astimezone(zone(time_zone))
    return _MINUTES[60 * local.hour + local.minute]


def add_months(day: date, months: int) -> date:
    """`day` moved by whole months, clamped to the last day of the month reached (31 Jan + 1 → 28 or 29 Feb)."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month, min(day.day, last))


def days_of_month(day: date) -> tuple[date, date]:
    """The first and the last day of a day's month."""
    first = day.replace(day=1)
    return first, add_months(first, 1) - timedelta(days=1)
