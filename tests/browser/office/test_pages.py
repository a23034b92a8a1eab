"""The office in a real browser: axe finds nothing, nothing is wider than the window, the sheet opens and closes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from playwright.sync_api import Browser, Page

from pos.core.ids import new_id
from pos.domain.promotions import repository as promotions
from pos.domain.promotions.rules import PromoTerms
from pos.domain.sales.carts import Tip
from pos.domain.sales.pricing import Exemption
from pos.reports.verify import CHECKS
from tests.support.axe import flaws, flaws_at
from tests.support.books import tamper
from tests.support.clinic import Clinic, line
from tests.support.loopback import on_loopback

# One database is enough for looks.
pytestmark = [pytest.mark.parametrize("database", ["sqlite"], indirect=True)]
PATHS = (
    "/office/", "/office/sales?location=", "/office/sales?rows=items", "/office/sales?from=x&to=2026-06-01",
    "/office/packages", "/office/money", "/office/money/tips",
    "/office/money?view=entries", "/office/money/shifts", "/office/money/payments",
    "/office/clients", "/office/settings", "/office/settings/tax", "/office/settings/promo-codes/new", "/office/checks/run",
    "/office/settings/devices", "/office/settings/items", "/office/settings/items/new/retail", "/office/settings/prices",
    "/office/settings/catalogue-file", "/office/test-sale", "/office/sales/visits", "/office/sales/visits/file",
    "/office/reports/sales?from=2026-06-01&to=2026-06-30",
    "/office/settings/displays", "/office/settings/service-charges", "/office/settings/service-charges/new",
    "/office/settings/events-to-review",
)  # fmt: skip


@pytest.fixture
def base(books: Clinic) -> Iterator[str]:
    """The office served on a loopback port."""
    with on_loopback(books.app) as address:
        yield address


def enter(
    browser: Browser, base: str, world: Clinic, width: int, height: int, scheme: str, *, scripts: bool = True
) -> Page:
    context = browser.new_context(
        java_script_enabled=scripts,
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
    )
    context.add_cookies([{"name": "tp_office", "value": world.office_cookie(world.owner), "url": f"{base}/office"}])
    return context.new_page()


# Sweeps over pages are made in the long run, each page at both sizes and in dark colours.
SIZES = {"desk": (1366, 768), "phone": (390, 844)}
# A journey is made at a desk; in the long run on a phone in the dark too.
SCREENS = [(1366, 768, "light"), pytest.param(390, 844, "dark", marks=pytest.mark.long)]


def sold_free_of_tax_with_a_code(books: Clinic) -> tuple[str, ...]:
    """The pages of a promo code, and of a sale that is free of tax and cheaper by it."""
    terms = (Decimal(10), None, "USD", None, frozenset(), date(2026, 1, 1), None, 50, None)
    code = PromoTerms(new_id(), "SPRING", "Spring offer", *terms)
    books.write(lambda session: promotions.write(session, code))
    sold = books.command(line("foot_60", exemption=Exemption("prescription", "RX 4711")), cash=75_00)
    sale_id = books.ring_up(replace(sold, wanted=replace(sold.wanted, promo=code.code))).sale_id
    tipped = books.sell(line("trigger_60"), tip=Tip(amount_minor=5_00))
    codes = "/office/settings/promo-codes"
    return codes, f"{codes}/{code.promo_id}", f"/office/sales/{sale_id}", f"/office/sales/{tipped.sale_id}/tip"


@pytest.mark.long
def test_office_pages_every_screen_have_no_flaw(books: Clinic, base: str, browser: Browser) -> None:
    page = enter(browser, base, books, *SIZES["desk"], "light")
    wrong: list[str] = []
    for path in (*PATHS, f"/office/clients/{books.ana}", *sold_free_of_tax_with_a_code(books)):
        page.goto(base + path, wait_until="networkidle")
        wrong += flaws_at(page, path, SIZES)
    tamper(books, "UPDATE sales SET tip_minor = tip_minor + 1 WHERE tip_minor > 0")
    for path in ("/office/sales", "/office/checks/run"):
        page.goto(base + path, wait_until="networkidle")
        wrong += flaws_at(page, f"{path}, broken", SIZES)
    page.context.close()
    assert wrong == []


def test_office_table_row_opens_in_sheet_and_focus_returns(books: Clinic, base: str, browser: Browser) -> None:
    page = enter(browser, base, books, 1366, 768, "light")
    page.goto(f"{base}/office/sales", wait_until="networkidle")
    row = page.get_by_role("link", name="RIV-000002")
    row.focus()
    page.keyboard.press("Enter")
    page.get_by_role("dialog", name="Sale RIV-000002").wait_for()
    assert flaws(page) == []
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog", state="hidden")
    assert row.evaluate("node => node === document.activeElement")
    page.context.close()


def test_checks_page_result_replaces_waiting_text(books: Clinic, base: str, browser: Browser) -> None:
    page = enter(browser, base, books, 1366, 768, "light")
    page.goto(f"{base}/office/checks")
    page.wait_for_selector(f"text=Every one of {2 * len(CHECKS)} checks holds")  # two locations
    assert page.locator("text=Reading the books").count() == 0
    page.context.close()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_sales_filter_by_location_with_and_without_scripts_lists_and_downloads_its_sales(
    books: Clinic, base: str, browser: Browser, scripts: bool
) -> None:
    page = enter(browser, base, books, 1366, 768, "light", scripts=scripts)
    page.goto(f"{base}/office/sales")
    page.get_by_label("Location").select_option("altstadt")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**location=altstadt**")
    assert page.locator("table:has(th:text-is('Receipt')) tbody tr").count() == 3
    page.get_by_role("button", name="Show").click()  # a filter may be asked again
    page.wait_for_load_state("networkidle")
    assert page.get_by_role("button", name="Show").is_enabled()
    with page.expect_download() as caught:
        page.get_by_role("link", name="XLSX").click()
    assert caught.value.suggested_filename == "sales-altstadt-2026-06-01-2026-06-16.xlsx"
    with page.expect_download() as sent_as_written:
        page.get_by_role("link", name="CSV").click()
    assert sent_as_written.value.path().read_text("utf-8-sig").count("altstadt".title()) >= 3
    if scripts:
        page.wait_for_selector("#toasts .toast:has-text('The download has begun.')")
        page.wait_for_selector("a[data-file]:not([aria-busy]) >> text=CSV")
    page.context.close()


@pytest.mark.parametrize("width", [390, 1366])
def test_office_filter_empty_field_has_minimum_width(books: Clinic, base: str, browser: Browser, width: int) -> None:
    """The last four signs of a gift card had a field of 9 px: what follows its content is as wide as nothing when empty."""
    page = enter(browser, base, books, width, 768, "light")
    narrow = []
    for path in ("/office/money/gift-cards", "/office/sales", "/office/clients", "/office/money/owed"):
        page.goto(base + path, wait_until="networkidle")
        fields = page.locator("main :is(input:not([type=hidden], [type=checkbox], [type=radio]), select):visible")
        for field in fields.all():
            box = field.bounding_box()
            if box is None or box["width"] < 44:
                narrow.append((path, field.get_attribute("name"), box))
    page.context.close()
    assert narrow == []
