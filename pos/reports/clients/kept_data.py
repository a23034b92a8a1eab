"""All that is kept of one person, as JSON: rows of every table that names them, section by section.

The keys of a row are the columns of docs/data-model.md, so they stay while the tables do; docs/rules.md lists the sections.
Left out are secrets (hashes of tokens and codes), keys against repeating, what a search looks in, and who of the staff did
something. Rows are written as they are read: however much there is, little of it is in memory at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Select, inspect, or_, select
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.audit import AuditEvent
from pos.core.database.base import Base
from pos.core.mail import MailboxMail
from pos.domain.appointments.models import Appointment
from pos.domain.clients.models import Client, ClientLink, ClientMerge, ClientSession
from pos.domain.clients.persons import records_of
from pos.domain.credits.models import (
    CreditLot,
    CreditMove,
    Instalment,
    LotExtension,
    LotFreeze,
    LotItem,
    LotShare,
    PurchasedPackage,
    Redemption,
    RedemptionReversal,
    ShareInvitation,
)
from pos.domain.disputes.models import Dispute
from pos.domain.locations.queries import all_places
from pos.domain.offline_sales.models import OfflineSale
from pos.domain.payments.models import PaymentAttempt, Tender
from pos.domain.payouts.models import UnmatchedTransaction
from pos.domain.payouts.of_clients import unmatched_of
from pos.domain.promotions.models import PromoUse
from pos.domain.receipts.credit_note_models import CreditNote
from pos.domain.receipts.models import Receipt
from pos.domain.refunds.models import Refund, RefundLine, RefundPart, WithdrawalConsent
from pos.domain.sales.models import Order, Sale, SaleLine, TaxExemption, Ticket
from pos.domain.staff.models import Staff
from pos.domain.stored_value.models import AccountCredit, AccountCreditMove, GiftCard, GiftCardMove
from pos.domain.tips.models import TipAllocation
from pos.reports.period import one_moment

FORMAT = "tenderpoint-client"
VERSION = 1
_SECRET = frozenset(
    {
        "token", "token_hash", "code_hash", "content_hash", "buyer_hash", "key", "idempotency_key", "search_text",
        "sort_key", "raw", "html", "session_url", "approved_discounts", "actor_id",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Section:
    """Rows of one table: which, in which order, and what of them is left out besides secrets."""

    name: str
    model: type[Base]
    where: ColumnElement[bool]
    without: frozenset[str] = frozenset()


def _names_staff(column: Any) -> bool:
    return any(key.column.table is Staff.__table__ for key in column.foreign_keys)


def columns_of(section: Section) -> list[Any]:
    """The columns of a section that are told."""
    left_out = _SECRET | section.without
    return [
        column for column in inspect(section.model).columns if column.name not in left_out and not _names_staff(column)
    ]


def _query(section: Section) -> Select[*tuple[Any, ...]]:
    return select(*columns_of(section)).where(section.where).order_by(*inspect(section.model).primary_key)


def sections_of(records: list[Client]) -> list[Section]:
    """The sections of a person with these records."""
    ids = [record.id for record in records]
    mails = [record.email for record in records if record.email]
    sales = select(Sale.id).where(Sale.client_id.in_(ids))
    orders = select(Order.id).where(Order.client_id.in_(ids))
    lots = select(CreditLot.id).where(CreditLot.client_id.in_(ids))
    packages = select(PurchasedPackage.id).where(
        or_(
            PurchasedPackage.client_id.in_(ids),
            PurchasedPackage.id.in_(select(CreditLot.package_id).where(CreditLot.client_id.in_(ids))),
        )
    )
    cards = select(GiftCard.id).where(or_(GiftCard.buyer_id.in_(ids), GiftCard.to_email.in_(mails)))
    attempts = select(PaymentAttempt.id).where(PaymentAttempt.order_id.in_(orders))
    refunds = select(Refund.id).where(Refund.sale_id.in_(sales))
    visits = select(Redemption.id).where(Redemption.client_id.in_(ids))
    merges = or_(ClientMerge.merged_id.in_(ids), ClientMerge.kept_id.in_(ids))
    subjects = [AuditEvent.subject_id.in_(one) for one in (ids, sales, orders, packages, refunds)]
    return [
        Section("records", Client, Client.id.in_(ids)),
        Section("merges", ClientMerge, merges, without=frozenset({"before", "by_id", "undone_by_id"})),
        Section("sign_ins", ClientSession, ClientSession.client_id.in_(ids)),
        Section("sign_in_links", ClientLink, ClientLink.client_id.in_(ids)),
        Section("packages", PurchasedPackage, PurchasedPackage.id.in_(packages)),
        Section("credit_lots", CreditLot, CreditLot.id.in_(lots)),
        Section("lot_items", LotItem, LotItem.lot_id.in_(lots)),
        Section("credit_moves", CreditMove, CreditMove.lot_id.in_(lots)),
        Section("appointments", Appointment, Appointment.client_id.in_(ids), without=frozenset({"sent"})),
        Section("redemptions", Redemption, Redemption.id.in_(visits)),
        Section("redemption_reversals", RedemptionReversal, RedemptionReversal.redemption_id.in_(visits)),
        Section("instalments", Instalment, Instalment.lot_id.in_(lots)),
        Section("freezes", LotFreeze, LotFreeze.lot_id.in_(lots)),
        Section("extensions", LotExtension, LotExtension.lot_id.in_(lots)),
        Section("shares", LotShare, or_(LotShare.client_id.in_(ids), LotShare.lot_id.in_(lots))),
        Section("share_invitations", ShareInvitation, ShareInvitation.lot_id.in_(lots)),
        Section("tickets", Ticket, Ticket.client_id.in_(ids)),
        Section("sales_without_server", OfflineSale, OfflineSale.client_id.in_(ids), without=frozenset({"taken_by"})),
        Section("orders", Order, Order.id.in_(orders)),
        Section("payments", PaymentAttempt, PaymentAttempt.order_id.in_(orders)),
        Section("disputes", Dispute, Dispute.attempt_id.in_(attempts)),
        Section("sales", Sale, Sale.id.in_(sales)),
        Section("sale_lines", SaleLine, SaleLine.sale_id.in_(sales)),
        Section("sale_lines_for_them", SaleLine, SaleLine.person_id.in_(ids)),
        Section("tenders", Tender, Tender.sale_id.in_(sales)),
        Section("tips", TipAllocation, TipAllocation.sale_id.in_(sales)),
        Section("tax_exemptions", TaxExemption, TaxExemption.sale_id.in_(sales)),
        Section("promo_codes_used", PromoUse, PromoUse.client_id.in_(ids)),
        Section("receipts", Receipt, Receipt.sale_id.in_(sales)),
        Section("refunds", Refund, Refund.id.in_(refunds)),
        Section("refund_lines", RefundLine, RefundLine.refund_id.in_(refunds)),
        Section("refund_parts", RefundPart, RefundPart.refund_id.in_(refunds)),
        Section("credit_notes", CreditNote, CreditNote.refund_id.in_(refunds)),
        Section("withdrawal_consents", WithdrawalConsent, WithdrawalConsent.order_id.in_(orders)),
        Section("gift_cards", GiftCard, GiftCard.id.in_(cards)),
        Section("gift_card_moves", GiftCardMove, GiftCardMove.card_id.in_(cards)),
        Section("account_credit", AccountCredit, AccountCredit.client_id.in_(ids)),
        Section("account_credit_moves", AccountCreditMove, AccountCreditMove.client_id.in_(ids)),
        Section("payments_without_sale", UnmatchedTransaction, unmatched_of(ids)),
        Section("mails_kept", MailboxMail, MailboxMail.to.in_(mails)),
        Section("log", AuditEvent, or_(*subjects, AuditEvent.actor_id.in_(ids))),
    ]


def rows_of(session: Session, section: Section) -> Iterator[dict[str, Any]]:
    """The rows of a section by their columns, a portion at a time."""
    names = [column.name for column in columns_of(section)]
    for row in session.execute(_query(section).execution_options(yield_per=500)):
        yield dict(zip(names, row, strict=True))


def write_kept_data(session: Session, client_id: UUID, out: BinaryIO) -> int:
    """Write all that is kept of a person to a binary file as one JSON object; returns the number of rows, raises NotFound.

    Amounts are minor units, instants UTC, days ISO 8601.
    """
    one_moment(session)
    records = records_of(session, client_id)
    head = {
        "format": FORMAT,
        "version": VERSION,
        "client_id": records[0].id,
        "written_at": clock.now(),
        "locations": {str(place.id): place.name for place in all_places(session)},
    }
    out.write(msgspec.json.encode(head)[:-1])
    count = 0
    for section in sections_of(records):
        out.write(b',\n"' + section.name.encode() + b'": [')
        for number, row in enumerate(rows_of(session, section)):
            out.write((b",\n" if number else b"\n") + msgspec.json.encode(row))
            count += 1
        out.write(b"]")
    out.write(b"}\n")
    return count
