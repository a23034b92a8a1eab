"""A storm of webhooks: each event three times, shuffled, forged ones among them, four workers, one killed half-way.

At the end each event is kept once, each paid order is one sale with one receipt and one entry, nothing else happened, and
every forged message was refused. `make storm` does it with 10,000 events; here they are fewer, for the time of a test.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from pos.core import clock
from pos.core.outbox import CLAIM_SECONDS, OutboxMessage
from pos.domain.ledger.models import JournalEntry
from pos.domain.payments.models import Tender, WebhookEvent, WebhookRefusal
from pos.domain.receipts.models import Receipt
from pos.domain.sales.models import Sale
from pos.services.checkout.place_order import ChargeTicket
from pos.services.jobs import event_handlers
from pos.worker import work_once
from tests.support.cards import CARDS, Till, take_cards
from tests.support.clinic import Clinic, line
from tests.support.loopback import on_loopback
from tests.support.remembered_checks import broken_checks
from tests.web.permissions.permission_fixtures import event, signed

EVENTS = int(os.environ.get("STORM_EVENTS", "300"))
PAYMENTS = max(20, EVENTS // 50)
FORGED = max(60, EVENTS // 10)
TIMES, WORKERS = 3, 4
TYPES = ("payment_intent.succeeded", "payment_intent.created", "payment_intent.processing", "charge.updated")
pytestmark = [CARDS, pytest.mark.long, pytest.mark.xdist_group("storm")]


@pytest.fixture
def till(clinic: Clinic) -> Iterator[Till]:
    with take_cards(clinic) as till:
        yield till


@pytest.fixture
def api_base(till: Till) -> Iterator[str]:
    """The simulated Stripe of this test, for the workers to fetch objects from."""
    with on_loopback(till.stripe.simulator) as address:
        yield address


def paid_and_unsettled(till: Till) -> list[str]:
    """Card payments the client has paid and we have not heard of: intents."""
    intents = []
    for _ in range(PAYMENTS):
        command: ChargeTicket = till.command(till.ticket(line("foot_30")))
        state = till.charge(command)
        till.tap()
        intents.append(till.attempt(state.order_id).intent_id or "")
    return intents


def deliveries(intents: list[str], chance: random.Random) -> list[tuple[str, str, str]]:
    """What comes: (kind, body, signature)."""
    found: list[tuple[str, str, str]] = []

    def add(kind: str, body: bytes, times: int = TIMES, **sign: Any) -> None:
        header = signed(body, **sign)["Stripe-Signature"]
        found.extend([(kind, body.decode(), header)] * times)

    for number in range(EVENTS):
        # One of eleven is about something of another system on the same account.
        subject = f"pi_elsewhere_{number}" if number % 11 == 10 else intents[number % len(intents)]
        add("good", event(subject, type=TYPES[number // len(intents) % len(TYPES)]))
    for number in range(FORGED):
        body = event(intents[number % len(intents)])
        match number % 6:
            case 0:
                add("forged", body, 1, secret="whsec_guessed")
            case 1:
                add("forged", body, 1, at=int(clock.now().timestamp()) - 3600)
            case 2:
                found.append(("forged", body.decode(), signed(body + b" ")["Stripe-Signature"]))
            case 3:
                found.append(("forged", body.decode(), ""))
            case 4:
                add("other_mode", event(intents[0], livemode=True), 1)
            case 5:
                add("other_version", event(intents[0], api_version="2020-08-27"), 1)
    chance.shuffle(found)
    return found


def worker(database: str, folder: Path, file: Path, start: int, step: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.concurrency.storm", database, str(folder), str(file), str(start), str(step)]
    env = os.environ | {"PYTHONWARNINGS": "default"}
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def release(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def test_webhook_storm_each_event_takes_effect_once(
    till: Till, api_base: str, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(20261127)
    intents = paid_and_unsettled(till)
    sent = deliveries(intents, chance)
    kinds = Counter(kind for kind, _, _ in sent)
    file = tmp_path / "storm.json"
    told = {"secret": till.stripe.webhook_secret, "api_base": api_base, "at": clock.now().timestamp()}
    file.write_text(json.dumps(told | {"deliveries": sent}), encoding="utf-8")

    workers = [worker(database, tmp_path, file, start, WORKERS) for start in range(WORKERS)]
    for process in workers:
        release(process)
    # One is killed when a good part has come in: what it held is given back, what it had not posted comes again.
    with till.clinic.read() as session:
        while (session.scalar(select(func.count()).select_from(WebhookEvent)) or 0) < EVENTS // 3:
            session.rollback()
            time.sleep(0.02)
    assert workers[0].poll() is None, "it was to be killed half-way"
    workers[0].kill()
    workers[0].communicate()
    again = worker(database, tmp_path, file, 0, WORKERS)  # Stripe sends again what was not answered, and more
    release(again)
    answers: Counter[str] = Counter()
    for process in (*workers[1:], again):
        output, _ = process.communicate(timeout=600)
        assert process.returncode == 0
        answers.update(json.loads(output))
    statuses = {"good": 204, "forged": 400, "other_mode": 422, "other_version": 422}
    assert answers == {f"{kind} {statuses[kind]}": times for kind, times in kinds.items()}

    # What the killed worker had claimed is free again after CLAIM_SECONDS; the second look comes shortly after the first.
    monkeypatch.setitem(event_handlers.HANDLERS, "sale_completed", lambda _: None)
    with clock.at(clock.now() + timedelta(seconds=CLAIM_SECONDS + 1)), till.clinic.app.app_context():
        while work_once():
            pass

    with till.clinic.read() as session:

        def count(table: type) -> int:
            return session.scalar(select(func.count()).select_from(table)) or 0

        assert count(WebhookEvent) == EVENTS
        assert [count(table) for table in (Sale, Receipt, Tender)] == [PAYMENTS] * 3
        assert count(JournalEntry) == 2 * PAYMENTS, "the sale and its fee"
        assert set(session.scalars(select(OutboxMessage.state).where(OutboxMessage.topic == "webhook"))) == {"done"}
        hooks = select(func.count()).select_from(OutboxMessage).where(OutboxMessage.topic == "webhook")
        assert session.scalar(hooks) == 2 * EVENTS
        refused = dict(
            session.execute(
                select(WebhookRefusal.why, func.sum(WebhookRefusal.times)).group_by(WebhookRefusal.why)
            ).all()
        )
        # Those the killed worker posted before it ended came again afterwards.
        for why in ("forged", "other_mode", "other_version"):
            assert kinds[why] <= refused[why] <= kinds[why] * 2, why
        assert len(till.charges()) == PAYMENTS
        assert broken_checks(session, but="drawers") == {}
