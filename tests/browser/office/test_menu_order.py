"""The order of the register set with the mouse and with a finger; the buttons of a row are tried in tests/web."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.office.test_pages import base, enter
from tests.support.axe import flaws
from tests.support.clinic import Clinic
from tests.support.pictures import keep_picture

__all__ = ["base"]  # fixtures
pytestmark = [pytest.mark.parametrize("database", ["sqlite"], indirect=True)]


def services(page: Page) -> list[str]:
    return page.get_by_role("table", name="Services with their durations").locator("a.open").all_inner_texts()


def test_service_dragged_by_mouse_or_finger_keeps_the_place_where_it_was_dropped(
    books: Clinic, base: str, browser: Browser
) -> None:
    page = enter(browser, base, books, 1366, 900, "light")
    page.goto(f"{base}/office/settings/items")
    before = services(page)
    rows = page.locator("[data-menu-order] tr[data-key]")
    rows.nth(len(before) - 1).locator(".grip").hover()
    page.mouse.down()
    rows.nth(0).locator(".grip").hover()
    rows.nth(0).locator(".grip").hover()
    expect(rows.nth(0)).to_contain_text(before[-1])
    with page.expect_navigation():
        page.mouse.up()
    page.get_by_text("Moved. The register follows").wait_for()
    dragged = services(page)
    assert dragged == [before[-1], *before[:-1]]
    assert flaws(page) == []
    keep_picture(page, "menu-order-1366-light", whole=True)

    # A finger: its events go through the browser's own input, as those of a screen do.
    boxes = [rows.nth(index).locator(".grip").bounding_box() for index in (0, 1)]
    points = [{"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2} for box in boxes if box]
    below = {"x": points[1]["x"], "y": points[1]["y"] + 12}
    touch = page.context.new_cdp_session(page)
    touch.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    for kind, at in (("touchStart", points[0]), ("touchMove", points[1]), ("touchMove", below)):
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [at]})
    # The script looks where the finger is at intervals of its own: lifted before that, nothing has moved.
    expect(rows.nth(0)).to_contain_text(dragged[1])
    with page.expect_navigation():
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.get_by_text("Moved. The register follows").wait_for()
    assert services(page) == [dragged[1], dragged[0], *dragged[2:]]

    page.goto(f"{base}/office/settings/plans")
    assert flaws(page) == []
    keep_picture(page, "menu-order-plans-1366-light", whole=True)
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark")
    assert flaws(page) == []
    keep_picture(page, "menu-order-plans-390-dark", whole=True)
    page.context.close()
