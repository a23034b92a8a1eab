"""Sales by their lines: one row for each, and what lines of a kind come to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import ColumnElement, and_, case, false, func, select
from sqlalchemy.orm import Session, aliased

from pos.credits.models import Redemption
from pos.reports.figures import KindSum, in_scope, is_later_part, units
from pos.reports.sale_heads import HEAD, SaleHead, head, headed, ordered, portions, sums_by
from pos.reports.scope import Scope
from pos.sales.models import Sale, SaleLine, TaxExemption
from pos.sales.rules import EXEMPT_REASONS
from pos.staff.models import Staff

KINDS = ("variant", "add_on", "retail", "package", "gift_card")


@dataclass(frozen=True, kw_only=True)
class LineRow(SaleHead):
    """One line of a sale. Money in minor units of `currency`; a later part of a package (`kind` part) sells 0 of it."""

    therapist: str
    item: str
    kind: str
    cover: str
    quantity: int
    list_minor: int
    covered_minor: int
    discount_minor: int
    discount_reason: str
    credit_minor: int
    net_minor: int
    tax_percent: Decimal
    tax_minor: int
    exempt_minor: int
    exempt_by: str

    @property
    def total_minor(self) -> int:
        """Net and tax."""
        return self.net_minor + self.tax_minor


def lines_that(what: str) -> ColumnElement[bool]:
    """Lines of a kind; `credit` for sessions paid by a credit, `discounted` for those with a discount, empty for all."""
    match what:
        case "":
            return SaleLine.sale_id.is_not(None)
        case "credit":
            return SaleLine.cover == "credit"
        case "discounted":
            return SaleLine.discount_minor > 0
        case _ if what in KINDS:
            return SaleLine.kind == what
        case _:
            return false()


def line_rows(
    session: Session,
    scope: Scope,
    *,
    what: str = "",
    newest_first: bool = False,
    limit: int | None = None,
    offset: int = 0,
) -> Iterator[LineRow]:
    """The lines of a scope's sales, oldest first, narrowed by `lines_that`."""
    therapist = aliased(Staff)
    own = (
        SaleLine.position,
        SaleLine.name.label("item"),
        case((is_later_part(), "part"), else_=SaleLine.kind).label("kind"),
        SaleLine.cover,
        units(),
        SaleLine.list_minor,
        SaleLine.covered_minor,
        SaleLine.discount_minor,
        SaleLine.discount_reason,
        SaleLine.net_minor,
        SaleLine.tax_percent,
        SaleLine.tax_minor,
        therapist.name.label("therapist"),
    )
    free = (TaxExemption.net_minor.label("exempt_minor"), TaxExemption.reason, TaxExemption.reference)
    query = (
        headed(select(*HEAD, *own, *free).select_from(SaleLine).join(Sale, Sale.id == SaleLine.sale_id))
        .outerjoin(therapist, therapist.id == SaleLine.therapist_id)
        .outerjoin(
            TaxExemption, and_(TaxExemption.sale_id == SaleLine.sale_id, TaxExemption.position == SaleLine.position)
        )
        .where(in_scope(scope), lines_that(what))
    )
    for portion in portions(session, ordered(query, SaleLine.position, newest_first=newest_first), limit, offset):
        credits = sums_by(
            session,
            select(Redemption.sale_id, Redemption.sale_position, func.sum(Redemption.value_minor))
            .where(Redemption.sale_id.in_({row.id for row in portion}))
            .group_by(Redemption.sale_id, Redemption.sale_position),
        )
        for row in portion:
            facts = {column.name: getattr(row, column.name) for column in own if column.name != "position"}
            yield LineRow(
                **head(scope, row),
                **(facts | {"therapist": row.therapist or ""}),
                credit_minor=credits.get((row.id, row.position), 0),
                exempt_minor=row.exempt_minor or 0,
                exempt_by=f"{EXEMPT_REASONS[row.reason]} {row.reference}" if row.reason else "",
            )


def line_sums(session: Session, scope: Scope, what: str) -> tuple[tuple[str, int, KindSum, int], ...]:
    """For each currency: how many lines `what` has, their sums, and the value of the credits used for them."""
    query = (
        select(
            Sale.currency,
            func.count(),
            *(
                func.sum(c)
                for c in (
                    units(),
                    SaleLine.list_minor,
                    SaleLine.covered_minor,
                    SaleLine.discount_minor,
                    SaleLine.net_minor,
                    SaleLine.tax_minor,
                )
            ),
        )
        .join(Sale, Sale.id == SaleLine.sale_id)
        .where(in_scope(scope), lines_that(what))
        .group_by(Sale.currency)
    )
    used = sums_by(
        session,
        select(Sale.currency, func.sum(Redemption.value_minor))
        .join(SaleLine, and_(SaleLine.sale_id == Redemption.sale_id, SaleLine.position == Redemption.sale_position))
        .join(Sale, Sale.id == SaleLine.sale_id)
        .where(in_scope(scope), lines_that(what))
        .group_by(Sale.currency),
    )
    found = {
        currency: (currency, count, KindSum(*map(int, sums)), used.get((currency,), 0))
        for currency, count, *sums in session.execute(query)
    }
    return tuple(found.get(currency, (currency, 0, KindSum(), 0)) for currency in scope.currencies)
