"""A service charge in the ticket's column of sums: chosen, taken off with a reason and a PIN, and paid."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from pos.domain.sales.models import SaleLine
from tests.support.clinic import Clinic
from tests.support.desk_user import DeskUser
from tests.support.pictures import keep_picture
from tests.web.register.test_service_charges import charge


def test_charge_is_chosen_taken_off_in_place_and_paid(open_register: Callable[..., DeskUser], clinic: Clinic) -> None:
    charge(clinic)
    charge(clinic, name="Home visit", percent=None, amount_minor=15_00, by_itself=False, tax_category="service")
    hands = open_register()
    page = hands.page
    hands.press("Trigger point therapy, 60 minutes")
    hands.due("118.80")  # 100.00, the 10 % of its rule, and 8 % tax
    page.get_by_role("button", name="Home visit").click()
    hands.due("135.00")
    page.wait_for_selector(".sums div:has-text('Sundays 10 %'):has-text('10.00')")
    assert hands.flaws() == []
    keep_picture(page, "service-charge-ticket")
    page.get_by_role("button", name="Take Sundays off").click()
    dialog = page.locator("#service-charge-dialog")
    dialog.get_by_role("button", name="Take it off").click()
    dialog.locator(".field-error:visible", has_text="Write why").wait_for()
    dialog.locator("[name=reason]").fill("Came late because of us")
    keep_picture(page, "service-charge-off")
    page.keyboard.press("Enter")
    page.wait_for_selector("#approval-dialog[open] :text('Sundays $10.00')")
    page.locator("#approval-dialog [name=pin]").fill(clinic.manager.pin)
    page.keyboard.press("Enter")
    hands.due("124.20")
    page.wait_for_selector(".sums :text('taken off, Came late because of us')")
    page.reload()
    hands.due("124.20")
    assert hands.flaws() == []
    hands.key("K")
    page.locator("#amount-own").fill("124.20")
    page.keyboard.press("Enter")
    hands.state("paid")
    with clinic.read() as session:
        sold = session.scalars(select(SaleLine).order_by(SaleLine.position)).all()
        assert [(one.name, one.net_minor) for one in sold[1:]] == [("Home visit", 15_00)]
