"""Sold free of tax, wholly or in part: hard case 11, on paper, in the books, in the export and when it is given back."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import select, update

from pos.core.database.base import reading
from pos.core.errors import Invalid
from pos.core.ids import new_id
from pos.domain.catalogue.models import PackagePlan
from pos.domain.credits.models import PurchasedPackage
from pos.domain.locations.queries import places
from pos.domain.receipts.credit_note_models import CreditNote
from pos.domain.receipts.models import Receipt
from pos.domain.sales.pricing import Discount, Exemption
from pos.reports.books.ledger_agreement import compare
from pos.reports.period import Scope
from pos.reports.sales.sales_totals import by_day, totals
from pos.services.refunds.calculate import RefundChoice, quote_refund
from pos.services.refunds.issue_refund import RefundCommand, refund
from pos.services.refunds.refundable import refundable
from tests.support.books import book_floats, failing
from tests.support.clinic import Clinic, TaxHabit, line

PRESCRIBED = Exemption("prescription", "RX 4711", 4)


@pytest.fixture
def case_11(build_clinic: Callable[..., Clinic]) -> Clinic:
    return book_floats(build_clinic(usd=TaxHabit("6")))


def details(world: Clinic, sale_id: UUID) -> list[str]:
    with world.read() as session:
        document = session.scalars(select(Receipt.document).where(Receipt.sale_id == sale_id)).one()
    return [detail for row in document["lines"] for detail in row["details"]]


def taxes(world: Clinic) -> dict[Decimal, tuple[int, int]]:
    with world.app.app_context():
        session = reading()
        scope = Scope(places(session)[:1], date(2026, 1, 1), date(2028, 1, 1))
        days = by_day(session, scope)
        assert compare(session, scope, days).holds
        assert failing(world) == {}
        return {rate.percent: sums for rate, sums in totals(scope, days)[0].all_taxes.due.items()}


def package_of(world: Clinic, sale_id: UUID) -> UUID:
    with world.read() as session:
        return session.scalars(select(PurchasedPackage.id).where(PurchasedPackage.sale_id == sale_id)).one()


def test_exemption_of_four_of_ten_sessions_reduces_tax_at_sale(case_11: Clinic) -> None:
    """Tax 6 % except on prescribed visits: tax 32.40 at sale, total 932.40, no tax at redemption."""
    sold = case_11.sell(line("ten", exemption=PRESCRIBED), client=case_11.ana)
    assert case_11.postings(sold.sale_id) == {
        "cash_drawer": 932_40, "package_liability": -900_00, "tax_payable:6": -32_40,
    }  # fmt: skip
    assert details(case_11, sold.sale_id) == ["4 of 10 free of tax: prescribed treatment RX 4711"]
    used = case_11.sell(line("trigger_60"), client=case_11.ana)
    assert case_11.postings(used.sale_id) == {"package_liability": 90_00, "service_revenue": -90_00}
    assert taxes(case_11) == {Decimal(6): (540_00, 32_40), Decimal(0): (360_00, 0)}


@pytest.mark.parametrize(
    ("policy", "back"), [("pro_rata", (630_00, 22_68)), ("single_price", (610_42, 21_98))], ids=["P1", "P2"]
)
def test_exemption_package_refund_returns_worked_figures(case_11: Clinic, policy: str, back: tuple[int, int]) -> None:
    """Three of ten used: pro rata 7/10 of 932.40; at single prices the three were prescribed, so they count at 100.00."""
    case_11.write(lambda s: s.execute(update(PackagePlan).values(refund_policy=policy)))
    sold = case_11.sell(line("ten", exemption=PRESCRIBED), client=case_11.ana)
    for _ in range(3):
        case_11.sell(line("trigger_60"), client=case_11.ana)
    wanted = RefundChoice(sold.sale_id, package_id=package_of(case_11, sold.sale_id))
    with case_11.app.app_context():
        found = quote_refund(refundable(reading(), sold.sale_id), wanted)
        assert (found.net_minor, found.tax_minor) == back
        refund(RefundCommand(new_id(), wanted, "The client moves away", case_11.manager, case_11.usd.desk))
    taxes(case_11)
    with case_11.read() as session:
        note = session.scalars(select(CreditNote.document)).one()
    (row,) = (row for row in note["totals"] if row["base"])
    # 6 % of what was not free of tax: 378.00 pro rata.
    assert (row["amount"], row["base"]) == {"pro_rata": ("22.68", "378.00"), "single_price": ("21.98", "366.33")}[
        policy
    ]


def test_exemption_of_visit_beside_taxed_add_on_taxes_add_on_only(case_11: Clinic) -> None:
    """One line free, the other not; the discount on the ticket falls on both."""
    free = Exemption("certificate", "C-12")
    sold = case_11.sell(
        line("trigger_60", exemption=free), line("cupping"), discount=Discount(amount_minor=12_00, reason="Regular")
    )
    assert sold.total_minor == 90_00 + 18_00 + 1_08
    assert details(case_11, sold.sale_id)[0] == "free of tax: certificate of exemption C-12"
    assert taxes(case_11) == {Decimal(6): (18_00, 1_08), Decimal(0): (90_00, 0)}


def test_exemption_with_tax_inclusive_keeps_shown_price(build_clinic: Callable[..., Clinic]) -> None:
    """Ten for 900.00 with 20 % inside, four free: 540.00 holds 90.00 of tax, 360.00 none."""
    world = book_floats(build_clinic(usd=TaxHabit("20", inclusive=True)))
    sold = world.sell(line("ten", exemption=PRESCRIBED), client=world.ana)
    assert world.postings(sold.sale_id) == {
        "cash_drawer": 900_00, "package_liability": -810_00, "tax_payable:20": -90_00,
    }  # fmt: skip
    visit = world.sell(line("foot_60", exemption=Exemption("exempt_client", "EU 9")))
    assert world.postings(visit.sale_id) == {"cash_drawer": 75_00, "service_revenue": -75_00}
    assert taxes(world) == {Decimal(20): (450_00, 90_00), Decimal(0): (360_00 + 75_00, 0)}


def test_exemption_with_tax_at_redemption_is_spread_over_sessions(build_clinic: Callable[..., Clinic]) -> None:
    """Four of ten free at 6 %: of each session's 90.00, 54.00 is the base of its 3.24; ten make 540.00 and 32.40."""
    world = book_floats(build_clinic(usd=TaxHabit("6", point="redemption")))
    world.sell(line("ten", exemption=PRESCRIBED), client=world.ana)
    used = world.sell(line("trigger_60"), client=world.ana)
    assert world.postings(used.sale_id)["tax_payable:6"] == -3_24
    assert -world.balance(world.usd, "tax_not_due") == 29_16
    assert taxes(world) == {Decimal(6): (54_00, 3_24), Decimal(0): (36_00, 0)}
    world.sell(line("trigger_60", 9), client=world.ana)
    assert taxes(world) == {Decimal(6): (540_00, 32_40), Decimal(0): (360_00, 0)}


