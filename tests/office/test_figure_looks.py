"""Example A1 as people see it in a browser: the preview of a refund, the statement of credits, the receipt, the account."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from pos.catalogue.models import PackagePlan
from pos.clients import service as clients
from pos.receipts.models import Receipt
from tests.office.test_looks import base, browser, enter, flaws
from tests.support.books import book_floats
from tests.support.world import TaxHabit, World, line

__all__ = ["base", "browser"]  # fixtures
pytestmark = [pytest.mark.parametrize("database", ["sqlite"], indirect=True)]


@pytest.fixture
def books(build_clinic: Callable[..., World]) -> World:
    """Ten for 900.00 with 10 % inside, sold twice under the two policies, three used of each."""
    world = book_floats(build_clinic(usd=TaxHabit("10", inclusive=True)))
    for client, policy in ((world.ana, "pro_rata"), (world.ben, "single_price")):

        def offer(session: object, policy: str = policy) -> None:
            session.get_one(PackagePlan, world.items["ten"]).refund_policy = policy  # type: ignore[attr-defined]

        world.write(offer)
        world.sell(line("ten"), client=client)
        for _ in range(3):
            world.sell(line("trigger_60"), client=client)
    return world


def words(page: Page, where: str = "main") -> str:
    return " ".join(page.locator(where).inner_text().split())


def test_a1_in_a_browser(books: World, base: str, browser: Browser) -> None:
    with books.read() as session:
        papers = {r.label: (r.sale_id, r.token) for r in session.scalars(select(Receipt))}
    page = enter(browser, base, books, 1366, 768, "light")

    for label, steps, total, tax in (
        ("RIV-000001", ("900.00", "-270.00"), "$630.00", "57.27"),
        ("RIV-000005", ("900.00", "-300.00"), "$600.00", "54.55"),
    ):
        page.goto(f"{base}/office/sales/{papers[label][0]}/refund", wait_until="networkidle")
        page.get_by_role("button", name="Show what comes back").click()
        page.get_by_role("heading", name="What comes back").wait_for()
        shown = words(page, "section[aria-labelledby=comes-back]")
        for figure in (*steps, total, tax):
            assert figure in shown, (label, figure, shown)
        assert flaws(page) == []

    page.goto(f"{base}/office/packages", wait_until="networkidle")
    page.get_by_role("link", name="Ana Núñez").first.click()
    page.wait_for_load_state("networkidle")
    page.get_by_role("link", name="10 × 60 min").first.click()
    page.wait_for_load_state("networkidle")
    statement = words(page)
    assert statement.count("81.82") >= 2, statement
    for figure in ("81.81", "572.73"):
        assert figure in statement, statement

    page.goto(f"{base}/r/{papers['RIV-000001'][1]}", wait_until="networkidle")
    for figure in ("$900.00", "818.18", "81.82"):
        assert figure in words(page, "body"), figure
    page.goto(f"{base}/r/{papers['RIV-000004'][1]}", wait_until="networkidle")
    assert "8 before · 1 used · 7 left" in words(page, "body").replace(" credits", "")

    cookie = books.write(lambda session: clients.open_session(session, books.ana))
    page.context.add_cookies([{"name": "tp_client", "value": cookie, "url": base}])
    page.goto(f"{base}/account/", wait_until="networkidle")
    assert page.locator(".balance-count").first.inner_text() == "7"
    page.context.close()
