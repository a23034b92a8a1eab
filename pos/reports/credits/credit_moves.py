"""Credits one by one: each grant, use and loss of credits of a package, as the report of packages sums them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.orm import Session

from pos.core.clock import local_minute
from pos.core.paging.window import Window
from pos.domain.credits.models import CreditLot, CreditMove, PurchasedPackage
from pos.domain.locations.action_context import kept_reason
from pos.domain.receipts.models import Receipt
from pos.domain.staff.models import Staff
from pos.reports.analysis.opens import UNNUMBERED, opens, words
from pos.reports.analysis.packages import CHANGE, COUNTS, moves_of
from pos.reports.exporters import Cell
from pos.reports.period import Scope
from pos.reports.registry import Keyed, report

COLUMNS = ("Date", "Time", "Location", "Plan", "What happened", "Credits", "Receipt", "By", "Reason")
_WORDS = words(
    {
        "sold": "Granted",
        "used": "Used",
        "forfeited": "Forfeited",
        "refunded": "Refunded",
        "expired": "Expired",
        "moved": "Moved on",
    }
)
# Moves that take back another one, and are summed with it.
_UNDONE = words({"reverse": "Use taken back", "restore": "Forfeit taken back", "reinstate": "Refund taken back"})
_ORDER = (CreditMove.business_on, CreditMove.at, CreditMove.lot_id, CreditMove.seq)


def _query(scope: Scope) -> Select[*tuple[Any, ...]]:
    columns = (CreditMove, CHANGE, CreditLot.location_id, PurchasedPackage.id, PurchasedPackage.name)
    query = (
        moves_of(scope, *columns, Receipt.label, Staff.name)
        .outerjoin(Receipt, Receipt.sale_id == CreditMove.sale_id)
        .outerjoin(Staff, Staff.id == CreditMove.staff_id)
        .where(CreditMove.business_on.between(scope.from_on, scope.to_on), CHANGE != 0)
    )
    return query.where(PurchasedPackage.name == scope.only.plan) if scope.only.plan else query


def _cells(scope: Scope, row: Any) -> tuple[Cell, ...]:
    move, change, location, package, name, receipt, by = row
    place = scope.place(location)
    head = (move.business_on, local_minute(move.at, place.time_zone), place.name, opens(name, "package", package))
    what = _UNDONE.get(move.kind) or _WORDS[COUNTS.get(move.kind, "moved")]
    paper = opens(receipt or UNNUMBERED["sale"], "sale", move.sale_id) if move.sale_id else ""
    return (*head, what, int(change), paper, by or "", kept_reason(move.reason))


def _page(session: Session, scope: Scope, window: Window) -> Iterator[tuple[tuple[Any, ...], tuple[Cell, ...]]]:
    for row in window.in_order(session.execute(window.of(_query(scope), _ORDER)).all()):
        move = row[0]
        yield (move.business_on, move.at, move.lot_id, move.seq), _cells(scope, row)


def _stretch(session: Session, scope: Scope) -> Iterable[Any]:
    return session.execute(_query(scope).order_by(*_ORDER).execution_options(yield_per=500))


@report(
    "credit-moves",
    title="Credits, one by one",
    about="Each time credits of a package were granted, used, forfeited, refunded, moved on or expired, and how many.",
    columns=COLUMNS,
    summed=("Credits",),
    filters=("plan",),
    keyed=Keyed((date, datetime, UUID, int), _page),
)
def credit_moves(session: Session, scope: Scope) -> Iterator[tuple[Cell, ...]]:
    """In the order of time; what is no longer left is negative."""
    return (_cells(scope, row) for row in scope.in_stretches(lambda part: _stretch(session, part)))
