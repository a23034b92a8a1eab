"""Giving money back: everything is decided and written in one transaction, only then Stripe is called.

The order of things: the sale's amount is reserved (two refunds at once meet here), then its tenders, then the credits are
taken; the refund, its parts and its credit note are written and the entry is posted. A card's part is sent afterwards, under
the key that was written, and asked for again by the polling job until its outcome is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Protocol, TypeVar
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core import audit, outbox
from pos.core.app_context import settings
from pos.core.database.base import reading
from pos.core.database.unit_of_work import idempotent, unit_of_work
from pos.core.errors import Conflict, NotFound
from pos.core.hashing import digest
from pos.core.messages.refunds import (
    CARD_OF_OTHER_MODE,
    INSTEAD_OTHER_DESK,
    PART_IN_CASH_NEEDS_DESK,
    REFUND_AMOUNT_CHANGED,
    SALE_RETURNED_MEANWHILE,
    SHIFT_CLOSED_FOR_REFUND,
)
from pos.core.messages.sales import NO_SUCH_SALE, VISIT_CONVERTED_ALREADY
from pos.domain.catalogue.gift_card_item import GIFT_CARD
from pos.domain.credits.freezes import end_freeze_for_good
from pos.domain.credits.outflows import close, surrender
from pos.domain.disputes import repository as disputes
from pos.domain.ledger import posting as ledger
from pos.domain.ledger.entries import Draft
from pos.domain.locations.action_context import ActionContext
from pos.domain.locations.queries import DeskPlace, desk_place
from pos.domain.payments.models import PaymentAttempt, Tender
from pos.domain.posting_rules.refunds import LineBack, entry_for_refund
from pos.domain.receipts.credit_note_models import CreditNote
from pos.domain.refunds import repository as refunds
from pos.domain.refunds.models import Refund, RefundLine
from pos.domain.refunds.rules import Destination
from pos.domain.sales.visit_conversions import taken
from pos.domain.staff.approvals import Actor, use_approval
from pos.domain.staff.permissions import Permission, Role
from pos.domain.stored_value import wallet as stored_value
from pos.domain.stored_value.models import GiftCard
from pos.domain.till.models import Shift
from pos.domain.till.shifts import current_shift
from pos.domain.tips import repository as tips
from pos.integrations.stripe.current import gateway
from pos.services.integrity.run_checks import require_running
from pos.services.packages.authorization import reason_of
from pos.services.refunds.calculate import RefundChoice, RefundQuote, choose
from pos.services.refunds.card_refunds import send_parts
from pos.services.refunds.credit_notes import issue_note
from pos.services.refunds.refundable import Refundable, refundable
from pos.services.refunds.status import RefundState, refund_state
from pos.services.till.shifts import require_cash

# What can be done where a drawer holds less than is given back in cash.


@dataclass(frozen=True)
class RefundCommand:
    """Give something back. `refund_id` is minted by the caller and guards the retry.

    At a desk `desk_id` is named, and cash comes out of its drawer; in the office nothing is given back in cash.
    `expected_total_minor` is what the person saw.
    """

    refund_id: UUID
    wanted: RefundChoice
    reason: str
    actor: Actor
    desk_id: UUID | None = None
    approval_id: UUID | None = None
    expected_total_minor: int | None = None

    def content_hash(self) -> str:
        """What must be equal for a retry to be the same refund."""
        return digest(["refund", self.wanted.to_json(), self.reason.strip(), str(self.desk_id or "")])


class Keyed(Protocol):
    """A refund or a void: its key, and what must be equal for a retry to be the same."""

    @property
    def refund_id(self) -> UUID: ...

    def content_hash(self) -> str: ...


K = TypeVar("K", bound=Keyed)


def find_refund(session: Session, command: K) -> UUID | None:
    """The refund that the same command has written; raises AlreadyUsedKey for another content under its key."""
    seen = refunds.find(session, command.refund_id, command.content_hash())
    return seen.id if seen else None


@dataclass(frozen=True)
class Written:
    """What a refund is written from, the same for a refund and a void."""

    command_id: UUID
    kind: str
    context: ActionContext
    staff_role: Role
    content_hash: str
    desk: DeskPlace | None
    shift: Shift | None


def refund(command: RefundCommand) -> RefundState:
    """Give something back and send what goes to a card; the same command again gives the same answer.

    Raises AlreadyUsedKey, Invalid naming the field, NeedsApproval, Conflict when somebody was faster, when the amount is not
    the one that was shown, or when cash would have to leave a drawer that is not open.
    """
    _refund(command)
    for refund_id in refunds.action_of(reading(), command.refund_id):
        send_parts(refund_id)
    return refund_state(reading(), command.refund_id)


def require_cards_on(session: Session, sale_ids: Sequence[UUID], ways: Sequence[Destination]) -> None:
    """Refuse money back to a card while card payments are off, or to one that was charged in another mode."""
    if not any(way.kind == "card" for way in ways):
        return
    gateway()
    modes = session.scalars(
        select(PaymentAttempt.mode)
        .join(Tender, Tender.attempt_id == PaymentAttempt.id)
        .where(Tender.sale_id.in_(sale_ids))
    )
    if any(mode != settings().payments.mode for mode in modes):
        raise Conflict(CARD_OF_OTHER_MODE)


@idempotent(find_refund)
@unit_of_work
def _refund(session: Session, command: RefundCommand) -> UUID:
    if seen := find_refund(session, command):
        return seen
    desk = desk_place(session, command.desk_id) if command.desk_id else None
    found = refundable(session, command.wanted.sale_id)
    require_here(found, desk)
    reason = reason_of(command.reason)
    chosen = choose(found, command.wanted)
    require_total(chosen, command.expected_total_minor)
    require_running_for(session, found, chosen)
    sales = [(found, chosen), *((other.found, other.chosen) for other in chosen.others)]
    require_cards_on(session, [sold.sale.id for sold, _ in sales], chosen.all_destinations)
    shift = shift_for(session, desk, chosen.all_destinations)
    approver = use_approval(
        session,
        command.approval_id,
        action="refund",
        subject_id=found.sale.id,
        amount_minor=chosen.in_all_minor,
        actor=command.actor,
        permission=Permission.REFUND,
        location_id=found.place.id,
        second_person=chosen.second_person,
    )
    for sold, back in sales:
        refunds.take(session, sold.sale, back.total_minor, back.tip_minor)
        disputes.require_undisputed(session, sold.sale.id)
        _require_lines_left(session, sold, back.lines)
        refunds.take_of_tenders(session, sold.sale.id, back.ways)
    key = f"refund:{command.refund_id}"
    written = Written(
        command_id=command.refund_id,
        kind="package" if chosen.package else "lines",
        context=ActionContext.at(found.place, actor_id=command.actor.id, approver_id=approver, reason=reason, key=key),
        staff_role=command.actor.role,
        content_hash=command.content_hash(),
        desk=desk,
        shift=shift,
    )
    _give_up_credits(session, written.context, chosen)
    drawer_id = shift.drawer_id if shift else None
    for sold, back in sales:
        # Each sale that paid for a package has a refund and a credit note of its own, made by the one deed.
        refund_id = command.refund_id if back is chosen else uuid5(command.refund_id, str(sold.sale.id))
        entry = entry_for_refund(
            refund_id, sold.sale.currency, back.lines, back.ways, tip_minor=back.tip_minor, drawer_id=drawer_id
        )
        write(session, replace(written, command_id=refund_id), sold, back, entry)
    return command.refund_id


def require_here(found: Refundable, desk: DeskPlace | None) -> None:
    """Raise NotFound for a sale of another location than the desk's."""
    if desk is not None and desk.place.id != found.place.id:
        raise NotFound(NO_SUCH_SALE)


