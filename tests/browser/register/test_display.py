"""The customer display in Chromium: paired by its code, the tip chosen on it comes to the desk, each state is accessible."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page

from pos.services.locations.displays import show_code, unpair_display
from tests.support.axe import flaws
from tests.support.cards import CARDS, Till
from tests.support.clinic import Clinic
from tests.support.desk_user import DeskUser
from tests.support.pictures import keep_picture

SIT = Callable[..., DeskUser]
SIZES = {"tablet": (1024, 768), "phone": (390, 844)}


def look(page: Page, name: str) -> None:
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
        assert flaws(page, known=scheme == "dark") == [], (name, scheme)
        keep_picture(page, f"{name}-{scheme}")


@CARDS
@pytest.mark.parametrize("size", ["tablet", pytest.param("phone", marks=pytest.mark.long)])
def test_display_is_paired_shows_every_state_and_brings_the_tip_to_the_desk(
    open_register: SIT, browser: Browser, base: str, till: Till, clinic: Clinic, size: str
) -> None:
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.goto(f"{base}/register/display/")
    look(page, f"display-unpaired-{size}")
    where = {"location_ids": {clinic.usd.location_id}, "staff_id": clinic.manager.id}
    with clinic.app.app_context():
        code = show_code(desk_id=clinic.usd.desk, **where)
    page.get_by_label("Code").fill("12")
    page.get_by_role("button", name="Pair this screen").click()
    page.wait_for_selector("#code-error")
    look(page, f"display-wrong-code-{size}")
    page.get_by_label("Code").fill(f"{code[:3]} {code[3:]}")
    page.get_by_role("button", name="Pair this screen").click()
    page.wait_for_selector("[data-state=idle] >> text=Welcome")
    look(page, f"display-idle-{size}")
    hands = open_register()
    hands.find("nunez", "Ana Núñez")
    hands.press("Foot massage, 60 minutes")
    hands.due("81.00")
    page.wait_for_selector("[data-state=cart] >> text=Hello Ana")
    look(page, f"display-cart-{size}")
    hands.page.get_by_role("button", name="Theo").click()
    page.get_by_role("button", name="20 %").click()
    hands.page.wait_for_selector(".ticket-due output:not(.old):text-is('96.00')", timeout=30_000)
    page.wait_for_selector("text=$96.00")
    page.get_by_role("button", name="20 %", pressed=True).wait_for()
    look(page, f"display-tip-{size}")
    hands.key("Enter")
    page.wait_for_selector("[data-state=card] >> text=hold your card")
    look(page, f"display-card-{size}")
    hands.card_is_held(till)
    page.wait_for_selector("[data-state=paid] >> text=Thank you")
    page.wait_for_function("() => document.querySelector('.facing img').naturalWidth > 0")
    look(page, f"display-paid-{size}")
    page.route("**/register/display/state**", lambda route: route.abort())
    page.wait_for_selector("[data-state=lost]", timeout=20_000)
    look(page, f"display-lost-{size}")
    page.unroute("**/register/display/state**")
    page.wait_for_selector("[data-state=paid]")
    with clinic.app.app_context():
        unpair_display(desk_id=clinic.usd.desk, **where)
    page.wait_for_selector("text=This screen is paired with no desk")
    context.close()
