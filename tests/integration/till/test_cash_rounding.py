"""Cash rounded to the coins in use: what crosses the counter, what is owed, taxed and booked, and what goes back."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from pos.core.errors import Invalid
from pos.domain.locations.models import Location
from pos.domain.locations.queries import place
from pos.domain.payments.models import Tender
from pos.domain.receipts.credit_note_models import CreditNote
from pos.domain.receipts.models import Receipt
from pos.domain.sales.carts import Tip
from pos.domain.sales.models import Sale
from pos.services.till.shifts import close_shift
from tests.integration.refunds.conftest import Desk
from tests.support.agreeing import disagreements
from tests.support.books import book_floats, failing
from tests.support.cards import CARDS, take_cards
from tests.support.clinic import Clinic, line


@pytest.fixture
def desk(clinic: Clinic) -> Desk:
    """A location that takes no coins below 0.05."""
    clinic.write(lambda s: setattr(s.get_one(Location, clinic.usd.location_id), "cash_rounding", "5"))
    return Desk(book_floats(clinic))


def agree(clinic: Clinic) -> None:
    """Every check holds, and every report says the same as the ledger."""
    assert failing(clinic) == {}
    with clinic.read() as session:
        assert disagreements(session, place(session, clinic.usd.location_id)) == []


def test_cash_sale_is_rounded_and_difference_has_its_account(desk: Desk) -> None:
    """Two balls and a tip: 19.00 + 8 % = 20.52 and 1.01; 21.53 is paid with 21.55 and taxed as 20.52."""
    clinic = desk.clinic
    done = clinic.sell(line("ball", 2), tip=Tip(amount_minor=1_01), cash=25_00)
    assert (done.total_minor, done.rounding_minor, done.change_minor) == (20_52, 2, 3_45)
    assert clinic.postings(done.sale_id) == {
        "cash_drawer": 21_55, "retail_revenue": -19_00, "tax_payable:8": -1_52, "tips_payable": -1_01, "cash_rounding": -2,
    }  # fmt: skip
    with clinic.read() as session:
        paper = session.scalars(select(Receipt.document).where(Receipt.sale_id == done.sale_id)).one()
    assert [(row["label"], row["amount"]) for row in paper["tenders"]] == [
        ("Cash rounding", "0.02"), ("Cash", "25.00"), ("Change", "−3.45"),
    ]  # fmt: skip
    agree(clinic)


def test_cash_refunds_and_voids_are_rounded_likewise(desk: Desk) -> None:
    """One ball, 10.26, is paid with 10.25. Of it 3.33 goes back as 3.35 and 6.93 as 6.95; a void gives what was taken."""
    clinic = desk.clinic
    sold = clinic.sell(line("ball"), cash=10_25)
    first = desk.refund(sold.sale_id, positions=(1,), amount_minor=3_33)
    assert (first.total_minor, first.cash_minor) == (3_33, 3_35)
    rest = desk.refund(sold.sale_id)
    assert (rest.total_minor, rest.cash_minor) == (6_93, 6_95)
    assert desk.entry("refund", rest.refund_id)["cash_rounding"] == 2
    with clinic.read() as session:
        paper = session.scalars(select(CreditNote.document).where(CreditNote.refund_id == first.refund_id)).one()
    assert [row["amount"] for row in paper["tenders"]] == ["0.02", "3.35"]

    voided = clinic.sell(line("ball"), cash=10_25)
    clinic.write(lambda s: setattr(s.get_one(Location, clinic.usd.location_id), "cash_rounding", "100"))
    assert desk.void(voided.sale_id).cash_minor == 10_25
    assert desk.balance("cash_rounding") == 1 + 4
    agree(clinic)
    with clinic.app.app_context():
        close_shift(desk_id=clinic.usd.desk, staff_id=clinic.manager.id, counted_minor=100_00 - 5)
    agree(clinic)


def test_cash_that_no_coins_make_up_is_refused(desk: Desk) -> None:
    with pytest.raises(Invalid, match="no coins") as refused:
        desk.clinic.sell(line("ball"), cash=10_26)
    assert refused.value.field == "cash_tendered_minor"


@CARDS
def test_card_after_cash_stays_exact(desk: Desk) -> None:
    """Two balls, 20.52, with 10.00 in cash first: the card pays 10.52, and nothing is rounded."""
    with take_cards(desk.clinic) as till:
        ticket = till.ticket(line("ball", 2))
        waiting = till.charge(till.command(ticket, cash=10_00))
        till.tap()
        assert till.look(waiting.order_id).state == "succeeded"
    with desk.clinic.read() as session:
        tenders = session.scalars(select(Tender).join(Sale, Sale.id == Tender.sale_id).order_by(Tender.position))
        assert [(t.kind, t.amount_minor, t.rounding_minor) for t in tenders] == [("cash", 10_00, 0), ("card", 10_52, 0)]
    agree(desk.clinic)
