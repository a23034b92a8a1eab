"""Every page and state of the shop in a real browser: sound to axe, no wider than a phone, light on a first visit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Response
from sqlalchemy import select

from pos.domain.clients import registration as clients
from pos.domain.credits.models import PurchasedPackage
from pos.domain.payments.models import PaymentAttempt
from pos.domain.sales.models import Order
from pos.web.shop.order_tokens import order_token
from tests.support.axe import flaws_at
from tests.support.clinic import line
from tests.support.hosted_page import sent_to_payment
from tests.support.loopback import on_loopback
from tests.web.shop.conftest import SHOP, Shop

pytestmark = [SHOP, pytest.mark.parametrize("database", ["sqlite"], indirect=True)]

MOST_BYTES = 150_000
SIZES = {"phone": (390, 844), "desk": (1366, 768)}


@dataclass
class Site:
    """The shop on a socket, and what a visit to each of its pages found wrong."""

    shop: Shop
    base: str
    chromium: Browser

    def visitor(self, *, client: bool = False, scripts: bool = True) -> BrowserContext:
        """A browser that has never been here."""
        context = self.chromium.new_context(
            viewport={"width": 390, "height": 844},
            reduced_motion="reduce",
            java_script_enabled=scripts,
        )
        if client:
            value = self.shop.clinic.write(lambda s: clients.open_session(s, self.shop.clinic.ana))
            context.add_cookies([{"name": "tp_client", "value": value, "url": self.base}])
        return context

    def judge(
        self, name: str, path: str, act: Callable[[Page], None] | None = None, *, client: bool = False
    ) -> list[str]:
        """What is wrong with a page: axe, width, bytes, foreign requests, errors."""
        wrong: list[str] = []
        answers: list[Response] = []
        with self.visitor(client=client) as context:
            page = context.new_page()
            page.on("response", lambda answer: answers.append(answer))
            page.on("pageerror", lambda error: wrong.append(str(error)))
            page.goto(self.base + path, wait_until="networkidle")
            size = sum(len(answer.body()) for answer in answers if answer.status == 200)
            if size > MOST_BYTES:
                wrong.append(f"{size} bytes")
            wrong += [f"asks {answer.url}" for answer in answers if not answer.url.startswith(self.base)]
            if act is not None:
                act(page)
                page.wait_for_load_state("networkidle")
            wrong += flaws_at(page, f"shop-{name}", SIZES)
        return [f"{name}: {fault}" for fault in wrong]


@pytest.fixture
def site(shop: Shop, browser: Browser) -> Iterator[Site]:
    with on_loopback(shop.clinic.app) as address:
        yield Site(shop, address, browser)


@pytest.mark.long
def test_shop_pages_before_payment_have_no_flaw(site: Site) -> None:
    def press(page: Page) -> None:
        page.get_by_role("button", name="Go to payment").click()
        page.wait_for_selector(".error-summary")

    path = site.shop.path()
    wrong = site.judge("clinics", "/") + site.judge("packages", "/shop/riverside/")
    wrong += site.judge("inclusive", "/shop/altstadt/") + site.judge("details", path)
    wrong += site.judge("refused", path, press) + site.judge("back", f"{path}?back=1")
    wrong += site.judge("not found", "/shop/nowhere/")
    assert wrong == []


@pytest.mark.long
def test_shop_pages_every_order_outcome_have_no_flaw(site: Site) -> None:
    shop = site.shop
    landings: dict[str, str] = {}

    def path(landing: str) -> str:
        return "/" + landing.split("/", 3)[3]

    landings["paid"] = path(shop.pay(shop.browser().buy(shop.path()).location))
    landings["left"] = path(shop.leave(shop.browser().buy(shop.path()).location))
    shop.browser().get(landings["left"])
    landings["left"] = landings["left"].removesuffix("/back")
    landings["open"] = path(shop.leave(shop.browser().buy(shop.path()).location)).removesuffix("/back")
    wrong = [text for name, landing in landings.items() for text in site.judge(name, landing)]
    with shop.clinic.read() as session:
        order_id = session.scalars(select(PaymentAttempt.order_id).where(PaymentAttempt.state == "pending")).one()

    def doubt(reason: str) -> None:
        def write(session: object) -> None:
            attempt = session.query(PaymentAttempt).filter_by(order_id=order_id).one()
            attempt.state, attempt.reason_code = "unknown", reason

        shop.clinic.write(write)

    with shop.clinic.app.app_context():
        address = f"/shop/order/{order_token(order_id)}"
    shop.till.stripe.arm("timeout_before", "/v1/checkout/sessions/*", times=99)
    wrong += site.judge("waiting", f"{address}?session_id=cs_test")
    doubt("mismatch")
    wrong += site.judge("looked into", address)
    assert wrong == []


def test_shop_waiting_page_updates_itself_when_paid(site: Site) -> None:
    shop = site.shop
    landing = "/" + shop.pay(shop.browser().buy(shop.path()).location).split("/", 3)[3]
    shop.till.stripe.arm("timeout_before", "/v1/checkout/sessions/*", method="GET")
    with site.visitor() as context:
        page = context.new_page()
        page.clock.install()
        page.goto(site.base + landing)
        assert page.get_by_role("heading", name="We are waiting for the bank").is_visible()
        page.clock.run_for(4000)
        page.get_by_role("heading", name="Thank you. It is paid.").wait_for()


def test_shop_purchase_without_scripts_reaches_payment_page(site: Site) -> None:
    shop = site.shop
    with site.visitor(scripts=False) as context:
        page = context.new_page()
        page.goto(f"{site.base}/")
        page.get_by_role("link", name="Riverside").click()
        page.get_by_role("link", name="Choose 10 sessions").click()
        page.get_by_label("First name").fill("Nora")
        page.get_by_label("E-mail").fill("nora@mail.example")
        page.get_by_label("I have read the terms").check()
        sent_to_payment(page, page.get_by_role("button", name="Go to payment: $972.00"))
    with shop.clinic.read() as session:
        assert session.scalars(select(Order.total_minor)).one() == 972_00


@pytest.mark.long
def test_account_and_mailbox_pages_have_no_flaw(site: Site) -> None:
    shop = site.shop
    wrong = site.judge("sign in", "/account/sign-in")
    wrong += site.judge("door", "/account/enter/some-token")
    wrong += site.judge("empty account", "/account/", client=True)
    wrong += site.judge("empty mailbox", "/mailbox/")

    def ask(page: Page) -> None:
        page.get_by_label("E-mail").fill("ana@mail.example")
        page.get_by_role("button", name="Mail me the link").click()
        page.wait_for_selector("text=Look into your mail")

    def press(page: Page) -> None:
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_selector("text=used already")

    wrong += site.judge("sent", "/account/sign-in", ask)
    wrong += site.judge("used link", "/account/enter/some-token", press)
    shop.clinic.buy("three", shop.clinic.ana)
    for _ in range(12):
        shop.clinic.sell(line("trigger_60", therapist=shop.clinic.therapist), client=shop.clinic.ana)
    shop.clinic.buy("ten", shop.clinic.ana)
    wrong += site.judge("account", "/account/", client=True)
    with shop.clinic.read() as session:
        package_id = session.scalars(select(PurchasedPackage.id).limit(1)).one()
    wrong += site.judge("package", f"/account/packages/{package_id}", client=True)
    asking = shop.browser()
    asking.post("/account/sign-in", asking.get("/account/sign-in").text, email="ana@mail.example")
    shop.work()
    wrong += site.judge("mailbox", "/mailbox/") + site.judge("mail", f"/mailbox/{shop.mails()[0].id}")
    assert wrong == []
