"""Today's paid single becomes visit 1 of a package bought now: the client pays the difference, once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from pos.core import clock
from pos.core.errors import Conflict, Invalid, PosError
from pos.core.ids import new_id
from pos.domain.catalogue.models import PackagePlan
from pos.domain.credits.models import CreditLot, PurchasedPackage, Redemption
from pos.domain.ledger.models import JournalEntry, Posting
from pos.domain.locations.queries import desk_place
from pos.domain.receipts.models import Receipt
from pos.domain.sales.cart_options import VisitConversionRequest
from pos.domain.sales.carts import CartRequest, Tip
from pos.domain.sales.models import VisitConversion
from pos.domain.sales.pricing import Discount
from pos.domain.stored_value.wallet import account_balance
from pos.domain.till.models import ZReport
from pos.services.checkout.cart import change_ticket
from pos.services.checkout.price_cart import price_request
from pos.services.checkout.ring_up import RingUpSale, RungUp
from pos.services.checkout.visit_conversion import offers
from pos.services.refunds.calculate import RefundChoice, quote_refund
from pos.services.refunds.refundable import refundable
from pos.services.refunds.void_sale import VoidSale, void_sale
from tests.conftest import NOON
from tests.support.books import book_floats, close_drawer, failing, tamper
from tests.support.cards import CARDS, Till
from tests.support.clinic import Clinic, TaxHabit, line


def with_visit(clinic: Clinic, sale_id: UUID, plan: str = "ten", *, position: int = 1) -> CartRequest:
    """A ticket with a package whose first visit was a line of `sale_id`."""
    wanted = clinic.wanted(line(plan))
    package = replace(wanted.lines[0], visit_conversion=VisitConversionRequest(sale_id, position))
    return replace(wanted, lines=(package, *wanted.lines[1:]))


def command(clinic: Clinic, wanted: CartRequest, client: UUID | None, **changes: object) -> RingUpSale:
    due = clinic.due(wanted, client=client)
    stored = sum(1 for row in wanted.lines if row.visit_conversion)
    cash = due if not stored else rest(clinic, wanted, client)
    made = RingUpSale(
        sale_id=new_id(),
        desk_id=clinic.usd.desk,
        staff_id=clinic.receptionist.id,
        cash_tendered_minor=cash,
        client_id=client,
        wanted=wanted,
    )
    return replace(made, **changes)


def rest(clinic: Clinic, wanted: CartRequest, client: UUID | None) -> int:
    """What is left for cash and card."""
    with clinic.read() as session:
        place = desk_place(session, clinic.usd.desk).place
        return price_request(session, place, wanted, client_id=client, day=place.today()).rest_minor


def visit_conversion(clinic: Clinic, sale_id: UUID, plan: str = "ten") -> RungUp:
    """Buy a package with the visit of a sale as its first, for exact cash."""
    return clinic.ring_up(command(clinic, with_visit(clinic, sale_id, plan), clinic.ana))


def lot_of(clinic: Clinic, sale_id: UUID) -> CreditLot:
    with clinic.read() as session:
        query = select(CreditLot).join(PurchasedPackage).where(PurchasedPackage.sale_id == sale_id)
        return session.scalars(query).one()


def all_postings(clinic: Clinic) -> dict[str, int]:
    """Every account's balance after two sales, the floats left out."""
    with clinic.read() as session:
        rows = session.execute(
            select(Posting.account_key, Posting.amount_minor)
            .join(JournalEntry, JournalEntry.id == Posting.entry_id)
            .where(JournalEntry.event.in_(("sale", "refund")))
        )
        found: dict[str, int] = {}
        for key, minor in rows:
            name = "cash_drawer" if key.startswith("cash_drawer") else key
            found[name] = found.get(name, 0) + minor
        return {name: minor for name, minor in found.items() if minor}