def require_running_for(session: Session, found: Refundable, chosen: RefundQuote) -> None:
    """Raise Conflict where the books are stopped and more is given back than cash for treatments and goods.

    What was sold as a package or a gift card may be used already, and what was paid by card may be given back already.
    """
    only_cash = all(way.kind == "cash" for way in chosen.all_destinations)
    if chosen.package or chosen.others or not only_cash or any(line.kind == GIFT_CARD for line in chosen.lines):
        require_running(session, found.place.id)


def require_total(chosen: RefundQuote, expected_minor: int | None) -> None:
    """Give back nothing but what was on the screen; raises Conflict."""
    if expected_minor is not None and expected_minor != chosen.in_all_minor:
        raise Conflict(
            REFUND_AMOUNT_CHANGED,
            why="total_changed",
            total_minor=chosen.in_all_minor,
        )


def _require_lines_left(session: Session, found: Refundable, lines: Sequence[LineBack]) -> None:
    """With the sale reserved, look at its lines once more: another refund may have come between reading and reserving."""
    before = refunds.lines_refunded(session, found.sale.id)
    sold = {line.position: line.line for line in found.lines}
    converted = taken(session, found.sale.id)
    for line in lines:
        if line.position in converted:
            raise Conflict(VISIT_CONVERTED_ALREADY, why="converted")
        net, tax = before.get(line.position, (0, 0))
        whole = sold[line.position]
        if net + line.net_minor > whole.net_minor or tax + line.tax_minor > whole.tax_minor:
            raise Conflict(SALE_RETURNED_MEANWHILE, why="refunded")


def cash_of(ways: Sequence[Destination]) -> int:
    """What leaves a drawer, minor units."""
    return sum(way.amount_minor for way in ways if way.kind == "cash")


