"""What was taken off list prices, sale by sale: by which promo code, by whom by hand, and who approved it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from pos.core.clock import local_minute
from pos.core.money import Money
from pos.domain.promotions.models import PromoCode, PromoUse
from pos.domain.receipts.models import Receipt
from pos.domain.sales.models import Sale, SaleLine
from pos.domain.staff.models import Approval, Staff
from pos.reports.analysis.narrowing import FILTERS, sales_wanted
from pos.reports.exporters import Cell, Sheet
from pos.reports.period import Scope
from pos.reports.registry import report
from pos.reports.sales.figures import label
from pos.reports.sales.sales_totals import in_scope

COLUMNS = (
    "Date", "Time", "Location", "Receipt", "Rung up by", "Approved by", "Promo code", "Reason", "By promo code", "By hand",
    label("discounts"), "Below list price", "Currency",
)  # fmt: skip
BY_PERSON = ("Rung up by", "Currency", "Sales", "Discounts by hand", "Below list price", "Of it approved by somebody")
_PORTION = 500


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


def cuts(session: Session, scope: Scope) -> Iterator[Cut]:
    """What was taken off, sale by sale, in the order of time."""
    below = select(SaleLine.sale_id).where(SaleLine.sale_id == Sale.id, SaleLine.catalogue_minor > SaleLine.unit_minor)
    query = (
        select(Sale, Receipt.label, Staff.name, PromoCode.code, PromoUse.amount_minor)
        .outerjoin(Receipt, Receipt.sale_id == Sale.id)
        .outerjoin(Staff, Staff.id == Sale.staff_id)
        .outerjoin(PromoUse, PromoUse.by_id == Sale.id)
        .outerjoin(PromoCode, PromoCode.id == PromoUse.promo_id)
        .where(in_scope(scope), sales_wanted(scope), or_(Sale.discount_minor > 0, below.correlate(Sale).exists()))
        .order_by(Sale.business_on, Sale.completed_at, Sale.id)
    )
    for portion in session.execute(query.execution_options(yield_per=_PORTION)).partitions():
        found: dict[UUID, Cut] = {}
        for sale, receipt, person, code, off in portion:
            place = scope.place(sale.location_id)
            head = (sale.business_on, local_minute(sale.completed_at, place.time_zone), place.name, receipt or "")
            cut = (sale, receipt or "", head, person or "", sale.currency, code or "", off or 0, sale.discount_minor)
            found[sale.id] = Cut(*cut)
        _add_lines(session, found)
        _add_approvers(session, {sale.ticket_id or sale.id: found[sale.id] for sale, *_ in portion})
        yield from found.values()


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


@report(
    "discounts",
    title="Discounts",
    about="What was taken off, sale by sale: promo codes, discounts by hand and agreed prices, by whom, and who approved.",
    columns=COLUMNS,
    summed=("By promo code", "By hand", label("discounts"), "Below list price"),
    more_sheets=_by_person,
    filters=tuple(FILTERS),
)
def discounts_report(session: Session, scope: Scope) -> Iterator[tuple[Cell, ...]]:
    """One row for each sale with something taken off, in the order of time; the workbook sums it by person."""
    for cut in cuts(session, scope):
        words = (cut.person, ", ".join(cut.approvers), cut.promo, ", ".join(cut.reasons))
        minors = (cut.promo_minor, cut.by_hand_minor, cut.discount_minor, cut.agreed_minor)
        yield (*cut.head, *words, *(Money(minor, cut.currency) for minor in minors), cut.currency)
