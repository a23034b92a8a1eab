"""From the package to the credits: whoever brings the news first, however often, it is one purchase."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from invoices.errors import PaperUnavailable
from pos.core import clock
from pos.core.ids import new_id
from pos.domain.clients.models import Client
from pos.domain.credits.models import CreditLot, PurchasedPackage
from pos.domain.ledger.models import JournalEntry
from pos.domain.payments.models import PaymentAttempt
from pos.domain.receipts.models import Receipt
from pos.domain.sales.models import Order, Sale
from pos.integrations.stripe import CheckoutRequest
from pos.integrations.stripe.client import StripeGateway
from pos.services.jobs import event_handlers
from pos.services.payments import online_checkout as use_case
from pos.web.common.sessions import COOKIES
from pos.web.shop import checkout
from tests.support.barrier import meeting, race
from tests.support.simulator_client import PUBLIC_URL
from tests.web.shop.conftest import (
    NORA,
    SHOP,
    Shop,
    hidden,
)

pytestmark = SHOP


@pytest.fixture(autouse=True)
def _no_pdf(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mails go without their PDF here, except where a test asks for real paper."""
    if "real_paper" in request.fixturenames:
        return

    def none(*_: object) -> bytes:
        raise PaperUnavailable("no paper in this test")

    monkeypatch.setattr(event_handlers, "receipt_pdf", none)


@pytest.fixture
def real_paper() -> None:
    """PDFs are made."""


