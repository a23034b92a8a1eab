"""The shop in Chromium: codes before the payment page, a tab that was closed, a bank that takes days."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
from playwright.sync_api import Browser, Page

from pos.core import clock
from pos.core.ids import new_id
from pos.domain.locations.models import Location
from pos.domain.promotions import repository as promotions
from pos.domain.promotions.rules import PromoTerms
from tests.browser.conftest import SIZES
from tests.support.axe import flaws_at
from tests.support.desk_user import served
from tests.support.hosted_page import sent_to_payment
from tests.web.shop.conftest import SHOP, Shop

pytestmark = [SHOP, pytest.mark.usefixtures("looks")]


@pytest.fixture
def database(sqlite_database: str) -> str:
    """One database is enough for looks."""
    return sqlite_database


@pytest.fixture
def page(shop: Shop, browser: Browser) -> Iterator[Page]:
    """A visitor; nobody serves Stripe's page, its buttons are pressed from outside."""
    with served(shop.clinic) as base, browser.new_context(base_url=base, reduced_motion="reduce") as context:
        yield context.new_page()


def look(page: Page, name: str) -> None:
    """Axe and the width at three sizes; photographed where somebody asks for it."""
    assert flaws_at(page, f"shop-{name}", SIZES, whole=True) == []


def fill(page: Page) -> None:
    page.get_by_label("First name").fill("Nora")
    page.get_by_label("E-mail").fill("nora@mail.example")
    page.get_by_label("I have read the terms").check()


def press_at_stripe(shop: Shop, act: str) -> None:
    session = shop.till.stripe.simulator.world.store.all("checkout.session")[0]
    shop.till.stripe.press(f"sessions/{session['id']}/{act}")


def test_shop_order_promo_code_and_closed_tab_is_paid_once(shop: Shop, page: Page) -> None:
    terms = PromoTerms(
        new_id(),
        "SPRING",
        "Spring offer",
        Decimal(10),
        None,
        "USD",
        None,
        frozenset(),
        clock.now().date(),
        None,
        9,
        None,
    )
    shop.clinic.write(lambda s: promotions.write(s, terms))
    page.goto(shop.path())
    page.get_by_text("Promo code, gift card or credit").click()
    page.get_by_label("Promo code").fill("sprung")
    page.get_by_role("button", name="See what it comes to").click()
    page.wait_for_selector("text=There is no such code")
    look(page, "wrong-code")
    page.get_by_label("Promo code").fill("spring")
    page.get_by_role("button", name="See what it comes to").click()
    page.wait_for_selector("text=Go to payment: $874.80")
    look(page, "code")
    fill(page)
    sent_to_payment(page, page.get_by_role("button", name="Go to payment"))

    # The tab is closed; another day's visit to the shop says what became of it.
    page.goto("/shop/riverside/")
    page.wait_for_selector("text=You have an order that is not paid yet")
    look(page, "packages-open")
    page.get_by_role("link", name="Look at it").click()
    page.wait_for_selector("text=This order is not paid yet")
    look(page, "still-open")
    sent_to_payment(page, page.get_by_role("link", name="Go on to payment: $874.80"))
    press_at_stripe(shop, "pay")
    page.go_back()
    page.reload()
    page.wait_for_selector("text=Thank you. It is paid.")
    assert shop.till.charges() == [874_80]


def test_bank_debit_refused_later_is_shown_to_client(shop: Shop, page: Page) -> None:
    methods = ["card", "us_bank_account"]
    shop.clinic.write(lambda s: setattr(s.get_one(Location, shop.clinic.usd.location_id), "online_methods", methods))
    page.goto(shop.path())
    fill(page)
    sent_to_payment(page, page.get_by_role("button", name="Go to payment"))
    press_at_stripe(shop, "debit")
    session = shop.till.stripe.simulator.world.store.all("checkout.session")[0]
    landing = str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])
    page.goto("/" + landing.split("/", 3)[3])
    page.wait_for_selector("text=We are waiting for your bank")
    look(page, "bank")
    press_at_stripe(shop, "bank-refuses")
    page.get_by_role("link", name="Look again now").click()
    page.wait_for_selector("text=The bank did not make this payment")
    look(page, "bank-refused")
