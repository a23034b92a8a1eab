"""Receipts and credit notes on the network printer of a desk, and the cash drawer that hangs at it.

Printing is apart from the sale: a printer that is off never holds one up, and the browser prints what it did not.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from invoices.documents import ReceiptDocument
from invoices.roll_text import RollLine, roll_lines
from pos.core import audit, clock
from pos.core.database.base import reading
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Conflict
from pos.core.i18n.translator import translator
from pos.core.messages.till import NO_PRINTER_AT_DESK
from pos.domain.locations.printers import PrinterFacts, printer_of_desk
from pos.domain.locations.queries import DeskPlace
from pos.domain.staff.queries import Person
from pos.integrations.receipt_printer import MODELS, encode, send

# Cash is put into the drawer right after the sale; later it is opened for nothing, with a reason.
_DRAWER_OPENS_FOR = timedelta(minutes=5)


@unit_of_work
def _note_pulse(session: Session, desk: DeskPlace, person: Person, subject_id: UUID) -> None:
    audit.note(
        session, "drawer.opened_by_printer", actor_id=person.id, location_id=desk.place.id, subject_id=subject_id,
        desk=desk.name,
    )  # fmt: skip


def _deliver(printer: PrinterFacts, lines: list[RollLine], *, pulse: bool) -> None:
    content = encode(lines, printer.model, pulse=pulse)
    reading().rollback()  # no snapshot is held while the printer is waited for
    send(printer.host, printer.port, content, printer.name)


def print_document(
    desk: DeskPlace, person: Person, document: dict[str, object], *, subject_id: UUID, duplicate: int | None = None,
    paper: bool = True, cash_at: datetime | None = None,
) -> bool:  # fmt: skip
    """Print a receipt or credit note as it was issued, or marked DUPLICATE; says whether the drawer was opened.

    `cash_at` is when cash changed hands for it, None where none did: the drawer opens for five minutes after it, noted in
    the audit log each time. Raises Conflict where the desk has no printer, PrinterSilent, NotConfigured.
    """
    printer = printer_of_desk(reading(), desk.id)
    if printer is None:
        raise Conflict(NO_PRINTER_AT_DESK)
    pulse = printer.opens_drawer and cash_at is not None and clock.now() - cash_at <= _DRAWER_OPENS_FOR
    found = ReceiptDocument.from_json(document)
    if duplicate is not None:
        mark = translator(desk.place.locale)("DUPLICATE %(number)s", number=duplicate)
        found = found.with_watermark(f"{found.watermark} · {mark}" if found.watermark else mark)
    lines = roll_lines(found, MODELS[printer.model].columns) if paper else []
    if not (lines or pulse):
        return False
    if pulse:
        _note_pulse(desk, person, subject_id)
    _deliver(printer, lines, pulse=pulse)
    return pulse


def print_test(printer: PrinterFacts, desk_names: list[str], place_name: str) -> None:
    """Print a test page: who prints on it, a ruler as wide as its lines, and signs that need a code page.

    Raises PrinterSilent, NotConfigured. Never opens the drawer.
    """
    columns = MODELS[printer.model].columns
    ruler = "".join(str(number % 10) for number in range(1, columns + 1))
    lines = [
        RollLine(text=printer.name, bold=True, large=True, centred=True),
        RollLine(text=place_name, centred=True),
        *(RollLine(text=name, centred=True) for name in desk_names),
        RollLine(text=ruler),
        RollLine(text="€ £ ä ö ü ß é ñ ç ø ł č ő ž"),
        RollLine(text=f"{'100.00':>{columns}}"),
    ]
    _deliver(printer, lines, pulse=False)
