"""The first day of a clinic in a browser, on both databases: from an empty database to a card sale, prices and staff."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from pos.core import clock
from pos.core.database.base import reading
from pos.core.ids import new_id
from pos.domain.locations.queries import places
from pos.domain.staff.models import Staff
from pos.domain.staff.totp import code_at, step_of
from pos.reports.verify import verify
from pos.services.clients import register_client
from pos.services.setup.setup_link import make_setup_link
from tests.browser.conftest import SIZES
from tests.support.axe import flaws, is_wider
from tests.support.cards import CARDS, simulated_stripe
from tests.support.desk_user import DeskUser
from tests.support.loopback import on_loopback
from tests.support.pictures import keep_picture
from tests.support.simulator_client import Desk

pytestmark = CARDS
ANSWERS = {
    "clinic_name": "Stillpoint Clinic",
    "location_name": "Riverside",
    "address": "12 Mill Street\nPortland, OR 97205",
    "tax_service": "8",
    "tax_add_on": "8",
    "tax_retail": "8",
    "owner_name": "Ruth Okafor",
    "owner_email": "ruth@stillpoint.example",
    "owner_password": "calm-ledger-2026",
    "owner_pin": "975310",
}
SINGLE = "Trigger point therapy, 60 minutes"


class FirstDay:
    """The owner's browser, the desk's, and Stripe's reader."""

    def __init__(self, browser: Browser, base: str, stripe: Desk, *, looks: bool) -> None:
        self.browser, self.base, self.stripe, self.looks = browser, base, stripe, looks
        self.errors: list[str] = []
        self.page = self.window()

    def window(self) -> Page:
        """A browser of its own."""
        context = self.browser.new_context(locale="en-US", reduced_motion="reduce", service_workers="block")
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        return page

    def look(self, name: str, page: Page | None = None) -> None:
        """Axe, and the width at three sizes; photographed where somebody asks for it."""
        page = page or self.page
        if not self.looks:  # a page looks the same whatever database is behind it
            return
        for size, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            keep_picture(page, f"setup-{name}-{size}", whole=True)
            assert not is_wider(page), (name, size)
        assert flaws(page) == [], name
        width, height = SIZES["desk"]
        page.set_viewport_size({"width": width, "height": height})

    def at_desk(self, pin: str, page: Page | None = None) -> DeskUser:
        """Sign in at the register by PIN."""
        page = page or self.page
        page.goto(f"{self.base}/register/sign-in")
        page.get_by_label("PIN", exact=True).fill(pin)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_selector(".price-key")
        return DeskUser(page)


@pytest.fixture
def day(app: Flask, browser: Browser, database: str) -> Iterator[FirstDay]:
    """The empty application on a port, at its one-time address."""
    with simulated_stripe(app) as stripe:
        with app.app_context():
            token = make_setup_link(started_by="this test")
        with on_loopback(app) as base:
            day = FirstDay(browser, base, stripe, looks=database.startswith("sqlite"))
            day.page.goto(f"{base}/setup/{token}")
            yield day
            for context in browser.contexts:
                context.close()
    assert day.errors == []


def test_first_day_from_empty_database_to_card_sale_price_change_and_staff(day: FirstDay, app: Flask) -> None:
    _answer_the_questions(day)
    _go_through_the_rest_of_setup(day)
    _raise_a_price_for_tomorrow(day)
    _bring_in_a_file(day)
    hands = day.at_desk(ANSWERS["owner_pin"])
    _open_the_drawer(hands)
    _sell_by_card_at_todays_price(day, hands)
    _add_a_therapist_and_lock_reception_out(day, hands)
    _sell_tomorrow_at_tomorrows_price(day)
    _merge_a_client(day, app)
    with app.app_context():
        assert [result.key for result in verify(reading()) if not result.holds] == []


