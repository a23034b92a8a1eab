"""A credit of 60 minutes on a longer or shorter visit: what the client pays, and what the books say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import delete, select

from pos.core import clock
from pos.core.errors import NoCreditLeft
from pos.core.ids import new_id
from pos.domain.catalogue.models import PackagePlan, PlanItem, Price
from pos.domain.credits.models import Redemption
from pos.domain.locations.queries import desk_place
from pos.domain.receipts.models import Receipt
from pos.domain.sales.cart_json import cart_from_json, cart_to_json
from pos.domain.sales.carts import Tip
from pos.domain.sales.models import SaleLine
from pos.domain.sales.pricing import Discount
from pos.domain.till.shifts import MovementRequest
from pos.services.checkout.price_cart import price_request
from pos.services.till.cash_movements import record_movement
from tests.conftest import NOON
from tests.support.books import book_floats, failing
from tests.support.cards import CARDS, Till
from tests.support.clinic import Clinic, TaxHabit, line


def by_value(clinic: Clinic, plan: str = "ten") -> None:
    """The plan charges longer visits against the value of the credit, for packages sold from now on."""
    item = clinic.items[plan]
    clinic.write(
        lambda s: setattr(
            s.scalars(select(PackagePlan).where(PackagePlan.item_id == item)).one(), "upgrade_method", "value"
        )
    )


def charge_aromatherapy(clinic: Clinic) -> None:
    """The plan of ten does not include it."""
    clinic.write(
        lambda s: s.execute(
            delete(PlanItem).where(
                PlanItem.plan_id == clinic.items["ten"], PlanItem.item_id == clinic.items["aromatherapy"]
            )
        )
    )


def reprice(clinic: Clinic, item: str, minor: int) -> None:
    """A new list price from tomorrow on."""
    clinic.write(
        lambda s: s.add(
            Price(
                item_id=clinic.items[item],
                location_id=clinic.usd.location_id,
                from_on=(NOON + timedelta(days=1)).date(),
                price_minor=minor,
            )
        )
    )


def redeemed(clinic: Clinic, sale_id: UUID) -> list[tuple[UUID, int]]:
    with clinic.read() as session:
        rows = session.execute(select(Redemption.lot_id, Redemption.value_minor).where(Redemption.sale_id == sale_id))
        return [(row.lot_id, row.value_minor) for row in rows]


@CARDS
def test_sale_worked_figure_d_credit_upgrade_add_on_tax_and_tip_is_exact(till: Till) -> None:
    clinic = till.clinic
    charge_aromatherapy(clinic)
    lot = clinic.buy("ten", clinic.ana)
    treatment = line("trigger_90", therapist=clinic.therapist)
    ticket = till.ticket(
        treatment, line("aromatherapy"), client=clinic.ana, tip=Tip(Decimal(20), staff_id=clinic.therapist.id)
    )

    cart = ticket.priced.cart
    visit, add_on = cart.lines
    assert visit.line.cover is not None
    assert (visit.line.cover.lot_id, visit.line.cover.uses, visit.line.cover.upgrade_minor) == (lot, 1, 40_00)
    assert (visit.list_minor, visit.covered_minor, visit.displayed_minor) == (140_00, 100_00, 40_00)
    assert add_on.displayed_minor == 12_00
    assert [(tax.percent, tax.net_minor, tax.tax_minor) for tax in cart.taxes] == [(Decimal(8), 52_00, 4_16)]
    assert (cart.tip_base_minor, ticket.priced.tip_minor, ticket.priced.due_minor) == (152_00, 30_40, 86_56)
    assert cart_from_json(cart_to_json(cart)) == cart

    waiting = till.charge(till.command(ticket, cash=40_00))
    assert clinic.lot(lot).held == 1
    till.tap()
    assert till.look(waiting.order_id).state == "succeeded"

    sale_id = waiting.order_id
    assert till.charges() == [46_56]
    assert redeemed(clinic, sale_id) == [(lot, 90_00)]
    assert clinic.postings(sale_id) == {
        "package_liability": 90_00,
        "cash_drawer": 40_00,
        "stripe_clearing": 46_56,
        "service_revenue": -130_00,
        "add_on_revenue": -12_00,
        "tax_payable:8": -4_16,
        "tips_payable": -30_40,
    }

    paid_out = MovementRequest(new_id(), "tip_paid_out", 30_40, "Tips of the day", clinic.therapist.id)
    with clinic.app.app_context():
        record_movement(desk_id=clinic.usd.desk, staff_id=clinic.receptionist.id, wanted=paid_out)
    assert clinic.balance(clinic.usd, "tips_payable") == 0
    assert failing(clinic) == {}


@CARDS
def test_card_payment_of_upgrade_canceled_releases_credit(till: Till) -> None:
    lot = till.clinic.buy("ten", till.clinic.ana)
    waiting = till.charge(till.command(till.ticket(line("trigger_90"), client=till.clinic.ana)))
    assert till.clinic.lot(lot).held == 1
    till.cancel(waiting.order_id)
    assert (till.clinic.lot(lot).held, till.clinic.lot(lot).remaining) == (0, 10)
    assert failing(till.clinic) == {}


def test_receipt_upgrade_shows_credit_and_longer_visit(books: Clinic) -> None:
    books.buy("ten", books.ana)
    done = books.sell(line("trigger_90"), client=books.ana)
    with books.read() as session:
        document = session.scalars(select(Receipt).where(Receipt.sale_id == done.sale_id)).one().document
        row = session.scalars(select(SaleLine).where(SaleLine.sale_id == done.sale_id)).one()
    printed = document["lines"][0]
    assert (printed["details"], printed["unit_price"], printed["amount"]) == (
        ["1 credit", "longer visit 40.00"],
        "140.00",
        "40.00",
    )
    assert (row.cover, row.list_minor, row.covered_minor, row.net_minor, row.tax_minor) == (
        "credit", 140_00, 100_00, 40_00, 3_20,
    )  # fmt: skip


def test_upgrade_by_value_charges_list_price_less_credit_value(books: Clinic) -> None:
    before = books.buy("ten", books.ben)
    by_value(books)
    books.buy("ten", books.ana)
    done = books.sell(line("trigger_90"), client=books.ana)
    assert books.postings(done.sale_id) == {
        "cash_drawer": 54_00,
        "package_liability": 90_00,
        "service_revenue": -140_00,
        "tax_payable:8": -4_00,
    }
    # Terms are frozen with the sale: what was sold before still goes by list prices.
    assert books.sell(line("trigger_90"), client=books.ben).total_minor == 43_20
    assert books.lot(before).remaining == 9
    assert failing(books) == {}


@pytest.mark.parametrize(("method", "due", "revenue"), [("list", 40_00, 36_36), ("value", 50_00, 45_45)])
def test_upgrade_with_tax_inclusive_taxes_difference_only(
    build_clinic: Callable[..., Clinic], method: str, due: int, revenue: int
) -> None:
    clinic = book_floats(build_clinic(usd=TaxHabit("10", inclusive=True)))
    if method == "value":
        by_value(clinic)
    clinic.buy("ten", clinic.ana)
    done = clinic.sell(line("trigger_90"), client=clinic.ana)
    assert clinic.postings(done.sale_id) == {
        "cash_drawer": due,
        "package_liability": 81_82,
        "service_revenue": -81_82 - revenue,
        "tax_payable:10": revenue - due,
    }
    assert failing(clinic) == {}


def test_upgrade_with_discount_and_tip_discounts_difference_and_tips_whole(books: Clinic) -> None:
    books.buy("ten", books.ana)
    half = Discount(percent=Decimal(50), reason="Birthday")
    done = books.sell(line("trigger_90", discount=half), client=books.ana, tip=Tip(Decimal(10)))
    assert books.postings(done.sale_id) == {
        "cash_drawer": 20_00 + 1_60 + 14_00,
        "discounts": 20_00,
        "package_liability": 90_00,
        "service_revenue": -130_00,
        "tax_payable:8": -1_60,
        "tips_payable": -14_00,
    }
    assert failing(books) == {}


def test_upgrade_declined_at_desk_charges_single_price(books: Clinic) -> None:
    lot = books.buy("ten", books.ana)
    assert books.sell(line("trigger_90", credit="none"), client=books.ana).total_minor == 151_20
    assert books.lot(lot).remaining == 10


def test_upgrade_keeps_included_add_ons_of_plan(books: Clinic) -> None:
    books.buy("ten", books.ana)
    assert books.sell(line("trigger_90"), line("aromatherapy"), client=books.ana).total_minor == 43_20


def test_credit_on_shorter_visit_is_used_whole_only_when_chosen(books: Clinic) -> None:
    lot = books.buy("ten", books.ana)
    assert books.sell(line("trigger_30"), client=books.ana).total_minor == 59_40
    done = books.sell(line("trigger_30", credit=lot), client=books.ana)
    assert done.total_minor == 0
    assert books.postings(done.sale_id) == {"package_liability": 90_00, "service_revenue": -90_00}
    assert books.lot(lot).remaining == 9
    assert failing(books) == {}


def test_credit_of_other_service_is_refused(books: Clinic) -> None:
    lot = books.buy("ten", books.ana)
    assert books.due(books.wanted(line("swedish_90")), client=books.ana) == 145_80
    with pytest.raises(NoCreditLeft):
        books.due(books.wanted(line("swedish_90", credit=lot)), client=books.ana)


def test_upgrade_uses_list_prices_of_the_day(books: Clinic) -> None:
    books.buy("ten", books.ana)
    reprice(books, "trigger_60", 110_00)
    reprice(books, "trigger_90", 155_00)
    with clock.at(NOON + timedelta(days=2)):
        assert books.due(books.wanted(line("trigger_90")), client=books.ana) == 45_00 + 3_60


def test_upgrade_to_cheaper_longer_visit_charges_nothing(books: Clinic) -> None:
    books.buy("ten", books.ana)
    reprice(books, "trigger_90", 80_00)
    with clock.at(NOON + timedelta(days=2)):
        done = books.sell(line("trigger_90"), client=books.ana)
    assert (done.total_minor, redeemed(books, done.sale_id)[0][1]) == (0, 90_00)


def test_upgrade_last_credit_on_two_visits_is_used_once(books: Clinic) -> None:
    lot = books.buy("three", books.ana)
    for _ in range(2):
        books.sell(line("trigger_60"), client=books.ana)
    wanted = books.wanted(line("trigger_90", 2), line("trigger_60"))
    with books.read() as session:
        place = desk_place(session, books.usd.desk).place
        cart = price_request(session, place, wanted, client_id=books.ana, day=place.today()).cart
    longer, own = cart.lines
    assert longer.line.cover is not None
    assert (longer.line.cover.lot_id, longer.line.cover.uses, longer.displayed_minor) == (lot, 1, 180_00)
    assert own.line.cover is None


def test_credit_lot_choice_own_duration_is_used_before_shorter(books: Clinic) -> None:
    """Though the shorter one ends sooner: nobody pays a difference while they own the visit."""
    books.buy("three", books.ana)
    books.write(
        lambda s: s.add(PlanItem(plan_id=books.items["ten"], item_id=books.items["trigger_90"], role="eligible"))
    )
    long = books.buy("ten", books.ana)
    done = books.sell(line("trigger_90"), client=books.ana)
    assert (done.total_minor, redeemed(books, done.sale_id)[0][0]) == (0, long)
