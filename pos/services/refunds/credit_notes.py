"""The credit note of a refund: written in its transaction, printed like a receipt, and sent by mail."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from invoices.documents import ReceiptDocument
from pos.core.app_context import settings
from pos.core.database.base import reading
from pos.core.database.storage_errors import optional_write
from pos.core.database.unit_of_work import unit_of_work
from pos.core.i18n.translator import Translator, translator
from pos.domain.credits.rules.refund_policies import Step
from pos.domain.locations.queries import DeskPlace
from pos.domain.payments.models import PaymentAttempt, Tender
from pos.domain.receipts import credit_notes
from pos.domain.receipts.credit_note_document import (
    NoteDestination,
    NoteFacts,
    NoteLine,
    write_note,
)
from pos.domain.receipts.credit_note_models import CreditNote
from pos.domain.receipts.repository import is_test_sale
from pos.domain.refunds import repository as refunds
from pos.domain.refunds.models import Refund
from pos.domain.refunds.rules import Destination
from pos.domain.sales.repository import exemptions_of
from pos.domain.staff.queries import Person, names
from pos.domain.stored_value.models import GiftCard
from pos.services.documents.renderer import sheet_of, to_html, to_pdf
from pos.services.documents.roll_printing import print_document
from pos.services.refunds.calculate import RefundQuote
from pos.services.refunds.refundable import Refundable
from pos.services.refunds.status import refund_state


def step_text(w: Translator, step: Step, currency: str) -> str:
    """A line of the arithmetic in words, without its amount."""
    return (
        w(step.text, count=step.count, of=step.of, each=w.money(step.each_minor, currency))
        if "%(" in step.text
        else w(step.text)
    )


def _details(w: Translator, quote: RefundQuote, currency: str) -> tuple[str, ...]:
    if quote.package is None or not quote.package.left:
        return ()
    given_up = w.plural("%(count)s session given up", "%(count)s sessions given up", quote.package.left)
    return (given_up, *(f"{step_text(w, step, currency)}: {w.amount(step.minor, currency)}" for step in quote.steps))


def _way(session: Session, way: Destination, tenders: dict[int, Tender]) -> tuple[NoteDestination, bool]:
    """A way in words, and whether the card payment it goes back to was simulated."""
    tender = tenders.get(way.tender_position) if way.tender_position is not None else None
    if tender is not None and tender.attempt_id is not None:
        attempt = session.get_one(PaymentAttempt, tender.attempt_id)
        note = NoteDestination("card", way.amount_minor, attempt.card_brand or "", attempt.card_last4 or "")
        return note, attempt.mode == "simulator"
    if tender is not None and tender.gift_card_id is not None:
        last4 = session.scalars(select(GiftCard.last4).where(GiftCard.id == tender.gift_card_id)).one()
        return NoteDestination("gift_card", way.amount_minor, last4=last4), False
    return NoteDestination(way.kind, way.amount_minor, rounding_minor=way.rounding_minor), False


def issue_note(
    session: Session,
    refund: Refund,
    found: Refundable,
    quote: RefundQuote,
    tenders: Sequence[Tender],
    desk: DeskPlace | None,
) -> CreditNote:
    """Number and freeze the credit note of a refund, in its transaction."""
    w = translator(found.place.locale)
    ways = [_way(session, way, {tender.position: tender for tender in tenders}) for way in quote.ways]
    details = _details(w, quote, refund.currency)
    free = exemptions_of(session, found.sale.id)
    sold = {line.position: line.quantity for line in found.lines}
    is_test = is_test_sale(session, found.sale.id)

    def write(label: str, token: str) -> ReceiptDocument:
        return write_note(
            NoteFacts(
                place=found.place,
                refund=refund,
                receipt_label=found.receipt_label,
                sold_on=found.sale.business_on,
                label=label,
                portal_url=f"{settings().base_url}/cn/{token}",
                served_by=names(session).get(refund.staff_id, ""),
                desk=desk.name if desk else "",
                client_name=found.client_name,
                lines=[
                    NoteLine(
                        line.name,
                        line.net_minor,
                        line.tax_minor,
                        line.tax_percent,
                        details,
                        line.position in free,
                        line.second_tax_minor,
                        line.second_tax_percent,
                        line.units if sold[line.position] > 1 else 0,
                    )
                    for line in quote.lines
                ],
                ways=[way for way, _ in ways],
                simulated=any(simulated for _, simulated in ways),
                is_test=is_test,
            )
        )

    return credit_notes.issue(session, refund, found.place, write, is_test=is_test)


_keep = unit_of_work(credit_notes.keep_file)


def note_pdf(note: CreditNote, paper_format: str) -> bytes:
    """A credit note as PDF (`80mm`, `a4` or `letter`), the same bytes ever after; raises Invalid, PaperUnavailable."""
    sheet = sheet_of("receipt", paper_format)
    kept = credit_notes.kept_file(reading(), note.id, sheet)
    if kept is not None:
        return kept
    note_id: UUID = note.id
    content = to_pdf(ReceiptDocument.from_json(note.document), sheet)
    with optional_write("the PDF of a credit note"):
        _keep(note_id, sheet, content)
    return content


def print_note(desk: DeskPlace, person: Person, refund_id: UUID, *, drawer_only: bool) -> bool:
    """Print the credit note of a refund on the desk's network printer; says whether the drawer was opened.

    It opens where cash goes back out of it. Raises NotFound, and as `print_document` does.
    """
    session = reading()
    note, state = credit_notes.of_refund(session, refund_id), refund_state(session, refund_id)
    is_cash = state.cash_minor and refunds.get(session, refund_id).desk_id == desk.id
    document, cash_at = ReceiptDocument.from_json(note.document), state.created_at if is_cash else None
    return print_document(desk, person, document, subject_id=refund_id, paper=not drawer_only, cash_at=cash_at)


def note_html(note: CreditNote, paper_format: str = "80mm") -> str:
    """A credit note as a page of its own."""
    return to_html(ReceiptDocument.from_json(note.document), sheet_of("receipt", paper_format))
