"""Setting card payments up in the office: what Stripe shows, an endpoint made once, readers paired, named and placed."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from pos.core.app_context import running
from pos.core.ids import new_id
from pos.domain.payments.models import Reader
from pos.integrations.stripe import GatewayConfig, open_gateway
from tests.support.cards import CARDS, Till, take_cards
from tests.support.clinic import Clinic, line
from tests.support.simulator_client import PUBLIC_URL
from tests.web.permissions.full_app import form_token

pytestmark = CARDS
PAGE = "/office/settings/payments"


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


def post(client: FlaskClient, what: str, **fields: str) -> tuple[int, str]:
    answer = client.post(f"{PAGE}/{what}", data={"csrf_token": form_token(client), **fields})
    return answer.status_code, answer.text


def at_desks(till: Till) -> dict[str, str]:
    """Reader by desk, in the order of the desks."""
    with till.clinic.read() as session:
        rows = {str(row.desk_id): row for row in session.scalars(select(Reader))}
    return {f"desk {n}": rows[str(desk)].stripe_reader_id for n, desk in enumerate(till.clinic.usd.desks, start=1)}


def test_payment_settings_connection_test_explains_result(till: Till, manager: FlaskClient) -> None:
    page = text(manager.get(PAGE).text)
    assert "simulated: no money moves" in page
    assert "sk_test" not in page
    status, page = post(manager, "look")
    assert status == 200
    for fact in (
        "Simulated clinic",
        "US",
        "USD",
        "2026-10-28.endive",
        "Stripe sends no messages anywhere yet",
    ):
        assert fact in text(page), fact
    assert "sk_test" not in page

    till.stripe.arm("timeout_before", "/v1/account")
    assert "Stripe did not answer" in text(post(manager, "look")[1])
    till.stripe.arm("rate_limit", "/v1/terminal/readers")
    assert "asked too often" in text(post(manager, "look")[1])
    with till.clinic.app.app_context():
        running().helpers["gateway"] = open_gateway(
            GatewayConfig("simulator", "sk_test_simulator_wrong", ("whsec_x",), PUBLIC_URL, till.stripe.http_client)
        )
    assert "Stripe does not know it" in text(post(manager, "look")[1])


def test_payment_settings_webhook_endpoint_is_created_and_secret_shown_once(till: Till, manager: FlaskClient) -> None:
    key = str(new_id())
    till.stripe.arm("timeout_after", "/v1/webhook_endpoints", method="post")
    status, page = post(manager, "endpoint", key=key)
    assert status == 503
    assert "Pressing again makes no second one" in page
    assert f'name="key" value="{key}"' in page
    status, page = post(manager, "endpoint", key=key)
    secret = re.search(r"<code data-secret>(whsec_\w+)</code>", page)
    assert status == 200
    assert secret is not None
    assert "STRIPE_WEBHOOK_SECRET" in page
    (made,) = till.stripe.simulator.world.store.all("webhook_endpoint")
    assert (made["url"], made["api_version"]) == ("http://localhost/hooks/stripe", "2026-10-28.endive")

    status, page = post(manager, "endpoint", key=str(new_id()))
    assert "sends here already, all that is needed" in page
    assert "whsec_" not in page
    assert len(till.stripe.simulator.world.store.all("webhook_endpoint")) == 1
    store = till.stripe.simulator.world.store
    store.put(made | {"api_version": "2020-08-27"})
    assert "written in 2020-08-27, which is refused" in post(manager, "endpoint", key=str(new_id()))[1]
    store.put(made | {"enabled_events": ["payment_intent.succeeded"]})
    assert "but not all of it: checkout.session.completed" in post(manager, "endpoint", key=str(new_id()))[1]
    assert post(manager, "endpoint", key="no key")[0] in (404, 422)


def test_payment_settings_reader_is_paired_named_and_moved_to_desk(till: Till, manager: FlaskClient) -> None:
    first, second = till.clinic.usd.desks[:2]
    before = at_desks(till)
    wish = {"key": str(new_id()), "label": "Window desk", "desk": str(second)}
    status, page = post(manager, "readers", code="apple-orange-pear", **wish)
    assert (status, "No reader shows this code" in page) == (422, True)
    assert 'value="Window desk"' in page
    fresh = re.search(r'name="key" value="([^"]+)"', page)
    assert fresh is not None
    assert fresh[1] != wish["key"], "another code is another wish"
    assert post(manager, "readers", code=" simulated-wpe ", **wish | {"key": fresh[1]})[0] == 303
    new = at_desks(till)["desk 2"]
    assert new not in before.values()
    (place,) = till.stripe.simulator.world.store.all("terminal.location")
    assert till.stripe.simulator.world.find("terminal.reader", new)["location"] == place["id"]
    assert "Window desk" in text(manager.get("/office/settings").text)

    # The two desks exchange their readers, but not while a payment is open at one of them.
    move = {"reader": new, "label": "Front", "desk": str(first)}
    waiting = till.charge(till.command(till.ticket(line("foot_30"))))
    status, page = post(manager, "readers/place", **move)
    assert (status, "A payment is still open" in page) == (409, True)
    assert till.cancel(waiting.order_id).state == "canceled"
    status, page = post(manager, "readers/place", **move)
    assert status == 303, text(page)
    assert at_desks(till) | {} == before | {"desk 1": new, "desk 2": before["desk 1"]}
    assert till.stripe.simulator.world.find("terminal.reader", new)["label"] == "Front"
    for wrong, status in (
        ({"label": " "}, 422),
        ({"desk": str(till.clinic.eur.desk)}, 404),
        ({"reader": "tmr_x"}, 404),
    ):
        assert post(manager, "readers/place", **(move | wrong))[0] == status, wrong
    assert at_desks(till)["desk 1"] == new


@pytest.mark.settings
def test_payment_settings_cards_off_explain_how_to_start(clinic: Clinic) -> None:
    client = clinic.app.test_client()
    client.set_cookie("tp_office", clinic.office_cookie(clinic.manager), path="/office")
    assert "Card payments are off" in text(client.get(PAGE).text)
    assert post(client, "look")[0] == 503
