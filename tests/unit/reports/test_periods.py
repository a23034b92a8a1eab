"""Days by the names people call them, and the same days before."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos.core.errors import Invalid
from pos.reports.period import PERIODS, days_of, same_before, year_before


@pytest.mark.parametrize(
    ("period", "today", "first", "last"),
    [
        ("yesterday", "2026-03-01", "2026-02-28", "2026-02-28"),
        ("this-week", "2026-11-29", "2026-11-23", "2026-11-29"),  # a Sunday
        ("last-week", "2026-11-30", "2026-11-23", "2026-11-29"),
        ("last-month", "2024-03-31", "2024-02-01", "2024-02-29"),
        ("last-month", "2026-01-05", "2025-12-01", "2025-12-31"),
        ("this-quarter", "2026-05-31", "2026-04-01", "2026-05-31"),
        ("last-quarter", "2026-02-10", "2025-10-01", "2025-12-31"),
        ("year-to-date", "2026-11-30", "2026-01-01", "2026-11-30"),
        ("last-year", "2026-01-01", "2025-01-01", "2025-12-31"),
    ],
)
def test_period_named_has_its_days(period: str, today: str, first: str, last: str) -> None:
    assert days_of(period, date.fromisoformat(today)) == (date.fromisoformat(first), date.fromisoformat(last))


@given(st.sampled_from(PERIODS), st.dates(date(2001, 1, 1), date(2098, 12, 31)))
def test_period_any_day_begins_before_it_ends_and_not_in_future(period: str, today: date) -> None:
    first, last = days_of(period, today)
    assert first <= last <= today
    before_first, before_last = same_before(first, last)
    assert before_first <= before_last
    assert before_last < first


def test_period_before_whole_months_is_whole_months() -> None:
    assert same_before(date(2026, 3, 1), date(2026, 3, 31)) == (date(2026, 2, 1), date(2026, 2, 28))
    assert same_before(date(2026, 4, 1), date(2026, 6, 30)) == (date(2026, 1, 1), date(2026, 3, 31))
    assert same_before(date(2026, 3, 2), date(2026, 3, 8)) == (date(2026, 2, 23), date(2026, 3, 1))
    # What begins with a month and ends within one: the same days so many months before, cut at their end.
    assert same_before(date(2026, 3, 1), date(2026, 3, 30)) == (date(2026, 2, 1), date(2026, 2, 28))
    assert same_before(date(2026, 1, 1), date(2026, 2, 5)) == (date(2025, 11, 1), date(2025, 12, 5))
    assert same_before(date(2026, 6, 1), date(2026, 6, 7)) == (date(2026, 5, 25), date(2026, 5, 31))  # a week
    assert same_before(date(2026, 3, 1), date(2026, 3, 1)) == (date(2026, 2, 28), date(2026, 2, 28))
    assert year_before(date(2025, 2, 1), date(2025, 2, 28)) == (date(2024, 2, 1), date(2024, 2, 29))
    assert year_before(date(2025, 1, 1), date(2025, 2, 28)) == (date(2024, 1, 1), date(2024, 2, 29))
    # Only whole months end with their month: days stand beside as many days.
    assert year_before(date(2025, 2, 28), date(2025, 2, 28)) == (date(2024, 2, 28), date(2024, 2, 28))
    assert year_before(date(2025, 2, 22), date(2025, 2, 28)) == (date(2024, 2, 22), date(2024, 2, 28))
    assert year_before(date(2024, 2, 29), date(2024, 2, 29)) == (date(2023, 2, 28), date(2023, 2, 28))
    assert year_before(date(2026, 3, 2), date(2026, 3, 8)) == (date(2025, 3, 2), date(2025, 3, 8))


def test_period_unknown_is_refused_with_those_known() -> None:
    with pytest.raises(Invalid, match=r"names no days. Use one of: today, yesterday"):
        days_of("next-week", date(2026, 1, 1))
