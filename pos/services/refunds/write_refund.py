"""Writes a refund that is decided: its lines and parts, stored value, credit note, journal entry and message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core import audit, outbox
from pos.core.money import LARGEST_MINOR
from pos.domain.catalogue.gift_card_item import GIFT_CARD
from pos.domain.ledger import posting as ledger
from pos.domain.ledger.entries import Draft
from pos.domain.locations.action_context import ActionContext
from pos.domain.locations.queries import DeskPlace
from pos.domain.payments.models import Tender
from pos.domain.receipts.credit_note_models import CreditNote
from pos.domain.refunds import repository as refunds
from pos.domain.refunds.models import Refund, RefundLine
from pos.domain.staff.limit_rules import Limit, Limits
from pos.domain.staff.permissions import Role
from pos.domain.stored_value import wallet as stored_value
from pos.domain.stored_value.balances import CARDS, StoredValueEntry
from pos.domain.stored_value.models import GiftCard
from pos.domain.till.models import Shift
from pos.domain.till.shifts import OpenShift
from pos.domain.tips import repository as tips
from pos.services.refunds.calculate import RefundQuote
from pos.services.refunds.credit_notes import issue_note
from pos.services.refunds.refundable import Refundable


@dataclass(frozen=True)
class Alone:
    """What the actor's role gave back alone at that moment, in all and in cash of a sale not paid by cash alone."""

    minor: int = 0
    cash_minor: int = 0

    @classmethod
    def of(cls, limits: Limits, limit: Limit) -> Alone:
        """As they are written: no limit is the largest amount there is."""
        minor, cash = (limits.of(one) for one in (limit, Limit.CASH_REFUND))
        return cls(LARGEST_MINOR if minor is None else int(minor), LARGEST_MINOR if cash is None else int(cash))


@dataclass(frozen=True)
class Written:
    """What a refund is written from, the same for a refund and a void."""

    command_id: UUID
    kind: str
    context: ActionContext
    staff_role: Role
    content_hash: str
    desk: DeskPlace | None
    shift: Shift | OpenShift | None
    alone: Alone = Alone()


def write(session: Session, written: Written, found: Refundable, quote: RefundQuote, entry: Draft) -> CreditNote:
    """Write the refund, its lines and parts, move stored value, issue the credit note, post the entry, tell the outbox."""
    sale, context = found.sale, written.context
    row = Refund(
        id=written.command_id,
        location_id=context.location.id,
        sale_id=sale.id,
        package_id=quote.package.package_id if quote.package else None,
        kind=written.kind,
        channel="register" if written.desk else "office",
        desk_id=written.desk.id if written.desk else None,
        shift_id=written.shift.id if written.shift else None,
        staff_id=context.actor_id,
        staff_role=written.staff_role.value,
        approver_id=context.approver_id,
        alone_minor=written.alone.minor,
        alone_cash_minor=written.alone.cash_minor,
        reason=context.reason,
        policy=quote.policy,
        steps=[asdict(step) for step in quote.steps],
        currency=sale.currency,
        net_minor=quote.net_minor,
        tax_minor=quote.tax_minor,
        second_tax_minor=quote.second_tax_minor,
        tip_minor=quote.tip_minor,
        total_minor=quote.total_minor,
        liability_minor=quote.liability_minor,
        content_hash=written.content_hash,
        business_on=context.business_date,
        created_at=context.now,
    )
    session.add(row)
    session.flush()
    session.add_all(
        RefundLine(
            refund_id=row.id,
            position=position,
            sale_id=sale.id,
            sale_position=line.position,
            kind=line.kind,
            name=line.name,
            units=line.units,
            net_minor=line.net_minor,
            tax_minor=line.tax_minor,
            tax_percent=line.tax_percent,
            second_tax_minor=line.second_tax_minor,
            second_tax_percent=line.second_tax_percent,
            second_not_due_minor=line.second_not_due_minor,
            liability_minor=line.liability_minor,
            not_due_minor=line.not_due_minor,
            discount_minor=line.discount_minor,
            discount_net_minor=line.discount_net_minor,
        )
        for position, line in enumerate(quote.lines, start=1)
    )
    tenders = session.scalars(select(Tender).where(Tender.sale_id == sale.id)).all()
    shift_id = written.shift.id if written.shift else None
    refunds.write_parts(session, row, quote.ways, tenders, context, shift_id=shift_id)
    _move_stored_value(session, row, context, found, quote, tenders)
    tips.give_back(session, context, row, sale)
    note = issue_note(session, row, found, quote, tenders, written.desk)
    ledger.post(
        session,
        entry,
        context,
        reference=note.label,
        shift_id=shift_id,
        client_id=sale.client_id,
    )
    audit.note(
        session,
        f"refund.{written.kind}",
        actor_id=context.actor_id,
        location_id=context.location.id,
        subject_id=row.id,
        sale_id=str(sale.id),
        total_minor=row.total_minor,
        approved_by=str(context.approver_id or ""),
        reason=context.reason,
    )
    outbox.record(session, "refund_made", {"refund_id": str(row.id)}, key=f"refund_made:{row.id}")
    return note


def _move_stored_value(
    session: Session,
    row: Refund,
    context: ActionContext,
    found: Refundable,
    quote: RefundQuote,
    tenders: Sequence[Tender],
) -> None:
    def entry(key: str) -> StoredValueEntry:
        kind = row.kind if row.kind == "void" else "refund"
        return StoredValueEntry(kind, context.keyed(f"refund:{row.id}:{key}"), sale_id=found.sale.id)

    by_position = {tender.position: tender for tender in tenders}
    for position, way in enumerate(quote.ways, start=1):
        why = entry(str(position))
        tender = by_position.get(way.tender_position) if way.tender_position is not None else None
        if way.kind == "gift_card" and tender is not None and tender.gift_card_id is not None:
            stored_value.credit_card(session, tender.gift_card_id, way.amount_minor, why)
        elif way.kind == "account_credit":
            client_id = quote.package.client_id if quote.package else found.sale.client_id
            assert client_id is not None
            stored_value.credit_account(session, client_id, way.amount_minor, why, currency=found.sale.currency)
    for line in quote.lines:
        if line.kind == GIFT_CARD:
            card_id = session.scalars(
                select(GiftCard.id).where(GiftCard.sale_id == found.sale.id, GiftCard.sale_position == line.position)
            ).one()
            named = {"card_id": card_id}
            stored_value.take(session, CARDS, named, line.gross_minor, entry(f"line:{line.position}"))
