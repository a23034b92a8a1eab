"""What desks and printers have in common: rows of a location that its people name, each name once."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core.errors import Invalid, NotFound
from pos.core.i18n.message import Message
from pos.core.i18n.sanitize import printable
from pos.domain.locations.models import Desk, Printer
from pos.domain.staff.queries import Person

MOST_NAME = 60
Row = TypeVar("Row", Desk, Printer)


def free_name(
    session: Session, of: type[Desk | Printer], location_id: UUID, typed: str, *, but: UUID | None, missing: Message,
    taken: Message,
) -> str:  # fmt: skip
    """A name as it is kept; raises Invalid where there is none, it is too long, or another row of the location has it."""
    name = printable(typed, MOST_NAME + 1)
    if not 0 < len(name) <= MOST_NAME:
        raise Invalid(missing, field="name")
    others = session.execute(select(of.id, of.name).where(of.location_id == location_id))
    if any(row.id != but and row.name.casefold() == name.casefold() for row in others):
        raise Invalid(taken, field="name")
    return name


def own_row(session: Session, of: type[Row], key: UUID, person: Person, unknown: Message) -> Row:
    """The locked row, where it is of a location the person works at; raises NotFound."""
    row = session.get(of, key, with_for_update=True, populate_existing=True)
    if row is None or row.location_id not in person.locations:
        raise NotFound(unknown)
    return row
