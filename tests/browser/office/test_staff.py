"""Staff in a real browser: somebody added, a PIN reset and used, somebody locked out in the middle of a shift."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser

from pos.core.ids import new_id
from tests.browser.office.test_pages import SCREENS, enter
from tests.support.axe import flaws
from tests.support.clinic import Clinic
from tests.support.pictures import keep_picture

pytestmark = [pytest.mark.parametrize("database", ["sqlite"], indirect=True)]


@pytest.mark.parametrize(("width", "height", "scheme"), SCREENS)
def test_staff_added_locked_out_and_given_pin_in_browser(
    clinic: Clinic,
    base: str,
    browser: Browser,
    width: int,
    height: int,
    scheme: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The widest letter: a secret must wrap on a phone whatever letters it has.
    monkeypatch.setattr("pos.domain.staff.second_factors.new_secret", lambda: "W" * 32)

    page = enter(browser, base, clinic, width, height, scheme)
    page.goto(f"{base}/office/settings/staff")
    assert flaws(page) == []
    keep_picture(page, f"staff-{width}-{scheme}", whole=True)
    page.get_by_role("link", name="Add a person").click()
    page.get_by_label("Name").fill("Tara")
    page.get_by_label("Role").select_option("therapist")
    page.get_by_label("Gives treatments").check()
    page.get_by_label("Riverside").check()
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_text("Added. Now say how they sign in.").wait_for()
    assert flaws(page) == []
    page.goto(f"{base}/office/settings/staff/{clinic.receptionist.id}")
    page.get_by_role("button", name="Set a random PIN").click()
    shown = page.get_by_text("The new PIN is").inner_text()
    pin = re.search(r"\d{6}", shown)
    assert pin
    assert flaws(page) == []
    keep_picture(page, f"person-{width}-{scheme}", whole=True)
    desk = page.context.request
    token = desk.get(f"{base}/register/api/token").json()["token"]
    signed_in = desk.post(
        f"{base}/register/api/sign-in?desk={clinic.usd.desk}", data={"pin": pin[0]}, headers={"X-CSRFToken": token}
    )
    assert signed_in.ok, signed_in.text()
    assert desk.get(f"{base}/register/api/state").ok
    cart = str(new_id())
    opened = desk.post(f"{base}/register/api/tickets", data={"ticket_id": cart}, headers={"X-CSRFToken": token})
    assert opened.status == 201, opened.text()
    page.get_by_role("button", name="Deactivate at once").click()
    page.get_by_text("All their sign-ins have ended.").wait_for()
    assert desk.get(f"{base}/register/api/tickets/{cart}").status == 401
    mine = {"pin": clinic.manager.pin}
    token = desk.get(f"{base}/register/api/token").json()["token"]
    door = f"{base}/register/api/sign-in?desk={clinic.usd.desk}"
    assert desk.post(door, data=mine, headers={"X-CSRFToken": token}).ok
    assert desk.get(f"{base}/register/api/tickets/{cart}").ok
    page.goto(f"{base}/office/your-sign-in")
    page.get_by_role("button", name="Set it up").click()
    page.get_by_label("The code it shows").wait_for()
    assert flaws(page) == []
    keep_picture(page, f"own-sign-in-{width}-{scheme}", whole=True)
    page.context.clear_cookies()
    page.goto(f"{base}/office/forgotten")
    assert flaws(page) == []
    keep_picture(page, f"forgotten-{width}-{scheme}", whole=True)
    page.context.close()
