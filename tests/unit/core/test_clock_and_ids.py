"""Trading days, months and keys."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from pos.core import clock
from pos.core.clock import add_months, business_date
from pos.core.errors import Invalid
from pos.core.ids import new_id, new_token, parse_id


def test_clock_held_at_instant_is_released_after() -> None:
    instant = datetime(2026, 3, 31, 20, 0, tzinfo=UTC)
    with clock.at(instant):
        assert clock.now() == instant
        with clock.at(instant + timedelta(hours=1)):
            assert clock.now() == instant + timedelta(hours=1)
        assert clock.now() == instant
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("instant", "zone", "cutoff", "day"),
    [
        # Half past midnight in Berlin is still yesterday in UTC.
        (datetime(2026, 6, 16, 22, 30, tzinfo=UTC), "Europe/Berlin", 0, date(2026, 6, 17)),
        # With a cut-off at four, the night belongs to the evening before.
        (datetime(2026, 6, 17, 1, 59, tzinfo=UTC), "Europe/Berlin", 4, date(2026, 6, 16)),
        (datetime(2026, 6, 17, 2, 0, tzinfo=UTC), "Europe/Berlin", 4, date(2026, 6, 17)),
        # The day of 23 hours and the day of 25 hours.
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), "Europe/Berlin", 0, date(2026, 3, 29)),
        (datetime(2026, 10, 25, 22, 59, tzinfo=UTC), "Europe/Berlin", 0, date(2026, 10, 25)),
        (datetime(2026, 10, 25, 23, 0, tzinfo=UTC), "Europe/Berlin", 0, date(2026, 10, 26)),
        (datetime(2027, 1, 1, 4, 59, tzinfo=UTC), "America/New_York", 0, date(2026, 12, 31)),
    ],
)
def test_business_date_of_instant_follows_zone_and_cutoff(instant: datetime, zone: str, cutoff: int, day: date) -> None:
    assert business_date(instant, zone, cutoff) == day


def test_time_zone_unknown_is_refused() -> None:
    with pytest.raises(Invalid, match="“Mars/Base” is not a time zone"):
        clock.zone("Mars/Base")
    with pytest.raises(Invalid):
        clock.zone("../../etc/passwd")


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 10), 12, date(2027, 1, 10)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 12, 31), 6, date(2027, 6, 30)),
        (date(2026, 8, 31), 0, date(2026, 8, 31)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
    ],
)
def test_months_added_stay_within_target_month(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected


def test_id_is_uuid7_and_sorts_by_time() -> None:
    keys = [new_id() for _ in range(50)]
    assert {key.version for key in keys} == {7}
    assert {key.variant for key in keys} == {uuid4().variant}
    assert len(set(keys)) == 50
    assert [key.int >> 80 for key in keys] == sorted(key.int >> 80 for key in keys)


def test_id_from_text_is_parsed_or_refused() -> None:
    key = new_id()
    assert parse_id(str(key)) == parse_id(key.hex) == parse_id(key) == key
    for wrong in ("", "x" * 36, 12, None, str(key) + "0", ["a"], "{" + key.hex[:34] + "}"):
        with pytest.raises(Invalid) as refused:
            parse_id(wrong, field="item_id")
        assert refused.value.field == "item_id"


def test_token_has_requested_bits() -> None:
    assert len(new_token(256)) == 43
    assert len({new_token(128) for _ in range(100)}) == 100
