"""What follows a commit: mails, paper, and acting on webhooks. The worker calls these; each may come twice."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from invoices.errors import PaperError
from pos.core import clock, outbox
from pos.core.app_context import settings
from pos.core.database.base import reading
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Invalid, PosError
from pos.core.i18n.translator import translator
from pos.core.mail import Attachment
from pos.core.messages.reconciliation import EVENT_OF_OTHER_MODE, EVENT_OF_OTHER_VERSION
from pos.domain.clients.queries import client as client_of
from pos.domain.locations.queries import paper_at, place
from pos.domain.payments import repository as payments
from pos.domain.payments.attempt_states import BANK_TAKES_DAYS, PENDING
from pos.domain.payments.models import PaymentAttempt, WebhookEvent
from pos.domain.receipts import repository as receipts
from pos.domain.sales.models import Order, Sale
from pos.integrations.stripe.types import API_VERSION, Event
from pos.services.bookkeeping.month_files import month_file_step, remove_month_file
from pos.services.buyers import Recipient, recipient
from pos.services.documents.gift_certificates import mail_certificate
from pos.services.documents.receipts import receipt_pdf
from pos.services.mailer import post_letter, write_letter
from pos.services.notifications.disputes import dispute_news
from pos.services.notifications.packages import credits_end, credits_expire, shared_credit_used
from pos.services.notifications.refunds import refund_failed, refund_made
from pos.services.packages.invitations import mail_invitation
from pos.services.payments.refresh_payment import refresh_payment
from pos.services.payments.terminal_payment import refresh_unattended
from pos.services.reconciliation.dispute_evidence import poll_evidence
from pos.services.reconciliation.disputes import news_of_dispute, poll_disputes
from pos.services.reconciliation.payouts import news_of_payout, poll_payouts
from pos.services.reconciliation.stripe_fees import note_fee_of, poll_fees
from pos.services.reconciliation.unmatched_refunds import news_of_unmatched
from pos.services.reconciliation.unmatched_transactions import poll_unmatched_refunds
from pos.services.refunds.card_refunds import news_of, poll_refunds
from pos.services.saved_views.send import mail_report

log = logging.getLogger(__name__)


def _mail_receipt(payload: dict[str, Any]) -> None:
    session = reading()
    sale = session.get_one(Sale, UUID(payload["sale_id"]))
    receipt = receipts.of_sale(session, sale.id)
    where = place(session, sale.location_id)
    known = recipient(session, sale)
    to = payload.get("to") or (known.to if known else None)
    if not to:
        return
    locale = known.locale if known else where.locale
    w = translator(locale)
    label, token = receipt.label, receipt.token
    attachments: tuple[Attachment, ...] = ()
    try:
        content = receipt_pdf(receipt, where.paper_format)
        attachments = (Attachment(f"{label}.pdf", "application/pdf", content),)
    except PaperError as error:
        log.warning("the receipt %s is mailed without its PDF: %s", label, error)
    post_letter(
        write_letter(
            "receipt",
            to=to,
            subject=w("Your receipt %(label)s from %(clinic)s", label=label, clinic=where.clinic_name),
            locale=locale,
            site_name=where.clinic_name,
            attachments=attachments,
            name=known.given_name if known else "",
            clinic=where.clinic_name,
            label=label,
            total=w.money(sale.total_minor + sale.tip_minor, sale.currency),
            day=w.day(sale.business_on),
            receipt_url=f"{settings().base_url}/r/{token}",
            account_url=f"{settings().base_url}/account",
            has_pdf=bool(attachments),
        )
    )


def _sale_completed(payload: dict[str, Any]) -> None:
    """Warm the paper, so that the desk's print is there at once; an online buyer gets it by mail."""
    session = reading()
    sale = session.get_one(Sale, UUID(payload["sale_id"]))
    if sale.channel == "shop":
        _mail_receipt(payload)
        return
    try:
        receipt_pdf(receipts.of_sale(session, sale.id), paper_at(session, sale.location_id, sale.desk_id))
    except PaperError as error:
        log.warning("receipts are shown as pages only: %s", error)


def _client_link(payload: dict[str, Any]) -> None:
    link = payload.get("secret", payload).get("link")
    if link is None:
        return  # given up before and tried again: the link was struck out then, and is too old by now
    w = translator(payload["locale"])
    post_letter(
        write_letter(
            "sign_in_link",
            to=payload["to"],
            subject=w("Your sign-in link"),
            locale=payload["locale"],
            site_name="Tenderpoint",
            link=link,
        )
    )


def _staff_link(payload: dict[str, Any]) -> None:
    link = payload.get("secret", {}).get("link")
    if link is None:
        return  # as above
    w, is_invitation = translator(payload["locale"]), payload["kind"] == "invite"
    post_letter(
        write_letter(
            "staff_invitation" if is_invitation else "staff_reset",
            to=payload["to"],
            subject=w("Set up your sign-in") if is_invitation else w("A new password for the office"),
            locale=payload["locale"],
            site_name="Tenderpoint",
            name=payload["name"],
            link=link,
        )
    )


