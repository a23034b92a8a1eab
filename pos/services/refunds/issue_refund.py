"""Giving money back: everything is decided and written in one transaction, only then Stripe is called.

The order of things: the sale's amount is reserved (two refunds at once meet here), then its tenders, then the credits are
taken; the refund, its parts and its credit note are written and the entry is posted. A card's part is sent afterwards, under
the key that was written, and asked for again by the polling job until its outcome is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.database.base import reading
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Conflict, PosError
from pos.core.hashing import digest
from pos.core.messages.refunds import (
    SALE_RETURNED_MEANWHILE,
)
from pos.core.messages.sales import VISIT_CONVERTED_ALREADY
from pos.domain.credits.freezes import end_freeze_for_good
from pos.domain.credits.lot_writes import By
from pos.domain.credits.outflows import close, surrender
from pos.domain.disputes import repository as disputes
from pos.domain.locations.queries import desk_place
from pos.domain.posting_rules.refunds import LineBack, entry_for_refund
from pos.domain.refunds import repository as refunds
from pos.domain.sales.visit_conversions import taken
from pos.domain.staff.approvals import Actor, use_approval
from pos.domain.staff.permissions import Permission
from pos.services.packages.authorization import reason_of
from pos.services.refunds.calculate import RefundChoice, RefundQuote, quote_refund
from pos.services.refunds.card_refunds import send_parts
from pos.services.refunds.conditions import (
    require_cards_on,
    require_here,
    require_running_for,
    require_total,
    shift_for,
)
from pos.services.refunds.refundable import Refundable, refundable
from pos.services.refunds.status import RefundState, refund_state
from pos.services.refunds.write_refund import Written, write


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


def refund(command: RefundCommand) -> RefundState:
    """Give something back and send what goes to a card; the same command again gives the same answer.

    Raises AlreadyUsedKey, Invalid naming the field, NeedsApproval, Conflict when somebody was faster, when the amount is not
    the one that was shown, or when cash would have to leave a drawer that is not open.
    """
    try:
        _refund(command)
    except PosError:
        # A twin of this very command may have been faster; see ring_up.
        if refunds.find(reading(), command.refund_id, command.content_hash()) is None:
            raise
    for refund_id in refunds.action_of(reading(), command.refund_id):
        send_parts(refund_id)
    return refund_state(reading(), command.refund_id)


@unit_of_work
def _refund(session: Session, command: RefundCommand) -> None:
    if refunds.find(session, command.refund_id, command.content_hash()) is not None:
        return
    desk = desk_place(session, command.desk_id) if command.desk_id else None
    found = refundable(session, command.wanted.sale_id)
    require_here(found, desk)
    reason = reason_of(command.reason)
    quote = quote_refund(found, command.wanted)
    require_total(quote, command.expected_total_minor)
    require_running_for(session, found, quote)
    sales = [(found, quote), *((other.found, other.quote) for other in quote.others)]
    require_cards_on(session, [sold.sale.id for sold, _ in sales], quote.all_destinations)
    shift = shift_for(session, desk, quote.all_destinations)
    approver = use_approval(
        session,
        command.approval_id,
        action="refund",
        subject_id=found.sale.id,
        amount_minor=quote.in_all_minor,
        actor=command.actor,
        permission=Permission.REFUND,
        location_id=found.place.id,
        second_person=quote.second_person,
    )
    for sold, back in sales:
        refunds.take(session, sold.sale, back.total_minor, back.tip_minor)
        disputes.require_undisputed(session, sold.sale.id)
        _require_lines_left(session, sold, back.lines)
        refunds.take_of_tenders(session, sold.sale.id, back.ways)
    written = Written(
        command_id=command.refund_id,
        kind="package" if quote.package else "lines",
        reason=reason,
        staff_id=command.actor.id,
        staff_role=command.actor.role,
        approver_id=approver,
        content_hash=command.content_hash(),
        desk=desk,
        shift=shift,
        now=clock.now(),
    )
    _give_up_credits(session, written, found, quote)
    drawer_id = shift.drawer_id if shift else None
    for sold, back in sales:
        # Each sale that paid for a package has a refund and a credit note of its own, made by the one deed.
        refund_id = command.refund_id if back is quote else uuid5(command.refund_id, str(sold.sale.id))
        entry = entry_for_refund(
            refund_id, sold.sale.currency, back.lines, back.ways, tip_minor=back.tip_minor, drawer_id=drawer_id
        )
        write(session, replace(written, command_id=refund_id), sold, back, entry)


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


def _give_up_credits(session: Session, written: Written, found: Refundable, quote: RefundQuote) -> None:
    if quote.package is None:
        return
    on = found.place.business_date(written.now)
    worth = not_due = ahead = 0
    for lot_id, credits in quote.package.lots:
        key = f"refund:{written.command_id}:{lot_id}"
        end_freeze_for_good(session, lot_id, by=By(key, on, written.staff_id, written.approver_id, written.reason))
        left = surrender(
            session,
            lot_id,
            credits,
            kind="refund" if quote.in_all_minor else "surrender",
            key=key,
            on=on,
            staff_id=written.staff_id,
            approver_id=written.approver_id,
            reason=written.reason,
        )
        worth, not_due = worth + left.net_minor, not_due + left.not_due_minor
        ahead -= left.breakage_minor
        close(session, lot_id)
    (line,) = quote.lines
    if (worth, not_due, ahead) != (line.liability_minor, line.not_due_minor, line.ahead_minor):
        raise Conflict(SALE_RETURNED_MEANWHILE, why="used")
