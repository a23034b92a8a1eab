"""Messages and card payments in a real browser: axe finds nothing, nothing is wider than the window."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from pos.core.ids import new_id
from pos.services.payments import stripe_setup
from tests.browser.office.test_pages import SCREENS, enter
from tests.support.axe import flaws
from tests.support.cards import CARDS, Till, take_cards
from tests.support.clinic import Clinic, line
from tests.support.loopback import on_loopback
from tests.support.pictures import keep_picture
from tests.web.permissions.permission_fixtures import PermissionFixtures, event, signed

pytestmark = [pytest.mark.parametrize("database", ["sqlite"], indirect=True), CARDS]


@pytest.fixture
def till(clinic: Clinic) -> Iterator[Till]:
    """A clinic with messages of every kind."""
    with take_cards(clinic) as till:
        fixtures, web = PermissionFixtures(till), clinic.app.test_client()
        till.charge(till.command(till.ticket(line("foot_30"))))
        fixtures.dead_letter()
        for body in (
            *(event(f"pi_sim{n:024x}") for n in range(3)),
            event("re_sim1", type="refund.updated"),
            event(livemode=True),
            event(api_version="2020-08-27"),
        ):
            web.post("/hooks/stripe", data=body, headers=signed(body))
        web.post("/hooks/stripe", data=event(), headers={"Stripe-Signature": "t=1,v1=00"})
        yield till


@pytest.fixture
def base(till: Till) -> Iterator[str]:
    with on_loopback(till.clinic.app) as address:
        yield address


@pytest.mark.parametrize(("width", "height", "scheme"), SCREENS)
def test_settings_pages_every_screen_have_no_flaw(
    till: Till, base: str, browser: Browser, width: int, height: int, scheme: str
) -> None:
    page = enter(browser, base, till.clinic, width, height, scheme)
    page.goto(f"{base}/office/settings/messages")
    assert flaws(page) == []
    keep_picture(page, f"messages-{width}-{scheme}", whole=True)
    page.goto(f"{base}/office/settings/payments")
    page.get_by_role("button", name="Test the connection").click()
    page.get_by_text("Simulated clinic").wait_for()
    assert flaws(page) == []
    keep_picture(page, f"payments-{width}-{scheme}", whole=True)
    page.get_by_role("button", name="Make the webhook endpoint").click()
    page.get_by_text("whsec_").wait_for()
    assert flaws(page) == []
    keep_picture(page, f"endpoint-{width}-{scheme}", whole=True)
    with till.clinic.app.app_context():
        assert not stripe_setup.make_endpoint(key=str(new_id()), staff_id=till.clinic.manager.id).secret
    page.context.close()
