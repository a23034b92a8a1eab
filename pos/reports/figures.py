"""The sums of sales, by location and business date: what every report and its comparison with the ledger add up.

All sums are made by the database, so a year of sales costs no more memory than a year of days.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import Session, aliased

from pos.credits.models import CreditLot, CreditMove, PartPayment, PurchasedPackage, Redemption, RedemptionReversal
from pos.kernel.money import cumulative_share
from pos.payments.models import Tender
from pos.payments.refund_models import Refund, RefundLine, RefundPart
from pos.reports.scope import Scope
from pos.sales.models import Sale, SaleLine, TaxExemption

DayKey = tuple[UUID, date]


@dataclass
class KindSum:
    """Lines of one kind: how many units, at which amounts. Money in minor units."""

    quantity: int = 0
    list_minor: int = 0
    covered_minor: int = 0
    discount_minor: int = 0
    net_minor: int = 0
    tax_minor: int = 0

    def add(self, other: KindSum) -> None:
        """Add another sum of the same currency."""
        for name in self.__dataclass_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass
class Figures:
    """Sums of some sales in one currency, minor units; `tenders` and `kinds` by their words, `taxes` by percent.

    `taxes` are what became due: of lines taxed at their sale, and of sessions of packages taxed at redemption. `not_due` is
    what was charged with such packages less what became due of it, by percent.
    Refunds and voids of the same days stand beside them, positive: `back` by the way it went, `back_taxes` by percent, and
    `back_not_due` what they took of the tax that was not due yet.
    """

    currency: str
    sales: int = 0
    list_minor: int = 0
    covered_minor: int = 0
    discount_minor: int = 0
    net_minor: int = 0
    tax_minor: int = 0
    total_minor: int = 0
    tip_minor: int = 0
    tenders: dict[str, tuple[int, int]] = field(default_factory=dict)
    kinds: dict[str, KindSum] = field(default_factory=dict)
    taxes: dict[Decimal, tuple[int, int]] = field(default_factory=dict)
    not_due: dict[Decimal, int] = field(default_factory=dict)
    redeemed: int = 0
    redeemed_minor: int = 0
    credits_sold: int = 0
    packages_sold: int = 0
    packages_minor: int = 0
    refunds: int = 0
    back_net_minor: int = 0
    back_tax_minor: int = 0
    back_tip_minor: int = 0
    back_minor: int = 0
    back_liability_minor: int = 0
    back_gift_minor: int = 0
    visits_reversed_minor: int = 0
    back: dict[str, int] = field(default_factory=dict)
    back_taxes: dict[Decimal, int] = field(default_factory=dict)
    back_not_due: dict[Decimal, int] = field(default_factory=dict)

    @property
    def takings_minor(self) -> int:
        """Everything received: sales with their tax, and tips."""
        return self.total_minor + self.tip_minor

    @property
    def revenue_minor(self) -> int:
        """What was delivered, net of tax: every line but packages and gift cards, and the credits used at their value."""
        owed = self.packages_minor + self.kind("gift_card").net_minor
        return sum(part.net_minor for part in self.kinds.values()) - owed + self.redeemed_minor

    def tender_minor(self, kind: str) -> int:
        """The sum of one means of payment."""
        return self.tenders.get(kind, (0, 0))[1]

    def kind(self, name: str) -> KindSum:
        """The sum of one kind of lines."""
        return self.kinds.get(name, KindSum())

    def add(self, other: Figures) -> None:
        """Add figures of the same currency; raises ValueError for another."""
        if other.currency != self.currency:
            raise ValueError(f"cannot mix {self.currency} and {other.currency}")
        for name in _PLAIN:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for kind, (count, minor) in other.tenders.items():
            was = self.tenders.get(kind, (0, 0))
            self.tenders[kind] = was[0] + count, was[1] + minor
        for way, minor in other.back.items():
            self.back[way] = self.back.get(way, 0) + minor
        for name in ("not_due", "back_taxes", "back_not_due"):
            sums = getattr(self, name)
            for percent, tax in getattr(other, name).items():
                sums[percent] = sums.get(percent, 0) + tax
        for kind, part in other.kinds.items():
            self.kinds.setdefault(kind, KindSum()).add(part)
        for percent, (net, tax) in other.taxes.items():
            base = self.taxes.get(percent, (0, 0))
            self.taxes[percent] = base[0] + net, base[1] + tax


_PARTED = ("currency", "tenders", "kinds", "taxes", "not_due", "back", "back_taxes", "back_not_due")
_PLAIN = tuple(name for name in Figures.__dataclass_fields__ if name not in _PARTED)


def in_scope(scope: Scope) -> ColumnElement[bool]:
    """The sales of a scope."""
    return Sale.location_id.in_(scope.location_ids) & Sale.business_on.between(scope.from_on, scope.to_on)


def is_later_part() -> ColumnElement[bool]:
    """Lines that pay a later part of a package: it was sold before, and is not sold again."""
    paid = (
        select(PartPayment.lot_id)
        .join(CreditMove, CreditMove.id == PartPayment.move_id)
        .where(
            PartPayment.sale_id == SaleLine.sale_id,
            PartPayment.sale_position == SaleLine.position,
            CreditMove.kind == "pay",
        )
        .correlate(SaleLine)
    )
    return and_(SaleLine.kind == "package", paid.exists())


def units() -> ColumnElement[int]:
    """How many units of something a line sells: none where it pays a later part of what was sold."""
    return case((is_later_part(), 0), else_=SaleLine.quantity).label("quantity")


def _per_day(
    session: Session, which: ColumnElement[bool], query: Select[*tuple[Any, ...]], *group: Any
) -> Iterable[Any]:
    keys = (Sale.location_id, Sale.business_on, *group)
    return session.execute(query.add_columns(*keys).where(which).group_by(*keys))


def _total(column: Any) -> Any:
    return func.coalesce(func.sum(column), 0)


def by_day(
    session: Session, scope: Scope, *, which: ColumnElement[bool] | None = None, until: datetime | None = None
) -> dict[DayKey, Figures]:
    """Figures of each location and business date with sales or refunds, earliest first.

    `which` narrows the sales further, and leaves refunds out; `until` leaves out what came later.
    """
    chosen = in_scope(scope)
    if which is not None:
        chosen &= which
    if until is not None:
        chosen &= Sale.completed_at <= until
    currency = {place.id: place.currency for place in scope.places}
    found: dict[DayKey, Figures] = {}

    sums = [
        _total(c).label(c.key)
        for c in (
            Sale.list_minor,
            Sale.covered_minor,
            Sale.discount_minor,
            Sale.net_minor,
            Sale.tax_minor,
            Sale.total_minor,
            Sale.tip_minor,
        )
    ]
    for row in _per_day(session, chosen, select(func.count().label("sales"), *sums)):
        day = found[row.location_id, row.business_on] = Figures(currency[row.location_id], sales=row.sales)
        for name in (c.name for c in sums):
            setattr(day, name, int(getattr(row, name)))

    tenders = select(func.count(), _total(Tender.amount_minor)).join(Sale, Sale.id == Tender.sale_id)
    for count, minor, location, day_on, kind in _per_day(session, chosen, tenders, Tender.kind):
        found[location, day_on].tenders[kind] = count, int(minor)

    columns = (
        SaleLine.list_minor,
        SaleLine.covered_minor,
        SaleLine.discount_minor,
        SaleLine.net_minor,
        SaleLine.tax_minor,
    )
    lines = select(_total(units()), *(_total(c) for c in columns)).join(Sale, Sale.id == SaleLine.sale_id)
    for *amounts, location, day_on, kind, percent, point in _per_day(
        session, chosen, lines, SaleLine.kind, SaleLine.tax_percent, SaleLine.tax_point
    ):
        part, day = KindSum(*map(int, amounts)), found[location, day_on]
        day.kinds.setdefault(kind, KindSum()).add(part)
        if point == "sale":
            _tax(day, percent, part.net_minor, part.tax_minor)
        else:
            day.not_due[percent] = day.not_due.get(percent, 0) + part.tax_minor

    used = select(func.count(), _total(Redemption.value_minor)).join(Sale, Sale.id == Redemption.sale_id)
    for count, minor, location, day_on in _per_day(session, chosen, used):
        found[location, day_on].redeemed, found[location, day_on].redeemed_minor = count, int(minor)
    free = (
        select(_total(TaxExemption.net_minor))
        .join(Sale, Sale.id == TaxExemption.sale_id)
        .join(SaleLine, (SaleLine.sale_id == Sale.id) & (SaleLine.position == TaxExemption.position))
    )
    for minor, location, day_on, percent in _per_day(
        session, chosen & (SaleLine.tax_point == "sale"), free, SaleLine.tax_percent
    ):
        day = found[location, day_on]
        _tax(day, percent, -int(minor), 0)
        _tax(day, Decimal(0), int(minor), 0)
    _without_tax(session, chosen, found)
    due = (
        select(_total(Redemption.value_minor), _total(Redemption.tax_minor))
        .join(Sale, Sale.id == Redemption.sale_id)
        .join(CreditLot, CreditLot.id == Redemption.lot_id)
    )
    for value, tax, location, day_on, percent in _per_day(
        session, chosen & CreditLot.tax_prepaid.is_(False), due, CreditLot.tax_percent
    ):
        day = found[location, day_on]
        _tax(day, percent, int(value), int(tax))
        day.not_due[percent] = day.not_due.get(percent, 0) - int(tax)

    lots = (
        select(func.count(), _total(CreditLot.quantity))
        .join(PurchasedPackage, PurchasedPackage.id == CreditLot.package_id)
        .join(Sale, Sale.id == PurchasedPackage.sale_id)
    )
    # What was given to somebody else is a lot of its own, sold once all the same.
    for packages, credits, location, day_on in _per_day(session, chosen & CreditLot.origin_lot_id.is_(None), lots):
        found[location, day_on].packages_sold, found[location, day_on].credits_sold = packages, int(credits)
    for day in found.values():
        day.packages_minor = day.kind("package").net_minor
    if which is None:
        _add_refunds(session, scope, found, until)
    return dict(sorted(found.items(), key=lambda item: (item[0][1], item[0][0])))


def _without_tax(session: Session, which: ColumnElement[bool], found: dict[DayKey, Figures]) -> None:
    """Move the part of a session that was sold free of tax from its rate's base to what holds none.

    Of packages taxed at redemption, some sessions of which are free: a session's base is the share of the line's base that
    its value is of the line's net, rounded cumulatively, so that the bases of all sessions sum to the line's.
    """
    earlier = aliased(CreditMove)
    owed = (
        select(_total(earlier.value_minor))
        .where(earlier.lot_id == CreditMove.lot_id, earlier.seq <= CreditMove.seq)
        .scalar_subquery()
    )
    sold = aliased(SaleLine)
    rows = session.execute(
        select(
            Sale.location_id, Sale.business_on, CreditLot.tax_percent, owed, CreditMove.value_minor,
            sold.net_minor, TaxExemption.net_minor,
        )
        .select_from(TaxExemption)
        .join(sold, and_(sold.sale_id == TaxExemption.sale_id, sold.position == TaxExemption.position))
        .join(
            PurchasedPackage,
            and_(PurchasedPackage.sale_id == sold.sale_id, PurchasedPackage.sale_position == sold.position),
        )
        .join(CreditLot, CreditLot.package_id == PurchasedPackage.id)
        .join(CreditMove, and_(CreditMove.lot_id == CreditLot.id, CreditMove.kind == "redeem"))
        .join(Sale, Sale.id == CreditMove.sale_id)
        .where(which, CreditLot.tax_prepaid.is_(False), sold.net_minor > 0)
    )  # fmt: skip
    for location, day_on, percent, after, value, net, free in rows:
        left = int(after)
        taken = cumulative_share(free, left - value, net) - cumulative_share(free, left, net)
        _tax(found[location, day_on], percent, -taken, 0)
        _tax(found[location, day_on], Decimal(0), taken, 0)


def _tax(day: Figures, percent: Decimal, net_minor: int, tax_minor: int) -> None:
    net, tax = day.taxes.get(percent, (0, 0))
    day.taxes[percent] = net + net_minor, tax + tax_minor


def _add_refunds(session: Session, scope: Scope, found: dict[DayKey, Figures], until: datetime | None) -> None:
    """Put the refunds and voids of a scope beside its sales, each on its own business date."""
    here = Refund.location_id.in_(scope.location_ids) & Refund.business_on.between(scope.from_on, scope.to_on)
    if until is not None:
        here &= Refund.created_at <= until
    keys = (Refund.location_id, Refund.business_on)
    currency = {place.id: place.currency for place in scope.places}
    sums = (Refund.net_minor, Refund.tax_minor, Refund.tip_minor, Refund.total_minor, Refund.liability_minor)
    query = select(*keys, func.count(), *map(_total, sums)).where(here).group_by(*keys)
    for location, day_on, count, net, tax, tip, total, liability in session.execute(query):
        day = found.setdefault((location, day_on), Figures(currency[location]))
        day.refunds, day.back_net_minor, day.back_tax_minor = count, int(net), int(tax)
        day.back_tip_minor, day.back_minor, day.back_liability_minor = int(tip), int(total), int(liability)
    ways = (
        select(*keys, RefundPart.kind, _total(RefundPart.amount_minor))
        .join(RefundPart, RefundPart.refund_id == Refund.id)
        .where(here, RefundPart.replaces_id.is_(None))
        .group_by(*keys, RefundPart.kind)
    )
    for location, day_on, kind, minor in session.execute(ways):
        found[location, day_on].back[kind] = int(minor)
    lines = (
        select(
            *keys,
            RefundLine.kind,
            RefundLine.tax_percent,
            _total(RefundLine.net_minor),
            _total(RefundLine.tax_minor),
            _total(RefundLine.not_due_minor),
        )
        .join(RefundLine, RefundLine.refund_id == Refund.id)
        .where(here)
        .group_by(*keys, RefundLine.kind, RefundLine.tax_percent)
    )
    for location, day_on, kind, percent, net, tax, later in session.execute(lines):
        day = found[location, day_on]
        _tax_back(day, percent, int(tax) - int(later), int(later))
        if kind == "gift_card":
            day.back_gift_minor += int(net)
    # Visits that a void took back have their revenue in its entry; those reversed alone have entries of their own.
    reversed_ = (
        select(*keys, CreditLot.tax_percent, _total(RedemptionReversal.value_minor), _total(CreditMove.tax_minor))
        .join(Redemption, Redemption.sale_id == Refund.sale_id)
        .join(RedemptionReversal, RedemptionReversal.redemption_id == Redemption.id)
        .join(CreditMove, CreditMove.id == RedemptionReversal.move_id)
        .join(CreditLot, CreditLot.id == CreditMove.lot_id)
        .where(here, Refund.kind == "void", CreditMove.key.startswith("refund:"))
        .group_by(*keys, CreditLot.tax_percent)
    )
    for location, day_on, percent, minor, tax in session.execute(reversed_):
        found[location, day_on].visits_reversed_minor += int(minor)
        _tax_back(found[location, day_on], percent, int(tax), -int(tax))
    for key, day in sorted(found.items(), key=lambda item: (item[0][1], item[0][0])):
        del found[key]
        found[key] = day


def _tax_back(day: Figures, percent: Decimal, due_minor: int, not_due_minor: int) -> None:
    day.back_taxes[percent] = day.back_taxes.get(percent, 0) + due_minor
    day.back_not_due[percent] = day.back_not_due.get(percent, 0) + not_due_minor


def totals(scope: Scope, days: dict[DayKey, Figures]) -> tuple[Figures, ...]:
    """One sum for each currency of a scope, in the order of its locations."""
    found = {currency: Figures(currency) for currency in scope.currencies}
    for day in days.values():
        found[day.currency].add(day)
    return tuple(found.values())
