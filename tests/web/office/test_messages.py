"""Messages in the office: what came, what became of it, once more; what was given up, tried again or put aside."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from pos.core.audit import AuditEvent
from pos.core.outbox import OutboxMessage
from pos.services.jobs import event_handlers
from pos.worker import work_once
from tests.support.cards import CARDS, Till, take_cards
from tests.support.clinic import Clinic, line
from tests.web.permissions.full_app import form_token
from tests.web.permissions.permission_fixtures import PermissionFixtures, event, signed

pytestmark = CARDS
PAGE = "/office/settings/messages"


def text(page: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


@pytest.fixture
def till(clinic: Clinic) -> Iterator[Till]:
    with take_cards(clinic) as till:
        yield till


@pytest.fixture
def manager(till: Till) -> FlaskClient:
    client = till.clinic.app.test_client()
    client.set_cookie("tp_office", till.clinic.office_cookie(till.clinic.owner), path="/office")
    return client


def post(client: FlaskClient, path: str, **fields: str) -> tuple[int, str]:
    answer = client.post(path, data={"csrf_token": form_token(client), **fields})
    return answer.status_code, text(answer.text)


def steps(till: Till) -> list[str]:
    with till.clinic.read() as session:
        return list(session.scalars(select(AuditEvent.action).where(AuditEvent.action.startswith("messages."))))


def test_messages_page_lists_searches_and_replays_webhooks(till: Till, manager: FlaskClient) -> None:
    assert "Nothing from Stripe yet" in text(manager.get(PAGE).text)
    waiting = till.charge(till.command(till.ticket(line("foot_30"))))
    till.tap()
    intent = till.attempt(waiting.order_id).intent_id or ""
    for body in (event(intent), event("re_1", type="refund.updated")):
        assert manager.post("/hooks/stripe", data=body, headers=signed(body)).status_code == 204
    page = text(manager.get(PAGE).text)
    assert "payment_intent.succeeded" in page
    assert page.count("waits its turn") == 2
    for query, shown, hidden in (
        ("kind=payments", intent, "re_1"),
        ("kind=refunds", "re_1", intent),
        (f"search={intent}", intent, "re_1"),
        ("became=open", "re_1", "No message"),
    ):
        page = text(manager.get(f"{PAGE}?{query}").text)
        assert shown in page, query
        assert hidden not in page, query
    assert "Nothing here fits the filter" in text(manager.get(f"{PAGE}?became=dead&kind=refunds&search=%25").text)

    with till.clinic.app.app_context():
        while work_once():
            pass
    assert till.attempt(waiting.order_id).state == "succeeded"
    assert text(manager.get(PAGE).text).count("acted on") >= 2
    with till.clinic.read() as session:
        kept = session.scalars(select(OutboxMessage.key).where(OutboxMessage.key.startswith("webhook:"))).first()
    assert kept is not None
    assert post(manager, f"{PAGE}/replay", event_id=kept.removeprefix("webhook:"))[0] == 303
    with till.clinic.app.app_context():
        assert work_once()
    assert till.charges() == [till.attempt(waiting.order_id).amount_minor]
    assert steps(till) == ["messages.replayed"]
    assert post(manager, f"{PAGE}/replay", event_id="evt_nobody_knows")[0] == 404
    assert steps(till) == ["messages.replayed"]


def test_messages_page_dead_message_is_retried_or_dismissed_with_reason(
    till: Till, manager: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[object] = []
    monkeypatch.setitem(event_handlers.HANDLERS, "client_link", sent.append)
    letter = PermissionFixtures(till).dead_letter()
    today = manager.get("/office/").text
    assert "1 message could not be delivered: sign-in link of a client." in text(today)
    assert f'href="{PAGE}#dead"' in today
    assert "No route" in text(manager.get(PAGE).text)

    status, page = post(manager, f"{PAGE}/{letter}/aside", why=" ")
    assert status == 422
    assert "why it is put aside" in page
    assert post(manager, f"{PAGE}/{letter}/again")[0] == 303
    with till.clinic.app.app_context():
        assert work_once()
    assert len(sent) == 1
    assert "Nothing needs you." in text(manager.get("/office/").text)
    status, page = post(manager, f"{PAGE}/{letter}/again")
    assert (status, "not given up any more" in page) == (409, True)

    letter = PermissionFixtures(till).dead_letter()
    assert post(manager, f"{PAGE}/{letter}/aside", why="She was told by phone")[0] == 303
    with till.clinic.app.app_context():
        assert not work_once()
    assert len(sent) == 1
    assert steps(till) == ["messages.tried_again", "messages.put_aside"]


def test_messages_page_refused_webhooks_are_counted(till: Till, manager: FlaskClient) -> None:
    for body, status in ((event(livemode=True), 422), (event(api_version="2020-08-27"), 422)):
        answer = manager.post("/hooks/stripe", data=body, headers=signed(body))
        assert answer.status_code == status
        assert answer.get_json()["title"]
    for _ in range(3):
        assert manager.post("/hooks/stripe", data=event(), headers=signed(event(), secret="x")).status_code == 400
    page = text(manager.get(PAGE).text)
    assert re.search(r"not signed with a webhook secret of ours [^|]*? 3 ", page)
    assert "of Stripe’s other mode" in page
    assert "another version of Stripe’s API" in page
    assert "Nothing from Stripe yet" in page
