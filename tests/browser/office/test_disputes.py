"""In a real browser: half of a sale given back, a dispute answered and lost, a payout explained; nobody is left in doubt.

With TENDERPOINT_SHOTS=folder a picture of every page is kept in three sizes, light and dark.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from pos.dev.stripe_simulator.objects import balance
from tests.browser.conftest import SIZES
from tests.browser.office.test_pages import enter
from tests.integration.reconciliation.conftest import PostPaymentCase
from tests.integration.reconciliation.test_reconcile import elsewhere
from tests.integration.reconciliation.test_reconcile import look as found
from tests.support.axe import flaws_at
from tests.support.cards import CARDS
from tests.support.clinic import line
from tests.support.loopback import on_loopback
from tests.support.pictures import keep_picture

pytestmark = [CARDS, pytest.mark.parametrize("database", ["sqlite"], indirect=True), pytest.mark.usefixtures("looks")]


@pytest.fixture
def base(case: PostPaymentCase) -> Iterator[str]:
    """The office served on a loopback port."""
    with on_loopback(case.clinic.app) as address:
        yield address


def look(page: Page, name: str) -> None:
    """What axe says of a page in each size, and its photographs where they are wanted."""
    assert flaws_at(page, name, SIZES, whole=True) == []


def test_office_half_refund_lost_dispute_and_payout_are_explained(
    case: PostPaymentCase, base: str, browser: Browser
) -> None:
    page = enter(browser, base, case.clinic, 1366, 768, "light")
    page.goto(f"{base}/office/money/disputes", wait_until="networkidle")
    look(page, "disputes-none")
    page.goto(f"{base}/office/money/payouts", wait_until="networkidle")
    look(page, "payouts-none")

    half = case.sold(line("foot_60"), client=case.clinic.ben)
    page.goto(f"{base}/office/sales/{half}/refund?what=lines&position=1&amount=37.50", wait_until="networkidle")
    page.get_by_label("Why").fill("The second half was not as agreed")
    page.get_by_role("button", name="Refund").click()
    page.get_by_text("paid back").first.wait_for()
    look(page, "refund-half")

    sale_id, _ = case.ten_with_three_used()
    stripe_id = case.disputed(sale_id, reason="product_not_received")
    case.hear(stripe_id)
    page.goto(f"{base}/office/", wait_until="networkidle")
    look(page, "today-disputed")
    page.get_by_text("is disputed").click()
    page.get_by_text("7 sessions rest.").wait_for()
    look(page, "dispute-open")
    page.get_by_label("What the clinic says").fill("The client came on three days and signed in at the desk.")
    page.get_by_role("button", name="Hand it in").click()
    page.get_by_text("The bank has the answer").wait_for()
    look(page, "dispute-answered")
    case.decide(stripe_id, "lose")
    page.get_by_role("button", name="Ask Stripe now").click()
    page.get_by_text("7 sessions are no longer owed").wait_for()
    page.get_by_text("270.00").wait_for()
    look(page, "dispute-lost")
    page.goto(f"{base}/office/money/disputes/{case.dispute(stripe_id).id}/evidence.html", wait_until="networkidle")
    assert "Session 3 used" in page.content()
    keep_picture(page, "evidence", whole=True)
    page.goto(f"{base}/office/money/disputes", wait_until="networkidle")
    look(page, "disputes")

    world = case.till.stripe.simulator.world
    with world.store.transaction():
        balance.book(world, "topup", "topup", None, 10_00, "usd", fee=0)
    case.hear_payout(case.payout("arrive"))
    page.goto(f"{base}/office/money/payouts", wait_until="networkidle")
    page.get_by_text("1 difference").wait_for()
    look(page, "payouts")
    page.locator("a.open").first.click()
    page.get_by_text("Nothing here explains it.").wait_for()
    look(page, "payout-difference")
    page.get_by_label("What it was", exact=True).select_option("bank")
    page.get_by_label("Why").fill("Topped up by hand")
    page.get_by_role("button", name="Book it").click()
    page.get_by_text("Explained to the cent").wait_for()
    look(page, "payout-explained")
    page.context.close()


def test_unmatched_payment_is_credited_to_client(case: PostPaymentCase, base: str, browser: Browser) -> None:
    elsewhere(case)
    found(case)
    page = enter(browser, base, case.clinic, 1366, 768, "light")
    page.goto(f"{base}/office/", wait_until="networkidle")
    page.get_by_text("1 payment is unmatched: it paid for no sale known here.").click()
    page.get_by_label("Find the client who paid").wait_for()
    look(page, "unmatched")
    page.get_by_label("Find the client who paid").fill("Ana")
    page.get_by_role("button", name="Find").click()
    page.get_by_text("Who paid", exact=True).wait_for()
    page.get_by_label("Why").fill("She showed the slip")
    look(page, "unmatched-client")
    page.get_by_role("button", name="Credit it to this client").click()
    page.get_by_text("credited to a client").wait_for()
    look(page, "unmatched-credited")
    page.context.close()
