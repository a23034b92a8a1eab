"""Two taxes on one line, as in Quebec: GST 5 % and QST 9.975 %, both of the net, from the sale to the books and back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import select, update

from invoices.documents import ReceiptDocument
from pos.core.database.base import reading
from pos.core.errors import Conflict
from pos.core.money import Rate
from pos.domain.catalogue.models import PackagePlan
from pos.domain.credits.models import CreditLot
from pos.domain.ledger.models import Account, Posting
from pos.domain.locations.queries import place, places
from pos.domain.receipts.credit_note_models import CreditNote
from pos.domain.receipts.models import Receipt
from pos.domain.refunds.models import RefundLine
from pos.domain.sales.models import SaleLine
from pos.domain.sales.pricing import Discount, Exemption
from pos.domain.till.models import ZReport
from pos.domain.till.shifts import current_shift
from pos.reports.books.tax_lines import event_lines
from pos.reports.period import Scope
from pos.reports.sales.sales_totals import by_day, totals
from pos.reports.sales.sums import Figures
from pos.services.documents.till_reports import z_document
from pos.services.packages.adjust_credits import forfeit_credit, undo_forfeit
from pos.services.packages.expiry import end_freezes_and_expire
from pos.services.packages.share_and_transfer import transfer_credits
from pos.services.refunds import issue_refund
from pos.services.till.shifts import close_shift, expected_in
from tests.integration.instalments.conftest import allow_deposit, pay
from tests.integration.refunds.conftest import Desk
from tests.integration.refunds.test_packages import policy, three_used
from tests.support.agreeing import disagreements
from tests.support.books import failing
from tests.support.clinic import TaxHabit, line
from tests.support.package_actions import moves, noon, package_action

QUEBEC = TaxHabit("5", second="9.975")
LATER = TaxHabit("5", second="9.975", point="redemption")
INSIDE = TaxHabit("5", second="9.975", inclusive=True)
GST, QST = Rate(Decimal(5)), Rate(Decimal("9.975"), is_second=True)


def due(gst: int, qst: int, account: str = "tax_payable") -> dict[str, int]:
    return {f"{account}:5": gst, f"{account}:second:9.975": qst}


def holds(desk: Desk) -> None:
    """Every check holds, and every page, file, Z and closing says what the ledger says, tax by tax."""
    assert failing(desk.clinic) == {}
    with desk.clinic.read() as session:
        assert disagreements(session, place(session, desk.clinic.usd.location_id)) == []


def qst(desk: Desk) -> int:
    """What is due of the second tax."""
    with desk.clinic.read() as session:
        rows = session.scalars(select(Posting.amount_minor).where(Posting.account_key == "tax_payable:second:9.975"))
        return -sum(rows)


def figures(desk: Desk) -> Figures:
    with desk.clinic.app.app_context():
        scope = Scope(places(reading())[:1], date(2026, 1, 1), date(2028, 1, 1))
        return totals(scope, by_day(reading(), scope))[0]


def printed(desk: Desk, kind: type[Receipt | CreditNote]) -> ReceiptDocument:
    """The last receipt or credit note."""
    with desk.clinic.read() as session:
        return ReceiptDocument.from_json(session.scalars(select(kind).order_by(kind.number.desc())).first().document)


def taxes_of(document: ReceiptDocument) -> list[tuple[str, str, str]]:
    return [(total.label, total.base, total.amount) for total in document.totals if total.base]


def test_quebec_sale_redemption_and_partial_refund_reach_paper_z_report_and_ledger(
    build_desk: Callable[..., Desk],
) -> None:
    """100.00 is 5.00 and 9.98; aromatherapy at 12.00 is 0.60 and 1.20; half of the visit given back, each tax by half."""
    desk = build_desk(QUEBEC)
    clinic = desk.clinic
    single = clinic.sell(line("trigger_60"), cash=114_98)
    assert clinic.postings(single.sale_id) == {
        "cash_drawer": 114_98, "service_revenue": -100_00, **due(-5_00, -9_98),
    }  # fmt: skip
    assert taxes_of(printed(desk, Receipt)) == [("GST 5 %", "100.00", "5.00"), ("QST 9.975 %", "100.00", "9.98")]
    assert printed(desk, Receipt).clinic.tax_ids == ("GST no. 12345 6789 RT0001", "QST no. 1234567890 TQ0001")
    assert clinic.postings(clinic.sell(line("aromatherapy"), cash=13_80).sale_id) == {
        "cash_drawer": 13_80, "add_on_revenue": -12_00, **due(-60, -1_20),
    }  # fmt: skip

    package = clinic.sell(line("ten"), client=clinic.ana)
    assert clinic.postings(package.sale_id) == {
        "cash_drawer": 1_034_78, "package_liability": -900_00, **due(-45_00, -89_78),
    }  # fmt: skip
    used = clinic.sell(line("trigger_60"), client=clinic.ana)
    assert clinic.postings(used.sale_id) == {"package_liability": 90_00, "service_revenue": -90_00}

    back = desk.refund(single.sale_id, amount_minor=57_49)
    assert desk.entry("refund", back.refund_id) == {
        "cash_drawer": -57_49, "service_revenue": 50_00, **due(2_50, 4_99),
    }  # fmt: skip
    assert taxes_of(printed(desk, CreditNote)) == [("GST 5 %", "50.00", "2.50"), ("QST 9.975 %", "50.00", "4.99")]
    rest = desk.refund(package.sale_id, package_id=desk.package(package.sale_id))
    assert desk.entry("refund", rest.refund_id) == {
        "cash_drawer": -931_30, "package_liability": 810_00, **due(40_50, 80_80),
    }  # fmt: skip

    found = figures(desk)
    assert found.taxes.due == {GST: (1_012_00, 50_60), QST: (1_012_00, 100_96)}
    assert found.all_taxes.due == {GST: (152_00, 7_60), QST: (152_00, 15_17)}
    assert [(one.name, one.rate.percent, one.tax_minor) for one in event_lines(found)[-1].rates] == [
        ("GST", Decimal(5), 7_60), ("QST", Decimal("9.975"), 15_17),
    ]  # fmt: skip
    with clinic.read() as session:
        named = {row.key: (row.code, row.name) for row in session.scalars(select(Account)) if "tax" in row.key}
    assert named["tax_payable:5"] == ("2200-5", "Tax payable GST 5 %")
    assert named["tax_payable:second:9.975"] == ("2201-9.975", "Tax payable QST 9.975 %")
    with clinic.app.app_context():
        shift = current_shift(reading(), clinic.usd.desk)
        held = expected_in(reading(), shift)
        reading().rollback()
        close_shift(desk_id=clinic.usd.desk, staff_id=clinic.receptionist.id, counted_minor=held, left_minor=50_00)
    with clinic.read() as session:
        z = session.scalars(select(ZReport).order_by(ZReport.number)).first()
        rows = [row for section in z_document(z).sections for row in section.rows]
    assert ("GST 5 % of 1,012.00", "", "50.60") in rows
    assert ("QST 9.975 % of 1,012.00", "", "100.96") in rows
    assert ("of it QST 9.975 %", "", "85.79") in rows
    holds(desk)


def test_quebec_tax_at_redemption_makes_each_tax_due_by_cumulative_rounding(build_desk: Callable[..., Desk]) -> None:
    """45.00 and 89.78 of ten sessions: 4.50 each time, and 8.98, 8.98, 8.97 of the second."""
    desk = build_desk(LATER)
    clinic = desk.clinic
    sale_id, package_id = three_used(desk, "pro_rata")
    assert clinic.postings(sale_id) == {
        "cash_drawer": 1_034_78, "package_liability": -900_00, **due(-45_00, -89_78, "tax_not_due"),
    }  # fmt: skip
    lot_id = lot_of(desk, sale_id)
    with clinic.read() as session:
        lot = session.get_one(CreditLot, lot_id)
        assert (lot.tax_due_minor, lot.second_tax_due_minor) == (13_50 + 26_93, 26_93)
    with clinic.app.app_context():
        forfeit_credit(package_action(clinic), lot_id, cause="no_show")
        undo_forfeit(package_action(clinic), moves(clinic, lot_id, "burn")[0])
        given = transfer_credits(package_action(clinic), lot_id, credits=2, receiver_id=clinic.ben)
    assert clinic.lot(given).second_tax_minor == 17_96
    used = clinic.postings(clinic.sell(line("trigger_60"), client=clinic.ben).sale_id)
    assert {key: minor for key, minor in used.items() if "tax" in key} == {
        **due(-4_50, -8_98), **due(4_50, 8_98, "tax_not_due"),
    }  # fmt: skip
    holds(desk)
    done = desk.refund(sale_id, package_id=package_id)
    entry = desk.entry("refund", done.refund_id)
    assert {key: minor for key, minor in entry.items() if "tax" in key} == due(22_50, 44_89, "tax_not_due")
    holds(desk)


def lot_of(desk: Desk, sale_id: UUID) -> UUID:
    with desk.clinic.read() as session:
        package = desk.package(sale_id)
        return session.scalars(select(CreditLot.id).where(CreditLot.package_id == package)).first()


@pytest.mark.parametrize("tax", [QUEBEC, LATER, INSIDE], ids=["at sale", "at redemption", "inside"])
@pytest.mark.parametrize("refund_policy", ["pro_rata", "single_price"])
def test_quebec_package_refund_keeps_what_became_due_tax_by_tax(
    build_desk: Callable[..., Desk], tax: TaxHabit, refund_policy: str
) -> None:
    """What was charged of each tax is what came back of it and what is due for it in the end."""
    desk = build_desk(tax)
    sale_id, package_id = three_used(desk, refund_policy)
    done = desk.refund(sale_id, package_id=package_id)
    with desk.clinic.read() as session:
        sold, back = (session.scalars(select(one)).first() for one in (SaleLine, RefundLine))
        assert back.refund_id == done.refund_id
        charged, returned = sold.second_tax_minor, back.second_tax_minor
        share = Decimal(sold.second_tax_minor) / sold.tax_minor
        assert abs(back.second_tax_minor - back.tax_minor * share) <= 1
    assert qst(desk) == charged - returned
    assert (desk.balance("tax_not_due"), desk.balance("package_liability")) == (0, 0)
    holds(desk)


def test_quebec_prices_with_tax_inside_split_what_is_inside(build_desk: Callable[..., Desk]) -> None:
    """100.00 with both inside: 13.02 at 14.975 %, of it 8.67 QST, in the proportion of the rates, and 4.35 GST."""
    desk = build_desk(INSIDE)
    sold = desk.clinic.sell(line("trigger_60"))
    assert desk.clinic.postings(sold.sale_id) == {
        "cash_drawer": 100_00, "service_revenue": -86_98, **due(-4_35, -8_67),
    }  # fmt: skip
    assert taxes_of(printed(desk, Receipt)) == [
        ("incl. GST 5 %", "86.98", "4.35"), ("incl. QST 9.975 %", "86.98", "8.67"),
    ]  # fmt: skip


def test_quebec_refunds_of_all_parts_return_exactly_what_was_charged(build_desk: Callable[..., Desk]) -> None:
    """Lines with a discount and one free of tax, given back in sevenths: each tax of each line comes to nothing."""
    desk = build_desk(QUEBEC)
    clinic = desk.clinic
    sale_id = clinic.sell(
        line("trigger_60", quantity=2),
        line("oil"),
        line("aromatherapy", exemption=Exemption("prescription", "RX 1")),
        discount=Discount(amount_minor=15_55, reason="Birthday"),
        client=clinic.ana,
    ).sale_id
    whole = desk.preview(sale_id).total_minor
    for _ in range(6):
        desk.refund(sale_id, amount_minor=whole // 7)
        holds(desk)
    desk.refund(sale_id)
    with clinic.read() as session:
        for sold in session.scalars(select(SaleLine)):
            back = session.scalars(select(RefundLine).where(RefundLine.sale_position == sold.position)).all()
            assert sum(one.tax_minor for one in back) == sold.tax_minor
            assert sum(one.second_tax_minor for one in back) == sold.second_tax_minor
    assert desk.balance("tax_payable") == 0
    holds(desk)


@pytest.mark.parametrize("expiry", ["account_credit", "lapse"])
@pytest.mark.parametrize("tax", [QUEBEC, LATER], ids=["at sale", "at redemption"])
def test_quebec_credits_that_end_settle_each_tax(build_desk: Callable[..., Desk], tax: TaxHabit, expiry: str) -> None:
    desk = build_desk(tax)
    desk.clinic.write(lambda s: s.execute(update(PackagePlan).values(expiry_policy=expiry)))
    three_used(desk, "pro_rata")
    with noon(date(2027, 6, 18)), desk.clinic.app.app_context():
        end_freezes_and_expire(places(reading()))
        kept = expiry == "account_credit"
        assert qst(desk) == (26_93 if kept else 89_78)
        assert desk.balance("tax_not_due") == 0
        assert -desk.balance("account_credit") == (724_35 if kept else 0)
        holds(desk)


def test_quebec_void_and_package_paid_in_parts_keep_each_tax(build_desk: Callable[..., Desk]) -> None:
    """300.00 and 250.00 of 900.00, each taxed by itself: 15.00 + 29.93, 12.50 + 24.94; three used, the rest back."""
    desk = build_desk(QUEBEC)
    clinic = allow_deposit(desk.clinic)
    policy(desk, "pro_rata")
    desk.void(clinic.sell(line("ten"), line("oil"), client=clinic.ana).sale_id)
    assert (desk.balance("tax_payable"), desk.balance("package_liability")) == (0, 0)
    first = pay(clinic, 300_00).sale_id
    lot_id = lot_of(desk, first)
    assert clinic.postings(pay(clinic, 250_00, lot_id=lot_id).sale_id) == {
        "cash_drawer": 287_44, "package_liability": -250_00, **due(-12_50, -24_94),
    }  # fmt: skip
    assert clinic.lot(lot_id).second_tax_minor == 54_87
    for _ in range(3):
        clinic.sell(line("trigger_60"), client=clinic.ana)
    holds(desk)
    desk.refund(first, package_id=desk.package(first))
    assert desk.balance("package_liability") == 0
    assert abs(qst(desk) - 26_93) <= 2
    holds(desk)


def test_two_halves_given_back_at_once_never_return_more_of_one_tax_than_was_charged(
    build_desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 17.79 with 0.89 and 1.77, half of the tax is 1.33, and two thirds of that are 0.89 each time: 1.78 of 1.77."""
    desk = build_desk(QUEBEC)
    sold = desk.clinic.sell(line("trigger_60"), discount=Discount(amount_minor=82_21, reason="Birthday"))
    before = desk.found(sold.sale_id)
    assert (before.lines[0].tax_minor, before.lines[0].second_tax_minor) == (2_66, 1_77)
    desk.refund(sold.sale_id, amount_minor=10_19)
    # The other desk has read the sale before.
    monkeypatch.setattr(issue_refund, "refundable", lambda session, sale_id: before)
    with pytest.raises(Conflict):
        desk.refund(sold.sale_id, amount_minor=10_19)
    holds(desk)