def test_visit_conversion_charges_difference_and_uses_one_credit(books: Clinic) -> None:
    single = books.sell(line("trigger_60", therapist=books.therapist), client=books.ana)
    done = visit_conversion(books, single.sale_id)

    assert (done.total_minor, done.change_minor) == (972_00, 0)
    lot = lot_of(books, done.sale_id)
    assert (lot.quantity, lot.remaining, lot.redeemed, lot.recognised_minor) == (10, 9, 1, 90_00)
    assert books.postings(done.sale_id) == {
        "account_credit": 108_00,
        "cash_drawer": 864_00,
        "package_liability": -810_00,
        "service_revenue": -90_00,
        "tax_payable:8": -72_00,
    }
    # Both together: as if the package had been sold and its first session used.
    assert all_postings(books) == {
        "cash_drawer": 972_00,
        "package_liability": -810_00,
        "service_revenue": -90_00,
        "tax_payable:8": -72_00,
    }
    with books.read() as session:
        visit = session.scalars(select(Redemption)).one()
        assert (visit.client_id, visit.therapist_id, visit.value_minor) == (books.ana, books.therapist.id, 90_00)
        assert visit.service_on == NOON.date()
        assert account_balance(session, books.ana, books.usd.location_id) == 0
        printed = session.scalars(select(Receipt).where(Receipt.sale_id == done.sale_id)).one().document
    assert [(row["label"], row["detail"], row["amount"]) for row in printed["tenders"]] == [
        ("Paid before", "RIV-000001", "108.00"),
        ("Cash", "", "864.00"),
    ]
    assert [(row["description"], row["amount"]) for row in printed["lines"]] == [
        ("10 × 60 min", "900.00"),
        ("Trigger point therapy, 60 min", "0.00"),
    ]
    assert [(row["before"], row["used"], row["left"]) for row in printed["credits"]] == [("10", "1", "9")]
    assert failing(books) == {}


def test_visit_conversion_stands_with_what_it_gave_back_in_the_z_report_of_its_shift(books: Clinic) -> None:
    single = books.sell(line("trigger_60", therapist=books.therapist), client=books.ana)
    visit_conversion(books, single.sale_id)
    close_drawer(books, books.usd.desk)
    with books.read() as session:
        document = session.scalars(select(ZReport)).one().document
    assert document["tax_minor"] == 80_00
    assert document["back_taxes"] == [{"percent": "8", "net_minor": 100_00, "tax_minor": 8_00}]
    # The ledger's tax of the day, which the Z report had not said before it knew of the credit note.
    assert [row["tax_minor"] for row in document["all_taxes"]] == [72_00]
    assert -books.balance(books.usd, "tax_payable") == 72_00
    assert [(row["event"], row["minor"], row["means"]) for row in document["corrections"]] == [
        ("refund", 108_00, {"account_credit": 108_00})
    ]
    assert failing(books) == {}


def test_visit_conversion_of_discounted_visit_counts_amount_paid_and_keeps_tip(books: Clinic) -> None:
    single = books.sell(
        line("trigger_60", discount=Discount(amount_minor=20_00, reason="First visit")),
        client=books.ana,
        tip=Tip(amount_minor=15_00),
    )
    done = visit_conversion(books, single.sale_id)
    assert books.postings(done.sale_id)["account_credit"] == 86_40
    assert books.balance(books.usd, "tips_payable") == -15_00
    assert books.balance(books.usd, "tax_payable") == -72_00
    assert failing(books) == {}


@pytest.mark.parametrize(("percent", "net"), [("10", 818_18), ("20", 750_00)])
def test_visit_conversion_with_tax_inclusive_balances(
    build_clinic: Callable[..., Clinic], percent: str, net: int
) -> None:
    clinic = book_floats(build_clinic(usd=TaxHabit(percent, inclusive=True)))
    single = clinic.sell(line("trigger_60"), client=clinic.ana)
    done = visit_conversion(clinic, single.sale_id)
    lot = lot_of(clinic, done.sale_id)
    assert (lot.net_minor, lot.tax_minor) == (net, 900_00 - net)
    found = all_postings(clinic)
    assert (found["cash_drawer"], found[f"tax_payable:{percent}"]) == (900_00, net - 900_00)
    assert found["service_revenue"] == -lot.recognised_minor
    assert failing(clinic) == {}


