"""Letters about refunds: the credit note for the client, and the news of a failure for those who must act."""

from __future__ import annotations

import logging
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from invoices.errors import PaperError
from pos.core.app_context import settings
from pos.core.database.base import reading
from pos.core.i18n.message import translated_text
from pos.core.i18n.translator import translator
from pos.core.mail import Attachment
from pos.domain.locations.queries import Place, place
from pos.domain.receipts import credit_notes
from pos.domain.receipts import repository as receipts
from pos.domain.receipts.credit_note_models import CreditNote
from pos.domain.refunds import repository as refunds
from pos.domain.refunds.models import RefundPart
from pos.domain.sales.models import Sale
from pos.domain.staff.models import Staff, StaffLocation
from pos.domain.staff.permissions import Role
from pos.services.buyers import recipient
from pos.services.mailer import post_letter, write_letter
from pos.services.refunds.card_refunds import send_parts
from pos.services.refunds.credit_notes import note_pdf

log = logging.getLogger(__name__)


def _paper(note: CreditNote, where: Place) -> tuple[Attachment, ...]:
    label = note.label
    try:
        content = note_pdf(note, where.paper_format)
    except PaperError as error:
        log.warning("the credit note %s is mailed without its PDF: %s", label, error)
        return ()
    return (Attachment(f"{label}.pdf", "application/pdf", content),)


def refund_made(payload: dict[str, Any]) -> None:
    """After a refund: send what did not reach Stripe yet, and mail the credit note to a client who has an address."""
    refund_id = UUID(payload["refund_id"])
    if settings().payments.on:
        send_parts(refund_id)
    session = reading()
    row = refunds.get(session, refund_id)
    sale = session.get_one(Sale, row.sale_id)
    who = recipient(session, sale)
    if row.kind == "void" or who is None:
        return
    where = place(session, row.location_id)
    note, receipt = credit_notes.of_refund(session, row.id), receipts.of_sale(session, sale.id)
    w = translator(who.locale)
    facts = {
        "name": who.given_name,
        "clinic": where.clinic_name,
        "label": note.label,
        "receipt": receipt.label,
        "total": w.money(row.total_minor, row.currency),
        "day": w.day(row.business_on),
        "note_url": f"{settings().base_url}/cn/{note.token}",
        "to_card": any(part.kind == "card" for part in refunds.parts_of(session, row.id)),
    }
    to, locale = who.to, who.locale
    paper = _paper(note, where)
    post_letter(
        write_letter(
            "credit_note",
            to=to,
            subject=w("Your credit note %(label)s from %(clinic)s", label=facts["label"], clinic=where.clinic_name),
            locale=locale,
            site_name=where.clinic_name,
            attachments=paper,
            has_pdf=bool(paper),
            **facts,
        )
    )


def who_must_act(session: Session, location_id: UUID) -> list[str]:
    """The addresses of those who look after money at a location."""
    query = (
        select(Staff.email)
        .join(StaffLocation, StaffLocation.staff_id == Staff.id)
        .where(
            StaffLocation.location_id == location_id,
            Staff.active,
            Staff.role.in_((Role.MANAGER.value, Role.OWNER.value)),
            Staff.email.is_not(None),
        )
        .order_by(Staff.email)
    )
    return [email for email in session.scalars(query) if email]


def refund_failed(payload: dict[str, Any]) -> None:
    """A refund did not reach its card: tell the managers of the place what is owed and what to do."""
    session = reading()
    part = session.get_one(RefundPart, UUID(payload["part_id"]))
    row = refunds.get(session, part.refund_id)
    where = place(session, row.location_id)
    w = translator(where.locale)
    for to in who_must_act(session, where.id):
        post_letter(
            write_letter(
                "refund_failed",
                to=to,
                subject=w("A refund of %(amount)s did not arrive", amount=w.money(part.amount_minor, row.currency)),
                locale=where.locale,
                site_name=where.clinic_name,
                clinic=where.clinic_name,
                place=where.name,
                amount=w.money(part.amount_minor, row.currency),
                label=credit_notes.of_refund(session, row.id).label,
                receipt=receipts.of_sale(session, row.sale_id).label,
                why=translated_text(part.sentence or "", w),
                refund_url=f"{settings().base_url}/office/money/refunds/{row.id}",
            )
        )
