"""Weekdays and hours by the clock of a location, as conditions of a query."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, extract, func, or_, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from pos.reports.period import Scope

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HOURS = tuple(f"{hour:02d}:00–{hour:02d}:59" for hour in range(24))


class local_hour(GenericFunction[int]):  # noqa: N801  (the name is that of the SQL function)
    """The hour of an instant by the clock of a time zone; `pos.core.database.base` gives SQLite the function."""

    type = Integer()
    inherit_cache = True


@compiles(local_hour, "postgresql")
def _of_postgresql(element: Any, compiler: Any, **values: Any) -> str:
    instant, zone = element.clauses
    return str(compiler.process(extract("hour", func.timezone(zone, instant)), **values))


def at_time_of_week(scope: Scope, location: Any, business_on: Any, at: Any) -> ColumnElement[bool]:
    """What happened on the weekday and at the hour that a scope is narrowed to; everything where it is to neither."""
    found: list[ColumnElement[bool]] = []
    if scope.only.weekday:
        # Both databases count from Sunday.
        found.append(extract("dow", business_on) == (int(scope.only.weekday) + 1) % 7)
    if scope.only.hour:
        zones = dict.fromkeys(place.time_zone for place in scope.places)
        here = {zone: [place.id for place in scope.places if place.time_zone == zone] for zone in zones}
        hour = int(scope.only.hour)
        found.append(or_(*(and_(location.in_(keys), local_hour(at, zone) == hour) for zone, keys in here.items())))
    return and_(true(), *found)
