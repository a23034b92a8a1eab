"""Gift certificates: made when somebody may see the code, mailed to whoever the card is for, never kept."""

from __future__ import annotations

import logging
from typing import Any
from uuid import UUID

from invoices.documents import CERTIFICATE_LABELS, CertificateDocument, Clinic
from invoices.errors import PaperError
from pos.core.app_context import settings
from pos.core.clock import zone
from pos.core.database.base import reading
from pos.core.errors import NotFound
from pos.core.i18n.translator import translator
from pos.core.mail import Attachment
from pos.core.messages.stored_value import NO_SUCH_GIFT_CARD
from pos.domain.clients.queries import name_of
from pos.domain.locations.queries import place
from pos.domain.staff.permissions import Permission
from pos.domain.stored_value.models import GiftCard
from pos.services.documents.registry import Address, Printed, Reader, document
from pos.services.documents.renderer import render_pool, sheet_of
from pos.services.mailer import post_letter, write_letter
from pos.services.stored_value.gift_cards import code_to_print

log = logging.getLogger(__name__)


def certificate(card_id: UUID) -> CertificateDocument:
    """The certificate of a card at its face value, with its code; raises Conflict when the code cannot be made again."""
    session = reading()
    card = session.get_one(GiftCard, card_id)
    where = place(session, card.location_id)
    w = translator(where.locale)
    ends = w("Valid to %(day)s.", day=w.day(card.expires_on)) if card.expires_on else w("It does not expire.")
    return CertificateDocument(
        language=where.locale.replace("_", "-"),
        title=w("Gift card"),
        clinic=Clinic(
            name=where.clinic_name,
            address=where.address_lines,
            contacts=tuple(c for c in (where.phone, where.email) if c),
        ),
        issued_at=w.day(card.issued_on),
        issued_iso=card.issued_at.astimezone(zone(where.time_zone)).isoformat(timespec="seconds"),
        amount=w.money(card.face_minor, card.currency),
        code=code_to_print(card_id),
        labels={key: w(text) for key, text in CERTIFICATE_LABELS.items()},
        recipient=card.to_name,
        sender=name_of(session, card.buyer_id) if card.buyer_id else "",
        message=card.message,
        terms=(
            w("Show or say the code when you pay. It can be used in parts until nothing is left."),
            w("Keep it like cash: whoever has the code can use it."),
            ends,
        ),
        watermark=w("SIMULATED – no money moves") if settings().payments.mode == "simulator" else "",
    )


@document(
    "gift_certificate",
    register=Address("/gift-cards/<uuid:gift_card_id>/certificate", Permission.RING_UP),
    office=Address("/money/gift-cards/<uuid:gift_card_id>/certificate", Permission.CORRECT_CREDITS),
)
def _certificate(gift_card_id: UUID, reader: Reader) -> Printed:
    """For the desk on the day of the sale, then for managers: whoever has the code has the money. Raises NotFound."""
    session = reading()
    card = session.get(GiftCard, gift_card_id)
    if card is None or card.location_id not in reader.location_ids:
        raise NotFound(NO_SUCH_GIFT_CARD)
    where = place(session, card.location_id)
    if reader.interface == "register" and card.issued_on != where.today():
        raise NotFound(NO_SUCH_GIFT_CARD)
    return Printed(certificate(gift_card_id), f"gift-card-{card.last4}", where.paper_format)


def mail_certificate(payload: dict[str, Any]) -> None:
    """Mail a card to whom it is for; one that was blocked, replaced, voided or given back meanwhile is not sent."""
    session = reading()
    card = session.get_one(GiftCard, UUID(payload["card_id"]))
    if card.to_email is None or card.state != "active" or not card.balance_minor + card.held_minor:
        return
    where = place(session, card.location_id)
    w = translator(where.locale)
    paper = certificate(card.id)
    attachments: tuple[Attachment, ...] = ()
    to, message = card.to_email, card.message
    try:
        content = render_pool().render(paper, sheet_of("certificate", where.paper_format))
        attachments = (Attachment("gift-card.pdf", "application/pdf", content),)
    except PaperError as error:
        log.warning("a gift card is mailed without its PDF: %s", error)
    post_letter(
        write_letter(
            "gift_card",
            to=to,
            subject=w("A gift card for you from %(clinic)s", clinic=where.clinic_name),
            locale=where.locale,
            site_name=where.clinic_name,
            attachments=attachments,
            name=paper.recipient,
            sender=paper.sender,
            clinic=where.clinic_name,
            amount=paper.amount,
            code=paper.code,
            message=message,
            terms=paper.terms,
            has_pdf=bool(attachments),
        )
    )
