"""The sums of a ticket read as a column: from the list price to what is due, each discount with its reason."""

from __future__ import annotations

from collections.abc import Callable

from tests.support.clinic import Clinic
from tests.support.desk_user import DeskUser
from tests.support.pictures import keep_picture


def minor(text: str) -> int:
    return int(text.replace("−", "-").replace(",", "").replace(".", ""))


def test_sums_of_ticket_add_up_as_a_column(open_register: Callable[..., DeskUser], clinic: Clinic) -> None:
    clinic.buy("ten", clinic.ana)
    hands = open_register()
    page = hands.page
    hands.find("ana", "Ana Núñez")
    hands.press("Trigger point therapy, 60 minutes")
    hands.press("Foot massage, 60 minutes")
    hands.due("81.00")
    page.locator(".ticket-line .line-open", has_text="Foot massage").click()
    line = page.locator("#line-dialog")
    line.locator("[name=cut][value=amount]").check()
    line.locator("[name=discount]").fill("5.00")
    line.locator("[name=reason]").fill("late start")
    line.get_by_role("button", name="Change the line").click()
    hands.due("75.60")
    page.locator("[data-focus=discount]").click()
    whole = page.locator("#discount-dialog")
    whole.locator("[name=discount]").fill("3")
    whole.locator("[name=reason]").fill("birthday")
    whole.locator("button.primary").click()
    hands.due("73.33")
    page.get_by_role("button", name="Tip 10 %").click()
    hands.due("90.83")
    rows = page.locator(".ticket-sums dl.sums > div")
    words = rows.locator("dt").all_inner_texts()
    figures = [minor(text) for text in rows.locator("dd").all_inner_texts()]
    assert words == [
        "List price",
        "Paid by 1 credit",
        "Discount Foot massage, 60 min, late start",
        "Discount 3 %, birthday",
        "Subtotal",
        "Sales tax 8 % on 67.90",
        "Tip, 10 % of 175.00",
    ]
    assert sum(figures[:4]) == figures[4]
    assert sum(figures[4:]) == 90_83
    assert hands.flaws() == []
    keep_picture(page, "desk-sums")