def shift_for(session: Session, desk: DeskPlace | None, ways: Sequence[Destination]) -> Shift | None:
    """The open shift a refund belongs to; raises Conflict where cash would leave a drawer that is not open or holds less."""
    cash = cash_of(ways)
    shift = current_shift(session, desk.id, lock=True, closing=cash > 0) if desk else None
    if shift is None and cash:
        if desk is None:
            raise Conflict(PART_IN_CASH_NEEDS_DESK, why="cash_at_desk")
        raise Conflict(SHIFT_CLOSED_FOR_REFUND, why="shift_closed")
    if shift is not None and desk is not None:
        require_cash(session, shift, cash, desk.place.currency, instead=INSTEAD_OTHER_DESK)
    return shift


def _give_up_credits(session: Session, context: ActionContext, chosen: RefundQuote) -> None:
    if chosen.package is None:
        return
    worth = not_due = ahead = 0
    for lot_id, credits in chosen.package.lots:
        of_lot = context.step(lot_id)
        end_freeze_for_good(session, lot_id, of_lot)
        kind = "refund" if chosen.in_all_minor else "surrender"
        left = surrender(session, lot_id, credits, of_lot, kind=kind)
        worth, not_due = worth + left.net_minor, not_due + left.not_due_minor
        ahead -= left.breakage_minor
        close(session, lot_id)
    (line,) = chosen.lines
    if (worth, not_due, ahead) != (line.liability_minor, line.not_due_minor, line.ahead_minor):
        raise Conflict(SALE_RETURNED_MEANWHILE, why="used")


def write(session: Session, written: Written, found: Refundable, chosen: RefundQuote, entry: Draft) -> CreditNote:
    """Write the refund, its lines and parts, move stored value, issue the credit note, post the entry, tell the outbox."""
    sale, context = found.sale, written.context
    row = Refund(
        id=written.command_id,
        location_id=context.location.id,
        sale_id=sale.id,
        package_id=chosen.package.package_id if chosen.package else None,
        kind=written.kind,
        channel="register" if written.desk else "office",
        desk_id=written.desk.id if written.desk else None,
        shift_id=written.shift.id if written.shift else None,
        staff_id=context.actor_id,
        staff_role=written.staff_role.value,
        approver_id=context.approver_id,
        reason=context.reason,
        policy=chosen.policy,
        steps=[asdict(step) for step in chosen.steps],
        currency=sale.currency,
        net_minor=chosen.net_minor,
        tax_minor=chosen.tax_minor,
        tip_minor=chosen.tip_minor,
        total_minor=chosen.total_minor,
        liability_minor=chosen.liability_minor,
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
            net_minor=line.net_minor,
            tax_minor=line.tax_minor,
            tax_percent=line.tax_percent,
            liability_minor=line.liability_minor,
            not_due_minor=line.not_due_minor,
            discount_minor=line.discount_minor,
            discount_net_minor=line.discount_net_minor,
        )
        for position, line in enumerate(chosen.lines, start=1)
    )
    tenders = session.scalars(select(Tender).where(Tender.sale_id == sale.id)).all()
    shift_id = written.shift.id if written.shift else None
    refunds.write_parts(session, row, chosen.ways, tenders, context, shift_id=shift_id)
    _move_stored_value(session, row, context, found, chosen, tenders)
    tips.give_back(session, context, row, sale)
    note = issue_note(session, row, found, chosen, tenders, written.desk)
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
        actor_kind="staff",
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
    chosen: RefundQuote,
    tenders: Sequence[Tender],
) -> None:
    kind, sale_id = "void" if row.kind == "void" else "refund", found.sale.id
    by_position = {tender.position: tender for tender in tenders}
    for position, way in enumerate(chosen.ways, start=1):
        keyed = context.keyed(f"refund:{row.id}:{position}")
        tender = by_position.get(way.tender_position) if way.tender_position is not None else None
        if way.kind == "gift_card" and tender is not None and tender.gift_card_id is not None:
            stored_value.credit_card(session, tender.gift_card_id, way.amount_minor, keyed, kind=kind, sale_id=sale_id)
        elif way.kind == "account_credit":
            client_id = chosen.package.client_id if chosen.package else found.sale.client_id
            assert client_id is not None
            stored_value.credit_account(
                session, client_id, way.amount_minor, keyed, currency=found.sale.currency, kind=kind, sale_id=sale_id
            )
    for line in chosen.lines:
        if line.kind == GIFT_CARD:
            card_id = session.scalars(
                select(GiftCard.id).where(GiftCard.sale_id == found.sale.id, GiftCard.sale_position == line.position)
            ).one()
            keyed = context.keyed(f"refund:{row.id}:line:{line.position}")
            stored_value.debit_card(session, card_id, line.gross_minor, keyed, kind=kind, sale_id=sale_id)