def test_visit_conversion_twice_of_one_visit_is_refused(books: Clinic) -> None:
    single = books.sell(line("trigger_60"), client=books.ana)
    first, second = (command(books, with_visit(books, single.sale_id), books.ana) for _ in range(2))
    done = books.ring_up(first)
    with pytest.raises(Conflict, match="already"):
        books.ring_up(second)
    assert books.ring_up(first) == replace(done, replayed=True)
    assert failing(books) == {}


def test_visit_conversion_converted_visit_cannot_be_refunded_or_voided(books: Clinic) -> None:
    single = books.sell(line("trigger_60"), line("oil"), client=books.ana)
    visit_conversion(books, single.sale_id)
    with books.read() as session:
        found = refundable(session, single.sale_id)
        assert found.lines[0].why_not.startswith("This visit is the first of a package")
        with pytest.raises(Invalid):
            quote_refund(found, RefundChoice(single.sale_id, positions=(1,)))
        assert quote_refund(found, RefundChoice(single.sale_id)).total_minor == 19_44
    with books.app.app_context(), pytest.raises(PosError):
        void_sale(VoidSale(new_id(), single.sale_id, "A mistake", books.manager, books.usd.desk))
    assert failing(books) == {}


def test_visit_conversion_of_voided_visit_is_refused(books: Clinic) -> None:
    single = books.sell(line("trigger_60"), client=books.ana)
    with books.app.app_context():
        void_sale(VoidSale(new_id(), single.sale_id, "A mistake", books.manager, books.usd.desk))
    with pytest.raises(Conflict, match="given back"):
        books.due(with_visit(books, single.sale_id), client=books.ana)


def test_visit_conversion_of_other_client_line_day_or_plan_is_refused(books: Clinic) -> None:
    single = books.sell(line("trigger_60"), line("trigger_90"), line("oil"), client=books.ana).sale_id
    walk_in = books.sell(line("trigger_60")).sale_id
    refused = [
        (with_visit(books, single), books.ben),
        (with_visit(books, walk_in), books.ana),
        (with_visit(books, single, position=2), books.ana),
        (with_visit(books, single, position=3), books.ana),
        (with_visit(books, single, position=9), books.ana),
        (with_visit(books, new_id()), books.ana),
    ]
    for wanted, client in refused:
        with pytest.raises(PosError):
            books.due(wanted, client=client)
    with clock.at(NOON + timedelta(days=1)), pytest.raises(Conflict):
        books.due(with_visit(books, single), client=books.ana)
    ten = books.items["ten"]
    books.write(
        lambda s: setattr(
            s.scalars(select(PackagePlan).where(PackagePlan.item_id == ten)).one(), "visit_conversion", False
        )
    )
    with pytest.raises(Invalid):
        books.due(with_visit(books, single), client=books.ana)


def test_visit_conversion_of_visit_paid_by_credit_is_refused(books: Clinic) -> None:
    books.buy("three", books.ana)
    visit = books.sell(line("trigger_60"), client=books.ana).sale_id
    with pytest.raises(Conflict):
        books.due(with_visit(books, visit), client=books.ana)


def test_visit_conversion_offers_packages_with_amount_left_to_pay(books: Clinic) -> None:
    single = books.sell(line("oil"), line("trigger_60"), client=books.ana).sale_id
    with books.read() as session:
        place = desk_place(session, books.usd.desk).place
        back, found = offers(session, place, single)
        assert back == VisitConversionRequest(single, 2)
        assert {one.name: one.rest_minor for one in found} == {
            "3 × 60 min": 199_80, "5 × 60 min": 388_80, "10 × 60 min": 864_00, "Buy 5 get 1": 351_00,
        }  # fmt: skip
    visit_conversion_of_two = command(books, with_visit(books, single, position=2), books.ana)
    books.ring_up(visit_conversion_of_two)
    with books.read() as session:
        assert offers(session, place, single) == (None, [])


