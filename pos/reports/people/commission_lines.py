"""Which lines of sales earn a commission, on which base, and what of that base went back: rows and sums from the database.

The base of a visit is its net amount and the value of the credits it was paid with; that of a sale is the net amount of
the package or the goods. Whose a visit is says its line; a sale is of the therapist its line names, or else of whoever
rang it up. Gift cards and service charges earn nothing, nor does a credit used up without a visit.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, null, or_, select, tuple_
from sqlalchemy.orm import Session

from pos.core.database.day_totals import DayTotals
from pos.core.paging.portions import portions
from pos.core.paging.window import Query, Window
from pos.domain.credits.models import Redemption, RedemptionReversal
from pos.domain.receipts.credit_note_models import CreditNote
from pos.domain.receipts.models import Receipt
from pos.domain.refunds.models import Refund, RefundLine
from pos.domain.sales.models import Sale, SaleLine
from pos.domain.tips.rules import TREATMENT
from pos.reports.people.commission_arithmetic import SALE, VISIT
from pos.reports.period import Only, Scope
from pos.reports.sales.refund_lines import here as refunds_in
from pos.reports.sales.sales_totals import in_scope
from pos.reports.totals.kept import kept_lines
from pos.reports.totals.stored import read

_SOLD = ("package", "retail")
_AT_ONCE = 300
_used = case(
    (
        or_(SaleLine.cover == "credit", SaleLine.kind == "package"),
        select(func.coalesce(func.sum(Redemption.value_minor), 0))
        .where(Redemption.sale_id == SaleLine.sale_id, Redemption.sale_position == SaleLine.position)
        .correlate(SaleLine)
        .scalar_subquery(),
    ),
    else_=0,
)


def _who(ground: str) -> ColumnElement[Any]:
    return SaleLine.therapist_id.expression if ground == VISIT else func.coalesce(SaleLine.therapist_id, Sale.staff_id)


def _base(ground: str) -> ColumnElement[int]:
    if ground == VISIT:
        return case((SaleLine.kind.in_(TREATMENT), SaleLine.net_minor), else_=0) + _used
    return SaleLine.net_minor.expression


def _of_ground(ground: str, people: Sequence[UUID]) -> ColumnElement[bool]:
    kinds = (*TREATMENT, "package") if ground == VISIT else _SOLD
    return and_(SaleLine.kind.in_(kinds), _who(ground).in_(people))


# Whose, on which ground, and a base in minor units.
Base = tuple[UUID, str, int]


def daily_bases_of_rows(
    session: Session, scope: Scope, people: Mapping[str, Collection[UUID]] | None = None, *, daily: bool = True
) -> dict[tuple[UUID, date | None], dict[Base, int]]:
    """Of the lines of some people, by ground, or of everybody: how many have just this base, by location and business date.

    There are few different bases, so that the database counts the lines and each base is reckoned once. Not `daily`: of all
    days in one, whose date is None.
    """
    kinds = SaleLine.kind.in_((*TREATMENT, *_SOLD))
    wanted = kinds if people is None else or_(*(_of_ground(one, sorted(own, key=str)) for one, own in people.items()))
    columns = (
        Sale.location_id.label("place"), (Sale.business_on if daily else null()).label("day"),
        SaleLine.therapist_id.label("therapist"), Sale.staff_id.label("staff"), SaleLine.kind.label("kind"),
        SaleLine.net_minor.label("net"), _used.label("used"),
    )  # fmt: skip
    lines = select(*columns).join(Sale, Sale.id == SaleLine.sale_id).where(in_scope(scope), wanted).subquery()
    found: dict[tuple[UUID, date | None], dict[Base, int]] = {}
    counted: Any = session.execute(select(*lines.c, func.count()).group_by(*lines.c))
    for place, on, therapist, staff, kind, net, used, count in counted:
        own = found.setdefault((place, on), {})
        for ground, who, base in (
            (VISIT, therapist, int(used) + (int(net) if kind in TREATMENT else 0)),
            (SALE, therapist or staff, int(net) if kind in _SOLD else 0),
        ):
            if base and who is not None:
                own[who, ground, base] = own.get((who, ground, base), 0) + int(count)
    return found


def base_sums(
    session: Session, scope: Scope, people: Mapping[str, Collection[UUID]]
) -> Iterator[tuple[UUID, UUID, str, int, int]]:
    """Of the lines of some people, by ground: location, person, ground, a base, and how many lines have just that base.

    Of whole past days from their totals, of what has none from the rows.
    """
    stored = read(session, replace(scope, only=Only()), DayTotals.bases)
    found: dict[UUID, dict[Base, int]] = {}
    for (where, _on), rows in stored.read():
        own = found.setdefault(where, {})
        for (who, ground, base), (count,) in kept_lines(rows):
            own[who, ground, base] = own.get((who, ground, base), 0) + count
    for gap in stored.gaps:
        for (where, _all_days), more in daily_bases_of_rows(session, gap, people, daily=False).items():
            own = found.setdefault(where, {})
            for key, count in more.items():
                own[key] = own.get(key, 0) + count
    for where, own in found.items():
        for (who, ground, base), count in own.items():
            if who in people.get(ground, ()):
                yield where, who, ground, base, count


@dataclass(frozen=True)
class BaseLine:
    """A line, or what of one went back, with its base in minor units. `what` and `key` are the sale or the refund, and
    `position` is the line's on its sale."""

    location_id: UUID
    person_id: UUID
    on: date
    at: datetime
    number: str
    what: str
    key: UUID
    item: str
    ground: str
    base_minor: int
    sold_on: date
    position: int


