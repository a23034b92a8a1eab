"""What a therapist earns beside the wage, from a day on."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy.orm import Session

from pos.core import audit
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Invalid
from pos.core.messages.people import COMMISSION_DAY_PAST, COMMISSION_OUT_OF_RANGE
from pos.domain.locations.queries import place
from pos.domain.staff.models import CommissionRule
from pos.domain.staff.queries import Person, by_key
from pos.services.staff.access import staff_to_change


@unit_of_work
def set_commission(
    session: Session, *, staff_id: UUID, from_on: date, visit_percent: Decimal, sale_percent: Decimal, person: Person
) -> None:
    """Set the percentages of the net amount of somebody's visits, and of what they sell, from a day on; 0 ends it.

    Raises NotFound, NotAllowed, and Invalid for a day that is over at the first of their locations or no percentage.
    """
    staff_to_change(session, staff_id, person)
    works_at = min(by_key(session, staff_id).locations)
    if from_on < place(session, works_at).today():
        raise Invalid(COMMISSION_DAY_PAST, field="from_on")
    for name, percent in (("visit_percent", visit_percent), ("sale_percent", sale_percent)):
        if not 0 <= percent <= 100:
            raise Invalid(COMMISSION_OUT_OF_RANGE, field=name)
    row = session.get(CommissionRule, (staff_id, from_on))
    before = {"visit_percent": row.visit_percent, "sale_percent": row.sale_percent} if row else {}
    if row is None:
        row = CommissionRule(staff_id=staff_id, from_on=from_on)
        session.add(row)
    row.visit_percent, row.sale_percent = visit_percent, sale_percent
    session.flush()
    if before != {"visit_percent": visit_percent, "sale_percent": sale_percent}:
        audit.note_change(
            session, "commission.changed",
            before=before and {"from_on": from_on, **before},
            after={"from_on": from_on, "visit_percent": visit_percent, "sale_percent": sale_percent},
            actor_id=person.id, subject_id=staff_id,
        )  # fmt: skip
