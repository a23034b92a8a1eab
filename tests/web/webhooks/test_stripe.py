"""Webhooks: signed ones are taken in once and acted on by the worker, everything else is refused and leaves nothing.

The last part is the race that matters: the webhook, the desk's polling and the polling job bring the same news at once.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from invoices.errors import PaperUnavailable
from pos.core import clock
from pos.core.ids import new_id
from pos.core.outbox import OutboxMessage
from pos.domain.ledger.models import JournalEntry
from pos.domain.payments.models import Tender, WebhookEvent
from pos.domain.receipts.models import Receipt
from pos.domain.sales.models import Sale
from pos.integrations.stripe.types import Event
from pos.services.jobs import event_handlers
from pos.services.jobs.event_handlers import take_in
from pos.services.payments import apply_outcome, complete_order, refresh_payment, terminal_payment
from pos.services.payments.payment_state import PaymentState
from pos.worker import work_once
from tests.support.barrier import meeting, race
from tests.support.cards import CARDS, Till, take_cards
from tests.support.clinic import Clinic, line
from tests.web.permissions.permission_fixtures import event, signed

EFFECTS = (Sale, Receipt, JournalEntry, Tender)


@pytest.fixture(autouse=True)
def _no_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker warms paper after a sale; not here."""

    def none(*_: object) -> bytes:
        raise PaperUnavailable("no paper in this test")

    monkeypatch.setattr(event_handlers, "receipt_pdf", none)


@pytest.fixture
def till(clinic: Clinic) -> Iterator[Till]:
    """A clinic with card readers."""
    with take_cards(clinic) as till:
        yield till


@pytest.fixture
def web(till: Till) -> FlaskClient:
    """Who speaks to the hook."""
    return till.clinic.app.test_client()


def count(world: Clinic, *tables: type) -> list[int]:
    """How many rows there are; of the journal the sales, for Stripe's fee is an entry of its own."""

    def query(table: type) -> Select[int]:
        found = select(func.count()).select_from(table)
        return found.where(JournalEntry.event == "sale") if table is JournalEntry else found

    with world.read() as session:
        return [session.scalar(query(table)) or 0 for table in tables]


def work(world: Clinic) -> None:
    with world.app.app_context():
        while work_once():
            pass


def charge(till: Till) -> PaymentState:
    """A card payment that waits at the reader."""
    waiting = till.charge(till.command(till.ticket(line("trigger_60"))))
    assert waiting.state == "pending"
    return waiting


def deliver(till: Till, web: FlaskClient) -> list[int]:
    """Let Stripe deliver what it has to tell; returns our answers."""
    answers: list[int] = []

    def receive(body: bytes, headers: dict[str, str]) -> int:
        answers.append(web.post("/hooks/stripe", data=body, headers=headers).status_code)
        return answers[-1]

    till.stripe.receiver = receive
    till.stripe.press("flush")
    return answers


pytestmark = CARDS


# ---- taken in


def test_webhook_signed_is_stored_and_worker_makes_sale(till: Till, web: FlaskClient) -> None:
    waiting = charge(till)
    till.tap()
    answers = deliver(till, web)
    assert answers
    assert set(answers) == {204}
    assert count(till.clinic, Sale) == [0], "the hook itself acts on nothing"
    work(till.clinic)
    assert count(till.clinic, *EFFECTS) == [1, 1, 1, 1]
    assert till.attempt(waiting.order_id).state == "succeeded"


@pytest.mark.parametrize("times", [2, 25])
def test_webhook_sent_repeatedly_is_processed_once(till: Till, web: FlaskClient, times: int) -> None:
    charge(till)
    till.tap()
    deliver(till, web)
    body, headers = till.stripe.delivered[-1]
    rows = count(till.clinic, WebhookEvent, OutboxMessage)
    for _ in range(times):
        assert web.post("/hooks/stripe", data=body, headers=headers).status_code == 204
    assert count(till.clinic, WebhookEvent, OutboxMessage) == rows
    work(till.clinic)
    for _ in range(times):
        assert web.post("/hooks/stripe", data=body, headers=headers).status_code == 204
    work(till.clinic)
    assert count(till.clinic, *EFFECTS) == [1, 1, 1, 1]


