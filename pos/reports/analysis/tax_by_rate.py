"""Tax by rate with its base, month by month: what a return for a month or a quarter asks for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from sqlalchemy.orm import Session

from pos.core.clock import days_of_month
from pos.core.money import Money, Rate
from pos.domain.ledger.entries import tax_not_due, tax_payable
from pos.domain.locations.queries import Place
from pos.reports.analysis.opens import Behind, Month
from pos.reports.exporters import Cell
from pos.reports.period import Scope
from pos.reports.registry import report
from pos.reports.sales.sales_export import ledger_remarks
from pos.reports.sales.sales_totals import by_day, totals
from pos.reports.sales.sums import rate_order

COLUMNS = ("Location", "Month", "Tax", "Tax percent", "Base", "Tax due", "Tax not due yet", "Currency")


@report(
    "tax-by-rate",
    title="Tax by rate",
    about="Tax that became due in each month with its base, by rate: sales less refunds, and every other event.",
    columns=COLUMNS,
    summed=("Tax due", "Tax not due yet"),
    by=("Location", "Month", "Tax", "Tax percent"),
    averaged=("Base",),
    behind="journal",
    remarks=ledger_remarks,
)
def tax_by_rate(session: Session, scope: Scope) -> Iterator[tuple[Cell, ...]]:
    """A row for each location, month and rate; they sum to what the ledger's accounts of tax moved by."""
    days = by_day(session, scope)
    for place in scope.places:
        here = replace(scope, places=(place,))
        for month in sorted({(on.year, on.month) for location, on in days if location == place.id}):
            of_month = {
                key: day for key, day in days.items() if key[0] == place.id and (key[1].year, key[1].month) == month
            }
            (found,) = totals(here, of_month)
            taxes, code = found.all_taxes, found.currency
            for rate in sorted({*taxes.due, *taxes.not_due}, key=rate_order):
                base, due = taxes.due.get(rate, (0, 0))
                later = taxes.not_due.get(rate, 0)
                if base or due or later:
                    name = found.tax_name(rate) or place.tax_label
                    amounts = (Money(minor, code) for minor in (base, due, later))
                    # What is taxed at nothing, or comes to no tax, may be on no account.
                    tax = _opening(name, place, here, month, rate) if due or later else name
                    yield (place.name, Month(f"{month[0]}-{month[1]:02d}"), tax, rate.percent, *amounts, code)


def _opening(name: str, place: Place, scope: Scope, month: tuple[int, int], rate: Rate) -> Behind:
    """The name of a tax that opens the accounts of its rate: what is due, and what is not yet."""
    first, last = days_of_month(date(*month, 1))
    accounts = (account(rate.percent, is_second=rate.is_second) for account in (tax_payable, tax_not_due))
    days = {"from": max(first, scope.from_on), "to": min(last, scope.to_on)}
    return Behind(name, location=place.slug, account=",".join(accounts), **days)
