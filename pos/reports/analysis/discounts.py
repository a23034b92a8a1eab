"""What was taken off list prices, sale by sale: by which promo code, by whom by hand, and who approved it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, aliased

from pos.core.clock import local_minute
from pos.core.money import Money
from pos.core.paging.window import Query, Window
from pos.domain.promotions.models import PromoCode, PromoUse
from pos.domain.receipts.models import Receipt
from pos.domain.sales.models import Sale, SaleLine
from pos.domain.staff.models import Approval, Staff
from pos.reports.analysis.narrowing import OF_SALES, sales_wanted
from pos.reports.analysis.opens import opens
from pos.reports.exporters import Cell, Sheet
from pos.reports.period import Scope
from pos.reports.registry import Keyed, Summed, report, sum_row
from pos.reports.sales.figures import label
from pos.reports.sales.sales_totals import in_scope

COLUMNS = (
    "Date", "Time", "Location", "Receipt", "Rung up by", "Approved by", "Promo code", "Reason", "By promo code", "By hand",
    label("discounts"), "Below list price", "Currency",
)  # fmt: skip
BY_PERSON = ("Rung up by", "Currency", "Sales", "Discounts by hand", "Below list price", "Of it approved by somebody")
_PORTION = 500
_ORDER = (Sale.business_on, Sale.completed_at, Sale.id)
_FIGURES = ("By promo code", "By hand", label("discounts"), "Below list price")
_BELOW = SaleLine.catalogue_minor > SaleLine.unit_minor
_DISCOUNTED = Sale.discount_minor > 0


@dataclass
class Cut:
    """What was taken off one sale, minor units."""

    sale: Sale
    receipt: str
    head: tuple[Cell, ...]
    person: str
    currency: str
    promo: str
    promo_minor: int
    discount_minor: int
    agreed_minor: int = 0
    approvers: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)

    @property
    def by_hand_minor(self) -> int:
        return self.discount_minor - self.promo_minor


def _agreed(line: SaleLine) -> int:
    """What all units of a line cost less than the catalogue asks."""
    return max(0, ((line.catalogue_minor or 0) - line.unit_minor) * line.quantity) if line.catalogue_minor else 0


def _query(scope: Scope, which: ColumnElement[bool]) -> Query:
    return (
        select(Sale, Receipt.label, Staff.name, PromoCode.code, PromoUse.amount_minor)
        .outerjoin(Receipt, Receipt.sale_id == Sale.id)
        .outerjoin(Staff, Staff.id == Sale.staff_id)
        .outerjoin(PromoUse, PromoUse.by_id == Sale.id)
        .outerjoin(PromoCode, PromoCode.id == PromoUse.promo_id)
        .where(in_scope(scope), sales_wanted(scope), which)
    )


def _cut(scope: Scope) -> Query:
    """The sales of a scope of which something was taken off."""
    below = select(SaleLine.sale_id).where(SaleLine.sale_id == Sale.id, _BELOW).correlate(Sale)
    return _query(scope, or_(_DISCOUNTED, below.exists()))


def cuts(session: Session, scope: Scope) -> Iterator[Cut]:
    """What was taken off, sale by sale, in the order of time."""
    query = _cut(scope).order_by(*_ORDER).execution_options(yield_per=_PORTION)
    for portion in session.execute(query).partitions():
        yield from _cuts_of(session, scope, portion)


def _cuts_of(session: Session, scope: Scope, rows: Sequence[Any]) -> Iterable[Cut]:
    found: dict[UUID, Cut] = {}
    for sale, receipt, person, code, off in rows:
        place = scope.place(sale.location_id)
        number = opens(receipt, "sale", sale.id)
        head = (sale.business_on, local_minute(sale.completed_at, place.time_zone), place.name, number)
        cut = (sale, receipt or "", head, person or "", sale.currency, code or "", off or 0, sale.discount_minor)
        found[sale.id] = Cut(*cut)
    _add_lines(session, found)
    _add_approvers(session, {sale.ticket_id or sale.id: found[sale.id] for sale, *_ in rows})
    return found.values()


def _add_lines(session: Session, found: dict[UUID, Cut]) -> None:
    lines = select(SaleLine).where(SaleLine.sale_id.in_(found)).order_by(SaleLine.sale_id, SaleLine.position)
    for line in session.scalars(lines):
        cut = found[line.sale_id]
        cut.agreed_minor += _agreed(line)
        for reason in (line.discount_reason, line.price_reason if _agreed(line) else ""):
            if reason and reason not in cut.reasons:
                cut.reasons.append(reason)


def _add_approvers(session: Session, found: dict[UUID, Cut]) -> None:
    approver = aliased(Staff)
    given = (
        select(Approval.subject_id, approver.name)
        .join(approver, approver.id == Approval.approver_id)
        .where(Approval.subject_id.in_(found), Approval.action == "discount", Approval.used_at.is_not(None))
        .order_by(Approval.used_at, Approval.id)
    )
    for subject, name in session.execute(given):
        if name not in found[subject].approvers:
            found[subject].approvers.append(name)


def _by_person(session: Session, scope: Scope) -> Sequence[Sheet]:
    sums: dict[tuple[str, str], list[int]] = {}
    for cut in cuts(session, scope):
        whole = sums.setdefault((cut.person, cut.currency), [0, 0, 0, 0])
        off = cut.by_hand_minor + cut.agreed_minor
        for at, more in enumerate((1, cut.by_hand_minor, cut.agreed_minor, off if cut.approvers else 0)):
            whole[at] += more
    rows: list[tuple[Cell, ...]] = [
        (person, code, count, *(Money(minor, code) for minor in minors))
        for (person, code), (count, *minors) in sorted(sums.items())
    ]
    return [Sheet("By person", BY_PERSON, rows)]


def _cells(cut: Cut) -> tuple[Cell, ...]:
    words = (cut.person, ", ".join(cut.approvers), cut.promo, ", ".join(cut.reasons))
    minors = (cut.promo_minor, cut.by_hand_minor, cut.discount_minor, cut.agreed_minor)
    return (*cut.head, *words, *(Money(minor, cut.currency) for minor in minors), cut.currency)


def _page(session: Session, scope: Scope, window: Window) -> Iterator[tuple[tuple[Any, ...], tuple[Cell, ...]]]:
    rows = window.in_order(session.execute(window.of(_cut(scope), _ORDER)).all())
    for cut in _cuts_of(session, scope, rows):
        yield (cut.sale.business_on, cut.sale.completed_at, cut.sale.id), _cells(cut)


def _sums(session: Session, scope: Scope) -> Iterator[tuple[Cell, ...]]:
    """What the rows sum to: of the sales themselves, and of their lines that cost less than the catalogue asks."""
    by_code = func.coalesce(func.sum(PromoUse.amount_minor), 0)
    code = Sale.currency
    for currency, whole, promo in session.execute(
        _query(scope, _DISCOUNTED).with_only_columns(code, func.sum(Sale.discount_minor), by_code).group_by(code)
    ):
        minors = (int(promo), int(whole) - int(promo), int(whole), 0)
        money = (Money(minor, currency) for minor in minors)
        yield sum_row(COLUMNS, dict(zip(_FIGURES, money, strict=True)))
    agreed = (SaleLine.catalogue_minor - SaleLine.unit_minor) * SaleLine.quantity
    lines = _query(scope, _BELOW).join(SaleLine, SaleLine.sale_id == Sale.id)
    below: Any = session.execute(lines.with_only_columns(code, func.sum(agreed)).group_by(code))
    for currency, minor in below:
        money = (Money(each, currency) for each in (0, 0, 0, int(minor)))
        yield sum_row(COLUMNS, dict(zip(_FIGURES, money, strict=True)))


@report(
    "discounts",
    title="Discounts",
    about="What was taken off, sale by sale: promo codes, discounts by hand and agreed prices, by whom, and who approved.",
    columns=COLUMNS,
    summed=_FIGURES,
    more_sheets=_by_person,
    filters=OF_SALES,
    keyed=Keyed((date, datetime, UUID), _page),
)
def discounts_report(session: Session, scope: Scope) -> Summed:
    """One row for each sale with something taken off, in the order of time; the workbook sums it by person."""
    return Summed(map(_cells, cuts(session, scope)), lambda: _sums(session, scope))
