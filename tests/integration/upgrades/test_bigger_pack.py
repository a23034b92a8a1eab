"""A package is changed for a bigger one: the client pays price(new) − paid(old), used sessions carry over."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import select

from pos.core.errors import PosError
from pos.domain.credits.models import CreditLot, CreditMove
from pos.domain.credits.outflows import transfer
from pos.domain.locations.queries import desk_place
from pos.domain.receipts.models import Receipt
from pos.services.checkout.visit_conversion import offers
from pos.services.refunds.refundable import refundable
from tests.conftest import NOON
from tests.integration.upgrades.test_visit_conversion import (
    _ticket,
    all_postings,
    command,
    lot_of,
    with_visit,
)
from tests.support.actions import action
from tests.support.books import book_floats, failing
from tests.support.cards import CARDS, Till
from tests.support.clinic import Clinic, TaxHabit, line


def five_two_used(clinic: Clinic) -> UUID:
    """Five for 460.00 of which two are used; the sale of the package."""
    sale_id = clinic.sell(line("five"), client=clinic.ana).sale_id
    for _ in range(2):
        clinic.sell(line("trigger_60"), client=clinic.ana)
    return sale_id


def test_package_exchange_charges_difference_and_carries_used_sessions(books: Clinic) -> None:
    old = five_two_used(books)
    done = books.ring_up(command(books, with_visit(books, old), books.ana))

    assert books.postings(done.sale_id) == {
        "account_credit": 496_80,
        "cash_drawer": 475_20,
        "package_liability": -900_00,
        "tax_payable:8": -72_00,
    }
    new, gone = lot_of(books, done.sale_id), lot_of(books, old)
    assert (new.quantity, new.remaining, new.net_minor - new.recognised_minor) == (10, 8, 720_00)
    assert (gone.remaining, gone.redeemed, gone.status) == (0, 2, "closed")
    assert gone.net_minor == gone.recognised_minor
    assert books.balance(books.usd, "package_liability") == -720_00
    assert books.balance(books.usd, "service_revenue") == -180_00
    assert books.balance(books.usd, "tax_payable") == -72_00
    assert books.balance(books.usd, "account_credit") == 0
    assert all_postings(books)["cash_drawer"] == 972_00
    with books.read() as session:
        kinds = session.scalars(select(CreditMove.kind).where(CreditMove.lot_id == new.id).order_by(CreditMove.seq))
        assert list(kinds) == ["grant", "carry_out"]
        printed = session.scalars(select(Receipt).where(Receipt.sale_id == done.sale_id)).one().document
    assert [(row["label"], row["detail"], row["amount"]) for row in printed["tenders"]] == [
        ("Paid before", "RIV-000001", "496.80"),
        ("Cash", "", "475.20"),
    ]
    assert [(row["before"], row["used"], row["left"]) for row in printed["credits"]] == [("10", "2", "8")]
    assert failing(books) == {}


def test_package_exchange_refund_counts_all_payments(books: Clinic) -> None:
    old = five_two_used(books)
    done = books.ring_up(command(books, with_visit(books, old), books.ana))
    with books.read() as session:
        found = refundable(session, done.sale_id)
        before = refundable(session, old)
    preview = found.packages[0].preview
    assert preview is not None
    assert (preview.total_minor, preview.credits, preview.liability_minor) == (777_60, 8, 720_00)
    assert sum(tender.left_minor for tender in found.tenders) == 972_00
    assert before.packages[0].why_not.startswith("A bigger package")


def test_package_exchange_remaining_credits_are_redeemed(books: Clinic) -> None:
    old = five_two_used(books)
    done = books.ring_up(command(books, with_visit(books, old), books.ana))
    for _ in range(8):
        assert books.sell(line("trigger_60"), client=books.ana).total_minor == 0
    lot = lot_of(books, done.sale_id)
    assert (lot.remaining, lot.recognised_minor) == (0, 900_00)
    assert failing(books) == {}


@pytest.mark.parametrize("percent", ["10", "20"])
def test_package_exchange_with_tax_inclusive_balances(build_clinic: Callable[..., Clinic], percent: str) -> None:
    clinic = book_floats(build_clinic(usd=TaxHabit(percent, inclusive=True)))
    old = five_two_used(clinic)
    clinic.ring_up(command(clinic, with_visit(clinic, old), clinic.ana))
    assert all_postings(clinic)["cash_drawer"] == 900_00
    assert failing(clinic) == {}


def test_package_exchange_twice_or_for_smaller_or_other_owner_is_refused(books: Clinic) -> None:
    old = five_two_used(books)
    for plan, client in (("three", books.ana), ("five", books.ana), ("ten", books.ben)):
        with pytest.raises(PosError):
            books.due(with_visit(books, old, plan), client=client)
    first, second = (command(books, with_visit(books, old), books.ana) for _ in range(2))
    books.ring_up(first)
    with pytest.raises(PosError):
        books.ring_up(second)
    assert failing(books) == {}


def test_package_exchange_after_transfer_is_refused(books: Clinic) -> None:
    old = five_two_used(books)
    lot = lot_of(books, old)
    books.write(
        lambda s: transfer(
            s,
            s.get_one(CreditLot, lot.id),
            1,
            action(s, books.usd.location_id, key="transfer:x", on=NOON.date()),
            receiver_id=books.ben,
        )
    )
    with pytest.raises(PosError, match="given away"):
        books.due(with_visit(books, old), client=books.ana)


def test_package_exchange_offers_bigger_packages_with_price_difference(books: Clinic) -> None:
    old = five_two_used(books)
    with books.read() as session:
        place = desk_place(session, books.usd.desk).place
        back, found = offers(session, place, old)
    assert back is not None
    assert {one.name: one.rest_minor for one in found} == {"10 × 60 min": 475_20}


@CARDS
def test_package_exchange_by_card_holds_credits_until_paid_or_canceled(till: Till) -> None:
    clinic = till.clinic
    old = five_two_used(clinic)
    ticket = _ticket(till, with_visit(clinic, old))
    waiting = till.charge(till.command(ticket))
    assert (lot_of(clinic, old).held, lot_of(clinic, old).remaining) == (3, 0)
    till.cancel(waiting.order_id)
    assert (lot_of(clinic, old).held, lot_of(clinic, old).remaining) == (0, 3)
    assert failing(clinic) == {}

    ticket = _ticket(till, with_visit(clinic, old))
    waiting = till.charge(till.command(ticket))
    till.tap()
    assert till.look(waiting.order_id).state == "succeeded"
    assert till.charges() == [475_20]
    assert lot_of(clinic, waiting.order_id).remaining == 8
    assert failing(clinic) == {}