_ORDER = (Sale.business_on, Sale.completed_at, Sale.id, SaleLine.position)


def base_lines(
    session: Session, scope: Scope, ground: str, people: Sequence[UUID], window: Window | None = None
) -> Iterator[BaseLine]:
    """The lines that `base_sums` sums, in the order of time; or those of a window as its query finds them, by their moment,
    sale and position."""
    query: Query = (
        select(Sale, SaleLine.position, SaleLine.name, Receipt.label, _who(ground), _base(ground))
        .join(SaleLine, SaleLine.sale_id == Sale.id)
        .outerjoin(Receipt, Receipt.sale_id == Sale.id)
        .where(in_scope(scope), _of_ground(ground, people))
    )
    query = query.order_by(*_ORDER) if window is None else window.of(query.where(_base(ground) != 0), _ORDER)
    for sale, position, item, label, person, minor in session.execute(query.execution_options(yield_per=500)):
        if minor:
            yield BaseLine(
                sale.location_id, person, sale.business_on, sale.completed_at, label or "", "sale", sale.id, item,
                ground, int(minor), sale.business_on, position,
            )  # fmt: skip


@dataclass(frozen=True)
class LineBack:
    """A line whose base went back in some days: what it was, and each giving back until then, the oldest first."""

    base_minor: int
    back: tuple[BaseLine, ...]


def lines_back(session: Session, scope: Scope, ground: str, people: Sequence[UUID]) -> list[LineBack]:
    """The lines of which something went back in the days, with everything that went back of them until the last day."""
    touched = {
        *map(tuple, session.execute(_refunded(RefundLine.sale_id, RefundLine.sale_position).where(refunds_in(scope)))),
        *map(
            tuple,
            session.execute(
                select(Redemption.sale_id, Redemption.sale_position)
                .join(RedemptionReversal, RedemptionReversal.redemption_id == Redemption.id)
                .join(Sale, Sale.id == Redemption.sale_id)
                .where(
                    RedemptionReversal.business_on.between(scope.from_on, scope.to_on),
                    Sale.location_id.in_(scope.location_ids),
                )
            ),
        ),
    }
    keys, found = sorted(touched, key=str), []
    for some in portions(keys, _AT_ONCE):
        found += _lines_back(session, some, scope.to_on, ground, people)
    return found


def _refunded(*columns: Any) -> Any:
    return select(*columns).select_from(RefundLine).join(Refund, Refund.id == RefundLine.refund_id)


def _lines_back(
    session: Session, keys: Sequence[Any], until: date, ground: str, people: Sequence[UUID]
) -> list[LineBack]:
    line = tuple_(SaleLine.sale_id, SaleLine.position)
    lines = {
        (sale.id, position): (sale, item, kind, person, int(minor))
        for sale, position, item, kind, person, minor in session.execute(
            select(Sale, SaleLine.position, SaleLine.name, SaleLine.kind, _who(ground), _base(ground))
            .join(SaleLine, SaleLine.sale_id == Sale.id)
            .where(line.in_(keys), _of_ground(ground, people))
        )
    }
    back: dict[Any, list[BaseLine]] = {key: [] for key in lines}

    def add(key: Any, on: date, at: datetime, number: str, what: str, subject: UUID, minor: int) -> None:
        sale, item, _, person, _ = lines[key]
        row = BaseLine(
            sale.location_id, person, on, at, number, what, subject, item, ground, minor, sale.business_on, key[1]
        )  # fmt: skip
        back[key].append(row)

    refunds = _refunded(Refund, CreditNote.label, RefundLine.sale_position, RefundLine.net_minor).outerjoin(
        CreditNote, CreditNote.refund_id == Refund.id
    )
    of_lines = tuple_(RefundLine.sale_id, RefundLine.sale_position)
    for refund, label, position, minor in session.execute(
        refunds.where(of_lines.in_(list(lines)), Refund.business_on <= until)
    ):
        key = (refund.sale_id, position)
        # Of a package whose first visit is on its own line, what is given back is the price of the package.
        if minor and (ground != VISIT or lines[key][2] in TREATMENT):
            add(key, refund.business_on, refund.created_at, label or "", "refund", refund.id, minor)
    if ground == VISIT:
        of_uses = tuple_(Redemption.sale_id, Redemption.sale_position)
        uses = (
            select(Redemption, RedemptionReversal, Receipt.label)
            .join(RedemptionReversal, RedemptionReversal.redemption_id == Redemption.id)
            .outerjoin(Receipt, Receipt.sale_id == Redemption.sale_id)
            .where(of_uses.in_(list(lines)), RedemptionReversal.business_on <= until)
        )
        for use, one, label in session.execute(uses):
            key = (use.sale_id, use.sale_position)
            add(key, one.business_on, one.at, label or "", "sale", use.sale_id, one.value_minor)
    return [
        LineBack(lines[key][4], tuple(sorted(rows, key=lambda row: (row.at, str(row.key)))))
        for key, rows in back.items()
        if rows
    ]
