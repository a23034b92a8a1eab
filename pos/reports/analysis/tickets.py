"""The average ticket, with and without the credits used on it, and how often a visit has an add-on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from pos.core.money import Money, round_half_up
from pos.domain.credits.models import Redemption
from pos.domain.sales.models import Sale, SaleLine
from pos.domain.staff.queries import names
from pos.reports.analysis.narrowing import FILTERS, lines_wanted, sales_wanted
from pos.reports.exporters import Cell
from pos.reports.period import Scope
from pos.reports.registry import report
from pos.reports.sales.figures import label
from pos.reports.sales.sales_totals import in_scope

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
    filters=tuple(FILTERS),
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
                yield place.name, month, one.sales, net, alone, one.used, credit, both, place.currency


@report(
    "add-ons",
    title="Add-ons",
    about="How many visits had an add-on, by therapist. A visit is what one therapist did on one sale.",
    columns=ATTACHED,
    summed=("Visits", "Visits with an add-on", "Add-ons", "Add-ons, net"),
    filters=("therapist", "channel", "desk", "staff"),
)
def add_ons(session: Session, scope: Scope) -> Iterator[tuple[Cell, ...]]:
    """A row for each therapist of a location, those of nobody last; add-ons that come free with a package count."""
    treats, adds = SaleLine.kind == "variant", SaleLine.kind == "add_on"
    visit = (
        select(
            Sale.location_id.label("place"),
            SaleLine.therapist_id.label("who"),
            func.max(case((adds, 1), else_=0)).label("has"),
            func.sum(case((adds, SaleLine.quantity), else_=0)).label("add_ons"),
            func.sum(case((adds, SaleLine.net_minor), else_=0)).label("net"),
        )
        .join(Sale, Sale.id == SaleLine.sale_id)
        .where(in_scope(scope), lines_wanted(scope), treats | adds)
        .group_by(Sale.location_id, Sale.id, SaleLine.therapist_id)
        .having(func.max(case((treats, 1), else_=0)) == 1)
        .subquery()
    )
    columns = (func.count(), func.sum(visit.c.has), func.sum(visit.c.add_ons), func.sum(visit.c.net))
    rows = session.execute(select(visit.c.place, visit.c.who, *columns).group_by(visit.c.place, visit.c.who)).all()
    known = names(session)
    for place in scope.places:
        own = [(who is None, known.get(who, ""), *sums) for where, who, *sums in rows if where == place.id]
        for nobody, name, visits, having, count, net in sorted(own):
            rate = (Decimal(100 * int(having)) / int(visits)).quantize(Decimal("0.1"))
            amount = Money(int(net), place.currency)
            yield (
                place.name, "No therapist" if nobody else name, int(visits), int(having), rate, int(count), amount,
                place.currency,
            )  # fmt: skip
