"""The pages people press buttons on."""

from __future__ import annotations

from typing import Any

import pytest
import stripe
from werkzeug.test import TestResponse

from tests.simulator.test_contract import session
from tests.support.simulator_client import PUBLIC_URL, Desk

STRIPE = "SIMULATED – no money moves"


class Browser:
    """Gets and posts as a browser on this machine does."""

    def __init__(self, desk: Desk) -> None:
        self._web = desk.web

    def get(self, path: str) -> str:
        answer = self._web.get(path, base_url=PUBLIC_URL)
        assert answer.status_code == 200, answer.status
        text = answer.get_data(as_text=True)
        assert STRIPE in text
        assert "https://" not in text
        return text

    def press(self, path: str, **fields: str) -> TestResponse:
        return self._web.post(path, data=fields, base_url=PUBLIC_URL)


@pytest.fixture
def browser(desk: Desk) -> Browser:
    return Browser(desk)


@pytest.fixture
def page(client: stripe.StripeClient) -> str:
    params: Any = session(
        success_url="http://shop.test/thanks?session={CHECKOUT_SESSION_ID}", cancel_url="http://shop.test/basket"
    )
    return client.v1.checkout.sessions.create(params).id


@pytest.fixture
def reader(desk: Desk) -> str:
    return desk.reader("Desk 1")


def ask(client: stripe.StripeClient, reader: str, **config: Any) -> str:
    params: Any = {"amount": 2000, "currency": "usd", "allowed_payment_method_types": ["card_present"]}
    intent = client.v1.payment_intents.create(params)
    more: Any = {"payment_intent": intent.id, "process_config": {"enable_customer_cancellation": True, **config}}
    client.v1.terminal.readers.process_payment_intent(reader, more)
    return intent.id


def test_simulated_checkout_page_paid_redirects_and_charges_once(browser: Browser, page: str, desk: Desk) -> None:
    assert "Pay 50.00 USD" in browser.get(f"/pay/{page}")
    answer = browser.press(f"/pay/{page}/pay", email="maria@example.com")
    assert (answer.status_code, answer.location) == (303, f"http://shop.test/thanks?session={page}")
    again = browser.press(f"/pay/{page}/pay")
    assert (again.status_code, again.location) == (303, answer.location)
    assert len(desk.simulator.world.store.all("charge")) == 1
    after = browser.get(f"/pay/{page}")
    assert "This has been paid" in after
    assert "<form" not in after


def test_simulated_checkout_page_declined_can_be_paid_again(browser: Browser, page: str) -> None:
    assert browser.press(f"/pay/{page}/decline", code="insufficient_funds").status_code == 303
    text = browser.get(f"/pay/{page}")
    assert "insufficient funds" in text
    assert "Pay 50.00 USD" in text


def test_simulated_checkout_page_left_redirects_to_cancel_url(browser: Browser, page: str) -> None:
    assert browser.press(f"/pay/{page}/leave").location == "http://shop.test/basket"


def test_simulated_checkout_page_expired_offers_no_payment(browser: Browser, page: str, desk: Desk) -> None:
    desk.clock.advance(24 * 3600)
    text = browser.get(f"/pay/{page}")
    assert "expired" in text
    assert "<form" not in text
    assert browser.press(f"/pay/{page}/pay").status_code == 400


def test_simulated_reader_page_shows_amount_and_tip(
    browser: Browser, reader: str, client: stripe.StripeClient, desk: Desk
) -> None:
    assert "Waiting for the register" in browser.get(f"/reader/{reader}")
    intent = ask(client, reader, tipping={"amount_eligible": 1800})
    text = browser.get(f"/reader/{reader}")
    assert "20.00 USD" in text
    assert "2.70 USD" in text
    assert "Cancel" in text
    assert browser.press(f"/reader/{reader}/tap", tip="270").status_code == 303
    text = browser.get(f"/reader/{reader}")
    assert "Approved" in text
    assert "22.70 USD" in text
    assert client.v1.payment_intents.retrieve(intent).amount_received == 2270


def test_simulated_reader_page_state_is_polled(browser: Browser, reader: str, desk: Desk) -> None:
    answer = desk.web.get(f"/reader/{reader}/state", base_url=PUBLIC_URL)
    assert "Waiting for the register" in answer.json["screen"]


