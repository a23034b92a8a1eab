"""Figures for a monitor: only with the token, in a form a monitor reads, and each moves with what it counts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest

from pos.core import clock
from tests.support.cards import CARDS, Till, take_cards
from tests.support.clinic import Clinic, line
from tests.web.permissions.permission_fixtures import PermissionFixtures, event, signed

TOKEN = "a-token-for-the-monitor"
pytestmark = pytest.mark.settings(**CARDS.kwargs, METRICS_TOKEN=TOKEN)
LINE = re.compile(r'([a-z_]+(?:\{why="[a-z_]+"\})?) ([0-9.]+)')


@pytest.fixture
def till(clinic: Clinic) -> Iterator[Till]:
    with take_cards(clinic) as till:
        yield till


def metrics(till: Till) -> dict[str, float]:
    answer = till.clinic.app.test_client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    found = {}
    for row in answer.text.splitlines():
        if not row.startswith("# "):
            read = LINE.fullmatch(row)
            assert read, row
            found[read[1].removeprefix("tenderpoint_")] = float(read[2])
    return found


@pytest.mark.parametrize("given", [{}, {"Authorization": "Bearer x"}, {"Authorization": f"Bearer {TOKEN}x"}])
def test_metrics_without_token_are_refused(till: Till, given: dict[str, str]) -> None:
    answer = till.clinic.app.test_client().get("/metrics", headers=given | {"Accept": "application/json"})
    assert answer.status_code == 401
    assert b"tenderpoint_" not in answer.data


def test_metrics_each_figure_counts_its_events(till: Till) -> None:
    quiet = metrics(till)
    assert set(quiet.values()) == {0.0}
    web = till.clinic.app.test_client()
    till.stripe.arm("timeout_after", "/v1/payment_intents")
    till.charge(till.command(till.ticket(line("foot_30"))))
    assert web.post("/hooks/stripe", data=event(), headers={"Stripe-Signature": "t=1,v1=00"}).status_code == 400
    for body, status in ((event(), 204), (event(livemode=True), 422), (event(api_version="2020-08-27"), 422)):
        assert web.post("/hooks/stripe", data=body, headers=signed(body)).status_code == status
    PermissionFixtures(till).dead_letter()
    with clock.at(clock.now() + timedelta(minutes=10)):
        found = metrics(till)
    assert found == quiet | {
        "open_attempts": 1,
        "attempts_in_doubt": 1,
        "oldest_open_attempt_seconds": 600,
        "webhook_backlog": 2,  # at once, and once more shortly after
        "outbox_backlog": 2,
        "outbox_lag_seconds": 600,
        "dead_letters": 1,
        **{f'webhook_refusals_total{{why="{why}"}}': 1 for why in ("forged", "other_mode", "other_version")},
    }
