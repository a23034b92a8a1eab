"""The bookkeeper's page in a real browser: a month is asked for, followed, stopped and downloaded; days are exported."""

from __future__ import annotations

import re
from zipfile import ZipFile

import pytest
from playwright.sync_api import Browser, expect

from pos.services.bookkeeping import month_files
from tests.browser.office.test_pages import SCREENS, base, enter
from tests.support.axe import flaws
from tests.support.books import close_drawer
from tests.support.clinic import Clinic
from tests.support.pictures import keep_picture
from tests.support.worker_steps import work

__all__ = ["base"]  # fixtures
pytestmark = [pytest.mark.parametrize("database", ["sqlite"], indirect=True)]
PAGE = "/office/money/bookkeeping?location=riverside"


@pytest.mark.parametrize(("width", "height", "scheme"), SCREENS)
def test_bookkeeper_gets_month_and_export_every_screen(
    books: Clinic, base: str, browser: Browser, monkeypatch: pytest.MonkeyPatch, width: int, height: int, scheme: str
) -> None:
    work(books)
    monkeypatch.setattr(month_files, "STEP_SECONDS", 0)
    page = enter(browser, base, books, width, height, scheme)
    wrong: list[str] = []

    def look(name: str) -> None:
        wrong.extend(f"{name}: {flaw}" for flaw in flaws(page))
        keep_picture(page, f"bookkeeping-{name}-{width}-{scheme}", whole=True)

    # From Money it is one click to the page and one to the file.
    page.goto(f"{base}/office/money")
    page.get_by_role("link", name="Bookkeeping", exact=True).click()
    page.get_by_role("heading", name="A month in one file").wait_for()
    look("empty")
    page.get_by_role("button", name="Make the file").click()
    month = page.locator("#months li").first
    expect(month).to_contain_text("Being made…")
    work(books, steps=2)
    expect(month).to_contain_text("2 of ")
    look("making")
    month.get_by_role("button", name="Cancel").click()
    expect(month).to_contain_text("Cancelled")
    month.get_by_role("button", name="Make it again").click()
    expect(month).to_contain_text("Being made…")
    work(books)
    expect(month.get_by_role("link", name="Download")).to_be_visible()
    look("ready")
    with page.expect_download() as loading:
        month.get_by_role("link", name="Download").click()
    with ZipFile(loading.value.path()) as archive:
        assert any(name.startswith("receipts/") for name in archive.namelist())

    page.get_by_label("Program").select_option("xero")
    page.get_by_label("From").fill("2026-06-01")
    page.get_by_label("To", exact=True).fill("2026-06-30")
    page.get_by_role("button", name="Check").click()
    page.get_by_text(re.compile("things are missing")).wait_for()
    look("missing")
    page.get_by_role("link", name="Write them down").click()
    for number, field in enumerate(page.locator("input[name^='account.']").all()):
        if not field.input_value():
            field.fill(str(800 + number))
    first = page.locator("input[name^='account.']").first
    first.fill("no code at all")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Nothing was saved")).to_be_visible()
    expect(first).to_have_value("no code at all")
    look("accounts")
    first.fill("800")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("heading", name="A month in one file").wait_for()
    page.goto(f"{base}{PAGE}&program=xero&from=2026-06-01&to=2026-06-30")
    page.get_by_role("button", name=re.compile("^Export .* for Xero")).click()
    expect(page.get_by_role("alert")).to_contain_text("not closed")
    page.get_by_label("Export these days all the same").check()
    page.get_by_role("button", name=re.compile("^Export .* for Xero")).click()
    expect(page.get_by_text("The file is ready.")).to_be_visible()
    look("exported")
    with page.expect_download() as loading:
        page.locator("#export").get_by_role("link", name="Download").click()
    assert loading.value.path().read_text().startswith("*Narration,*Date,")
    page.goto(f"{base}{PAGE}&program=xero&from=2026-06-01&to=2026-06-30")
    expect(page.get_by_text("Days of these were exported before:")).to_be_visible()
    look("again")

    # In Germany the same page leads to the cash data; elsewhere their page says what it is for.
    close_drawer(books, books.eur.desk)
    page.goto(f"{base}/office/money/bookkeeping?location=altstadt")
    page.get_by_role("link", name="Choose days").click()
    page.get_by_label("From").fill("2026-06-16")
    page.get_by_label("To", exact=True).fill("2026-06-16")
    page.get_by_role("button", name="Show").last.click()
    expect(page.get_by_text("1 Z report")).to_be_visible()
    look("cash-data")
    with page.expect_download() as loading:
        page.get_by_role("link", name="Make the file").click()
    with ZipFile(loading.value.path()) as archive:
        assert "index.xml" in archive.namelist()
    page.get_by_label("Location", exact=True).select_option("riverside")
    page.get_by_role("button", name="Show").first.click()
    page.get_by_role("heading", name="This is for locations in Germany").wait_for()
    look("cash-data-elsewhere")
    page.context.close()
    assert wrong == []
