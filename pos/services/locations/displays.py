"""The screen that faces the client: paired with a desk, unpaired, and the tip chosen on it."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from uuid import UUID

from sqlalchemy.orm import Session

from pos.core import audit
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Conflict, Invalid, NotFound
from pos.core.messages.general import CHOOSE_ONE_OF_THESE
from pos.core.messages.till import DISPLAY_TICKET_GONE, NO_SUCH_DISPLAY
from pos.domain.displays import pairing
from pos.domain.displays.models import DeskDisplay
from pos.domain.locations.models import Desk


def _own_desk(session: Session, desk_id: UUID, location_ids: Collection[UUID]) -> Desk:
    desk = session.get(Desk, desk_id)
    if desk is None or desk.location_id not in location_ids:
        raise NotFound(NO_SUCH_DISPLAY)
    return desk


@unit_of_work
def show_code(session: Session, *, desk_id: UUID, location_ids: Collection[UUID], staff_id: UUID) -> str:
    """A code that pairs a screen with a desk, told once; raises NotFound."""
    desk = _own_desk(session, desk_id, location_ids)
    code = pairing.new_code(session, desk_id)
    audit.note(session, "display.code_shown", actor_id=staff_id, location_id=desk.location_id, subject_id=desk_id)
    return code


@unit_of_work
def pair_display(session: Session, *, code: str) -> str | None:
    """Pair the screen that a code was typed at; its token, or None for a wrong code, which is counted."""
    found = pairing.take_code(session, code)
    if found is None:
        return None
    desk = session.get_one(Desk, found[0])
    audit.note(session, "display.paired", location_id=desk.location_id, subject_id=desk.id)
    return found[1]


@unit_of_work
def unpair_display(session: Session, *, desk_id: UUID, location_ids: Collection[UUID], staff_id: UUID) -> None:
    """End the pairing of a desk's display; raises NotFound."""
    desk = _own_desk(session, desk_id, location_ids)
    pairing.unpair(session, desk_id)
    audit.note(session, "display.unpaired", actor_id=staff_id, location_id=desk.location_id, subject_id=desk_id)


@unit_of_work
def choose_tip(
    session: Session,
    *,
    desk_id: UUID,
    ticket_id: UUID,
    current: UUID | None,
    percent: str,
    offered: Collection[Decimal],
) -> None:
    """Keep the tip that was chosen on a display until the desk takes it to its ticket, the only one that writes there.

    Raises Conflict where the desk has gone on to another ticket, Invalid for a percentage that was not offered.
    """
    if percent not in {"0", *(str(one) for one in offered)}:
        raise Invalid(CHOOSE_ONE_OF_THESE, field="percent")
    if current != ticket_id:
        raise Conflict(DISPLAY_TICKET_GONE)
    row = session.get_one(DeskDisplay, desk_id, with_for_update=True)
    row.choice_ticket_id, row.choice_percent = ticket_id, percent
    row.choice_number += 1
    session.flush()
