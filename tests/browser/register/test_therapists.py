"""Who treats is one tap on a line; a tip that nobody has is asked about before money is taken, and the sale goes on."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core.ids import new_id
from pos.domain.sales.models import Order, SaleLine
from pos.domain.staff.models import Staff, StaffLocation
from pos.domain.staff.permissions import Role
from pos.domain.tips import repository as tips
from tests.support.cards import CARDS, Till
from tests.support.clinic import Clinic
from tests.support.desk_user import DeskUser
from tests.support.pictures import keep_picture

SIT = Callable[..., DeskUser]


def another_therapist(clinic: Clinic) -> UUID:
    staff_id = new_id()

    def add(session: Session) -> None:
        session.add(Staff(id=staff_id, name="Maya", role=Role.THERAPIST, treats=True))
        session.flush()
        session.add(StaffLocation(staff_id=staff_id, location_id=clinic.usd.location_id))

    clinic.write(add)
    return staff_id


@CARDS
def test_therapist_is_one_tap_on_the_line_and_its_add_ons_follow(
    open_register: SIT, till: Till, clinic: Clinic
) -> None:
    maya = another_therapist(clinic)
    hands = open_register()
    hands.press("Foot massage, 60 minutes")
    hands.press("Aromatherapy")
    hands.due("93.96")
    who = hands.page.get_by_role("group", name="Who treats: Foot massage, 60 min")
    assert hands.flaws() == []
    keep_picture(hands.page, "desk-therapists")
    before = hands.actions
    who.get_by_role("button", name="Theo").click()
    hands.actions += 1
    assert hands.actions == before + 1
    hands.page.get_by_role("button", name="Theo treats: Foot massage, 60 min").click()
    who.get_by_role("button", name="Maya").click()
    hands.page.get_by_role("button", name="Maya treats").wait_for()
    assert hands.page.locator(".line-open >> text=Maya").count() == 1, "the add-on says it too"
    hands.key("k")
    hands.press("Exactly 93.96")
    hands.state("paid")
    with clinic.read() as session:
        assert set(session.scalars(select(SaleLine.therapist_id))) == {maya}


@CARDS
def test_tip_of_nobody_is_asked_about_before_charging_and_the_sale_goes_on(
    open_register: SIT, till: Till, clinic: Clinic
) -> None:
    hands = open_register()
    hands.press("Foot massage, 60 minutes")
    hands.due("81.00")
    hands.press("Tip 20")
    hands.due("96.00")
    whose = hands.page.get_by_role("group", name="Whose the tip is")
    assert whose.get_by_role("button", pressed=True).count() == 0, "nobody has it yet"
    hands.key("Enter")
    asked = hands.page.get_by_role("group", name="Who gets the tip of 15.00?")
    asked.wait_for()
    assert hands.flaws() == []
    keep_picture(hands.page, "desk-whose-tip")
    assert clinic.count(Order) == 0, "no card is asked for before the answer"
    asked.get_by_role("button", name="Theo").click()
    hands.card_is_held(till)
    with clinic.read() as session:
        assert tips.owed(session, clinic.usd.location_id) == {clinic.therapist.id: 15_00}


@CARDS
def test_tip_said_to_be_the_pools_is_not_asked_about_again(open_register: SIT, till: Till, clinic: Clinic) -> None:
    hands = open_register()
    hands.press("Foot massage, 60 minutes")
    hands.due("81.00")
    hands.press("Tip 20")
    hands.due("96.00")
    hands.page.get_by_role("button", name="The tip goes to the pool").click()
    hands.page.get_by_role("button", name="The tip goes to the pool", pressed=True).wait_for()
    hands.key("k")
    hands.press("Exactly 96.00")
    hands.state("paid")
    with clinic.read() as session:
        assert list(tips.pools(session, clinic.usd.location_id).values()) == [15_00]