def _payment_refused(payload: dict[str, Any]) -> None:
    """Days after the purchase a bank said no: whoever bought is told, for their page was closed long ago."""
    session = reading()
    order = session.get_one(Order, UUID(payload["order_id"]))
    client = client_of(session, order.client_id) if order.client_id else None
    if client is not None and client.email:
        to = Recipient(client.email, client.given_name, client.locale)
    elif buyer := payload.get("secret"):
        to = Recipient(buyer["email"], buyer["given_name"], buyer["locale"])
    else:
        return
    where, w = place(session, order.location_id), translator(to.locale)
    post_letter(
        write_letter(
            "payment_failed",
            to=to.to,
            subject=w("Your bank did not pay %(clinic)s", clinic=where.clinic_name),
            locale=to.locale,
            site_name=where.clinic_name,
            name=to.given_name,
            clinic=where.clinic_name,
            what=order.cart["lines"][0]["name"],
            amount=w.money(order.card_minor, order.currency),
            shop_url=f"{settings().base_url}/shop/{where.slug}/",
        )
    )


def _webhook(payload: dict[str, Any]) -> None:
    kind, object_id = payload["type"], payload["object_id"]
    if kind.startswith("refund."):
        if not news_of(object_id):
            news_of_unmatched(object_id)
        return
    if kind.startswith("charge.dispute."):
        news_of_dispute(object_id)
        return
    if kind.startswith("payout."):
        news_of_payout(object_id)
        return
    attempt = payments.attempt_by_object(reading(), object_id)
    if attempt is not None:
        order_id = attempt.order_id
        refresh_payment(order_id, paid_attempt_id=attempt.id if kind in _PAID else None)
        note_fee_of(order_id)


HANDLERS: dict[str, Callable[[dict[str, Any]], None]] = {
    "client_link": _client_link,
    "credits_expire": credits_expire,
    "credits_end": credits_end,
    "dispute_news": dispute_news,
    "gift_certificate": mail_certificate,
    "mail_receipt": _mail_receipt,
    "month_file": month_file_step,
    "month_file_removal": remove_month_file,
    "payment_refused": _payment_refused,
    "refund_failed": refund_failed,
    "refund_made": refund_made,
    "report_mail": mail_report,
    "sale_completed": _sale_completed,
    "share_invitation": mail_invitation,
    "shared_credit_used": shared_credit_used,
    "staff_link": _staff_link,
    "webhook": _webhook,
}

# News that money was taken, perhaps for an attempt that had ended here.
_PAID = ("payment_intent.succeeded", "checkout.session.completed", "checkout.session.async_payment_succeeded")
# A Checkout event may come before our own call has answered and its session is known here: look again shortly after.
_AGAIN = timedelta(seconds=20)
# A bank that takes days is asked each minute for so long, and then as seldom as this.
_OFTEN = timedelta(hours=1)


@unit_of_work
def take_in(session: Session, event: Event) -> bool:
    """Put a verified webhook into the inbox and tell the worker; False if it had come before. Raises Invalid."""
    if event.livemode != (settings().payments.mode == "live"):
        raise Invalid(EVENT_OF_OTHER_MODE, why="other_mode")
    if event.api_version not in (None, API_VERSION):
        raise Invalid(
            EVENT_OF_OTHER_VERSION(found=event.api_version[:40], read=API_VERSION),
            why="other_version",
        )
    kept = WebhookEvent(
        event_id=event.event_id,
        type=event.type,
        object_id=event.object_id,
        livemode=event.livemode,
        api_version=event.api_version,
        received_at=clock.now(),
        created_at=event.created_at,
    )
    if not payments.store_event(session, kept):
        return False
    facts = {"object_id": event.object_id, "type": event.type}
    outbox.record(session, "webhook", facts, key=f"webhook:{event.event_id}")
    outbox.record(session, "webhook", facts, key=f"webhook-again:{event.event_id}", due_at=clock.now() + _AGAIN)
    return True


@unit_of_work
def request_mail(session: Session, *, sale_id: UUID, to: str | None) -> None:
    """Have a receipt mailed to an address, or to its client."""
    outbox.record(session, "mail_receipt", {"sale_id": str(sale_id), "to": to})


def _asked_lately(attempt: PaymentAttempt, now: datetime) -> bool:
    """Whether a bank that takes days was asked within the hour: after its first hour it is asked once in each.

    Each answer of such a payment moves it, even to the state it is in.
    """
    waits = attempt.state == PENDING and attempt.reason_code == BANK_TAKES_DAYS
    return waits and now - attempt.created_at > _OFTEN and now - attempt.changed_at < _OFTEN


def poll_pending() -> int:
    """Ask Stripe about every payment and refund whose outcome is still to come; returns how many.

    It is all that clinics have which no webhook can reach.
    """
    if not settings().payments.on:
        return 0
    now = clock.now()
    waiting = [attempt.order_id for attempt in payments.open_attempts(reading()) if not _asked_lately(attempt, now)]
    for order_id in waiting:
        try:
            refresh_unattended(order_id)
        except PosError as error:
            log.warning("the payment of order %s stays open: %s", order_id, error.sentence)
        except Exception:  # whatever one payment meets, the younger ones must be asked about too
            log.exception("the payment of order %s stays open", order_id)
            reading().rollback()
    found = len(waiting) + poll_refunds()
    for look in (poll_disputes, poll_evidence, poll_fees, poll_payouts, poll_unmatched_refunds):
        try:
            look()
        except Exception:  # what comes after payments must not keep the payments themselves from being asked about
            log.exception("%s failed", look.__name__)
            reading().rollback()
    return found
