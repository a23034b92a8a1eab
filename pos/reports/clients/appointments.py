"""The visits that were expected, day by day: who came, who was missed, and the receipt of what was rung up."""

from __future__ import annotations

from sqlalchemy.orm import Session

from pos.domain.appointments.queries import appointments_between
from pos.domain.staff.permissions import Permission
from pos.reports.analysis.opens import words
from pos.reports.exporters import Cell
from pos.reports.period import Scope
from pos.reports.registry import report

STATE_WORDS = words({
    "expected": "Expected", "arrived": "Arrived", "rung_up": "Rung up", "missed": "Missed", "cancelled": "Cancelled",
})  # fmt: skip


@report(
    "appointments",
    title="Visits expected",
    about="The visits that were planned for these days, with what became of each.",
    columns=(
        "Location", "Day", "Time", "Client", "Service", "Therapist", "State", "Receipt", "Note", "Reference",
    ),
    permission=Permission.MANAGE_CLIENTS,
)  # fmt: skip
def appointments_report(session: Session, scope: Scope) -> list[tuple[Cell, ...]]:
    """A row for each visit, by day and time."""
    names = {place.id: place.name for place in scope.places}
    return [
        (
            names[one.location_id], one.visit_on, one.starts_at.isoformat("minutes"), one.client, one.item,
            one.therapist, STATE_WORDS[one.state], one.receipt, one.note, one.reference,
        )
        for one in appointments_between(session, scope.location_ids, scope.from_on, scope.to_on)
    ]  # fmt: skip