def test_webhook_sent_six_times_at_once_is_stored_once(till: Till) -> None:
    body = event()
    headers = signed(body)
    post = [partial(till.clinic.app.test_client().post, "/hooks/stripe", data=body, headers=headers) for _ in range(6)]
    assert [answer.status_code for answer in race(*post)] == [204] * 6
    assert count(till.clinic, WebhookEvent, OutboxMessage) == [1, 2]


def test_webhook_without_event_key_is_stored_twice(
    till: Till, web: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: an event kept under a key of our own is kept, and acted on, as often as it comes."""
    keep = event_handlers.payments.store_event

    def keep_under_a_new_key(session: Session, kept: WebhookEvent) -> bool:
        kept.event_id = f"evt_{new_id().hex}"
        return keep(session, kept)

    monkeypatch.setattr(event_handlers.payments, "store_event", keep_under_a_new_key)
    monkeypatch.setattr(event_handlers.outbox, "record", _record_without_key(event_handlers.outbox.record))
    body = event()
    for _ in range(2):
        assert web.post("/hooks/stripe", data=body, headers=signed(body)).status_code == 204
    assert count(till.clinic, WebhookEvent, OutboxMessage) == [2, 4]


def _record_without_key(record: Callable[..., None]) -> Callable[..., None]:
    def bare(*args: Any, key: str | None = None, **named: Any) -> None:
        record(*args, **named)

    return bare


def test_webhook_for_unknown_object_has_no_effect(till: Till, web: FlaskClient) -> None:
    odd = [
        event(),
        event("pi_of_another_system"),
        event(""),
        event("x" * 120),
        event(type="a.type.invented.next.year"),
        event(data={"object": {"object": "balance"}}),
        event(created=0),
        event(api_version=None),
    ]
    for body in odd:
        assert web.post("/hooks/stripe", data=body, headers=signed(body)).status_code == 204, body
    work(till.clinic)
    with clock.at(clock.now() + timedelta(minutes=5)):
        work(till.clinic)
    assert count(till.clinic, WebhookEvent) == [len(odd)]
    assert count(till.clinic, *EFFECTS) == [0, 0, 0, 0]
    with till.clinic.read() as session:
        assert set(session.scalars(select(OutboxMessage.state))) == {"done"}


def test_webhook_out_of_order_late_or_duplicated_makes_one_sale(till: Till, web: FlaskClient) -> None:
    for fault in ("webhook_reordered", "webhook_late", "webhook_duplicated"):
        till.stripe.arm(fault)
    waiting = charge(till)
    till.tap()
    deliver(till, web)
    work(till.clinic)
    assert till.attempt(waiting.order_id).state == "succeeded"
    assert count(till.clinic, *EFFECTS) == [1, 1, 1, 1]


def test_webhook_lost_is_replaced_by_polling_job(till: Till, web: FlaskClient) -> None:
    till.stripe.arm("webhook_lost", times=50)
    charge(till)
    till.tap()
    assert deliver(till, web) == []
    with till.clinic.app.app_context():
        assert event_handlers.poll_pending() == 1
        assert event_handlers.poll_pending() == 0
    assert count(till.clinic, *EFFECTS) == [1, 1, 1, 1]


def test_webhook_before_our_call_returned_makes_one_sale(till: Till, web: FlaskClient) -> None:
    """Stripe tells of the intent while we still wait for the answer that names it."""
    answers: list[int] = []

    def receive(body: bytes, headers: dict[str, str]) -> int:
        answers.append(web.post("/hooks/stripe", data=body, headers=headers).status_code)
        work(till.clinic)
        return answers[-1]

    till.stripe.receiver = receive
    till.stripe.arm("webhook_before_response", times=50)
    waiting = till.charge(till.command(till.ticket(line("trigger_60"))))
    assert answers, "nothing was delivered early, so this test looks at nothing"
    till.tap()
    till.stripe.press("flush")
    work(till.clinic)
    with clock.at(clock.now() + timedelta(seconds=30)):
        work(till.clinic)
    assert set(answers) == {204}
    assert till.attempt(waiting.order_id).state == "succeeded"
    assert count(till.clinic, *EFFECTS) == [1, 1, 1, 1]


# ---- refused


def refusals() -> dict[str, Callable[[], tuple[bytes, dict[str, str]]]]:
    """Bodies and headers nobody but Stripe could have sent, and nobody did."""

    def forged() -> tuple[bytes, dict[str, str]]:
        return event(), {"Stripe-Signature": f"t={int(clock.now().timestamp())},v1={'0' * 64}"}

    def changed_after_signing() -> tuple[bytes, dict[str, str]]:
        body = event("pi_of_somebody")
        return body.replace(b"pi_of_somebody", b"pi_of_anybody_"), signed(body)

    def other_scheme() -> tuple[bytes, dict[str, str]]:
        body = event()
        return body, {"Stripe-Signature": signed(body)["Stripe-Signature"].replace("v1=", "v0=")}

    def two_times() -> tuple[bytes, dict[str, str]]:
        body = event()
        return body, {"Stripe-Signature": "t=1," + signed(body)["Stripe-Signature"]}

    def of(body: bytes, **signing: Any) -> Callable[[], tuple[bytes, dict[str, str]]]:
        return lambda: (body, signed(body, **signing))

    def with_header(value: str) -> Callable[[], tuple[bytes, dict[str, str]]]:
        return lambda: (event(), {"Stripe-Signature": value})

    def at(seconds: int) -> Callable[[], tuple[bytes, dict[str, str]]]:
        def made() -> tuple[bytes, dict[str, str]]:
            body = event()
            return body, signed(body, at=int(clock.now().timestamp()) + seconds)

        return made

    return {
        "forged": forged,
        "changed after it was signed": changed_after_signing,
        "unsigned": lambda: (event(), {}),
        "an empty header": with_header(""),
        "a header of nonsense": with_header("nonsense,,,=,t=,v1="),
        "a header without time": with_header(f"v1={'0' * 64}"),
        "a header without signature": with_header("t=1"),
        "a time that is no number": with_header(f"t=now,v1={'0' * 64}"),
        "a time beyond all clocks": with_header(f"t={'9' * 400},v1={'0' * 64}"),
        "another scheme": other_scheme,
        "two times": two_times,
        "six minutes old": at(-360),
        "six minutes ahead": at(360),
        "another secret": lambda: (lambda body: (body, signed(body, secret="whsec_of_another_account")))(event()),
        "an empty secret": lambda: (lambda body: (body, signed(body, secret="")))(event()),
        "not UTF-8": of(b'{"object": "event", "id": "\xff\xfe"}'),
        "not JSON": of(b"hello"),
        "an empty body": of(b""),
        "JSON that is no event": of(b"[]"),
        "an event without object": of(json.dumps({"object": "event", "id": "evt_1"}).encode()),
        "another thing than an event": of(event().replace(b'"event"', b'"charge"')),
    }


def test_webhook_not_signed_by_stripe_is_refused_and_not_stored(
    till: Till, web: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    for name, made in refusals().items():
        body, headers = made()
        with caplog.at_level(logging.DEBUG):
            answer = web.post("/hooks/stripe", data=body, headers=headers)
        assert answer.status_code == 400, name
        assert answer.content_type == "application/problem+json", name
        assert answer.get_json()["code"] == "bad_signature", name
        assert answer.get_json()["title"], name
    assert count(till.clinic, WebhookEvent, OutboxMessage) == [0, 0]
    assert "pi_of_somebody" not in caplog.text


def test_webhook_with_form_content_type_is_refused(till: Till, web: FlaskClient) -> None:
    """Read as a form, the body would be gone before its signature is looked at."""
    body = event()
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        answer = web.post("/hooks/stripe", data=body, headers=signed(body) | {"Content-Type": kind})
        assert answer.status_code == 400
    assert count(till.clinic, WebhookEvent) == [0]


def test_webhook_of_live_mode_is_refused(till: Till, web: FlaskClient) -> None:
    body = event(livemode=True)
    answer = web.post("/hooks/stripe", data=body, headers=signed(body))
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")
    assert "other mode" in answer.get_json()["title"]
    assert count(till.clinic, WebhookEvent, OutboxMessage) == [0, 0]


def test_webhook_body_too_large_is_refused(till: Till, web: FlaskClient) -> None:
    answer = web.post("/hooks/stripe", data=b"x" * 1_000_001, headers=signed(b"x"))
    assert (answer.status_code, answer.content_type) == (413, "application/problem+json")


@pytest.mark.settings
def test_webhook_with_card_payments_off_is_refused(clinic: Clinic) -> None:
    body = event()
    answer = clinic.app.test_client().post("/hooks/stripe", data=body, headers=signed(body))
    assert (answer.status_code, answer.get_json()["code"]) == (503, "not_configured")
    assert count(clinic, WebhookEvent) == [0]


# ---- everybody at once


def everybody_at_once(till: Till, order_id: UUID, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The webhook's worker, the desk and the polling job have all heard that it is paid before any of them writes."""
    meet, apply = meeting(3), apply_outcome.apply_outcome

    def heard_then_written(order_id: UUID, outcome: Any, *, attempt_id: UUID) -> None:
        meet()
        apply(order_id, outcome, attempt_id=attempt_id)

    monkeypatch.setattr(refresh_payment, "apply_outcome", heard_then_written)
    intent_id = till.attempt(order_id).intent_id or ""
    app = till.clinic.app
    with app.app_context():
        take_in(Event("evt_race", "payment_intent.succeeded", intent_id, "payment_intent", clock.now(), False, None))

    def inside(action: Callable[[], object]) -> object:
        with app.app_context():
            return action()

    actions = (work_once, lambda: terminal_payment.refresh_at_desk(order_id), event_handlers.poll_pending)
    return race(*(partial(inside, action) for action in actions))


def test_webhook_desk_and_polling_job_at_once_make_one_sale(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = charge(till)
    till.tap()
    outcomes = everybody_at_once(till, waiting.order_id, monkeypatch)
    assert not [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert outcomes[1].paid is not None
    work(till.clinic)
    assert count(till.clinic, *EFFECTS) == [1, 1, 1, 1]
    assert till.charges() == [108_00]
    with till.clinic.read() as session:
        assert set(session.scalars(select(OutboxMessage.state).where(OutboxMessage.topic == "webhook"))) <= {
            "done",
            "pending",
        }


def test_webhook_and_desk_without_state_guard_fail_or_sell_twice(
    till: Till, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The negative control: with every move allowed, the second completion runs into the tables' own keys, or doubles."""
    waiting = charge(till)
    till.tap()
    monkeypatch.setattr(apply_outcome.payments, "move_attempt", lambda attempt, state: True)
    monkeypatch.setattr(apply_outcome.sales, "move_order", lambda order, state: None)
    monkeypatch.setattr(complete_order, "move", lambda ticket, state: None)
    outcomes = everybody_at_once(till, waiting.order_id, monkeypatch)
    failed = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    said = any(words in caplog.text for words in ("stays open", "failed, attempt", "paid for no sale"))
    assert failed or said or count(till.clinic, *EFFECTS) != [1, 1, 1, 1]
