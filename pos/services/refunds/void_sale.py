"""Voiding a sale in the shift it was made in: everything goes back, both records stay, no number is lost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core.database.base import reading
from pos.core.database.unit_of_work import idempotent, run_within, unit_of_work
from pos.core.errors import Conflict
from pos.core.hashing import digest
from pos.core.messages.refunds import INSTEAD_PAY_IN_AND_VOID, VOID_OUTSIDE_SHIFT
from pos.core.money import rates_of
from pos.domain.credits import corrections, instalments
from pos.domain.credits.freezes import end_freeze_for_good
from pos.domain.credits.lot_writes import CreditTax
from pos.domain.credits.models import CreditLot, CreditMove, Instalment
from pos.domain.credits.outflows import close, surrender
from pos.domain.disputes import repository as disputes
from pos.domain.ledger.entries import Draft
from pos.domain.ledger.models import JournalEntry, Posting
from pos.domain.locations.action_context import ActionContext
from pos.domain.locations.queries import desk_place
from pos.domain.posting_rules.refunds import entry_for_void
from pos.domain.posting_rules.sales import move_breakage, tax_becomes_due
from pos.domain.promotions.repository import give_back
from pos.domain.refunds import repository as refunds
from pos.domain.sales.models import Sale, SaleLine
from pos.domain.staff.approvals import Actor, use_approval
from pos.domain.staff.limit_rules import NO_LIMITS, Limit, exceeds
from pos.domain.staff.permissions import Permission
from pos.domain.staff.role_limits import limits_of
from pos.domain.stock.moves import bring_back
from pos.domain.till.models import Shift
from pos.domain.till.shifts import current_shift
from pos.services.integrity.run_checks import require_running
from pos.services.packages.authorization import reason_of
from pos.services.refunds.calculate import whole_sale
from pos.services.refunds.card_refunds import send_parts
from pos.services.refunds.conditions import (
    cash_of,
    find_refund,
    require_cards_on,
    require_here,
    require_running_for,
    require_total,
)
from pos.services.refunds.refundable import Refundable, refundable
from pos.services.refunds.status import RefundState, refund_state
from pos.services.refunds.write_refund import Alone, Written, write
from pos.services.till.shifts import require_cash


@dataclass(frozen=True)
class VoidSale:
    """Undo a sale of this desk's open shift. `refund_id` is minted by the caller and guards the retry.

    `is_test`: the sale was made in the same transaction to be voided, so no limit of a role holds for it.
    """

    refund_id: UUID
    sale_id: UUID
    reason: str
    actor: Actor
    desk_id: UUID
    approval_id: UUID | None = None
    expected_total_minor: int | None = None
    is_test: bool = False

    def content_hash(self) -> str:
        """What must be equal for a retry to be the same void."""
        return digest(["void", str(self.sale_id), self.reason.strip(), str(self.desk_id)])


def may_be_voided(session: Session, sale: Sale, desk_id: UUID) -> bool:
    """Whether a sale was made at this desk in the shift that is open there now."""
    return _shift_of(sale, current_shift(session, desk_id), desk_id)


def _shift_of(sale: Sale, shift: Shift | None, desk_id: UUID) -> bool:
    return shift is not None and sale.desk_id == desk_id and sale.completed_at >= shift.opened_at


def void_sale(command: VoidSale) -> RefundState:
    """Void a sale and send what goes to a card; the same command again gives the same answer.

    Raises AlreadyUsedKey, Invalid, NeedsApproval, Conflict outside the sale's shift, when something of it was used or given
    back already, or when somebody was faster, and what `require_running` raises where the books are stopped and it moved
    more than cash for treatments and goods.
    """
    _void(command)
    send_parts(command.refund_id)
    return refund_state(reading(), command.refund_id)


def void_sale_within(session: Session, command: VoidSale) -> None:
    """Void a sale of no card in the caller's transaction; raises what `void_sale` does."""
    run_within(session, _void, command)


