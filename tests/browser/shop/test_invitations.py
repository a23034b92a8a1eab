"""The pages of an invitation in Chromium: axe, and no wider than the screen, on a phone and at a desk, in light and dark."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from pos.domain.clients import registration as clients
from tests.integration.packages.test_invitations import STRANGER, invited
from tests.support.axe import flaws_at
from tests.support.clinic import Clinic
from tests.support.desk_user import served

pytestmark = [pytest.mark.settings(MAILBOX="on"), pytest.mark.usefixtures("looks")]
SIZES = {"phone": (390, 844), "desk": (1280, 800)}


@pytest.fixture
def database(sqlite_database: str) -> str:
    """One database is enough for looks."""
    return sqlite_database


def look(page: Page, name: str) -> None:
    assert flaws_at(page, name, SIZES, whole=True) == []


def test_invitation_pages_sent_refused_accepted_and_used_have_no_flaw(clinic: Clinic, browser: Browser) -> None:
    path = f"/account/packages/{clinic.lot(clinic.buy('ten', clinic.ana)).package_id}"
    found = invited(clinic, path, STRANGER, cap=3)
    cookie = clinic.write(lambda s: clients.open_session(s, clinic.ana))
    with served(clinic) as base:
        owner = browser.new_context(base_url=base, reduced_motion="reduce")
        owner.add_cookies([{"name": "tp_client", "value": cookie, "url": base}])
        page = owner.new_page()
        page.goto(path)
        expect(page.get_by_text(f"Invitation sent to {STRANGER}")).to_be_visible()
        look(page, "invitation-waiting")

        guest = browser.new_context(base_url=base, reduced_motion="reduce").new_page()
        guest.goto(found)
        look(guest, "invitation")
        guest.get_by_role("button", name="Accept the invitation").click()
        expect(guest.get_by_text("Please write your first name.").first).to_be_visible()
        guest.get_by_label("First name").fill("Mia")
        look(guest, "invitation-refused")
        guest.get_by_role("button", name="Accept the invitation").click()
        expect(guest.get_by_role("heading", name="You share this package now")).to_be_visible()
        look(guest, "invitation-accepted")
        guest.goto(found)
        look(guest, "invitation-over")
        page.reload()
        expect(page.get_by_text("Mia").first).to_be_visible()
