"""At which times a schedule sends: an hour of the location's clock, each day, week or month."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from pos.core import clock

EVERY = ("day", "week", "month")
FILES = ("csv", "xlsx", "pdf")


def _falls_on(every: str, on_day: int, day: date) -> bool:
    if every == "week":
        return day.weekday() == on_day
    # What is sent on the 31st is sent on the last day of a shorter month.
    is_last = (day + timedelta(days=1)).day == 1
    return every == "day" or day.day == on_day or (is_last and day.day < on_day)


def next_time(*, every: str, on_day: int, hour: int, time_zone: str, after: datetime) -> datetime:
    """The first time of a schedule after an instant. An hour that the clock leaves out in spring is the next one."""
    zone = clock.zone(time_zone)
    day = after.astimezone(zone).date()
    while True:
        at = datetime.combine(day, time(hour), tzinfo=zone).astimezone(UTC)
        if at > after and _falls_on(every, on_day, day):
            return at
        day += timedelta(days=1)
