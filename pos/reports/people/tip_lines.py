"""Tips one by one: each amount that somebody or a pool got or no longer has, and the sale or refund it is of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, select, true
from sqlalchemy.orm import Session

from pos.core.clock import local_minute
from pos.core.money import Money
from pos.core.paging.window import Window
from pos.domain.locations.action_context import kept_reason
from pos.domain.receipts.credit_note_models import CreditNote
from pos.domain.receipts.models import Receipt
from pos.domain.staff.models import Staff
from pos.domain.tips.models import TipAllocation
from pos.reports.analysis.narrowing import is_day, pool_words
from pos.reports.analysis.opens import UNNUMBERED, opens, words
from pos.reports.exporters import Cell
from pos.reports.period import NOBODY, Scope
from pos.reports.registry import Keyed, report

COLUMNS = ("Date", "Time", "Location", "Person", "Receipt", "What happened", "Amount", "Currency", "Reason")
_WORDS = words(
    {
        "sale": "Given",
        "refund": "Given back",
        "move": "Moved",
        "pool_share": "Shared out",
        "payout": "Paid out",
    }
)
_ORDER = (TipAllocation.business_on, TipAllocation.at, TipAllocation.action_id, TipAllocation.position)


def _wanted(holder: str) -> ColumnElement[bool]:
    """The rows of a person, of the pool of a business date, of any pool, or all."""
    if not holder:
        return true()
    if holder == str(NOBODY):
        return TipAllocation.staff_id.is_(None)
    if is_day(holder):
        return TipAllocation.pool_on == date.fromisoformat(holder)
    return TipAllocation.staff_id == UUID(holder)


def _asked(scope: Scope) -> ColumnElement[bool]:
    return and_(
        TipAllocation.location_id.in_(scope.location_ids),
        TipAllocation.business_on.between(scope.from_on, scope.to_on),
        _wanted(scope.only.holder),
    )


def _query() -> Select[*tuple[Any, ...]]:
    of_refund = and_(CreditNote.refund_id == TipAllocation.action_id, TipAllocation.kind == "refund")
    return (
        select(TipAllocation, Staff.name, Receipt.label, CreditNote.label)
        .outerjoin(Staff, Staff.id == TipAllocation.staff_id)
        .outerjoin(Receipt, Receipt.sale_id == TipAllocation.sale_id)
        .outerjoin(CreditNote, of_refund)
    )


def _cells(
    scope: Scope, one: TipAllocation, person: str | None, receipt: str | None, note: str | None
) -> tuple[Cell, ...]:
    place = scope.place(one.location_id)
    holder = person or (pool_words(one.pool_on) if one.pool_on else "")
    if one.kind == "refund":
        paper = opens(note or UNNUMBERED["refund"], "refund", one.action_id)
    else:
        paper = opens(receipt or UNNUMBERED["sale"], "sale", one.sale_id) if one.sale_id else ""
    head = (one.business_on, local_minute(one.at, place.time_zone), place.name, holder, paper, _WORDS[one.kind])
    return (*head, Money(one.amount_minor, place.currency), place.currency, kept_reason(one.reason))


def _page(session: Session, scope: Scope, window: Window) -> Iterator[tuple[tuple[Any, ...], tuple[Cell, ...]]]:
    # Which rows they are is found without their papers, of which years would be looked up for one page.
    keys = select(TipAllocation.action_id, TipAllocation.position).where(_asked(scope))
    these = window.of(keys, _ORDER).subquery()
    of_these = and_(TipAllocation.action_id == these.c.action_id, TipAllocation.position == these.c.position)
    query = _query().join(these, of_these).order_by(*(column.desc() for column in _ORDER))
    for row in session.execute(query):
        one = row[0]
        yield (one.business_on, one.at, one.action_id, one.position), _cells(scope, *row)


def _stretch(session: Session, scope: Scope) -> Iterable[Any]:
    return session.execute(_query().where(_asked(scope)).order_by(*_ORDER).execution_options(yield_per=500))


@report(
    "tip-lines",
    title="Tips, one by one",
    about="Each tip that was given, given back, moved, shared out of a pool or paid out, with the sale or refund it is of.",
    columns=COLUMNS,
    summed=("Amount",),
    filters=("holder",),
    keyed=Keyed((date, datetime, UUID, int), _page),
)
def tip_lines(session: Session, scope: Scope) -> Iterator[tuple[Cell, ...]]:
    """In the order of time; what somebody no longer has is negative."""
    return (_cells(scope, *row) for row in scope.in_stretches(lambda part: _stretch(session, part)))