@idempotent(find_refund)
@unit_of_work
def _void(session: Session, command: VoidSale) -> UUID:
    if seen := find_refund(session, command):
        return seen
    desk = desk_place(session, command.desk_id)
    found = refundable(session, command.sale_id)
    require_here(found, desk)
    reason = reason_of(command.reason)
    shift = current_shift(session, desk.id, lock=True, closing=True)
    if shift is None or not _shift_of(found.sale, shift, desk.id):
        raise Conflict(VOID_OUTSIDE_SHIFT, why="other_shift")
    refunds.take_all(session, found.sale)
    disputes.require_undisputed(session, found.sale.id)
    if found.packages or _moved_credits(session, found.sale.id):
        require_running(session, found.place.id)
    sold = _sold(session, found.sale.id)
    key = f"refund:{command.refund_id}"
    context = ActionContext.at(found.place, actor_id=command.actor.id, reason=reason, key=key)
    _take_back_visits(session, found.sale.id, sold, context)
    _take_back_parts(session, found.sale, context)
    found = refundable(session, command.sale_id)
    quote = whole_sale(found)
    require_running_for(session, found, quote)
    require_cards_on(session, [found.sale.id], quote.ways)
    require_total(quote, command.expected_total_minor)
    # A sale is voided where it was made, so there is no other desk to go to.
    instead = INSTEAD_PAY_IN_AND_VOID
    require_cash(session, shift, cash_of(quote.ways), found.sale.currency, instead=instead)
    refunds.take_of_tenders(session, found.sale.id, quote.ways)
    limits = NO_LIMITS if command.is_test else limits_of(session, found.place.id, command.actor.role)
    approver = use_approval(
        session,
        command.approval_id,
        action="void",
        subject_id=found.sale.id,
        amount_minor=quote.total_minor,
        actor=command.actor,
        permission=Permission.REFUND,
        location_id=found.place.id,
        exceeds=None if command.is_test else exceeds({Limit.VOID: quote.total_minor}),
    )
    written = Written(
        command_id=command.refund_id,
        kind="void",
        context=replace(context, approver_id=approver),
        staff_role=command.actor.role,
        alone=Alone.of(limits, Limit.VOID),
        content_hash=command.content_hash(),
        desk=desk,
        shift=shift,
    )
    _give_up_credits(session, written.context, found)
    give_back(session, found.sale.id)
    entry = entry_for_void(command.refund_id, found.sale.currency, sold)
    for line in quote.lines:
        move_breakage(entry, -line.ahead_minor)
    write(session, written, found, quote, entry)
    bring_back(session, found.sale.id, command.refund_id, actor_id=command.actor.id, reason=reason)
    return command.refund_id


def _moved_credits(session: Session, sale_id: UUID) -> bool:
    """Whether a sale used credits, or paid a part of a package."""
    used = select(CreditMove.id).where(CreditMove.sale_id == sale_id).limit(1)
    paid = select(Instalment.sale_id).where(Instalment.sale_id == sale_id).limit(1)
    return session.scalar(used) is not None or session.scalar(paid) is not None


def _sold(session: Session, sale_id: UUID) -> dict[str, int]:
    """What the entry of a sale moved: account → signed minor units."""
    rows = session.execute(
        select(Posting.account_key, Posting.amount_minor)
        .join(JournalEntry, JournalEntry.id == Posting.entry_id)
        .where(JournalEntry.event == "sale", JournalEntry.subject_id == sale_id)
    )
    return {row.account_key: row.amount_minor for row in rows}


def _take_back_visits(session: Session, sale_id: UUID, sold: dict[str, int], context: ActionContext) -> None:
    """Credits used in the sale return to their lots. What was reversed before is taken off `sold`: it has its own entry."""
    moves = session.scalars(select(CreditMove).where(CreditMove.sale_id == sale_id, CreditMove.kind == "redeem")).all()
    # Breakage that a use took back is judged anew by the night, whatever becomes of the use.
    sold.pop("breakage", None)
    sold.pop("expected_breakage", None)
    reversals = select(CreditMove.reverses_id).where(CreditMove.reverses_id.in_([move.id for move in moves]))
    before = set(session.scalars(reversals))
    for number, move in enumerate(moves, start=1):
        if move.id not in before:
            corrections.reverse(session, move.id, context.step(f"visit:{number}"))
            continue
        rates = rates_of(session.get_one(CreditLot, move.lot_id))
        reversed_before = Draft("void", move.id, "", sold)
        reversed_before.debit("package_liability", move.value_minor)
        reversed_before.credit("service_revenue", move.value_minor)
        tax_becomes_due(reversed_before, rates, move.tax_minor, move.second_tax_minor)


def _take_back_parts(session: Session, sale: Sale, context: ActionContext) -> None:
    """What the sale paid of packages sold before is to be paid again."""
    query = select(Instalment, SaleLine).join(
        SaleLine, (SaleLine.sale_id == Instalment.sale_id) & (SaleLine.position == Instalment.sale_position)
    )
    later = query.join(CreditMove, CreditMove.id == Instalment.move_id).where(
        Instalment.sale_id == sale.id, CreditMove.kind == "pay"
    )
    for part, line in session.execute(later):
        instalments.take_back(
            session,
            part,
            context.step(f"part:{part.sale_position}"),
            net_minor=line.net_minor,
            tax=CreditTax(line.tax_minor, line.second_tax_minor),
            tax_inclusive=sale.tax_inclusive,
        )


def _give_up_credits(session: Session, context: ActionContext, found: Refundable) -> None:
    """The packages this sale granted go, untouched as they are."""
    for package in found.packages:
        for lot_id, credits in package.lots:
            of_lot = context.step(lot_id)
            end_freeze_for_good(session, lot_id, of_lot)
            surrender(session, lot_id, credits, of_lot, kind="refund")
            close(session, lot_id)
