"""Goods that are not in the catalogue, typed at the desk and approved in place."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from pos.domain.sales.models import SaleLine
from tests.support.clinic import Clinic
from tests.support.desk_user import DeskUser
from tests.support.pictures import keep_picture


def test_open_item_is_typed_changed_approved_and_paid(open_register: Callable[..., DeskUser], clinic: Clinic) -> None:
    hands = open_register()
    page = hands.page
    dialog = page.locator("#open-item-dialog")

    def put(**typed: str) -> None:
        for name, value in typed.items():
            dialog.locator(f"[name={name}]").fill(value)
        dialog.get_by_role("button", name="Put it on the ticket").click()

    page.get_by_role("button", name="Open item").click()
    put(item_name="Magnesium bath salt", amount_minor="14.00")
    dialog.locator(".field-error:visible", has_text="Write why").wait_for()
    assert hands.flaws() == []
    keep_picture(page, "open-item")
    put(reason="Sample of the week")
    hands.due("15.12")
    page.locator(".line-open", has_text="Magnesium bath salt").click()
    put(quantity="4")
    page.wait_for_selector("#approval-dialog[open] :text('Magnesium bath salt $56.00')")
    page.keyboard.press("Escape")
    page.wait_for_selector(".notice:has-text('Nobody approved it')")
    hands.due("15.12")
    page.locator(".line-open", has_text="Magnesium bath salt").click()
    put(quantity="4")
    page.locator("#approval-dialog [name=pin]").fill(clinic.manager.pin)
    page.keyboard.press("Enter")
    hands.due("60.48")
    page.reload()
    hands.due("60.48")
    page.wait_for_selector("text=open item, Sample of the week")
    keep_picture(page, "open-item-ticket")
    hands.key("K")
    page.locator("#amount-own").fill("60.48")
    page.keyboard.press("Enter")
    hands.state("paid")
    with clinic.read() as session:
        sold = session.scalars(select(SaleLine)).one()
        assert (sold.name, sold.quantity, sold.net_minor) == ("Magnesium bath salt", 4, 56_00)
