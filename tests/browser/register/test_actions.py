"""How many actions the daily work takes, at the desk by keyboard and on touch screens of 1024 and 390 px.

An action is one tap, one key, or one search: a few letters and the choice of what they found. What the client does, as
holding a card to the reader, is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator
from sqlalchemy import select

from pos.domain.locations.models import Location
from pos.domain.sales.models import SaleLine
from pos.domain.staff.models import StaffSession
from tests.support.cards import CARDS, Till
from tests.support.clinic import Clinic, line
from tests.support.desk_user import DeskUser

pytestmark = CARDS
Opens = Callable[..., DeskUser]
SIZES = pytest.mark.parametrize(
    "size", ["desk", pytest.param("tablet", marks=pytest.mark.long), pytest.param("phone", marks=pytest.mark.long)]
)
CHANGE = re.compile(r"Change the person|Rita")


class Hands:
    """Whoever works at a desk of one size: with keys at 1366 px, with taps alone below."""

    def __init__(self, open_register: Opens, size: str) -> None:
        self.touch = size != "desk"
        self.user = open_register(size=size, touch=self.touch)
        self.page = self.user.page
        self.actions = 0

    def do(self, target: Locator) -> None:
        """Tap or click one thing that is in sight."""
        target.tap() if self.touch else target.click()
        self.actions += 1

    def press(self, name: str | re.Pattern[str]) -> None:
        """Press what is called so."""
        self.do(self.page.get_by_role("button", name=name).locator("visible=true").first)

    def find(self, typed: str) -> None:
        """Search and choose what was found; on a touch screen the field is tapped first and the result last."""
        if not self.touch:
            self.page.keyboard.type(typed, delay=120)  # as a person does: a number typed in no time is a scan
            self.page.locator("[role=option]").first.wait_for()
            self.page.keyboard.press("Enter")
        else:
            field = self.page.get_by_role("combobox")
            field.tap()
            field.fill(typed)
            self.page.locator("[role=option]").first.tap()
        self.actions += 1

    def pay_by_card(self, till: Till, *, tip: int = 0) -> None:
        """One action for the desk; the client does the rest at the reader."""
        if self.touch:
            self.press(re.compile(r"by card"))
        else:
            self.page.keyboard.press("Enter")
            self.actions += 1
        self.page.wait_for_selector("text=/hold the card to the reader|The reader asks for a tip first/")
        till.tap(tip=tip)
        self.user.state("paid")


@SIZES
def test_single_by_card_for_a_client_takes_few_actions_and_its_therapist_one_more(
    open_register: Opens, till: Till, size: str
) -> None:
    """4 actions at 1366 and 1024, 5 at 390; naming who treats is one tap more."""
    hands = Hands(open_register, size)
    hands.find("nunez")
    hands.page.locator("h2:text-is('Ana Núñez'), strong:text-is('Ana Núñez')").locator("visible=true").first.wait_for()
    hands.press("Trigger point therapy, 60 minutes")
    hands.pay_by_card(till)
    most = 5 if size == "phone" else 4
    assert hands.actions <= most

    hands.page.reload()
    hands.press("Next client")
    hands.actions = 0
    hands.find("nunez")
    hands.press("Trigger point therapy, 60 minutes")
    if size == "phone":
        hands.do(hands.page.locator("[data-focus=strip-ticket]"))
    who = hands.page.get_by_role("group", name="Who treats: Trigger point therapy, 60 min")
    hands.do(who.get_by_role("button", name="Theo"))
    hands.pay_by_card(till)
    assert hands.actions <= most + 1
    assert till.charges() == [108_00, 108_00]
    with till.clinic.read() as session:
        assert till.clinic.therapist.id in set(session.scalars(select(SaleLine.therapist_id)))


@SIZES
def test_package_by_card_takes_four_actions(open_register: Opens, till: Till, size: str) -> None:
    hands = Hands(open_register, size)
    hands.find("nunez")
    hands.press(re.compile("^10 × 60 min"))
    hands.pay_by_card(till)
    hands.page.wait_for_selector("text=Ana has 10 credits left")
    assert hands.actions <= 4


@SIZES
def test_credit_with_aromatherapy_and_a_tip_by_card_takes_four_actions(
    open_register: Opens, till: Till, size: str
) -> None:
    """The client chooses the tip on the reader; a credit pays the visit by itself."""
    till.clinic.write(lambda s: setattr(s.get_one(Location, till.clinic.usd.location_id), "reader_tips", True))
    till.clinic.buy("three", till.clinic.ana)
    hands = Hands(open_register, size)
    hands.find("nunez")
    hands.press("Trigger point therapy, 60 minutes")
    hands.press("Aromatherapy")
    hands.pay_by_card(till, tip=20_00)
    hands.page.wait_for_selector("text=Ana has 2 credits left")
    assert hands.actions <= 4
    assert till.charges() == [12_96 + 20_00]


@SIZES
def test_look_back_later_takes_four_actions(open_register: Opens, till: Till, size: str) -> None:
    """From the number on the receipt to the package that is paid."""
    sold = till.clinic.sell(line("trigger_60"), client=till.clinic.ana)
    hands = Hands(open_register, size)
    hands.find(sold.receipt_label)
    hands.press("Make it visit 1 of a package")
    hands.press(re.compile("864.00 to pay"))
    hands.page.locator(".sums :text('Paid before')").wait_for(state="attached")
    hands.pay_by_card(till)
    hands.page.wait_for_selector("text=Ana has 9 credits left")
    assert hands.actions <= 4


@SIZES
def test_person_is_switched_by_pin_alone(open_register: Opens, till: Till, clinic: Clinic, size: str) -> None:
    """One action opens the pad; the PIN is all that is asked for, and the ticket stays."""
    hands = Hands(open_register, size)
    hands.press("Foot massage, 60 minutes")
    before = hands.actions
    hands.press(CHANGE)
    assert hands.actions == before + 1
    pad = hands.page.locator("#person-dialog")
    if hands.touch:
        for digit in clinic.manager.pin:
            pad.get_by_role("button", name=digit, exact=True).tap()
        pad.get_by_role("button", name="Sign in").tap()
    else:
        hands.page.keyboard.type(clinic.manager.pin)
        hands.page.keyboard.press("Enter")
    pad.wait_for(state="hidden")
    hands.page.wait_for_selector(f"text={clinic.manager.name}", state="attached")
    hands.page.locator(".ticket-due output:text-is('81.00')").wait_for(state="attached")
    with clinic.read() as session:
        assert clinic.manager.id in set(session.scalars(select(StaffSession.staff_id)))