def _answer_the_questions(day: FirstDay) -> None:
    page = day.page
    day.look("country")
    for name in ("clinic_name", "location_name"):
        page.locator(f"#{name}").fill(ANSWERS[name])
    page.get_by_label("Country").select_option("US")
    page.get_by_role("button", name="Go on").click()
    page.wait_for_selector("#owner_pin")
    for name, answer in ANSWERS.items():
        page.locator(f"#{name}").fill(answer)
    page.locator("#owner_pin").fill("1")
    page.get_by_text("My own, from a CSV file").click()
    expect(page.locator("#catalogue_file")).to_be_visible()
    expect(page.locator("#single_price")).to_be_hidden()
    file = {"name": "own.csv", "mimeType": "text/csv", "buffer": b"kind,name\nretail,\n"}
    page.locator("#catalogue_file").set_input_files(file)
    page.get_by_role("button", name="Open the clinic").click()
    page.wait_for_selector(".error-summary:has-text('One answer cannot be used')")
    page.get_by_text("own.csv is kept").wait_for()
    for name in ("owner_password", "owner_pin"):
        page.locator(f"#{name}").fill(ANSWERS[name])
    page.get_by_role("button", name="Open the clinic").click()
    page.get_by_text("Row 2, name").wait_for()
    day.look("wrong")
    assert page.locator("#address").input_value() == ANSWERS["address"]
    page.get_by_text("The starter catalogue").click()
    for name in ("owner_password", "owner_pin"):
        page.locator(f"#{name}").fill(ANSWERS[name])
    page.get_by_role("button", name="Open the clinic").click()
    page.wait_for_url("**/office/settings/receipts")


def _go_through_the_rest_of_setup(day: FirstDay) -> None:
    page = day.page
    steps = page.get_by_role("navigation", name="Steps of set-up")
    page.frame_locator("iframe").get_by_text("Stillpoint Clinic").first.wait_for()
    day.look("receipts")
    steps.get_by_role("link", name="Go on").click()
    page.get_by_role("button", name="Set it up").click()
    secret = page.locator("[translate=no]").last.inner_text().replace(" ", "")
    page.get_by_label("The code it shows").fill(code_at(secret, step_of(clock.now())))
    page.get_by_role("button", name="Turn it on").click()
    page.get_by_text("Write these codes down").wait_for()
    day.look("second-factor")
    steps.get_by_role("link", name="Go on").click()
    page.get_by_label("Pairing code").fill("simulated-wpe")
    page.get_by_label("Name").fill("Front reader")
    page.get_by_label("Desk").last.select_option(label="Desk 1")
    page.get_by_role("button", name="Register the reader").click()
    steps.get_by_role("img", name="done").nth(1).wait_for()
    day.look("reader")
    steps.get_by_role("link", name="Go on").click()
    page.get_by_role("button", name="Make a test sale").wait_for()
    day.look("test-sale")
    page.get_by_role("button", name="Make a test sale").click()
    page.get_by_role("heading", name="TEST-RIV-000001").wait_for()
    day.look("test-sale-made")
    page.get_by_role("link", name="Receipt", exact=True).click()
    page.get_by_text("TEST – not a sale").first.wait_for()
    page.go_back()
    steps.get_by_role("link", name="To Today").click()
    page.get_by_role("heading", name="Before the first sale").wait_for()
    day.look("office")


def _raise_a_price_for_tomorrow(day: FirstDay) -> None:
    page = day.page
    page.goto(f"{day.base}/office/settings/prices")
    field = page.get_by_role("textbox", name="Price of Trigger point 60 at Riverside")
    assert field.input_value() == "100.00"
    field.fill("110")
    today = page.locator("#from_on").input_value()
    tomorrow = clock.now() + timedelta(days=1)
    page.locator("#from_on").fill(f"{tomorrow:%Y-%m-%d}")
    assert today < f"{tomorrow:%Y-%m-%d}"
    page.get_by_role("button", name="Save").first.click()
    page.get_by_text("The prices are saved.").wait_for()
    assert page.get_by_role("textbox", name="Price of Trigger point 60 at Riverside").input_value() == "100.00"


def _bring_in_a_file(day: FirstDay) -> None:
    page = day.page
    rows = (
        b"kind,name,barcode,price\nadd_on,Oil of mint,,7.50\nretail,Trigger point ball,4012345678901,15\nretail,,,1\n"
    )

    def look_at(content: bytes) -> None:
        page.goto(f"{day.base}/office/settings/catalogue-file")
        page.get_by_label("CSV file").set_input_files({"name": "new.csv", "mimeType": "text/csv", "buffer": content})
        page.get_by_role("button", name="See what would change").click()
        page.get_by_role("heading", name="What is in new.csv").wait_for()

    look_at(rows)
    day.look("file-refused")
    look_at(rows.replace(b"retail,,,1\n", b""))
    day.look("file")
    page.get_by_role("button", name="Bring in 2 rows").click()
    page.get_by_text("The file is brought in.").wait_for()


def _open_the_drawer(hands: DeskUser) -> None:
    hands.press("Open the drawer")
    hands.page.locator("#open-drawer-dialog [name=float]").fill("100")
    hands.page.keyboard.press("Enter")
    hands.page.wait_for_selector(".ticket:not(:has-text('Open the drawer'))")


