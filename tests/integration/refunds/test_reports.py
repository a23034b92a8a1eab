"""Refunds in the reports: rows of their own day with negative amounts, and figures that go on agreeing with the ledger."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from pos.core import clock
from pos.core.paging.window import Window
from pos.domain.locations.queries import place
from pos.domain.sales.carts import Tip
from pos.reports.books.ledger_agreement import compare
from pos.reports.period import Scope
from pos.reports.sales.refunds import refund_rows
from pos.reports.sales.sales_rows import rows_with_refunds
from pos.reports.sales.sales_totals import by_day, totals
from tests.integration.refunds.conftest import Desk
from tests.support.books import trade
from tests.support.clinic import line


def scope(desk: Desk, days: int = 1) -> Scope:
    with desk.clinic.read() as session:
        here = place(session, desk.clinic.usd.location_id)
    return Scope((here,), here.today(), here.today() + timedelta(days=days - 1))


def test_sales_report_refund_is_negative_row_on_its_own_day(desk: Desk) -> None:
    sale_id = desk.clinic.sell(line("trigger_60"), client=desk.clinic.ana).sale_id
    two_days = scope(desk, 2)
    with clock.at(clock.now() + timedelta(days=1)):
        desk.refund(sale_id, amount_minor=54_00)
    with desk.clinic.read() as session:
        rows = list(rows_with_refunds(session, two_days))
        newest = list(rows_with_refunds(session, two_days, window=Window(1)))
        days = by_day(session, two_days)
        assert compare(session, two_days, days).holds
    assert [(row.receipt, row.total_minor, row.tender_minor("cash")) for row in rows] == [
        ("RIV-000001", 108_00, 108_00),
        ("RIV-CN-000001", -54_00, -54_00),
    ]
    assert rows[1].items == "Refund of RIV-000001: The client asked for it"
    assert [row.receipt for row in newest] == ["RIV-CN-000001"]
    first, second = days.values()
    assert (first.total_minor, first.back_minor) == (108_00, 0)
    assert (second.total_minor, second.refunds, second.back_minor) == (0, 1, 54_00)


def test_sales_report_refunds_and_voids_agree_with_ledger(desk: Desk) -> None:
    """Lines, tips, packages by their terms, voids with credits used: every figure against its postings."""
    clinic = desk.clinic
    trade(clinic)
    tipped = clinic.sell(line("foot_60"), line("oil"), tip=Tip(Decimal(20), staff_id=clinic.therapist.id)).sale_id
    desk.refund(tipped, positions=(1,), tip_minor=5_00)
    bought = clinic.sell(line("five"), client=clinic.ben).sale_id
    clinic.sell(line("trigger_60"), client=clinic.ben)
    desk.refund(bought, package_id=desk.package(bought))
    visit = clinic.sell(line("trigger_60"), line("cupping"), client=clinic.ana).sale_id
    desk.void(visit)
    today = scope(desk)
    with clinic.read() as session:
        days = by_day(session, today)
        found = compare(session, today, days)
        rows = list(rows_with_refunds(session, today))
        listed = refund_rows(session, today)
    assert found.differences == ()
    (figures,) = totals(today, days)
    assert figures.refunds == len(listed) == 3
    assert sum(row.net_minor for row in rows) == figures.net_minor - figures.back_net_minor
    assert sum(row.tax_minor for row in rows) == figures.tax_minor - figures.back_tax_minor
    assert sum(row.tender_minor("cash") for row in rows) == figures.tender_minor("cash") - figures.back["cash"]
    assert [row.state for row in listed] == ["paid_back"] * 3


def test_sales_report_without_refunds_has_no_refund_rows_and_sums_its_sales(desk: Desk) -> None:
    trade(desk.clinic)
    today = scope(desk)
    with desk.clinic.read() as session:
        days = by_day(session, today)
        assert compare(session, today, days).holds
        rows = list(rows_with_refunds(session, today))
        assert refund_rows(session, today) == []
    (figures,) = totals(today, days)
    assert (figures.refunds, figures.back_minor, figures.back_net_minor, figures.back_tax_minor) == (0, 0, 0, 0)
    assert len(rows) == figures.sales > 0
    assert all(row.refund_id is None for row in rows)
    assert sum(row.net_minor for row in rows) == figures.net_minor
    assert sum(row.tax_minor for row in rows) == figures.tax_minor
    assert sum(row.total_minor for row in rows) == figures.total_minor
