"""A price agreed on, cash in the coins in use, and one of several given back, in Chromium: by what the screen says."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pos.domain.locations.models import Location
from tests.browser.conftest import SIZES
from tests.support.axe import flaws_at
from tests.support.books import book_floats, failing
from tests.support.cards import CARDS
from tests.support.clinic import Clinic
from tests.support.desk_user import DeskUser, to_ticket
from tests.support.pictures import keep_picture

pytestmark = CARDS


@pytest.mark.parametrize("sizes", [["desk", "tablet"], pytest.param(["phone"], marks=pytest.mark.long)], ids=",".join)
def test_new_price_cash_rounding_and_one_of_three_back_are_said_on_screen(
    open_register: Callable[..., DeskUser], clinic: Clinic, sizes: list[str]
) -> None:
    """Three balls for 9.11 instead of 9.50: 29.52 with tax, 29.50 in cash; one is 9.84, 9.85 in cash."""
    clinic.write(lambda s: setattr(s.get_one(Location, clinic.usd.location_id), "cash_rounding", "5"))
    book_floats(clinic)
    hands = open_register(size=sizes[0])
    page = hands.page

    def look(name: str) -> None:
        assert flaws_at(page, name, {size: SIZES[size] for size in sizes}) == []

    page.keyboard.type("ball")
    page.wait_for_selector("text=Trigger-point ball")
    page.keyboard.press("Enter")
    to_ticket(page)
    hands.due("10.26")
    page.locator(".line-open").first.click()
    dialog = page.locator("#line-dialog")
    dialog.get_by_label("Quantity").fill("3")
    dialog.locator("[name=cut][value=price]").check()
    dialog.get_by_label("How much").fill("9.11")
    dialog.get_by_label("Reason").fill("Price of the poster")
    look("new-price")
    dialog.get_by_role("button", name="Change the line").click()
    hands.due("29.52")
    page.get_by_text("instead of 9.50, Price of the poster").wait_for()
    page.get_by_text("In cash, rounded").wait_for()
    keep_picture(page, f"rounded-due-{sizes[0]}")
    hands.press("Cash")
    page.get_by_role("button", name="Exactly 29.50").wait_for()
    look("rounded-cash")
    page.get_by_label("Another amount").fill("30.00")
    page.get_by_role("button", name="Take cash").click()
    hands.state("paid")
    page.get_by_text("Cash is rounded by −0.02.").wait_for()
    keep_picture(page, f"rounded-paid-{sizes[0]}")
    hands.press("Next client")
    page.locator("[data-opens-sales]").click()
    page.locator(".sale-row").first.click()
    page.locator("#sale-dialog").get_by_role("button", name="Refund", exact=True).click()
    refund = page.locator("#refund-dialog")
    refund.locator("[name=what][value=lines]").check()
    refund.get_by_label("How many of Trigger-point ball").select_option("1")
    refund.get_by_text("1 × Trigger-point ball").wait_for()
    refund.get_by_text("9.85").wait_for()
    look("one-of-three")
    assert failing(clinic) == {}
