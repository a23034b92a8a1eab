"""Days month by month: what is asked of years is read in the order of time, a month at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from pos.core.clock import days_of_month
from pos.reports.period import Scope


def months(scope: Scope) -> Iterator[Scope]:
    """The days of a scope, month by month."""
    start = scope.from_on
    while start <= scope.to_on:
        last = min(scope.to_on, days_of_month(start)[1])
        yield replace(scope, from_on=start, to_on=last)
        start = last + timedelta(days=1)
