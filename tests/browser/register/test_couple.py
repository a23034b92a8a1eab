"""A couple's visit: each line is for its person by one tap, each one's credits pay it, and one payment the rest."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from pos.domain.credits.models import Redemption
from pos.domain.sales.models import SaleLine
from tests.browser.conftest import SIZES
from tests.support.axe import flaws_at
from tests.support.clinic import Clinic
from tests.support.desk_user import DeskUser, to_ticket


@pytest.mark.parametrize("sizes", [["desk", "tablet"], pytest.param(["phone"], marks=pytest.mark.long)], ids=",".join)
def test_couple_visit_is_rung_up_on_one_ticket(
    open_register: Callable[..., DeskUser], clinic: Clinic, sizes: list[str]
) -> None:
    clinic.buy("ten", clinic.ben)
    hands = open_register(size=sizes[0])
    page = hands.page

    def look(name: str) -> None:
        assert flaws_at(page, name, {size: SIZES[size] for size in sizes}) == []

    page.keyboard.type("ana")
    page.keyboard.press("Enter")
    page.wait_for_selector(".ticket h2:text-is('Ana Núñez')", state="attached")
    for _ in range(2):
        page.get_by_role("button", name="Trigger point therapy, 60 minutes").click()
        hands.rest()
    to_ticket(page)
    hands.due("216.00")
    page.get_by_role("button", name="For another person").click()
    page.keyboard.type("ben")
    page.locator("#line-person-dialog").get_by_role("button", name="Ben Fischer").wait_for()
    look("desk-couple-person")
    page.keyboard.press("Enter")
    # His credit pays his visit; hers is charged.
    hands.due("108.00")
    rows = page.locator(".line-persons")
    expect(rows).to_have_count(2)
    pressed = rows.locator("[aria-pressed=true]")
    assert pressed.all_inner_texts() == ["Ana", "Ben"]
    look("desk-couple")
    # One tap: the other way round, and back.
    rows.nth(0).get_by_role("button", name="Ben").click()
    hands.due("0.00")
    rows.nth(0).get_by_role("button", name="Ana").click()
    hands.due("108.00")
    page.reload()
    page.wait_for_selector(".ticket-line", state="attached")
    to_ticket(page)
    hands.due("108.00")
    assert page.locator(".line-persons [aria-pressed=true]").all_text_contents() == ["Ana", "Ben"]
    page.locator("[data-focus=pay]").click()
    page.get_by_role("button", name="Exactly 108.00").click()
    hands.state("paid")
    with clinic.read() as session:
        people = session.scalars(
            select(SaleLine.person_id).where(SaleLine.name.like("Trigger%")).order_by(SaleLine.position)
        )
        assert list(people) == [None, clinic.ben]
        assert session.scalars(select(Redemption.client_id)).all() == [clinic.ben]
