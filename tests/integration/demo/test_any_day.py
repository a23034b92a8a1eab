"""The demo clinic builds on any day and at any hour, and its books hold."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from pos.core import clock
from pos.core.app_context import running
from pos.core.database.base import db, reading
from pos.dev.demo import run
from pos.dev.demo.history import (
    FLOAT_MINOR,
    evening_count,
    notes_for,
    this_morning,
)
from pos.domain.locations.queries import places
from pos.domain.tips import repository as tips
from pos.reports.verify import verify
from tests.support.serving import own_port

NEW_YORK, BERLIN = clock.zone("America/New_York"), clock.zone("Europe/Berlin")
DAYS = {
    **{
        day.strftime("%A"): day
        for day in (datetime(2026, 11, 23, 15, tzinfo=NEW_YORK) + timedelta(days=ahead) for ahead in range(7))
    },
    "New York goes to summer time": datetime(2026, 3, 8, 12, tzinfo=NEW_YORK),
    "New York goes to winter time": datetime(2026, 11, 1, 1, 30, tzinfo=NEW_YORK),
    "Berlin goes to summer time": datetime(2027, 3, 28, 12, tzinfo=BERLIN),
    "Berlin goes to winter time": datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=BERLIN),
    "leap day": datetime(2028, 2, 29, 12, tzinfo=NEW_YORK),
    "last minutes of the year in New York": datetime(2026, 12, 31, 23, 58, tzinfo=NEW_YORK),
    "last minutes of the year in Berlin": datetime(2026, 12, 31, 23, 58, tzinfo=BERLIN),
    "new year": datetime(2027, 1, 1, 0, 1, tzinfo=NEW_YORK),
    "just after the cut-off hour": datetime(2026, 11, 25, 3, 10, tzinfo=NEW_YORK),
}
# The others are built in the long run.
_SHORT = ("New York goes to summer time", "Berlin goes to winter time")
ALL_DAYS = [pytest.param(day, id=name, marks=() if name in _SHORT else pytest.mark.long) for name, day in DAYS.items()]


@pytest.fixture
def built(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The demo of one week, built at the moment that the test names, with the clock held there."""
    made: list[Flask] = []
    create_app = run.create_app

    def keep(*given: object) -> Flask:
        made.append(create_app(*given))  # type: ignore[arg-type]  # handed through
        return made[-1]

    monkeypatch.setattr(run, "create_app", keep)
    demo = run.Demo(tmp_path / "demo", own_port())
    with clock.at(request.param):
        try:
            demo.build(lambda done, of: None, weeks=1)
            with made[0].app_context():
                yield made[0]
        finally:
            demo.close()
            for app in made:
                with app.app_context():
                    if pool := running().helpers.get("render_pool"):
                        pool.close()
                    db.session.remove()
                    for engine in db.engines.values():
                        engine.dispose()


@pytest.mark.parametrize("built", ALL_DAYS, indirect=True)
def test_demo_built_on_any_day_passes_checks(built: Flask) -> None:
    assert [check.first for check in verify(reading()) if not check.holds] == []
    # Every treatment of the demo has a therapist, so every tip has a person who can be paid.
    tipped = [tips.owed(reading(), place.id) for place in places(reading())]
    assert any(tipped)
    assert [tips.pools(reading(), place.id) for place in places(reading())] == [{}] * len(tipped)


@pytest.mark.parametrize("expected", [0, 50, FLOAT_MINOR, FLOAT_MINOR + 99, 80_000])
def test_demo_evening_never_leaves_more_than_was_counted(expected: int) -> None:
    for seed in range(200):
        counted, left = evening_count(expected, random.Random(seed))
        assert 0 <= left <= min(counted, FLOAT_MINOR)


def test_demo_cash_is_the_due_in_whole_notes() -> None:
    assert [notes_for(due) for due in (0, 1, 2_000, 10_800)] == [0, 2_000, 2_000, 12_000]


def test_demo_morning_belongs_to_the_business_day_of_now(clinic: object, context: Flask) -> None:
    for place in places(reading()):
        for hour in range(24):
            with clock.at(datetime(2026, 11, 24, hour, 5, tzinfo=UTC)):
                assert place.business_date(this_morning(place)) == place.today()
                assert this_morning(place) <= clock.now()
