"""The demo clinic builds on any day and at any hour, and its books hold."""

from __future__ import annotations

import html
import random
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from urllib.parse import urljoin

import pytest
from flask import Flask

from pos.core import clock
from pos.core.app_context import settings
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
from pos.services.till.close_period import close_periods
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
# The others are built in the long run, and the one whose pages are all opened below.
_SHORT = "Berlin goes to winter time"
_OPENED = DAYS.pop("New York goes to summer time")
ALL_DAYS = [pytest.param(day, id=name, marks=() if name == _SHORT else pytest.mark.long) for name, day in DAYS.items()]
# What links of the office lead to and is no page, or ends what the walk is in.
_NO_PAGE = re.compile(r"sign-out|\.(csv|xlsx|pdf|json|zip)(\?|$)")
_PAGES_OF_AN_ADDRESS = 3


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
            yield made[0]
        finally:
            demo.close()
            for app in made:
                with app.app_context():
                    db.session.remove()
                    for engine in db.engines.values():
                        engine.dispose()


def _passes_checks() -> None:
    assert [check.first for check in verify(reading()) if not check.holds] == []
    # Every treatment of the demo has a therapist, so every tip has a person who can be paid.
    tipped = [tips.owed(reading(), place.id) for place in places(reading())]
    assert any(tipped)
    assert [tips.pools(reading(), place.id) for place in places(reading())] == [{}] * len(tipped)


@pytest.mark.parametrize("built", ALL_DAYS, indirect=True)
def test_demo_built_on_any_day_passes_checks(built: Flask) -> None:
    with built.app_context():
        _passes_checks()


def _linked(page: str, address: str) -> Iterator[str]:
    for found in re.findall(r'(?:href|hx-get)="([^"#]+)', page):
        link = urljoin(address, html.unescape(found))
        if link.startswith("/office") and not _NO_PAGE.search(link):
            yield link


@pytest.mark.long
@pytest.mark.parametrize("built", [_OPENED], indirect=True)
def test_demo_office_every_page_that_links_lead_to_opens(built: Flask) -> None:
    """As the owner from Today on, by three of each address: a page with rows is another one than without."""
    with built.app_context():
        _passes_checks()
        for place in places(reading()):
            close_periods(place.id)
        here = settings().base_url
    owner = built.test_client()
    get = partial(owner.get, base_url=here)
    form = re.search(r'name="csrf_token" value="([^"]+)"', get("/office/sign-in").text)
    assert form
    signed = {"csrf_token": form[1], "email": "ruth@maple.example", "password": "calm-ledger-2026"}
    assert owner.post("/office/sign-in", data=signed, base_url=here).status_code == 303
    match = built.url_map.bind("localhost").match
    waiting, opened, refused = ["/office/"], set[str](), []
    often = Counter[str]()
    while waiting:
        address = waiting.pop()
        answer = get(address)
        opened.add(address)
        if answer.status_code >= 400:
            refused.append((answer.status_code, address))
        if answer.mimetype != "text/html":
            continue
        for link in _linked(answer.text, address):
            endpoint = match(link.partition("?")[0])[0]
            if link not in opened and often[endpoint] < _PAGES_OF_AN_ADDRESS:
                often[endpoint] += 1
                waiting.append(link)
    assert refused == []
    assert len(often) > 120


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
