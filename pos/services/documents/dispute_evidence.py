"""The evidence for a dispute as paper: what was paid, bought and agreed, which visits took place, what was sent.

Dates, amounts and names of items as they stand on the receipt: nothing about health, no notes, no other clients.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from invoices.documents import REPORT_LABELS, Clinic, Column, ReportDocument, Section
from pos.core import clock
from pos.core.i18n.translator import Translator, translator
from pos.core.outbox import OutboxMessage
from pos.domain.clients.queries import client as client_of
from pos.domain.credits.models import (
    CreditLot,
    PurchasedPackage,
    Redemption,
    RedemptionReversal,
)
from pos.domain.disputes.models import Dispute
from pos.domain.locations.queries import Place, place
from pos.domain.payments.models import PaymentAttempt
from pos.domain.receipts import repository as receipts
from pos.domain.refunds import repository as refunds
from pos.domain.sales.models import Order, Sale
from pos.domain.sales.repository import lines_of
from pos.services.documents.renderer import render_pool, sheet_of

_SENT = ("sale_completed", "mail_receipt", "refund_made", "gift_certificate")
_POLICIES = {
    "pro_rata": "Unused sessions are given back in proportion.",
    "single_price": "Used sessions count at the single price; the rest is given back.",
    "store_credit": "Unused sessions are given back as account credit.",
}


@dataclass(frozen=True)
class Bundle:
    """What is known of a disputed payment, worded: `texts` are Stripe's fields, `document` the paper."""

    texts: dict[str, str]
    document: ReportDocument


def _visits(session: Session, sale_id: UUID) -> list[Redemption]:
    """The visits that used sessions of a sale's packages and were not undone, oldest first."""
    query = (
        select(Redemption)
        .join(CreditLot, CreditLot.id == Redemption.lot_id)
        .join(PurchasedPackage, PurchasedPackage.id == CreditLot.package_id)
        .outerjoin(RedemptionReversal, RedemptionReversal.redemption_id == Redemption.id)
        .where(PurchasedPackage.sale_id == sale_id, RedemptionReversal.redemption_id.is_(None))
        .order_by(Redemption.at, Redemption.id)
    )
    return list(session.scalars(query))


def _messages(session: Session, sale: Sale) -> Iterator[tuple[str, datetime]]:
    """What was sent by mail about a sale, and when it was asked for."""
    query = select(OutboxMessage).where(
        OutboxMessage.topic.in_(_SENT), OutboxMessage.state == "done", OutboxMessage.created_at >= sale.completed_at
    )
    for message in session.scalars(query.order_by(OutboxMessage.created_at)):
        mine = message.payload.get("sale_id") == str(sale.id)
        if mine and not (message.topic == "sale_completed" and sale.channel != "shop"):
            yield message.topic, message.created_at


