"""The customer display in Chromium: paired by its code, the tip chosen on it comes to the desk, each state is accessible."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page

from pos.services.locations.displays import show_code, unpair_display
from tests.support.axe import flaws_at
from tests.support.cards import CARDS, Till
from tests.support.clinic import Clinic
from tests.support.desk_user import DeskUser

SIT = Callable[..., DeskUser]
SIZES = {"tablet": (1024, 768), "phone": (390, 844)}


def look(page: Page, name: str) -> None:
    assert flaws_at(page, f"display-{name}", SIZES) == []


@CARDS
@pytest.mark.usefixtures("looks")
def test_display_is_paired_shows_every_state_and_brings_the_tip_to_the_desk(
    open_register: SIT, browser: Browser, base: str, till: Till, clinic: Clinic
) -> None:
    width, height = SIZES["tablet"]
    context = browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.goto(f"{base}/register/display/")
    look(page, "unpaired")
    where = {"location_ids": {clinic.usd.location_id}, "staff_id": clinic.manager.id}
    with clinic.app.app_context():
        code = show_code(desk_id=clinic.usd.desk, **where)
    page.get_by_label("Code").fill("12")
    page.get_by_role("button", name="Pair this screen").click()
    page.wait_for_selector("#code-error")
    look(page, "wrong-code")
    page.get_by_label("Code").fill(f"{code[:3]} {code[3:]}")
    page.get_by_role("button", name="Pair this screen").click()
    page.wait_for_selector("[data-state=idle] >> text=Welcome")
    look(page, "idle")
    hands = open_register()
    hands.find("nunez", "Ana Núñez")
    hands.press("Foot massage, 60 minutes")
    hands.due("81.00")
    page.wait_for_selector("[data-state=cart] >> text=Hello Ana")
    look(page, "cart")
    hands.page.get_by_role("button", name="Theo").click()
    page.get_by_role("button", name="20 %").click()
    hands.page.wait_for_selector(".ticket-due output:not(.old):text-is('96.00')", timeout=30_000)
    page.wait_for_selector("text=$96.00")
    page.get_by_role("button", name="20 %", pressed=True).wait_for()
    look(page, "tip")
    hands.key("Enter")
    page.wait_for_selector("[data-state=card] >> text=hold your card")
    look(page, "card")
    hands.card_is_held(till)
    page.wait_for_selector("[data-state=paid] >> text=Thank you")
    page.wait_for_function("() => document.querySelector('.facing img').naturalWidth > 0")
    look(page, "paid")
    page.route("**/register/display/state**", lambda route: route.abort())
    page.wait_for_selector("[data-state=lost]", timeout=20_000)
    look(page, "lost")
    page.unroute("**/register/display/state**")
    page.wait_for_selector("[data-state=paid]")
    with clinic.app.app_context():
        unpair_display(desk_id=clinic.usd.desk, **where)
    page.wait_for_selector("text=This screen is paired with no desk")
    context.close()