def test_visit_conversion_refund_follows_package_terms(books: Clinic) -> None:
    single = books.sell(line("trigger_60"), client=books.ana)
    done = visit_conversion(books, single.sale_id)
    with books.read() as session:
        found = refundable(session, done.sale_id)
        preview = found.packages[0].preview
    assert preview is not None
    assert (preview.total_minor, preview.credits) == (874_80, 9)
    assert {(tender.kind, tender.left_minor) for tender in found.tenders} == {
        ("account_credit", 108_00),
        ("cash", 864_00),
    }


def _ticket(till: Till, wanted: CartRequest) -> object:
    ticket = till.ticket()
    with till.clinic.app.app_context():
        return change_ticket(
            ticket_id=ticket.ticket_id,
            desk_id=ticket.desk_id,
            staff_id=till.clinic.receptionist.id,
            client_id=till.clinic.ana,
            wanted=wanted,
            version=ticket.version,
        )


@CARDS
def test_visit_conversion_by_card_reserves_visit_until_paid(till: Till) -> None:
    clinic = till.clinic
    single = clinic.sell(line("trigger_60"), client=clinic.ana)
    ticket = _ticket(till, with_visit(clinic, single.sale_id))
    waiting = till.charge(till.command(ticket))
    with clinic.read() as session:
        assert session.scalars(select(VisitConversion)).one().by_id == waiting.order_id
        assert refundable(session, single.sale_id).lines[0].why_not
    with pytest.raises(Conflict):
        clinic.due(with_visit(clinic, single.sale_id, "five"), client=clinic.ana)
    till.tap()
    assert till.look(waiting.order_id).state == "succeeded"
    assert till.charges() == [864_00]
    assert lot_of(clinic, waiting.order_id).remaining == 9
    assert failing(clinic) == {}


@CARDS
def test_visit_conversion_card_canceled_leaves_visit_unchanged(till: Till) -> None:
    clinic = till.clinic
    single = clinic.sell(line("trigger_60"), client=clinic.ana)
    ticket = _ticket(till, with_visit(clinic, single.sale_id))
    till.cancel(till.charge(till.command(ticket)).order_id)
    with clinic.read() as session:
        assert session.scalars(select(VisitConversion)).all() == []
        assert not refundable(session, single.sale_id).lines[0].why_not
    assert visit_conversion(clinic, single.sale_id).total_minor == 972_00
    assert failing(clinic) == {}


@pytest.mark.parametrize(
    ("planted", "says"),
    [
        ("DELETE FROM refund_lines WHERE sale_id = :single", ": 0 of 10800 was given back for it (minor units)."),
        (
            "DELETE FROM tenders WHERE sale_id = :package AND kind = 'account_credit'",
            ", and the package was not paid with what was given back.",
        ),
        ("DELETE FROM redemptions WHERE sale_id = :package", ", and the package has no first visit."),
    ],
    ids=["not given back", "not spent on the package", "no first visit"],
)
def test_visit_conversion_check_refund_tender_or_redemption_deleted_fails(
    books: Clinic, planted: str, says: str
) -> None:
    single = books.sell(line("trigger_60"), client=books.ana)
    done = visit_conversion(books, single.sale_id)
    key, sale_id = ("single", single.sale_id) if ":single" in planted else ("package", done.sale_id)
    tamper(books, planted, **{key: sql_id(books, sale_id)})
    assert failing(books)["visit_conversions"] == f"What receipt RIV-000001 sold became part of a package{says}"


def test_visit_conversion_check_sale_replaced_fails(books: Clinic) -> None:
    first = books.sell(line("trigger_60"), client=books.ana)
    other = books.sell(line("trigger_60"), client=books.ana)
    visit_conversion(books, first.sale_id)
    tamper(books, "UPDATE visit_conversions SET sale_id = :sale", sale=sql_id(books, other.sale_id))
    found = failing(books)
    assert "RIV-000002" in found["visit_conversions"]
    assert "RIV-CN-000001" in found["approved"]


def sql_id(clinic: Clinic, key: UUID) -> object:
    """A key as the driver of the world's database takes it in raw SQL."""
    with clinic.read() as session:
        assert session.bind is not None
        return key.hex if session.bind.dialect.name == "sqlite" else key