class _Paper:
    def __init__(self, session: Session, dispute: Dispute, where: Place) -> None:
        self.session, self.dispute, self.where = session, dispute, where
        self.w: Translator = translator(where.locale)
        self.sale = session.get(Sale, dispute.sale_id) if dispute.sale_id else None
        self.attempt = session.get_one(PaymentAttempt, dispute.attempt_id)
        self.order = session.get_one(Order, self.attempt.order_id)
        client_id = self.sale.client_id if self.sale else self.order.client_id
        self.client = client_of(session, client_id) if client_id else None

    def moment(self, at: datetime) -> str:
        return self.w.moment(at, self.where.time_zone)

    def money(self, minor: int) -> str:
        return self.w.money(minor, self.dispute.currency)

    def table(self, heading: str, rows: Iterable[tuple[str, str]], note: str = "") -> Section:
        columns = (Column(heading=""), Column(heading="", align="end"))
        return Section(columns=columns, rows=tuple(rows), heading=heading, note=note)

    def payment(self) -> Section:
        w, card = self.w, self.attempt
        rows = [(w("Paid"), self.money(card.amount_minor)), (w("Disputed"), self.money(self.dispute.amount_minor))]
        if self.sale:
            label = receipts.of_sale(self.session, self.sale.id).label
            rows += [(w("Receipt"), label), (w("When"), self.moment(self.sale.completed_at))]
        if card.card_last4:
            rows.append((w("Card"), f"{card.card_brand} •••• {card.card_last4}"))
        rows.append((w("How"), w("online") if self.order.channel == "shop" else w("by card at the desk")))
        if self.client:
            rows.append((w("Client"), self.client.name))
            if self.client.email:
                rows.append((w("E-mail"), self.client.email))
        return self.table(w("The payment"), rows)

    def bought(self) -> Section:
        lines = lines_of(self.session, self.sale.id) if self.sale else []
        rows = [(f"{line.quantity} × {line.name}", self.money(line.net_minor + line.tax_minor)) for line in lines]
        return self.table(self.w("What was bought"), rows)

    def terms(self) -> Section:
        w, rows = self.w, []
        query = select(PurchasedPackage).where(PurchasedPackage.sale_id == self.dispute.sale_id)
        for package in self.session.scalars(query.order_by(PurchasedPackage.sale_position, PurchasedPackage.copy)):
            policy = package.terms.get("refund_policy", "")
            rows.append((package.name, w(_POLICIES[policy]) if policy in _POLICIES else ""))
            if months := package.terms.get("validity_months"):
                rows.append((w("Valid for"), w.plural("%(count)s month", "%(count)s months", months)))
        accepted = (
            w("The client accepted the terms on the page of the shop on %(at)s.", at=self.moment(self.order.placed_at))
            if self.order.channel == "shop"
            else w("The terms are printed on the receipt, which was handed over or mailed.")
        )
        return self.table(w("Terms"), rows, note=accepted)

    def visits(self) -> Section:
        w, found = self.w, _visits(self.session, self.dispute.sale_id) if self.dispute.sale_id else []
        rows = [(w("Session %(number)s used", number=n), w.day(visit.service_on)) for n, visit in enumerate(found, 1)]
        return self.table(w("Visits that took place"), rows)

    def sent(self) -> Section:
        w = self.w
        said = {
            "sale_completed": w("Receipt by mail"),
            "mail_receipt": w("Receipt by mail, asked for"),
            "refund_made": w("Credit note by mail"),
            "gift_certificate": w("Gift certificate by mail"),
        }
        rows = [(said[topic], self.moment(at)) for topic, at in _messages(self.session, self.sale)] if self.sale else []
        if self.sale:
            rows += [
                (w("Given back: %(amount)s", amount=self.money(refund.total_minor)), self.moment(refund.created_at))
                for refund in refunds.of_sale(self.session, self.sale.id)
            ]
        return self.table(w("Messages and refunds"), rows)


def bundle(session: Session, dispute: Dispute, clinics_words: str) -> Bundle:
    """Everything that speaks for a disputed payment, with what the clinic itself says of it."""
    where = place(session, dispute.location_id)
    paper = _Paper(session, dispute, where)
    w, now = paper.w, clock.now()
    sections = [paper.payment(), paper.bought(), paper.terms(), paper.visits(), paper.sent()]
    if clinics_words:
        sections.insert(0, paper.table(w("What the clinic says"), [(clinics_words, "")]))
    document = ReportDocument(
        language=where.locale.replace("_", "-"),
        title=w("Evidence for dispute %(id)s", id=dispute.stripe_dispute_id),
        clinic=Clinic(
            name=where.clinic_name,
            address=where.address_lines,
            tax_ids=tuple(number for _, number in where.tax_numbers),
        ),
        issued_at=paper.moment(now),
        issued_iso=now.isoformat(),
        sections=tuple(sections),
        labels={key: w("None.") for key in REPORT_LABELS},
        subtitle=where.name,
        watermark=w("Simulated – no money moved") if paper.attempt.mode == "simulator" else "",
    )
    visits = paper.visits().rows
    texts = {
        "product_description": "; ".join(text for text, _ in paper.bought().rows)[:2000],
        "customer_name": paper.client.name if paper.client else "",
        "customer_email_address": (paper.client.email or "") if paper.client else "",
        "service_date": visits[0][1] if visits else (w.day(paper.sale.business_on) if paper.sale else ""),
        "refund_policy_disclosure": paper.terms().note,
        "access_activity_log": "; ".join(f"{text}: {day}" for text, day in visits)[:2000],
        "uncategorized_text": clinics_words,
    }
    return Bundle(texts, document)


def evidence_pdf(found: Bundle, where: Place) -> bytes:
    """The evidence as PDF; raises PaperError where it cannot be made."""
    return render_pool().render(found.document, sheet_of("report", where.paper_format))


def evidence_html(found: Bundle) -> str:
    """The evidence as a page of its own."""
    return render_pool().render_html(found.document, "report_a4")
