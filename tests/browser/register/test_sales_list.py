"""The sales of the desk in Chromium: found by words, looked at, and refunded from there; keyboard, axe, three sizes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.conftest import SIZES
from tests.support.axe import flaws_at
from tests.support.cards import CARDS
from tests.support.clinic import Clinic, line
from tests.support.desk_user import DeskUser

pytestmark = CARDS


@pytest.mark.parametrize("sizes", [["desk", "tablet"], pytest.param(["phone"], marks=pytest.mark.long)], ids=",".join)
def test_sale_found_by_client_is_looked_at_and_the_list_is_there_again(
    open_register: Callable[..., DeskUser], clinic: Clinic, sizes: list[str]
) -> None:
    clinic.sell(line("three"), client=clinic.ana)
    clinic.sell(line("foot_60"))
    hands = open_register(size=sizes[0])
    page = hands.page

    def look(name: str) -> None:
        assert flaws_at(page, name, {size: SIZES[size] for size in sizes}) == []

    rows = page.locator("#sales-dialog")
    page.locator("[data-opens-sales]" if sizes == ["phone"] else "[data-focus=receipts]").click()
    rows.get_by_role("button", name="Walk-in").wait_for()
    assert page.locator(".sale-row").count() == 2
    look("sales-list")
    page.keyboard.type("nunez")
    rows.get_by_role("button", name="Walk-in").wait_for(state="detached")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Receipt RIV-000001").wait_for()
    page.get_by_role("button", name="Reprint (marked as duplicate)").wait_for()
    look("sales-receipt")
    page.keyboard.press("Escape")
    rows.get_by_role("button", name="Ana Núñez").wait_for()
    page.get_by_label("Client, amount, time, last four digits or receipt").fill("nobody")
    page.get_by_text("No sale found").wait_for()
    look("sales-none")
