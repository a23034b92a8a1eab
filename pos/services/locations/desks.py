"""Adding, changing and retiring the desks of a location. A desk gets its drawer with its first shift."""

from __future__ import annotations

import re
from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from pos.core import audit
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Conflict, Invalid, NotFound
from pos.core.messages.general import CHOOSE_ONE_OF_THESE, NO_SUCH_DESK, NO_SUCH_LOCATION
from pos.core.messages.installation import (
    DESK_NAME_MISSING_OR_LONG,
    DESK_NAME_TAKEN,
    DESK_PAYMENT_WAITS,
    DESK_SHIFT_OPEN,
    DESK_TICKET_WAITS,
    SCANNER_MARK_UNUSABLE,
)
from pos.domain.locations.models import Desk, Printer
from pos.domain.sales.models import Order, Ticket
from pos.domain.staff.queries import Person
from pos.domain.till.models import Drawer, Shift
from pos.services.locations.named_rows import free_name, own_row

PAPERS = ("80mm", "sheet")
# Signs that are in no name, address, number or code that somebody types at the desk.
_MARK = re.compile(r"[!#$%&*:;<=>\[\\\]^_{|}~][!-~]{0,7}")


def _clean_name(session: Session, location_id: UUID, name: str, but: UUID | None) -> str:
    return free_name(
        session, Desk, location_id, name, but=but, missing=DESK_NAME_MISSING_OR_LONG, taken=DESK_NAME_TAKEN
    )


def _own_printer(session: Session, location_id: UUID, printer_id: UUID | None) -> UUID | None:
    row = session.get(Printer, printer_id) if printer_id else None
    if printer_id and (row is None or row.location_id != location_id):
        raise Invalid(CHOOSE_ONE_OF_THESE, field="printer")
    return printer_id


def _scanner_mark(typed: str, field: str) -> str:
    mark = typed.strip()
    if mark and not _MARK.fullmatch(mark):
        raise Invalid(SCANNER_MARK_UNUSABLE(most=8), field=field)
    return mark


def _known_paper(paper: str) -> str:
    if paper not in PAPERS:
        raise Invalid(CHOOSE_ONE_OF_THESE, field="paper")
    return paper


def _note(
    session: Session, action: str, row: Desk, person: Person, before: Mapping[str, object], after: Mapping[str, object]
) -> None:
    audit.note_change(
        session, f"desk.{action}", before=before, after=after,
        actor_id=person.id, location_id=row.location_id, subject_id=row.id,
    )  # fmt: skip


@unit_of_work
def add_desk(
    session: Session, *, desk_id: UUID, location_id: UUID, name: str, person: Person, paper: str = "80mm"
) -> UUID:
    """Add a desk; the same key again changes nothing. Raises NotFound for another's location, Invalid naming the field."""
    if location_id not in person.locations:
        raise NotFound(NO_SUCH_LOCATION)
    known = session.get(Desk, desk_id)
    if known is not None and known.location_id == location_id:
        return desk_id
    clean = _clean_name(session, location_id, name, None)
    row = Desk(id=desk_id, location_id=location_id, name=clean, paper=_known_paper(paper), active=True)
    session.add(row)
    session.flush()
    _note(session, "added", row, person, {}, {"name": row.name, "paper": row.paper})
    return desk_id


def _facts(row: Desk) -> dict[str, object]:
    return {
        "name": row.name,
        "paper": row.paper,
        "printer_id": str(row.printer_id) if row.printer_id else None,
        "scanner_prefix": row.scanner_prefix,
        "scanner_suffix": row.scanner_suffix,
    }


@unit_of_work
def change_desk(
    session: Session,
    *,
    desk_id: UUID,
    name: str,
    paper: str,
    person: Person,
    printer_id: UUID | None = None,
    scanner_prefix: str = "",
    scanner_suffix: str = "",
) -> None:
    """Give a desk another name, paper, printer or scanner; receipts keep the name they were printed with.

    `printer_id` None: it prints by the browser. Raises NotFound, Invalid naming the field.
    """
    row = own_row(session, Desk, desk_id, person, NO_SUCH_DESK)
    before = _facts(row)
    row.name, row.paper = _clean_name(session, row.location_id, name, desk_id), _known_paper(paper)
    row.printer_id = _own_printer(session, row.location_id, printer_id)
    row.scanner_prefix = _scanner_mark(scanner_prefix, "scanner_prefix")
    row.scanner_suffix = _scanner_mark(scanner_suffix, "scanner_suffix")
    if (after := _facts(row)) != before:
        _note(session, "changed", row, person, before, after)
    session.flush()


@unit_of_work
def retire_desk(session: Session, *, desk_id: UUID, person: Person) -> None:
    """Take a desk out of use. Raises NotFound, and Conflict while its drawer is open or a ticket or payment waits."""
    row = own_row(session, Desk, desk_id, person, NO_SUCH_DESK)
    if not row.active:
        return
    is_open = select(Shift.id).join(Drawer, Drawer.id == Shift.drawer_id)
    if session.scalar(is_open.where(Drawer.desk_id == desk_id, Shift.state == "open")) is not None:
        raise Conflict(DESK_SHIFT_OPEN)
    if session.scalar(select(exists().where(Order.desk_id == desk_id, Order.state == "placed"))):
        raise Conflict(DESK_PAYMENT_WAITS)
    # A ticket without lines is what every desk begins with; a parked one is taken up at any desk of the location.
    tickets = select(Ticket.state, Ticket.content).where(
        Ticket.desk_id == desk_id, Ticket.state.in_(("open", "paying"))
    )
    if any(one.state == "paying" or one.content.get("lines") for one in session.execute(tickets)):
        raise Conflict(DESK_TICKET_WAITS)
    _note(session, "retired", row, person, {"active": True}, {"active": False})
    row.active = False
    session.flush()


@unit_of_work
def bring_back_desk(session: Session, *, desk_id: UUID, person: Person) -> None:
    """Use a retired desk again; raises NotFound."""
    row = own_row(session, Desk, desk_id, person, NO_SUCH_DESK)
    if not row.active:
        _note(session, "brought_back", row, person, {"active": False}, {"active": True})
        row.active = True
        session.flush()
