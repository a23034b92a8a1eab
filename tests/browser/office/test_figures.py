"""Worked figures as people see them in a browser: the preview of a refund, the statement, the receipt, the account."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from pos.domain.catalogue.models import PackagePlan
from pos.domain.clients import registration as clients
from pos.domain.receipts.models import Receipt
from tests.browser.office.test_pages import base, enter
from tests.support.axe import flaws
from tests.support.books import book_floats
from tests.support.clinic import Clinic, TaxHabit, line

__all__ = ["base"]  # fixtures
pytestmark = [pytest.mark.parametrize("database", ["sqlite"], indirect=True)]


@dataclass(frozen=True)
class Example:
    """Ten for 900.00, three used: what comes back with its tax under both policies, and what the papers say."""

    name: str
    tax: TaxHabit
    pro_rata: tuple[str, ...]
    single_price: tuple[str, ...]
    statement: tuple[str, ...]
    receipt: tuple[str, ...]


EXAMPLES = (
    Example(
        "A1", TaxHabit("10", inclusive=True),
        ("900.00", "−270.00", "$630.00", "57.27"), ("900.00", "−300.00", "$600.00", "54.55"),
        ("81.82", "81.81", "572.73"), ("$900.00", "818.18", "81.82"),
    ),
    Example(
        "A2", TaxHabit("20", inclusive=True),
        ("900.00", "−270.00", "$630.00", "105.00"), ("900.00", "−300.00", "$600.00", "100.00"),
        ("75.00", "525.00"), ("$900.00", "750.00", "150.00"),
    ),
    Example(
        "A3", TaxHabit("10"),
        ("990.00", "−297.00", "$693.00", "63.00"), ("990.00", "−330.00", "$660.00", "60.00"),
        ("90.00", "630.00"), ("$990.00", "900.00", "90.00"),
    ),
)  # fmt: skip


def policy(world: Clinic, plan: str, name: str) -> None:
    """Sell a plan under a refund policy from now on."""
    world.write(lambda session: setattr(session.get_one(PackagePlan, world.items[plan]), "refund_policy", name))


def three_used(world: Clinic) -> None:
    """The package sold twice, under the two policies; three used of each."""
    for client, name in ((world.ana, "pro_rata"), (world.ben, "single_price")):
        policy(world, "ten", name)
        world.sell(line("ten"), client=client)
        for _ in range(3):
            world.sell(line("trigger_60"), client=client)


def words(page: Page, where: str = "main") -> str:
    return " ".join(page.locator(where).inner_text().split())


def comes_back(page: Page, base: str, sale_id: object) -> str:
    """What the preview of a whole refund says."""
    page.goto(f"{base}/office/sales/{sale_id}/refund", wait_until="networkidle")
    page.get_by_role("button", name="Show what comes back").click()
    page.get_by_role("heading", name="What comes back").wait_for()
    assert flaws(page) == []
    return words(page, "section[aria-labelledby=comes-back]")


@pytest.fixture
def books(request: pytest.FixtureRequest, build_clinic: Callable[..., Clinic]) -> Clinic:
    """The clinic of an example, which `base` serves."""
    return book_floats(build_clinic(usd=request.param))


@pytest.mark.parametrize(
    ("books", "example"),
    [pytest.param(one.tax, one, id=one.name, marks=[] if one is EXAMPLES[0] else pytest.mark.long) for one in EXAMPLES],
    indirect=["books"],
)
def test_package_ten_for_900_pages_show_worked_figures(
    books: Clinic, example: Example, base: str, browser: Browser
) -> None:
    three_used(books)
    with books.read() as session:
        papers = {r.label: (r.sale_id, r.token) for r in session.scalars(select(Receipt))}
    page = enter(browser, base, books, 1366, 768, "light")

    for label, figures in (("RIV-000001", example.pro_rata), ("RIV-000005", example.single_price)):
        shown = comes_back(page, base, papers[label][0])
        for figure in figures:
            assert figure in shown, (label, figure, shown)

    page.goto(f"{base}/office/packages", wait_until="networkidle")
    page.get_by_role("link", name="Ana Núñez").first.click()
    page.wait_for_load_state("networkidle")
    page.get_by_role("link", name="10 × 60 min").first.click()
    page.wait_for_load_state("networkidle")
    statement = words(page)
    assert statement.count(example.statement[0]) >= 2, statement
    for figure in example.statement:
        assert figure in statement, statement

    page.goto(f"{base}/r/{papers['RIV-000001'][1]}", wait_until="networkidle")
    for figure in example.receipt:
        assert figure in words(page, "body"), figure
    page.goto(f"{base}/r/{papers['RIV-000004'][1]}", wait_until="networkidle")
    assert "8 before · 1 used · 7 left" in words(page, "body").replace(" credits", "")

    cookie = books.write(lambda session: clients.open_session(session, books.ana))
    page.context.add_cookies([{"name": "tp_client", "value": cookie, "url": base}])
    page.goto(f"{base}/account/", wait_until="networkidle")
    assert page.locator(".balance-count").first.inner_text() == "7"
    page.context.close()


@pytest.mark.parametrize("books", [TaxHabit("0")], indirect=True, ids=["untaxed"])
def test_refund_preview_nearly_used_package_is_never_negative(books: Clinic, base: str, browser: Browser) -> None:
    """Example b after five of six; and case 2: more used at the single price than was paid is nothing, never less."""
    sold = books.sell(line("buy_5_get_1"), client=books.ana)
    for _ in range(5):
        books.sell(line("trigger_60"), client=books.ana)
    policy(books, "ten", "single_price")
    used_up = books.sell(line("ten"), client=books.ben)
    for _ in range(9):
        books.sell(line("trigger_60"), client=books.ben)
    page = enter(browser, base, books, 390, 844, "dark")
    assert "70.83" in comes_back(page, base, sold.sale_id)
    shown = comes_back(page, base, used_up.sale_id)
    assert "$0.00" in shown, shown
    assert "-$" not in shown, shown
    page.context.close()
