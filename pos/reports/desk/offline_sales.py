"""Sales that desks took while the server did not answer, and what became of each."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from pos.core.clock import local_minute, zone
from pos.core.money import Money
from pos.domain.locations.models import Desk
from pos.domain.offline_sales.models import OfflineSale
from pos.domain.receipts.models import Receipt
from pos.domain.sales.models import Sale, Ticket
from pos.reports.analysis.opens import Word, words
from pos.reports.exporters import Cell
from pos.reports.period import Scope
from pos.reports.registry import report

# What became of a ticket that had to wait, by its state.
_ENDS = words({"completed": "settled", "dropped": "dropped"})
_STATES = words({"completed": "completed", "waits": "waits"})


@report(
    "offline-sales",
    title="Sales without the server",
    about="Sales that desks took in cash while the server did not answer: when, by whom, and what became of each.",
    columns=(
        "Location",
        "Desk",
        "Taken on",
        "Taken at",
        "Taken by",
        "Came in at",
        "Due as shown",
        "Cash received",
        "Currency",
        "State",
        "Receipt",
        "Reason",
    ),
    summed=("Due as shown", "Cash received"),
)
def offline_sales_report(session: Session, scope: Scope) -> list[tuple[Cell, ...]]:
    """A row for each, by the business date on which it came in; times are local."""
    # A sale of its own key, or one of the ticket that it became.
    settled = aliased(Sale)
    rows = session.execute(
        select(OfflineSale, Desk.name, Ticket.state, Receipt.label)
        .join(Desk, Desk.id == OfflineSale.desk_id)
        .outerjoin(Ticket, Ticket.id == OfflineSale.id)
        .outerjoin(settled, or_(settled.id == OfflineSale.id, settled.ticket_id == OfflineSale.id))
        .outerjoin(Receipt, Receipt.sale_id == settled.id)
        .where(
            OfflineSale.location_id.in_(scope.location_ids),
            OfflineSale.business_on.between(scope.from_on, scope.to_on),
        )
        .order_by(OfflineSale.received_at, OfflineSale.id)
    )
    found: list[tuple[Cell, ...]] = []
    for row, desk, state, receipt in rows:
        place = scope.place(row.location_id)
        at, code = place.time_zone, place.currency
        found.append(
            (
                place.name,
                desk,
                row.taken_at.astimezone(zone(at)).date(),
                local_minute(row.taken_at, at),
                row.taken_by,
                local_minute(row.received_at, at),
                Money(row.due_minor, code),
                Money(row.cash_minor, code),
                code,
                _STATES["completed"] if row.problem is None else _ENDS.get(state, _STATES["waits"]),
                receipt or "",
                Word(row.problem or ""),
            )
        )
    return found
