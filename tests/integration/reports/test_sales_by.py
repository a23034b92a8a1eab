"""Sales by item, person, weekday and hour: whatever they are summed by, the rows sum to the figures of the same days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.money import Money
from pos.domain.locations.queries import place
from pos.reports.exporters import Cell
from pos.reports.listed import reports
from pos.reports.period import Only, Scope
from pos.reports.sales.figures import FIGURES
from pos.reports.sales.sales_totals import by_day, totals
from tests.integration.refunds.conftest import Desk
from tests.integration.reports.test_figures import a_day
from tests.support.agreeing import disagreements
from tests.support.clinic import Clinic, line

BY = ("item", "category", "therapist", "person", "weekday", "hour")


def week(session: Session, world: Clinic, only: Only | None = None) -> Scope:
    here = place(session, world.usd.location_id)
    return Scope((here,), here.today() - timedelta(days=7), here.today(), only or Only())


def rows_by(world: Clinic, name: str, only: Only | None = None) -> dict[str, dict[str, Cell]]:
    found = reports()[f"sales-by-{name}"]
    with world.read() as session:
        rows = [dict(zip(found.columns, row, strict=True)) for row in found.rows(session, week(session, world, only))]
    return {str(row[found.columns[1]]): row for row in rows}


def minor(cell: Cell) -> int:
    assert isinstance(cell, Money)
    return cell.minor


@pytest.mark.parametrize("name", BY)
def test_sales_by_anything_rows_sum_to_figures(desk: Desk, name: str) -> None:
    world = a_day(desk)
    world.buy("ten", world.ana)
    world.sell(line("trigger_60", therapist=world.therapist), line("oil", 2), client=world.ana)
    rows = rows_by(world, name).values()
    with world.read() as session:
        scope = week(session, world)
        (found,) = totals(scope, by_day(session, scope))
    for key in ("gross", "discounts", "net", "tax", "gift_sold", "credits", "revenue"):
        assert sum(minor(row[FIGURES[key].label]) for row in rows) == FIGURES[key].of(found), key
    assert -sum(minor(row["Refunds, net"]) for row in rows) == FIGURES["net"].back(found) > 0


def test_sales_by_hour_and_weekday_are_of_the_location(books: Clinic) -> None:
    # 16 June 2026 is a Tuesday; 23:30 in UTC is 19:30 in New York, and 30 minutes past midnight 20:30 of the same date.
    with clock.at(datetime(2026, 6, 16, 23, 30, tzinfo=UTC)):
        books.sell(line("oil"))
    with clock.at(datetime(2026, 6, 17, 0, 30, tzinfo=UTC)):
        books.sell(line("oil", 2))
        hours, days = rows_by(books, "hour"), rows_by(books, "weekday")
    zone = clock.zone("America/New_York")
    local = [datetime(2026, 6, day, hour, 30, tzinfo=UTC).astimezone(zone).hour for day, hour in ((16, 23), (17, 0))]
    assert [hours[f"{hour:02d}:00–{hour:02d}:59"]["Quantity"] for hour in local] == [1, 2]
    assert list(days) == ["Tuesday"]


def test_sales_by_therapist_counts_delivery_on_credit_and_keeps_to_filters(books: Clinic) -> None:
    books.buy("five", books.ben)
    books.sell(line("trigger_60", therapist=books.therapist), client=books.ben)
    everybody = rows_by(books, "therapist")
    own = everybody[books.therapist.name]
    assert minor(own["Credits used"]) > 0
    assert minor(own["Revenue"]) == minor(own["Net sales"]) + minor(own["Credits used"])
    assert "No therapist" in everybody
    assert rows_by(books, "therapist", Only(therapist=books.therapist.id)) == {books.therapist.name: own}
    assert set(rows_by(books, "category", Only(category="retail"))) <= {"Retail"}


def test_tax_by_rate_months_sum_to_tax_accounts(desk: Desk) -> None:
    world = a_day(desk)
    later = clock.now() + timedelta(days=20)
    with clock.at(later):
        world.sell(line("oil"))
        found = reports()["tax-by-rate"]
        with world.read() as session:
            here = place(session, world.usd.location_id)
            scope = Scope((here,), here.today() - timedelta(days=40), here.today())
            rows = [dict(zip(found.columns, row, strict=True)) for row in found.rows(session, scope)]
            assert found.remarks_on(session, scope) == []
    # 100.00 of the visit that was paid with a gift card came back in June; 18.00 of oil followed in July.
    said = [(row["Month"], row["Base"], row["Tax due"]) for row in rows if row["Tax percent"]]
    assert said == [
        ("2026-06", Money(100_00, "USD"), Money(8_00, "USD")),
        ("2026-07", Money(18_00, "USD"), Money(1_44, "USD")),
    ]
    assert sum(minor(row["Tax due"]) for row in rows) == -world.balance(world.usd, "tax_payable")


def test_packages_report_counts_credits_from_start_to_end(desk: Desk) -> None:
    world = desk.clinic
    world.buy("ten", world.ana)
    given_back = world.sell(line("five"), client=world.ben)
    with clock.at(clock.now() + timedelta(days=2)):
        world.buy("ten", world.ben)
        world.sell(line("trigger_60", therapist=world.therapist), client=world.ana)
        desk.refund(given_back.sale_id, package_id=desk.package(given_back.sale_id))
        found = reports()["packages"]
        with world.read() as session:
            here = place(session, world.usd.location_id)
            rows = list(found.rows(session, Scope((here,), here.today(), here.today())))
            assert disagreements(session, here) == []
    # location, plan, start, packages, credits granted, used, forfeited, refunded, expired, moved, end, live
    assert [row[2:] for row in rows] == [(10, 1, 10, 1, 0, 0, 0, 0, 19, 2), (5, 0, 0, 0, 0, 5, 0, 0, 0, 0)]