def _sell_by_card_at_todays_price(day: FirstDay, hands: DeskUser) -> None:
    hands.press(SINGLE)
    hands.due("108.00")
    hands.key("Enter")
    hands.page.wait_for_selector("text=hold the card to the reader")
    (reader,) = [one["id"] for one in day.stripe.simulator.world.store.all("terminal.reader")]
    day.stripe.press(f"readers/{reader}/tap")
    hands.state("paid")
    hands.page.wait_for_selector(".ticket-receipt:has-text('RIV-000001')")
    expect(hands.page.get_by_role("button", name="Oil of mint")).to_be_visible()
    day.look("first-receipt")


def _add_a_therapist_and_lock_reception_out(day: FirstDay, hands: DeskUser) -> None:
    office = day.page.context.new_page()
    office.set_default_timeout(15_000)

    def add(name: str, role: str, *, treats: bool = False) -> str:
        office.goto(f"{day.base}/office/settings/staff")
        office.get_by_role("link", name="Add a person").click()
        office.get_by_label("Name").fill(name)
        office.get_by_label("Role").select_option(role)
        if treats:
            office.get_by_label("Gives treatments").check()
        office.get_by_label("Riverside").check()
        office.get_by_role("button", name="Add", exact=True).click()
        office.get_by_text("Added. Now say how they sign in.").wait_for()
        return office.url.partition("?")[0]

    def new_pin(address: str) -> str:
        office.goto(address)
        office.get_by_role("button", name="Set a random PIN").click()
        found = re.search(r"\d{6}", office.get_by_text("The new PIN is").inner_text())
        assert found
        return found[0]

    add("Tara", "therapist", treats=True)
    ana = add("Ana", "receptionist")
    first = new_pin(ana)
    hands.page.goto(f"{day.base}/register/sign-in")
    hands = day.at_desk(first)
    hands.press(SINGLE)
    hands.due("108.00")
    hands.page.locator(".line-open").click()
    hands.page.locator("#line-dialog [name=therapist_id]").select_option(label="Tara")
    hands.page.locator("#line-dialog").get_by_role("button", name="Change the line").click()
    hands.page.wait_for_selector("text=Tara")
    second = new_pin(ana)
    hands.page.goto(f"{day.base}/register/sign-in")
    hands.page.get_by_label("PIN", exact=True).fill(first)
    hands.page.get_by_role("button", name="Sign in").click()
    hands.page.wait_for_selector("#pin-error")
    hands = day.at_desk(second)
    hands.due("108.00")
    office.get_by_role("button", name="Deactivate at once").click()
    office.get_by_text("All their sign-ins have ended.").wait_for()
    hands.press(SINGLE)
    hands.page.wait_for_selector("text=Your sign-in has ended")
    day.look("locked-out", hands.page)
    hands.page.locator("dialog[open] [name=pin]").fill(ANSWERS["owner_pin"])
    hands.key("Enter")
    hands.due("216.00")
    office.close()


def _sell_tomorrow_at_tomorrows_price(day: FirstDay) -> None:
    with clock.at(clock.now() + timedelta(days=1)):
        hands = day.at_desk(ANSWERS["owner_pin"])
        hands.page.wait_for_selector(".price-key:has-text('110.00')")


def _merge_a_client(day: FirstDay, app: Flask) -> None:
    """Mia was added twice, once with her phone and once with her address."""
    with app.app_context():
        where = places(reading())[0]
        owner = reading().scalars(select(Staff.id).where(Staff.role == "owner")).one()
        known = {"given_name": "Mia", "family_name": "Brandt", "country": where.country, "locale": where.locale}
        known |= {"staff_id": owner, "location_id": where.id}
        first = register_client(client_id=new_id(), email=None, phone="503 555 0142", **known)
        register_client(client_id=new_id(), email="mia@mail.example", phone=None, is_another=True, **known)
    page = day.page.context.new_page()
    page.set_default_timeout(15_000)
    page.goto(f"{day.base}/office/clients/{first}")
    page.get_by_role("link", name="Merge", exact=True).click()
    page.get_by_role("link", name="Compare with Mia Brandt").click()
    page.get_by_label("Why they are the same person").fill("Asked at the desk")
    page.get_by_role("button", name="Merge them").click()
    page.get_by_text("They are one client now.").wait_for()
    day.look("merged", page)
    page.goto(f"{day.base}/office/clients?q=brandt")
    expect(page.get_by_role("link", name="Mia Brandt")).to_have_count(1)
    page.close()
