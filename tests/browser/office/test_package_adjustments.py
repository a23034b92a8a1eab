"""Plans, account credit and opening balances in a real browser: axe finds nothing, nothing is wider than the window."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from pos.services.stored_value.account_credit import give_goodwill
from tests.browser.office.test_pages import (
    SIZES,
    base,
    enter,
)
from tests.integration.imports.test_balances import CASE_12, HEAD
from tests.support.axe import flaws_at
from tests.support.clinic import Clinic
from tests.support.package_actions import package_action

__all__ = ["base"]  # fixtures
pytestmark = [pytest.mark.parametrize("database", ["sqlite"], indirect=True)]


@pytest.mark.long
def test_package_adjustment_pages_every_screen_have_no_flaw(
    books: Clinic, base: str, browser: Browser, tmp_path: Path
) -> None:
    with books.app.app_context():
        give_goodwill(
            package_action(books, "A long wait"),
            client_id=books.ana,
            location_id=books.usd.location_id,
            amount_minor=40_00,
        )
    page = enter(browser, base, books, *SIZES["desk"], "light")
    wrong: list[str] = []

    def look(what: str) -> None:
        wrong.extend(flaws_at(page, what, SIZES))

    plans, imports = "/office/settings/plans", "/office/settings/imports"
    therapists = "/office/settings/therapists"
    for path in (
        plans,
        f"{plans}/{books.items['five']}",
        therapists,
        imports,
        f"/office/clients/{books.ana}/account-credit",
    ):
        page.goto(base + path, wait_until="networkidle")
        look(path)
    for content, says in ((CASE_12, "Bring in 4 sessions"), (HEAD + "Ben,,x,,Hot air,8,9,x,,,,A\n", "What is wrong")):
        (tmp_path / "old.csv").write_text(content, encoding="utf-8")
        page.goto(base + imports, wait_until="networkidle")
        page.set_input_files("#file", tmp_path / "old.csv")
        page.get_by_role("button", name="Look at it").click()
        page.wait_for_selector(f"text={says}")
        look(says)
    page.get_by_role("link", name="What is sold").click()
    page.get_by_role("link", name="Package plans").click()
    page.get_by_role("link", name="New plan").click()
    page.get_by_label("Name", exact=True).fill("Four feet")
    page.get_by_role("button", name="Make the plan").click()
    page.wait_for_selector("text=2 things need your attention")
    look("a plan that lacks something")
    page.get_by_label("Foot massage, 60 min").check()
    page.get_by_label("Sessions", exact=True).fill("4")
    page.get_by_role("button", name="See how it reads").click()
    page.wait_for_selector("text=Not saved yet")
    look("a preview")
    page.get_by_role("button", name="Make the plan").click()
    page.wait_for_selector("text=Saved. Whoever buys it")
    page.get_by_label("Price", exact=True).fill("260")
    page.get_by_role("button", name="Set the price").click()
    page.wait_for_selector("text=$65.00")
    assert page.locator("text=$40.00 less than singles").count() == 1
    page.context.close()
    assert wrong == []
