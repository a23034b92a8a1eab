"""Goods exchanged at the desk: what comes back pays what goes out, the stock moves both ways, the drawer stays."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from pos.core.ids import new_id
from pos.domain.ledger.models import Posting
from pos.domain.staff.queries import Person
from pos.domain.stock.models import StockMove
from pos.domain.stock.queries import present_stock
from pos.domain.stored_value.wallet import account_balance
from pos.services.catalogue.stock import StockEntry, move_stock
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
