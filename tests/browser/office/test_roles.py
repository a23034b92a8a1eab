"""Roles in a real browser: limits changed by the keyboard, a second factor needed and set up right after the password."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser

from pos.core import clock
from pos.domain.staff.limit_rules import Limit
from pos.domain.staff.models import SecondFactor
from pos.domain.staff.permissions import Role
from pos.domain.staff.role_limits import limits_of
from pos.domain.staff.totp import code_at, step_of
from tests.browser.office.test_pages import SCREENS, enter
from tests.support.axe import flaws
from tests.support.clinic import Clinic
from tests.support.pictures import keep_picture

pytestmark = [pytest.mark.parametrize("database", ["sqlite"], indirect=True)]
TABLET = pytest.param(1024, 768, "light", marks=pytest.mark.long)


@pytest.mark.parametrize(("width", "height", "scheme"), [*SCREENS, TABLET])
def test_role_limits_by_keyboard_and_required_second_factor_in_browser(
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
    own = SecondFactor(staff_id=clinic.owner.id, secret="A" * 32, proved_at=clock.now(), last_step=0)
    clinic.write(lambda session: session.merge(own))
    page = enter(browser, base, clinic, width, height, scheme)
    page.goto(f"{base}/office/settings/roles?location=riverside")
    assert flaws(page) == []
    keep_picture(page, f"roles-{width}-{scheme}", whole=True)

    # By the keyboard alone: the refunds of the reception, a slip, and its correction.
    field = page.locator("#receptionist-refund_minor")
    field.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("lots")
    page.keyboard.press("Enter")
    page.get_by_text("is not an amount").wait_for()
    page.locator("#receptionist-refund_minor:focus").wait_for()
    assert field.input_value() == "lots"
    keep_picture(page, f"roles-refused-{width}-{scheme}", whole=True)
    assert flaws(page) == []
    field.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("30")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    page.keyboard.press("Enter")
    page.get_by_text("The limits at Riverside are saved.").wait_for()
    with clinic.read() as session:
        now = limits_of(session, clinic.usd.location_id, Role.RECEPTIONIST)
        assert (now.of(Limit.REFUND), now.of(Limit.VOID), now.of(Limit.PAID_OUT)) == (30_00, None, 100_00)

    page.get_by_role("button", name="Require a second factor: Manager").click()
    page.get_by_role("button", name="No longer require a second factor: Manager").wait_for()
    assert flaws(page) == []
    page.context.clear_cookies()
    page.goto(f"{base}/office/sales")
    page.get_by_label("E-mail").fill(str(clinic.manager.email))
    page.get_by_label("Password").fill(str(clinic.manager.password))
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="A second factor").wait_for()
    assert flaws(page) == []
    keep_picture(page, f"required-factor-{width}-{scheme}", whole=True)
    page.goto(f"{base}/office/sales")
    page.get_by_role("button", name="Set it up").click()
    page.get_by_label("The code it shows").wait_for()
    assert flaws(page) == []
    keep_picture(page, f"required-factor-secret-{width}-{scheme}", whole=True)
    page.get_by_label("The code it shows").fill(code_at("W" * 32, step_of(clock.now())))
    page.get_by_role("button", name="Turn it on").click()
    page.get_by_text("They are not shown again.").wait_for()
    assert flaws(page) == []
    keep_picture(page, f"required-factor-codes-{width}-{scheme}", whole=True)
    page.get_by_role("link", name="I have kept them").click()
    page.wait_for_url(re.compile(r"/office/sales"))

    page.goto(f"{base}/office/settings/roles")
    page.get_by_text("An owner changes these.").first.wait_for()
    assert flaws(page) == []
    keep_picture(page, f"roles-of-manager-{width}-{scheme}", whole=True)
    page.context.close()