def test_exemption_bases_of_sessions_sum_to_base_of_line(build_clinic: Callable[..., Clinic]) -> None:
    """20 % inside 900.00, four free: 81.00 a session, of which 45.00 holds tax; six given away make no difference."""
    world = book_floats(build_clinic(usd=TaxHabit("20", inclusive=True, point="redemption")))
    sold = world.sell(
        line("ten", exemption=PRESCRIBED), client=world.ana, discount=Discount(amount_minor=1, reason="Odd")
    )
    for _ in range(10):
        world.sell(line("trigger_60"), client=world.ana)
    entry = world.postings(sold.sale_id)
    found = taxes(world)
    assert sum(net for net, _ in found.values()) == -entry["package_liability"]
    assert found[Decimal(20)][1] == -entry["tax_not_due:20"]
    assert found[Decimal(0)][0] == 360_00


def test_exemption_of_whole_package_with_tax_at_redemption_has_no_tax(build_clinic: Callable[..., Clinic]) -> None:
    world = book_floats(build_clinic(usd=TaxHabit("6", point="redemption")))
    world.sell(line("ten", exemption=Exemption("certificate", "C-12", 10)), client=world.ana)
    world.sell(line("trigger_60", 2), client=world.ana)
    assert {rate: sums for rate, sums in taxes(world).items() if any(sums)} == {Decimal(0): (180_00, 0)}


def test_exemption_in_export_names_certificate(case_11: Clinic) -> None:
    case_11.sell(line("ten", exemption=PRESCRIBED), line("oil"), client=case_11.ana)
    office = case_11.app.test_client()
    office.set_cookie("tp_office", case_11.office_cookie(case_11.manager), path="/office")
    page = office.get("/office/sales.csv?location=riverside&from=2026-06-16&to=2026-06-16&rows=items").text
    rows = {row["Item"]: row for row in csv.DictReader(io.StringIO(page.lstrip("\ufeff")))}
    assert (rows["10 × 60 min"]["Free of tax, net"], rows["10 × 60 min"]["Free of tax by"]) == (
        "360.00",
        "prescribed treatment RX 4711",
    )
    assert rows["Massage oil"]["Free of tax by"] == ""


@pytest.mark.parametrize(
    "asked",
    [line("ten", exemption=Exemption("prescription", "RX", 11)), line("oil", exemption=Exemption("certificate", "C"))],
    ids=["more than there are", "goods"],
)
def test_exemption_not_allowed_is_refused(case_11: Clinic, asked: object) -> None:
    with pytest.raises(Invalid) as refused:
        case_11.sell(asked, client=case_11.ana)
    assert refused.value.field == "exemption"
