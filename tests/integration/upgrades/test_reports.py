"""Sales, ledger and what is owed go on agreeing after upgrades, visit-conversions and bigger packs."""

from __future__ import annotations

from pos.domain.locations.queries import places
from pos.reports.books.ledger_agreement import compare
from pos.reports.books.rollforward import roll_forward
from pos.reports.period import Scope
from pos.reports.sales.sales_totals import by_day
from tests.conftest import NOON
from tests.integration.upgrades.test_visit_conversion import command, visit_conversion, with_visit
from tests.support.books import failing
from tests.support.clinic import Clinic, line


def test_report_visit_conversion_upgrade_and_exchange_agree_with_ledger(books: Clinic) -> None:
    single = books.sell(line("trigger_60"), client=books.ana).sale_id
    old = visit_conversion(books, single, "five").sale_id
    books.sell(line("trigger_90"), client=books.ana)
    books.ring_up(command(books, with_visit(books, old), books.ana))
    with books.read() as session:
        today = Scope(places(session), NOON.date(), NOON.date())
        found = compare(session, today, by_day(session, today))
        rolls = roll_forward(session, today)
    assert found.differences == ()
    assert all(roll.agrees for roll in rolls)
    here = next(roll for roll in rolls if roll.place.id == books.usd.location_id)
    # Ten for 900.00 of which two are used; the upgrade of 40.00 was paid beside it.
    assert here.total.closing_minor == 720_00
    assert books.balance(books.usd, "service_revenue") == -220_00
    assert failing(books) == {}
