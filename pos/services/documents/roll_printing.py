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
from pos.core.errors import Conflict, NotFound
from pos.core.messages.general import NO_SUCH_REPRINT
from pos.core.messages.till import NO_PRINTER_AT_DESK
from pos.domain.locations.printers import PrinterFacts, printer_of_desk
from pos.domain.locations.queries import DeskPlace
from pos.domain.payments.repository import tenders_of
from pos.domain.receipts import repository as receipts
from pos.domain.sales.models import Sale
from pos.domain.staff.queries import Person
from pos.integrations.receipt_printer import MODELS, encode, send
from pos.services.documents.receipts import duplicate_of

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


def print_receipt(desk: DeskPlace, person: Person, sale: Sale, *, duplicate: int | None, drawer_only: bool) -> bool:
    """Print the receipt of a sale, or `duplicate`, a reprint that was counted; says whether the drawer was opened.

    It opens for the cash of a sale of this desk, at the original alone. Raises NotFound for a reprint that was not counted,
    and as `print_document` does.
    """
    session = reading()
    receipt = receipts.of_sale(session, sale.id)
    if duplicate is not None and not receipts.was_reprinted(session, receipt.id, duplicate):
        raise NotFound(NO_SUCH_REPRINT)
    is_cash = sale.desk_id == desk.id and any(one.kind == "cash" for one in tenders_of(session, sale.id))
    if duplicate is None:
        document, cash_at = ReceiptDocument.from_json(receipt.document), sale.completed_at if is_cash else None
    else:
        document, cash_at = duplicate_of(receipt, duplicate, desk.place.locale), None
    return print_document(desk, person, document, subject_id=sale.id, paper=not drawer_only, cash_at=cash_at)


def print_document(
    desk: DeskPlace,
    person: Person,
    document: ReceiptDocument,
    *,
    subject_id: UUID,
    paper: bool,
    cash_at: datetime | None,
) -> bool:
    """Print a receipt or credit note; says whether the drawer was opened.

    `cash_at` is when cash changed hands for it, None where none did: the drawer opens for five minutes after it, noted in
    the audit log each time. Raises Conflict where the desk has no printer, PrinterSilent, NotConfigured.
    """
    printer = printer_of_desk(reading(), desk.id)
    if printer is None:
        raise Conflict(NO_PRINTER_AT_DESK)
    pulse = printer.opens_drawer and cash_at is not None and clock.now() - cash_at <= _DRAWER_OPENS_FOR
    lines = roll_lines(document, MODELS[printer.model].columns) if paper else []
    if not (lines or pulse):
        return False
    if pulse:
        # Before it is sent: a drawer never opens unnoted, even where the printer's answer is lost.
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