def count(shop: Shop, *tables: type) -> list[int]:
    with shop.clinic.read() as session:
        return [session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


def assert_bought_once(shop: Shop, landing: str) -> None:
    """One package of ten, one receipt, one entry, one charge, one mail."""
    order_id = shop.order_id(landing)
    with shop.clinic.read() as session:
        lots = [tuple(row) for row in session.execute(select(CreditLot.quantity, CreditLot.remaining))]
        labels = session.scalars(select(Receipt.label)).all()
        entries = session.scalars(select(JournalEntry.subject_id).where(JournalEntry.subject_id == order_id)).all()
    assert lots == [(10, 10)]
    assert labels == ["RIV-000001"]
    assert len(entries) == 1
    assert shop.clinic.postings(order_id) == {
        "stripe_clearing": 972_00,
        "package_liability": -900_00,
        "tax_payable:8": -72_00,
    }
    assert shop.till.charges() == [972_00]
    assert [(mail.to, "RIV-000001" in mail.text) for mail in shop.mails()] == [("nora@mail.example", True)]


def test_shop_purchase_of_ten_sessions_appears_in_account(shop: Shop, real_paper: None) -> None:
    browser = shop.browser()
    window = browser.get("/shop/riverside/").text
    assert "$90.00" in window
    assert shop.path() in window
    sent = browser.buy(shop.path())
    assert sent.status_code == 303
    thanks = browser.get(shop.pay(sent.location)).text
    assert "Thank you. It is paid." in thanks
    assert "RIV-000001" in thanks
    assert "$972.00" in thanks
    assert "4242" in thanks

    shop.work()
    (mail,) = shop.mails()
    assert mail.attachment_names == ["RIV-000001.pdf"]
    with shop.clinic.read() as session:
        token = session.scalars(select(Receipt.token)).one()
    assert f"http://localhost/r/{token}" in mail.text
    page = browser.get(f"/r/{token}")
    assert "972.00" in page.text
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert page.headers["Cache-Control"] == "no-store"
    pdf = browser.get(f"/r/{token}.pdf")
    assert pdf.data.startswith(b"%PDF")

    browser.post("/account/sign-in", browser.get("/account/sign-in").text, email="NORA@mail.example")
    shop.work()
    link = next(line for line in shop.mails()[-1].text.splitlines() if "/account/enter/" in line)
    door = browser.get(link)
    assert COOKIES["client"] not in (door.headers.get("Set-Cookie") or "")
    entered = browser.post(urlsplit(link).path, door.text)
    assert (entered.status_code, entered.location) == (303, "/account/")
    account = browser.get("/account/").text
    assert '<span class="balance-count">10</span>' in account
    assert "10 sessions bought" in account
    assert "RIV-000001" in account


def test_shop_purchase_card_declined_then_accepted_is_one_sale(shop: Shop) -> None:
    browser = shop.browser()
    hosted = browser.buy(shop.path()).location
    shop.decline(hosted)
    shop.webhooks()
    assert count(shop, Sale) == [0]
    landing = shop.pay(hosted)
    assert "Thank you" in browser.get(landing).text
    shop.webhooks()
    assert_bought_once(shop, landing)


def test_shop_purchase_page_left_and_resumed_is_one_sale(shop: Shop) -> None:
    browser = shop.browser()
    back = shop.leave(browser.buy(shop.path()).location)
    returned = browser.get(back)
    assert returned.status_code == 303
    page = browser.get(returned.location).text
    assert "Nothing was taken" in page
    assert 'value="nora@mail.example"' in page
    assert count(shop, Sale) == [0]
    landing = shop.pay(browser.buy(shop.path(), page=page).location)
    assert "Thank you" in browser.get(landing).text
    shop.webhooks()
    assert_bought_once(shop, landing)


def test_shop_purchase_paid_while_going_back_is_paid(shop: Shop) -> None:
    browser = shop.browser()
    hosted = browser.buy(shop.path()).location
    landing = shop.pay(hosted)
    answer = browser.get(urlsplit(landing).path + "/back")
    assert answer.status_code == 303
    assert "Thank you" in browser.get(answer.location).text
    shop.webhooks()
    assert_bought_once(shop, landing)


def test_shop_purchase_browser_closed_after_payment_is_completed(shop: Shop) -> None:
    landing = shop.pay(shop.browser().buy(shop.path()).location)
    shop.webhooks()
    assert_bought_once(shop, landing)


def test_shop_purchase_open_order_is_found_again(shop: Shop) -> None:
    browser = shop.browser()
    hosted = browser.buy(shop.path()).location
    window = browser.get("/shop/riverside/").text
    assert "You have an order that is not paid yet." in window
    path = window.split('href="/shop/order/')[1].split('"')[0]
    page = browser.get(f"/shop/order/{path}").text
    assert "This order is not paid yet" in page
    assert hosted in page
    assert "not paid yet" not in shop.browser().get("/shop/riverside/").text


def test_shop_purchase_page_expired_takes_nothing(shop: Shop) -> None:
    browser = shop.browser()
    hosted = browser.buy(shop.path()).location
    order = browser.get("/shop/riverside/").text.split('href="/shop/order/')[1].split('"')[0]
    shop.till.stripe.clock.advance(3600)
    shop.till.stripe.web.get("/_sim/state", base_url=PUBLIC_URL)
    shop.webhooks()
    page = browser.get(f"/shop/order/{order}").text
    assert "Nothing was taken" in page
    assert hosted not in page
    assert shop.path() in page
    assert "not paid yet" not in browser.get("/shop/riverside/").text
    assert count(shop, Sale) == [0]
    with shop.clinic.read() as session:
        assert session.scalars(select(Order.state)).one() == "released"


def test_shop_purchase_page_never_opened_is_canceled_after_time(shop: Shop) -> None:
    shop.till.stripe.arm("timeout_before", "/v1/checkout/sessions", method="POST", times=9)
    assert shop.browser().buy(shop.path()).status_code == 503
    with shop.clinic.app.app_context():
        event_handlers.poll_pending()
    with shop.clinic.read() as session:
        assert session.scalars(select(PaymentAttempt.state)).one() == "unknown"
    with clock.at(clock.now() + timedelta(hours=1)), shop.clinic.app.app_context():
        event_handlers.poll_pending()
    with shop.clinic.read() as session:
        assert session.scalars(select(PaymentAttempt.state)).one() == "canceled"
        assert session.scalars(select(Order.state)).one() == "released"


def test_shop_purchase_form_sent_twice_is_one_order(shop: Shop) -> None:
    browser = shop.browser()
    page = browser.get(shop.path()).text
    first = browser.buy(shop.path(), page=page)
    second = browser.buy(shop.path(), page=page)
    assert first.location == second.location
    assert count(shop, Order, PaymentAttempt, Client) == [1, 1, 2]
    landing = shop.pay(first.location)
    shop.webhooks()
    assert count(shop, Client) == [3]
    third = browser.buy(shop.path(), page=page)
    assert urlsplit(third.location).path == urlsplit(landing).path
    assert_bought_once(shop, landing)


def _two_tabs_at_once(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> list[TestResponse]:
    """One form open in two tabs, sent from both: neither has written anything when the other looks, nor has a page."""
    first, second = shop.browser(), shop.browser()
    page = first.get(shop.path()).text
    second.web._cookies = dict(first.web._cookies)
    placed, opened = meeting(2), meeting(2)
    place, open_page = use_case._place, StripeGateway.open_checkout

    def place_together(command: use_case.BuyOnline) -> None:
        placed()
        place(command)

    def open_together(gateway: StripeGateway, request: CheckoutRequest, *, key: str) -> object:
        opened()
        return open_page(gateway, request, key=key)

    monkeypatch.setattr(use_case, "_place", place_together)
    monkeypatch.setattr(StripeGateway, "open_checkout", open_together)
    return race(lambda: first.buy(shop.path(), page=page), lambda: second.buy(shop.path(), page=page))


def test_shop_purchase_two_tabs_at_once_are_one_order(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = _two_tabs_at_once(shop, monkeypatch)
    # Where Stripe is at work for the one tab, the other is told to press again, and that leads to the same page.
    assert {answer.status_code for answer in answers} <= {303, 503}
    (hosted,) = {answer.location for answer in answers if answer.status_code == 303}
    assert count(shop, Order, PaymentAttempt) == [1, 1]
    landing = shop.pay(hosted)
    shop.webhooks()
    assert_bought_once(shop, landing)


def test_shop_purchase_without_form_key_two_tabs_are_charged_twice(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: each press is an order of its own."""
    monkeypatch.setattr(checkout, "order_of_form", lambda _: new_id())
    pages = {answer.location for answer in _two_tabs_at_once(shop, monkeypatch)}
    assert len(pages) == 2
    for hosted in pages:
        shop.pay(hosted)
    shop.webhooks()
    assert count(shop, Order, PurchasedPackage, Receipt) == [2, 2, 2]
    assert len(shop.till.charges()) == 2


def test_shop_purchase_same_key_with_other_content_is_refused(shop: Shop) -> None:
    browser = shop.browser()
    page = browser.get(shop.path()).text
    browser.buy(shop.path(), page=page)
    refused = browser.buy(shop.path(), page=page, email="other@mail.example")
    assert refused.status_code == 409
    assert 'value="other@mail.example"' in refused.text
    assert hidden(refused.text, "order_key") != hidden(page, "order_key")
    assert count(shop, Order) == [1]
    assert browser.buy(shop.path(), page=refused.text, email="other@mail.example").status_code == 303


@pytest.mark.parametrize(
    "fault",
    ["timeout_before", "timeout_after", "rate_limit", "conflict", "server_error_stored", "server_error_executed"],
)
def test_shop_purchase_stripe_fault_is_retried_and_sold_once(shop: Shop, fault: str) -> None:
    browser = shop.browser()
    page = browser.get(shop.path()).text
    shop.till.stripe.arm(fault, "/v1/checkout/sessions", method="POST")
    first = browser.buy(shop.path(), page=page)
    if first.status_code == 503:
        assert "Nothing was taken" in first.text
        replayed = fault.startswith("server_error")  # Stripe would repeat its 500 for this key for ever
        assert (hidden(first.text, "order_key") != hidden(page, "order_key")) == replayed
        first = browser.buy(shop.path(), page=first.text)
    assert first.status_code == 303
    landing = shop.pay(first.location)
    shop.webhooks()
    assert_bought_once(shop, landing)


def test_shop_purchase_stripe_silent_on_landing_page_shows_waiting(shop: Shop) -> None:
    browser = shop.browser()
    landing = shop.pay(browser.buy(shop.path()).location)
    shop.till.stripe.arm("timeout_before", "/v1/checkout/sessions/*", method="GET", times=3)
    page = browser.get(landing)
    assert page.status_code == 200
    assert "We are waiting for the bank" in page.text
    assert count(shop, Sale) == [0]
    for _ in range(4):
        page = browser.get(landing)
    assert "Thank you" in page.text
    shop.webhooks()
    assert_bought_once(shop, landing)


def test_shop_purchase_by_known_client_keeps_their_details(shop: Shop) -> None:
    browser = shop.browser()
    landing = shop.pay(
        browser.buy(shop.path("three"), email="Ana@mail.example", given_name="ana", family_name="NUNEZ").location
    )
    thanks = browser.get(landing).text
    assert "Núñez" not in thanks, "what is kept of her is not told"
    with shop.clinic.read() as session:
        assert session.get_one(Client, shop.clinic.ana).given_name == "Ana"
        assert session.scalars(select(PurchasedPackage.client_id)).one() == shop.clinic.ana


def test_shop_purchase_price_from_browser_is_ignored(shop: Shop) -> None:
    browser = shop.browser()
    path = shop.path("ten", "altstadt")
    page = browser.get(path).text
    assert "€900.00" in page
    fields = NORA | {"price": "1", "price_minor": "1", "total_minor": "1", "amount": "1", "quantity": "-5"}
    sent = browser.post(path, page, order_key=hidden(page, "order_key"), **fields)
    browser.get(shop.pay(sent.location))
    assert shop.till.charges() == [900_00]
