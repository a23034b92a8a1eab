"""Goods exchanged at the desk: what comes back pays what goes out, the stock moves both ways, the drawer stays."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect
from sqlalchemy import func, select

from pos.core.ids import new_id
from pos.domain.ledger.models import Posting
from pos.domain.staff.queries import Person
from pos.domain.stock.models import StockMove
from pos.domain.stock.queries import present_stock
from pos.domain.stored_value.wallet import account_balance
from pos.services.catalogue.stock import StockEntry, move_stock
from pos.services.refunds.calculate import RefundChoice
from pos.services.refunds.issue_refund import RefundCommand, refund
from tests.support.books import book_floats, failing
from tests.support.clinic import Clinic, line
from tests.support.desk_user import DeskUser
from tests.support.pictures import keep_picture


def _cash(clinic: Clinic) -> int:
    """What the ledger says is in the drawers."""
    with clinic.read() as session:
        return int(
            session.scalar(select(func.sum(Posting.amount_minor)).where(Posting.account_key.startswith("cash_drawer")))
            or 0
        )


@pytest.mark.parametrize("known", [True, False], ids=["client", "walk-in"])
def test_goods_are_exchanged_and_the_drawer_stays(
    open_register: Callable[..., DeskUser], clinic: Clinic, known: bool
) -> None:
    book_floats(clinic)
    who, here = clinic.manager, clinic.usd.location_id
    with clinic.app.app_context():
        move_stock(
            action_id=new_id(), location_id=here, kind="received", reason="",
            entries=[StockEntry(clinic.items[item], 5) for item in ("oil", "ball")],
            person=Person(who.id, who.name, who.role, frozenset({here})),
        )  # fmt: skip
    clinic.sell(line("oil", 2), line("foot_60"), client=clinic.ana if known else None)
    hands = open_register()
    page = hands.page
    page.locator("[data-opens-sales]").click()
    page.locator(".sale-row").first.click()
    page.get_by_role("button", name="Exchange goods").click()
    dialog = page.locator("#refund-dialog")
    dialog.get_by_label("How many of Massage oil", exact=True).select_option("1")
    assert dialog.get_by_label("How many of Massage oil go back into stock").input_value() == "1"
    dialog.get_by_text("1 × Massage oil").wait_for()
    assert hands.flaws() == []
    keep_picture(page, "exchange")
    before = _cash(clinic)
    dialog.get_by_role("button", name="Refund").click()
    page.locator("#approval-dialog [name=pin]").fill(clinic.manager.pin)
    page.keyboard.press("Enter")
    dialog.wait_for(state="hidden")
    hands.press("Massage oil")
    hands.due("0.00" if known else "19.44")
    keep_picture(page, f"exchange-ticket-{known}")
    if known:
        page.keyboard.press("Enter")
    else:
        page.wait_for_selector("text=Hand over $19.44")
        hands.key("K")
        page.get_by_role("button", name="Exactly 19.44").click()
    hands.state("paid")
    with clinic.read() as session:
        moves = session.scalars(select(StockMove.delta).where(StockMove.sale_id.is_not(None)).order_by(StockMove.at))
        assert sorted(moves) == [-2, -1, 1]
        assert present_stock(session, here, clinic.items["oil"]) == 3
        assert account_balance(session, clinic.ana, here) == 0
    assert _cash(clinic) == before
    assert failing(clinic) == {}


@pytest.mark.parametrize("key", ["Exchange goods", "Refund"])
def test_sale_given_back_meanwhile_says_that_nothing_is_left(
    open_register: Callable[..., DeskUser], clinic: Clinic, key: str
) -> None:
    book_floats(clinic)
    sold = clinic.sell(line("oil", 2), client=clinic.ana)
    page = open_register().page
    page.locator("[data-opens-sales]").click()
    page.locator(".sale-row").first.click()
    page.locator("#sale-dialog").get_by_role("button", name="Refund").wait_for()
    with clinic.app.app_context():  # at another desk
        refund(
            RefundCommand(new_id(), RefundChoice(sold.sale_id, positions=(1,)), "Broken", clinic.owner, clinic.usd.desk)
        )
    page.locator("#sale-dialog").get_by_role("button", name=key).click()
    page.get_by_text("Nothing is left to give back.").first.wait_for()
    assert not page.locator("#refund-dialog").is_visible()


def test_refund_shows_what_its_own_sale_comes_to_though_an_earlier_one_is_answered_later(
    open_register: Callable[..., DeskUser], clinic: Clinic
) -> None:
    book_floats(clinic)
    first, second = clinic.sell(line("foot_60")), clinic.sell(line("foot_30"))
    page = open_register().page
    late: list[Route] = []
    page.route(f"**/sales/{first.sale_id}/refund-preview", lambda route: late.append(route))
    dialog = page.locator("#refund-dialog")
    page.locator("[data-opens-sales]").click()
    for sold in (first, second):
        page.locator(f"#sales-dialog .sale-row:has-text('{sold.receipt_label}')").click()
        page.locator("#sale-dialog [data-focus=refund]").click()
        dialog.wait_for()
        with page.expect_request("**/refund-preview"):
            dialog.locator("[name=what][value=lines]").check()
        if sold is first:
            dialog.get_by_role("button", name="Cancel").click()
            page.locator("#sale-dialog").get_by_role("button", name="Close").click()
    came_to = dialog.locator("[data-sum] .money")
    expect(came_to).not_to_be_empty()
    shown = came_to.inner_text()
    with page.expect_response("**/refund-preview"):
        late[0].continue_()
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert came_to.inner_text() == shown
