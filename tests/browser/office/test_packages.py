"""The pages about packages in a real browser: axe finds nothing, nothing is wider than the window."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import Browser

from pos.services.packages.adjust_credits import forfeit_credit
from pos.services.packages.complimentary_credits import ComplimentaryGrant, grant_complimentary_credits
from pos.services.packages.freeze_and_extend import freeze_package
from pos.services.packages.share_and_transfer import share_package, transfer_credits
from tests.browser.office.test_pages import (
    SIZES,
    base,
    enter,
)
from tests.support.axe import flaws_at
from tests.support.clinic import Clinic
from tests.support.package_actions import package_action

__all__ = ["base"]  # fixtures
pytestmark = [pytest.mark.parametrize("database", ["sqlite"], indirect=True)]


@pytest.fixture
def paths(books: Clinic) -> tuple[str, ...]:
    """A package with a life, its actions, and a client's page."""
    lot = books.buy("ten", books.ana)
    with books.app.app_context():
        forfeit_credit(package_action(books), lot, cause="no_show")
        share_package(package_action(books), lot, client_id=books.ben, cap=2)
        given = transfer_credits(package_action(books, "For her brother"), lot, credits=2, receiver_id=books.ben)
        freeze_package(package_action(books, "Abroad."), given)
        gift = ComplimentaryGrant(
            books.ana, books.usd.location_id, books.items["trigger_60"], 1, "goodwill", date(2026, 9, 1)
        )
        grant_complimentary_credits(package_action(books, "A long wait."), gift)
    package = f"/office/packages/{books.lot(lot).package_id}"
    return (
        package,
        f"{package}?on=2026-06-01",
        f"{package}?on=x",
        f"{package}/freeze?lot={lot}",
        f"{package}/burn?lot={lot}",
        f"{package}/transfer?lot={lot}",
        f"/office/clients/{books.ana}",
        f"/office/clients/{books.ana}/complimentary",
    )


@pytest.mark.long
def test_package_pages_every_screen_have_no_flaw(
    books: Clinic, paths: tuple[str, ...], base: str, browser: Browser
) -> None:
    page = enter(browser, base, books, *SIZES["desk"], "light")
    wrong: list[str] = []
    for path in paths:
        page.goto(base + path, wait_until="networkidle")
        wrong += flaws_at(page, path, SIZES)
    page.goto(base + paths[4], wait_until="networkidle")
    page.get_by_label("Reason").fill("Did not come")
    page.get_by_role("button", name="See what will happen").click()
    page.wait_for_selector("text=What will happen")
    wrong += flaws_at(page, "preview", SIZES)
    page.context.close()
    assert wrong == []
