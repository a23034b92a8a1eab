"""Which backups are kept: one of each of the last seven days, four weeks and twelve months that have one."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable
from datetime import UTC, date, datetime

DAYS, WEEKS, MONTHS = 7, 4, 12
_NAME = re.compile(r"tenderpoint-(\d{8}T\d{6})Z\.backup")


def moment_of(name: str) -> datetime | None:
    """When a backup of the schedule was made, by its name; None for every other file."""
    found = _NAME.fullmatch(name)
    try:
        return datetime.strptime(found.group(1), "%Y%m%dT%H%M%S").replace(tzinfo=UTC) if found else None
    except ValueError:
        return None


def kept(names: Iterable[str], today: date) -> set[str]:
    """The backups to keep of those named: the newest of each day, week and month, and any dated after `today`.

    Days, weeks and months without a backup do not count, so a clock that was wrong once, or a server that stood still for
    a year, loses none of the last ones. Names that are no backup of the schedule are left out: they are not ours to remove.
    """
    dated = sorted(((moment, name) for name in names if (moment := moment_of(name))), reverse=True)
    ours = {name for moment, name in dated if moment.date() > today}
    past = [(moment.date(), name) for moment, name in dated if moment.date() <= today]
    for count, period in ((DAYS, _day), (WEEKS, _week), (MONTHS, _month)):
        newest: dict[Hashable, str] = {}
        for day, name in past:
            newest.setdefault(period(day), name)
        ours |= set(list(newest.values())[:count])
    return ours


def _day(day: date) -> Hashable:
    return day


def _week(day: date) -> Hashable:
    return day.isocalendar()[:2]


def _month(day: date) -> Hashable:
    return day.year, day.month
