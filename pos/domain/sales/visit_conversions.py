"""A visit paid today that becomes the first of a package bought now is reserved for that, once."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.errors import Conflict
from pos.core.messages.sales import VISIT_CONVERTED_ALREADY
from pos.domain.sales.cart_options import VisitConversionRequest
from pos.domain.sales.models import VisitConversion


def taken(session: Session, sale_id: UUID, *, but_for: UUID | None = None) -> set[int]:
    """Positions of a sale's lines that are or are becoming visit 1 of a package; not those reserved `but_for` a sale."""
    rows = session.execute(
        select(VisitConversion.position, VisitConversion.by_id).where(VisitConversion.sale_id == sale_id)
    )
    return {row.position for row in rows if row.by_id != but_for}


def reserve(session: Session, back: VisitConversionRequest, *, by_id: UUID) -> None:
    """Take a visit for the sale or order `by_id`, with its sale locked; once more changes nothing. Raises Conflict."""
    seen = session.get(VisitConversion, (back.sale_id, back.position), populate_existing=True)
    if seen is None:
        session.add(VisitConversion(sale_id=back.sale_id, position=back.position, by_id=by_id, at=clock.now()))
        session.flush()
    elif seen.by_id != by_id:
        raise Conflict(VISIT_CONVERTED_ALREADY, why="converted")


def give_up(session: Session, by_id: UUID) -> None:
    """An order that is given up takes no visit."""
    session.execute(delete(VisitConversion).where(VisitConversion.by_id == by_id))
