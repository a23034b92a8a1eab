"""An empty ticket shows who is expected; a visit is rung up in one tap; one typed at the desk stands in the list."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from typing import Any

import pytest
from playwright.sync_api import Route

from pos.core.ids import new_id
from pos.domain.clients.models import Client
from pos.domain.locations.queries import place
from pos.services.appointments.plan import PlannedVisit, add_appointment
from tests.support.cards import CARDS, Till
from tests.support.clinic import Clinic, line
from tests.support.desk_user import DeskUser
from tests.support.pictures import keep_picture

SIT = Callable[..., DeskUser]


def expect(clinic: Clinic, at: time, item: str, **more: Any) -> None:
    with clinic.read() as session:
        today = place(session, clinic.usd.location_id).today()
    visit = PlannedVisit(today, at, clinic.items[item], **more)
    with clinic.app.app_context():
        add_appointment(
            appointment_id=new_id(), location_id=clinic.usd.location_id, visit=visit, source="office",
            staff_id=clinic.manager.id,
        )  # fmt: skip


@CARDS
def test_visit_of_today_is_rung_up_in_one_tap_with_client_credit_and_therapist(
    open_register: SIT, till: Till, clinic: Clinic
) -> None:
    clinic.buy("ten", clinic.ana)
    expect(clinic, time(9, 30), "trigger_60", client_id=clinic.ana, therapist_id=clinic.therapist.id)
    expect(clinic, time(11), "foot_60", client_name="Nora Blum", note="By the window")
    hands = open_register()
    page = hands.page
    page.wait_for_selector("text=Today’s visits")
    assert hands.flaws() == []
    keep_picture(page, "desk-visits")
    page.get_by_role("button", name="Ring up 09:30").click()
    hands.actions += 1
    page.get_by_role("button", name="Theo treats").wait_for()
    hands.key("Enter")
    hands.state("paid")
    assert hands.actions == 2
    hands.key("Enter")
    page.get_by_role("button", name="All 2").click()
    page.wait_for_selector(".visit-row.done")
    page.get_by_role("button", name="Add a visit").click()
    dialog = page.locator("#visit-dialog")
    dialog.locator("[name=starts_at]").fill("15:45")
    with clinic.read() as session:
        name = session.get_one(Client, clinic.ben).name
    dialog.locator("[name=client_name]").fill(name.lower()[:4])
    dialog.get_by_role("button", name=name).click()
    dialog.locator("[name=item_id]").select_option(label="Foot massage, 30 min")
    assert hands.flaws() == []
    keep_picture(page, "desk-visit-form")
    dialog.get_by_role("button", name="Save the visit").click()
    page.get_by_role("button", name="Ring up 15:45").wait_for()
    # What is pressed while a slow server makes the ticket comes on it.
    held: list[Route] = []
    page.route("**/ring-up", lambda route: held.append(route))
    with page.expect_request("**/ring-up"):
        page.get_by_role("button", name="Ring up 11:00").click()
    hands.press("Massage oil")
    hands.due("19.44")
    held[0].continue_()
    page.wait_for_selector("text=is not known as a client yet")
    hands.due("100.44")
    assert page.locator(".desk-search input").input_value() == "Nora Blum"
    keep_picture(page, "desk-visit-unknown")


@CARDS
@pytest.mark.parametrize("size", ["desk", pytest.param("phone", marks=pytest.mark.long)])
def test_desk_without_visits_shows_its_last_sales(open_register: SIT, till: Till, clinic: Clinic, size: str) -> None:
    clinic.sell(line("oil"), client=clinic.ana)
    hands = open_register(size=size)
    if size == "phone":
        hands.press("Ticket")
    hands.page.wait_for_selector("text=Last sales of this desk")
    assert hands.flaws() == []
    keep_picture(hands.page, f"desk-last-sales-{size}")
    hands.page.locator(".desk-list .visit-row").click()
    hands.page.wait_for_selector("#sale-dialog[open]")
