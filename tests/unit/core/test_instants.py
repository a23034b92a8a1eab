"""An instant as SQLite keeps it, and as papers say it: written here in one step, as the libraries would."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from babel.dates import format_datetime
from sqlalchemy import DateTime
from sqlalchemy.dialects import sqlite

from pos.core.clock import zone
from pos.core.database.base import UtcDateTime
from pos.core.i18n.translator import translator

INSTANTS = [
    datetime(2026, 9, 3, 4, 5, 6, tzinfo=UTC),
    datetime(2026, 12, 31, 23, 59, 59, 999_999, tzinfo=timezone(timedelta(hours=-5))),
    datetime(987, 1, 1, tzinfo=UTC),
]


@pytest.mark.parametrize("instant", INSTANTS)
def test_instant_on_sqlite_is_the_text_that_sqlalchemy_writes(instant: datetime) -> None:
    dialect = sqlite.dialect()
    ours, theirs = UtcDateTime().bind_processor(dialect), DateTime().dialect_impl(dialect).bind_processor(dialect)
    assert ours is not None
    assert theirs is not None
    assert ours(instant) == theirs(instant.astimezone(UTC).replace(tzinfo=None))
    assert ours(None) is None
    with pytest.raises(ValueError, match="time zone"):
        ours(instant.replace(tzinfo=None))


@pytest.mark.parametrize("locale", ["en_US", "en_GB", "en_AU"])
@pytest.mark.parametrize("instant", INSTANTS[:2])
def test_moment_in_english_is_what_babel_writes(locale: str, instant: datetime) -> None:
    words = translator(locale)
    for time_zone in ("UTC", "Asia/Kolkata"):
        expected = format_datetime(instant, "d MMM yyyy, HH:mm", tzinfo=zone(time_zone), locale=words.locale)
        assert words.moment(instant, time_zone) == expected
