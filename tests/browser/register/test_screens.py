"""Shelf and ticket side by side where they fit; below, a strip keeps the pay key in sight; a long dialog keeps its foot."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.support.axe import flaws_at
from tests.support.cards import CARDS, Till
from tests.support.clinic import Clinic, line
from tests.support.desk_user import DeskUser

SIT = Callable[..., DeskUser]
SIZES = {"390": (390, 844), "768": (768, 1024), "960": (960, 768), "1024": (1024, 768), "1366": (1366, 768)}


def pay_key_is_in_sight(page: Page) -> None:
    """The key that charges is, and the first of the shelf, which stays."""
    is_narrow = page.evaluate("innerWidth < 960")
    pay = page.locator("[data-focus=strip-pay]" if is_narrow else ".ticket-foot [data-focus=pay]")
    for found in (pay, page.locator(".price-key").first):
        expect(found).to_be_in_viewport()


def foot_is_in_sight(page: Page) -> None:
    """What a refund comes to, and the key that gives it back, are in the window without scrolling."""
    dialog = page.locator("#refund-dialog")
    for found in (dialog.locator("[data-sum] .money"), dialog.locator(".dialog-foot button").last):
        expect(found).to_be_in_viewport(ratio=1)


@CARDS
@pytest.mark.usefixtures("looks")
def test_pay_key_is_in_sight_beside_the_shelf_and_refund_keeps_its_foot_at_every_width(
    open_register: SIT, till: Till, clinic: Clinic
) -> None:
    clinic.buy("ten", clinic.ana)
    sold = clinic.sell(line("oil", 2), line("aromatherapy"), line("foot_60"), line("foot_30"), client=clinic.ana)
    hands = open_register(size="phone")
    page = hands.page
    page.keyboard.type("nunez")
    page.keyboard.press("Enter")
    page.wait_for_selector(".ticket h2:text-is('Ana Núñez')", state="attached")
    page.locator(".price-key").last.click()
    page.locator(".key", has_text="Aromatherapy").click()
    page.wait_for_selector(".ticket-due output:not(.old):text-is('93.96')", state="attached")
    assert flaws_at(page, "screen-shelf", SIZES, arrange=pay_key_is_in_sight) == []
    page.locator("[data-focus=strip-pay]").click()
    page.wait_for_selector("text=hold the card to the reader")
    till.tap()
    page.wait_for_selector(".ticket[data-state=paid]")
    assert flaws_at(page, "screen-paid", SIZES) == []
    page.locator("[data-focus=next]").click()
    page.locator("[data-opens-sales]").click()
    page.locator("#sales-dialog .sale-row", has_text=sold.receipt_label).click()
    page.locator("#sale-dialog [data-focus=refund]").click()
    page.locator("#refund-dialog [name=what][value=lines]").check()
    assert flaws_at(page, "screen-refund", SIZES, arrange=foot_is_in_sight) == []
