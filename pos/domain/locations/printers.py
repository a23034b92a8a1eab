"""Receipt printers on the network: which there are, and which one a desk prints on."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from pos.core.errors import NotFound
from pos.core.i18n.name_folding import name_key
from pos.core.messages.till import NO_SUCH_PRINTER
from pos.domain.locations.models import Desk, Printer


@dataclass(frozen=True, slots=True)
class PrinterFacts:
    """A printer as it is set up."""

    id: UUID
    location_id: UUID
    name: str
    host: str
    port: int
    model: str
    opens_drawer: bool
    prints_always: bool
    active: bool


_FIELDS = tuple(Printer.__table__.c[name] for name in PrinterFacts.__slots__)


def _facts(row: Row[tuple[object, ...]]) -> PrinterFacts:
    return PrinterFacts(**row._mapping)


def all_printers(session: Session, location_id: UUID) -> list[PrinterFacts]:
    """The printers of a location: those in use by name, then the retired ones."""
    found = map(_facts, session.execute(select(*_FIELDS).where(Printer.location_id == location_id)))
    return sorted(found, key=lambda one: (not one.active, name_key(one.name)))


def printer(session: Session, printer_id: UUID) -> PrinterFacts:
    """One printer; raises NotFound."""
    row = session.execute(select(*_FIELDS).where(Printer.id == printer_id)).first()
    if row is None:
        raise NotFound(NO_SUCH_PRINTER)
    return _facts(row)


def printer_of_desk(session: Session, desk_id: UUID) -> PrinterFacts | None:
    """The printer in use that a desk prints on, if it has one."""
    query = select(*_FIELDS).join(Desk, Desk.printer_id == Printer.id).where(Desk.id == desk_id, Printer.active)
    row = session.execute(query).first()
    return _facts(row) if row else None
