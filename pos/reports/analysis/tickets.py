"""The average ticket, with and without the credits used on it, and how often a visit has an add-on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import case, func, null, select
from sqlalchemy.orm import Session

from pos.core.clock import days_of_month
from pos.core.database.day_totals import DayTotals
from pos.core.money import Money, round_half_up, share_of
from pos.domain.credits.models import Redemption
from pos.domain.sales.models import Sale, SaleLine
from pos.domain.staff.queries import names
from pos.reports.analysis.narrowing import NOBODY_WORDS, OF_SALES, lines_wanted, sales_wanted
from pos.reports.analysis.opens import Behind, Month
from pos.reports.exporters import Cell
from pos.reports.period import NOBODY, Scope
from pos.reports.registry import report
from pos.reports.sales.figures import label
from pos.reports.sales.sales_totals import in_scope
from pos.reports.totals.kept import kept_lines
from pos.reports.totals.stored import read

AVERAGES = (
    "Location", "Month", "Sales", label("net"), "Average ticket", "Sales with credits used", label("credits"),
    "Average with credits used", "Currency",
)  # fmt: skip
ATTACHED = (
    "Location", "Therapist", "Visits", "Visits with an add-on", "Add-on rate in percent", "Add-ons", "Add-ons, net",
    "Currency",
)  # fmt: skip


@dataclass
class Tickets:
    """The sales of a month, minor units; `used` is how many of them were paid with a credit, all or in part."""

    sales: int = 0
    net_minor: int = 0
    used: int = 0
    credit_minor: int = 0


# Of a therapist's visits: how many, how many with an add-on, how many add-ons, and their net amount in minor units.
Visits = tuple[int, int, int, int]


def average(minor: int, count: int) -> int:
    """An amount shared among some sales, rounded half up; minor units."""
    return round_half_up(Decimal(minor) / count) if count else 0


def tickets(session: Session, scope: Scope) -> dict[tuple[UUID, str], Tickets]:
    """The sales of each location and month (2026-06)."""
    found: dict[tuple[UUID, str], Tickets] = defaultdict(Tickets)
    keys = (Sale.location_id, Sale.business_on)
    sales = select(*keys, func.count()).where(in_scope(scope), sales_wanted(scope)).group_by(*keys)
    # A gift card is no sale until it is spent.
    net = func.sum(case((SaleLine.kind == "gift_card", 0), else_=SaleLine.net_minor))
    lines = (
        select(*keys, net)
        .join(Sale, Sale.id == SaleLine.sale_id)
        .where(in_scope(scope), lines_wanted(scope))
        .group_by(*keys)
    )
    uses = (
        select(*keys, func.count(Redemption.sale_id.distinct()), func.sum(Redemption.value_minor))
        .join(Sale, Sale.id == Redemption.sale_id)
        .join(
            SaleLine,
            (SaleLine.sale_id == Redemption.sale_id) & (SaleLine.position == Redemption.sale_position),
        )
        .where(in_scope(scope), lines_wanted(scope))
        .group_by(*keys)
    )
    for where, on, count in session.execute(sales):
        found[where, f"{on:%Y-%m}"].sales += int(count)
    for where, on, minor in session.execute(lines):
        found[where, f"{on:%Y-%m}"].net_minor += int(minor)
    for where, on, count, minor in session.execute(uses):
        month = found[where, f"{on:%Y-%m}"]
        month.used, month.credit_minor = month.used + int(count), month.credit_minor + int(minor)
    return found


@report(
    "average-ticket",
    title="Average ticket",
    about="Net sales for each sale, month by month: without the credits used on it, and with them at their value.",
    columns=AVERAGES,
    summed=("Sales", label("net"), "Sales with credits used", label("credits")),
    by=("Location", "Month"),
    averaged=("Average ticket", "Average with credits used"),
    behind="items",
    filters=OF_SALES,
)
def average_ticket(session: Session, scope: Scope) -> Iterator[tuple[Cell, ...]]:
    """A row for each location and month with sales."""
    found = tickets(session, scope)
    for place in scope.places:
        for (where, month), one in sorted(found.items(), key=lambda pair: pair[0][1]):
            if where == place.id:
                net, alone, credit, both = (
                    Money(minor, place.currency)
                    for minor in (
                        one.net_minor,
                        average(one.net_minor, one.sales),
                        one.credit_minor,
                        average(one.net_minor + one.credit_minor, one.sales),
                    )
                )
                first, last = days_of_month(date.fromisoformat(f"{month}-01"))
                days = {"from": max(first, scope.from_on), "to": min(last, scope.to_on)}
                name = Behind(Month(month), location=place.slug, **days)
                yield place.name, name, one.sales, net, alone, one.used, credit, both, place.currency


def daily_visits_of_rows(
    session: Session, scope: Scope, *, daily: bool = True
) -> dict[tuple[UUID, date | None, UUID | None], Visits]:
    """The visits of each location, business date and therapist, read from their rows; not `daily`: of all days in one."""
    treats, adds = SaleLine.kind == "variant", SaleLine.kind == "add_on"
    visit = (
        select(
            Sale.location_id.label("place"),
            (Sale.business_on if daily else null()).label("day"),
            SaleLine.therapist_id.label("who"),
            func.max(case((adds, 1), else_=0)).label("has"),
            func.sum(case((adds, SaleLine.quantity), else_=0)).label("add_ons"),
            func.sum(case((adds, SaleLine.net_minor), else_=0)).label("net"),
        )
        .join(Sale, Sale.id == SaleLine.sale_id)
        .where(in_scope(scope), lines_wanted(scope), treats | adds)
        .group_by(Sale.location_id, Sale.business_on, Sale.id, SaleLine.therapist_id)
        .having(func.max(case((treats, 1), else_=0)) == 1)
        .subquery()
    )
    keys = (visit.c.place, visit.c.day, visit.c.who)
    sums = (func.count(), func.sum(visit.c.has), func.sum(visit.c.add_ons), func.sum(visit.c.net))
    return {
        (where, on, who): (int(visits), int(having), int(count), int(net))
        for where, on, who, visits, having, count, net in session.execute(select(*keys, *sums).group_by(*keys))
    }


def visit_sums(session: Session, scope: Scope) -> dict[tuple[UUID, UUID | None], Visits]:
    """The visits of each location and therapist: of whole past days from their totals, of what has none from the rows."""
    stored = read(session, scope, DayTotals.lines)
    found: dict[tuple[UUID, UUID | None], Visits] = defaultdict(lambda: (0, 0, 0, 0))

    def add(where: UUID, who: UUID | None, more: Sequence[int]) -> None:
        visits, having, count, net = (a + b for a, b in zip(found[where, who], more, strict=True))
        found[where, who] = visits, having, count, net

    for (where, _on), lines in stored.read():
        for (who,), amounts in kept_lines(lines.get("visit", ())):
            add(where, who, amounts)
    for gap in stored.gaps:
        for (where, _all_days, who), more in daily_visits_of_rows(session, gap, daily=False).items():
            add(where, who, more)
    return found


@report(
    "add-ons",
    title="Add-ons",
    about="How many visits had an add-on, by therapist. A visit is what one therapist did on one sale.",
    columns=ATTACHED,
    summed=("Visits", "Visits with an add-on", "Add-ons", "Add-ons, net"),
    by=("Location", "Therapist"),
    averaged=("Add-on rate in percent",),
    pictured="Add-ons, net",
    behind="visit-lines",
    filters=("therapist", "channel", "desk", "staff"),
)
def add_ons(session: Session, scope: Scope) -> Iterator[tuple[Cell, ...]]:
    """A row for each therapist of a location, those of nobody last; add-ons that come free with a package count."""
    found = visit_sums(session, scope)
    known = names(session)
    for place in scope.places:
        own = [
            (who is None, known.get(who, "") if who else NOBODY_WORDS["therapist"], who or NOBODY, *sums)
            for (where, who), sums in found.items()
            if where == place.id
        ]
        for _, words, who, visits, having, count, net in sorted(own):
            name = Behind(words, location=place.slug, therapist=who)
            rate, amount = share_of(having, visits), Money(net, place.currency)
            yield place.name, name, visits, having, rate, count, amount, place.currency
