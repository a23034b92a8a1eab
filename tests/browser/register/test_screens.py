"""Shelf and ticket side by side where they fit; below, a strip keeps the pay key in sight; a long dialog keeps its foot."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.cards import CARDS, Till
from tests.support.clinic import Clinic, line
from tests.support.desk_user import DeskUser
from tests.support.pictures import keep_picture

SIT = Callable[..., DeskUser]
SIZES = {390: 844, 768: 1024, 960: 768, 1024: 768, 1366: 768}
LONG = {768, 960, 1024}


def look(hands: DeskUser, name: str) -> None:
    """Axe and the width in light and dark, and a picture of each."""
    for scheme in ("light", "dark"):
        hands.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
        assert hands.flaws(known=scheme == "dark") == [], (name, scheme)
        keep_picture(hands.page, f"{name}-{scheme}")
    hands.page.emulate_media(color_scheme="light", reduced_motion="reduce")


@CARDS
@pytest.mark.parametrize(
    "width", [pytest.param(one, marks=pytest.mark.long) if one in LONG else one for one in SIZES], ids=str
)
def test_pay_key_is_in_sight_beside_the_shelf_and_refund_keeps_its_foot(
    open_register: SIT, till: Till, clinic: Clinic, width: int
) -> None:
    clinic.buy("ten", clinic.ana)
    sold = clinic.sell(line("oil", 2), line("aromatherapy"), line("foot_60"), line("foot_30"), client=clinic.ana)
    hands = open_register()
    page = hands.page
    page.set_viewport_size({"width": width, "height": SIZES[width]})
    page.keyboard.type("nunez")
    page.keyboard.press("Enter")
    page.locator(".price-key").last.click()
    page.locator(".key", has_text="Aromatherapy").click()
    pay = page.locator("[data-focus=strip-pay]" if width < 960 else ".ticket-foot [data-focus=pay]")
    page.wait_for_selector(".ticket-due output:not(.old):text-is('93.96')", state="attached")
    assert pay.is_visible()
    assert page.locator(".price-key").first.is_visible(), "the shelf stays"
    look(hands, f"screen-shelf-{width}")
    pay.click()
    page.wait_for_selector("text=hold the card to the reader")
    till.tap()
    page.wait_for_selector(".ticket[data-state=paid]")
    look(hands, f"screen-paid-{width}")
    page.locator("[data-focus=next]").click()
    page.locator("[data-opens-sales]").click()
    page.locator("#sales-dialog .sale-row", has_text=sold.receipt_label).click()
    page.locator("#sale-dialog [data-focus=refund]").click()
    page.locator("#refund-dialog [name=what][value=lines]").check()
    total = page.locator("#refund-dialog [data-sum] .money")
    total.wait_for()
    for found in (total, page.locator("#refund-dialog .dialog-foot button").last):
        box = found.bounding_box()
        assert box is not None
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= SIZES[width], "the foot is in the window without scrolling"
    look(hands, f"screen-refund-{width}")