def test_simulated_reader_page_every_button_changes_screen(
    browser: Browser, reader: str, client: stripe.StripeClient
) -> None:
    ask(client, reader)
    browser.press(f"/reader/{reader}/decline", code="incorrect_pin")
    assert "Your PIN was incorrect" in browser.get(f"/reader/{reader}")
    ask(client, reader)
    browser.press(f"/reader/{reader}/cancel")
    assert "canceled" in browser.get(f"/reader/{reader}")
    ask(client, reader)
    browser.press(f"/reader/{reader}/unplug")
    assert "still believes" in browser.get(f"/reader/{reader}")
    browser.press(f"/reader/{reader}/plug")
    assert "Tap card" in browser.get(f"/reader/{reader}")
    browser.press(f"/reader/{reader}/lose_line")
    assert "lost its connection" in browser.get(f"/reader/{reader}")


def test_simulated_reader_page_tap_without_payment_is_refused(browser: Browser, reader: str) -> None:
    answer = browser.press(f"/reader/{reader}/tap")
    assert answer.status_code == 400
    assert "not waiting for a card" in answer.get_data(as_text=True)


def test_simulator_console_lists_objects_and_arms_faults(browser: Browser, page: str, reader: str, desk: Desk) -> None:
    browser.press(f"/pay/{page}/pay")
    browser.press("/faults", name="rate_limit", pattern="/v1/refunds", times="2")
    browser.press("/readers", label="Desk 2")
    text = browser.get("/")
    for expected in ("Desk 1", "Desk 2", "checkout.session.completed", "rate limit · /v1/refunds · 2×", "Single"):
        assert expected in text
    browser.press("/faults/clear")
    assert "Nothing lies in wait" in browser.get("/")
    event = desk.simulator.world.store.all("event")[0]
    assert event["id"] in browser.get(f"/events/{event['id']}")
    assert browser.press(f"/events/{event['id']}/redeliver").status_code == 303
    charge = desk.simulator.world.store.all("charge")[0]
    assert "50.00 USD" in browser.get(f"/receipts/{charge['id']}")


def test_simulator_console_empty_shows_explanations(browser: Browser) -> None:
    text = browser.get("/")
    for expected in ("No reader yet", "No checkout was opened yet", "Nothing has happened yet"):
        assert expected in text


@pytest.mark.parametrize("path", ["/pay/cs_test_none", "/reader/tmr_none", "/events/evt_none", "/nowhere"])
def test_simulator_page_unknown_is_404(desk: Desk, path: str) -> None:
    assert desk.web.get(path, base_url=PUBLIC_URL).status_code == 404


@pytest.mark.parametrize("name", ["../views.py", "..%2Fviews.py", "nothing.css"])
def test_simulator_static_path_outside_folder_is_404(desk: Desk, name: str) -> None:
    assert desk.web.get(f"/static/{name}", base_url=PUBLIC_URL).status_code == 404


def test_simulator_static_files_have_content_type(desk: Desk) -> None:
    assert desk.web.get("/static/simulator.css", base_url=PUBLIC_URL).content_type.startswith("text/css")
    assert desk.web.get("/static/reader.js", base_url=PUBLIC_URL).content_type.startswith("text/javascript")


def test_simulator_post_from_other_origin_is_refused(desk: Desk, page: str) -> None:
    for origin in ("http://evil.test", "null"):
        foreign = desk.web.post(f"/pay/{page}/pay", base_url=PUBLIC_URL, headers={"Origin": origin})
        assert foreign.status_code == 403
    assert desk.web.get("/", base_url="http://evil.test").status_code == 403
    own = desk.web.post(f"/pay/{page}/pay", base_url=PUBLIC_URL, headers={"Origin": PUBLIC_URL})
    assert own.status_code == 303


def test_simulator_page_product_name_is_escaped(browser: Browser, client: stripe.StripeClient) -> None:
    price = {"currency": "usd", "unit_amount": 5000, "product_data": {"name": "<script>alert(1)</script>"}}
    params: Any = session(line_items=[{"quantity": 1, "price_data": price}])
    page = client.v1.checkout.sessions.create(params).id
    assert "<script>alert" not in browser.get(f"/pay/{page}")
    assert "<script>alert" not in browser.get("/")
