"""What the register asks for in place, with what was typed kept: unlikely sums, exemptions, discounts above the limit."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pos.domain.sales.models import Sale
from pos.services.till.shifts import close_shift
from tests.support.cards import CARDS, Till
from tests.support.clinic import Clinic, line
from tests.support.desk_user import DeskUser

pytestmark = CARDS


def test_cash_amount_unlikely_is_questioned_in_place_and_sells_nothing(
    open_register: Callable[..., DeskUser], clinic: Clinic
) -> None:
    hands = open_register()
    page = hands.page
    hands.press("Foot massage, 60 minutes")
    hands.due("81.00")
    hands.key("k")
    page.wait_for_selector("#amount-own:focus")
    page.keyboard.type("96385074", delay=120)  # by hand: what a scanner types is no amount at all
    page.keyboard.press("Enter")
    page.wait_for_selector("#amount-error:visible:has-text('more than is due')")
    assert page.locator("#amount-own").input_value() == "96385074"
    assert hands.flaws() == []
    assert clinic.count(Sale) == 0
    page.get_by_role("button", name="I got").click()  # and the drawer holds no such change
    page.wait_for_selector(".notice:has-text('in the drawer')")
    assert clinic.count(Sale) == 0


def test_shift_opening_unlikely_float_is_confirmed_in_place(
    open_register: Callable[..., DeskUser], clinic: Clinic
) -> None:
    with clinic.app.app_context():
        close_shift(desk_id=clinic.usd.desk, staff_id=clinic.owner.id, counted_minor=100_00)
    hands = open_register()
    page = hands.page
    hands.press("Open the drawer")
    dialog = page.locator("#open-drawer-dialog")
    dialog.locator("[name=float]").fill("12000")
    page.keyboard.press("Enter")
    dialog.locator(".field-error:visible", has_text="unusually much").wait_for()
    assert dialog.locator("[name=float]").input_value() == "12000"
    assert hands.flaws() == []
    dialog.get_by_role("button", name="12,000.00 is right").click()
    page.wait_for_selector(".ticket:not(:has-text('Open the drawer'))")
    page.wait_for_selector("text=The drawer is open with 12,000.00")


def test_exemption_desk_switches_client_is_dropped(open_register: Callable[..., DeskUser], clinic: Clinic) -> None:
    hands = open_register()
    page = hands.page
    hands.find("ana", "Ana Núñez")
    hands.press("Foot massage, 60 minutes")
    hands.due("81.00")
    page.locator(".line-open").first.click()
    dialog = page.locator("#line-dialog")
    dialog.locator("[name=tax][value=free]").check()
    dialog.locator("[name=reference]").fill("ANA-0815")
    dialog.get_by_role("button", name="Change the line").click()
    hands.due("75.00")
    page.wait_for_selector("text=ANA-0815")
    hands.find("ben", "Ben Fischer")
    hands.due("81.00")
    assert page.locator("text=ANA-0815").count() == 0


@CARDS
@pytest.mark.parametrize("way", ["cash", "split"])
def test_discount_behind_credit_asks_approval_at_payment_and_keeps_amount(
    open_register: Callable[..., DeskUser], till: Till, clinic: Clinic, way: str
) -> None:
    clinic.buy("three", clinic.ana)
    clinic.sell(line("trigger_60"), line("trigger_60"), client=clinic.ana)
    hands = open_register()
    page = hands.page
    hands.find("ana", "Ana Núñez")
    hands.press("Trigger point therapy, 60 minutes")
    hands.due("0.00")
    page.locator(".line-open").first.click()
    dialog = page.locator("#line-dialog")
    dialog.locator("[name=cut][value=percent]").check()
    dialog.locator("[name=discount]").fill("50")
    dialog.locator("[name=reason]").fill("Friend of the house")
    dialog.get_by_role("button", name="Change the line").click()
    dialog.wait_for(state="hidden")
    hands.due("0.00")
    clinic.sell(line("trigger_60"), client=clinic.ana)
    page.reload()
    hands.due("54.00")
    hands.key("K" if way == "cash" else "X")
    typed = {"cash": "60.00", "split": "20.00"}[way]
    page.locator("#amount-own").fill(typed)
    page.keyboard.press("Enter")
    page.wait_for_selector("#approval-dialog[open] :text('$50.00 (50 %) off Trigger point therapy')")
    assert hands.flaws() == []
    page.keyboard.press("Escape")
    page.wait_for_selector(".notice:has-text('Nobody approved it, so nothing was taken')")
    assert page.locator("#amount-own").input_value() == typed
    hands.due("54.00")
    page.locator("#amount-own").press("Enter")
    page.locator("#approval-dialog [name=pin]").fill(clinic.manager.pin)
    page.keyboard.press("Enter")
    if way == "cash":
        hands.state("paid")
    else:
        hands.card_is_held(till)
        assert till.charges() == [34_00]


def test_discount_of_whole_visit_asks_for_manager_pin(open_register: Callable[..., DeskUser], clinic: Clinic) -> None:
    hands = open_register()
    page = hands.page
    hands.press("Foot massage, 60 minutes")
    hands.due("81.00")

    def free() -> None:
        page.locator(".line-open").first.click()
        dialog = page.locator("#line-dialog")
        dialog.locator("[name=cut][value=percent]").check()
        dialog.locator("[name=discount]").fill("100")
        dialog.locator("[name=reason]").fill("Friend of the house")
        dialog.get_by_role("button", name="Change the line").click()
        page.wait_for_selector("#approval-dialog[open] :text('75.00')")

    free()
    assert hands.flaws() == []
    page.keyboard.press("Escape")
    page.wait_for_selector(".notice:has-text('Nobody approved it')")
    hands.due("81.00")
    free()
    page.locator("#approval-dialog [name=pin]").fill(clinic.manager.pin)
    page.keyboard.press("Enter")
    hands.due("0.00")
