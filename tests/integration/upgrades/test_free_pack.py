"""A package that was given free, changed for a bigger one: it pays nothing of it, by any means of payment."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import select

from pos.core.errors import Conflict, Invalid
from pos.domain.payments.models import Tender
from pos.domain.receipts.models import Receipt
from pos.domain.refunds.models import Refund, RefundPart
from pos.domain.sales.pricing import Discount, settle
from pos.services.checkout.complete_sale import payments
from pos.services.refunds.refundable import refundable
from tests.integration.upgrades.test_visit_conversion import (
    _ticket,
    command,
    lot_of,
    with_visit,
)
from tests.support.books import failing
from tests.support.cards import CARDS, Till
from tests.support.clinic import Clinic, line

FREE = Discount(Decimal(100), reason="A present")


def free_five(clinic: Clinic, *, used: int = 0) -> UUID:
    """Five sessions for nothing, some of them used; the sale of the package."""
    sale_id = clinic.sell(line("five", discount=FREE), client=clinic.ana).sale_id
    for _ in range(used):
        clinic.sell(line("trigger_60"), client=clinic.ana)
    return sale_id


def tenders(clinic: Clinic, sale_id: UUID) -> list[tuple[str, int]]:
    with clinic.read() as session:
        rows = session.scalars(select(Tender).where(Tender.sale_id == sale_id).order_by(Tender.position))
        return [(row.kind, row.amount_minor) for row in rows]


@pytest.mark.parametrize("used", [0, 2])
def test_package_exchange_of_free_package_in_cash_pays_full_price(books: Clinic, used: int) -> None:
    old = free_five(books, used=used)
    done = books.ring_up(command(books, with_visit(books, old), books.ana))
    assert (done.total_minor, tenders(books, done.sale_id)) == (972_00, [("cash", 972_00)])
    new, gone = lot_of(books, done.sale_id), lot_of(books, old)
    assert (new.quantity, new.remaining, gone.remaining, gone.status) == (10, 10 - used, 0, "closed")
    assert books.balance(books.usd, "package_liability") == -(900_00 - used * 90_00)
    with books.read() as session:
        assert session.scalars(select(Refund)).one().total_minor == 0
        assert session.scalars(select(RefundPart)).all() == []
        document = session.scalars(select(Receipt).where(Receipt.sale_id == done.sale_id)).one().document
        assert [(row["label"], row["amount"]) for row in document["tenders"]] == [("Cash", "972.00")]
        assert refundable(session, done.sale_id).packages[0].preview is not None
    assert failing(books) == {}


@CARDS
@pytest.mark.parametrize("by_code", [False, True])
def test_package_exchange_of_free_package_by_card_pays_full_price(till: Till, by_code: bool) -> None:
    old = free_five(till.clinic, used=1)
    ticket = _ticket(till, with_visit(till.clinic, old))
    waiting = till.charge(till.command(ticket, by_code=by_code))
    if by_code:
        till.stripe.press(f"sessions/{till.attempt(waiting.order_id).session_id}/pay")
    else:
        till.tap()
    assert till.look(waiting.order_id).paid
    assert (till.charges(), tenders(till.clinic, waiting.order_id)) == ([972_00], [("card", 972_00)])
    assert (lot_of(till.clinic, waiting.order_id).remaining, lot_of(till.clinic, old).status) == (9, "closed")
    assert failing(till.clinic) == {}


@CARDS
def test_package_exchange_of_free_package_card_canceled_leaves_it_unchanged(till: Till) -> None:
    old = free_five(till.clinic)
    waiting = till.charge(till.command(_ticket(till, with_visit(till.clinic, old))))
    assert lot_of(till.clinic, old).held == 5
    assert till.cancel(waiting.order_id).state == "canceled"
    assert (lot_of(till.clinic, old).held, lot_of(till.clinic, old).remaining) == (0, 5)
    assert failing(till.clinic) == {}


def test_package_exchange_of_free_package_for_free_package_has_no_tender(books: Clinic) -> None:
    old = free_five(books)
    wanted = with_visit(books, old)
    wanted = replace(wanted, lines=(replace(wanted.lines[0], discount=FREE),))
    done = books.ring_up(command(books, wanted, books.ana))
    assert (done.total_minor, tenders(books, done.sale_id)) == (0, [])
    assert lot_of(books, done.sale_id).remaining == 10
    assert failing(books) == {}


@CARDS
def test_package_exchange_tender_of_zero_is_not_charged(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: were the part of 0.00 written as a tender, the database would refuse it, and nothing is charged."""
    old = free_five(till.clinic)
    ticket = _ticket(till, with_visit(till.clinic, old))
    record = payments.record

    def with_nothing(session, sale, settlement, **more):
        rows = record(session, sale, settlement, **more)
        session.add(Tender(sale_id=sale.id, position=9, kind="account_credit", amount_minor=0, tendered_minor=0))
        session.flush()
        return rows

    monkeypatch.setattr(payments, "record", with_nothing)
    with pytest.raises(Conflict, match="nothing was charged"):
        till.charge(till.command(ticket))
    assert till.stripe.simulator.world.store.all("payment_intent") == []
    assert (lot_of(till.clinic, old).held, till.ticket_state(ticket)) == (0, "open")


@CARDS
def test_split_payment_cash_covers_all_refuses_card_payment(till: Till) -> None:
    ticket = till.ticket(line("trigger_60"))
    for cash in (108_00, 200_00):
        with pytest.raises(Invalid) as refused:
            till.charge(till.command(ticket, cash=cash))
        assert refused.value.field == "cash_tendered_minor"
    with pytest.raises(Invalid):
        settle(108_00, cash_tendered_minor=108_00, card=True)
