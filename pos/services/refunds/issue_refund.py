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

from pos.core.database.base import reading
from pos.core.database.unit_of_work import idempotent, unit_of_work
from pos.core.errors import Conflict
from pos.core.hashing import digest
from pos.core.messages.refunds import (
    SALE_RETURNED_MEANWHILE,
)
from pos.core.messages.sales import VISIT_CONVERTED_ALREADY
from pos.domain.credits.freezes import end_freeze_for_good
from pos.domain.credits.outflows import close, surrender
from pos.domain.disputes import repository as disputes
from pos.domain.locations.action_context import ActionContext
from pos.domain.locations.queries import desk_place
from pos.domain.posting_rules.refunds import LineBack, entry_for_refund
from pos.domain.refunds import repository as refunds
from pos.domain.sales.visit_conversions import taken
from pos.domain.staff.approvals import Actor, use_approval
from pos.domain.staff.limit_rules import Limit, exceeds
from pos.domain.staff.permissions import Permission
from pos.domain.staff.role_limits import limits_of
from pos.domain.stock.moves import bring_back
from pos.services.packages.authorization import reason_of
from pos.services.refunds.calculate import RefundChoice, RefundQuote, quote_refund
from pos.services.refunds.card_refunds import send_parts
from pos.services.refunds.conditions import (
    cash_of,
    find_refund,
    require_cards_on,
    require_here,
    require_running_for,
    require_total,
    shift_for,
)
from pos.services.refunds.refundable import Refundable, refundable
from pos.services.refunds.status import RefundState, refund_state
from pos.services.refunds.write_refund import Alone, Written, write


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
    _refund(command)
    for refund_id in refunds.action_of(reading(), command.refund_id):
        send_parts(refund_id)
    return refund_state(reading(), command.refund_id)


@idempotent(find_refund)
@unit_of_work
def _refund(session: Session, command: RefundCommand) -> UUID:
    if seen := find_refund(session, command):
        return seen
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
    for sold, back in sales:
        refunds.take(session, sold.sale, back.total_minor, back.tip_minor)
        disputes.require_undisputed(session, sold.sale.id)
        _require_lines_left(session, sold, back.lines)
        refunds.take_of_tenders(session, sold.sale.id, back.ways)
    approver = use_approval(
        session,
        command.approval_id,
        action="refund",
        subject_id=found.sale.id,
        amount_minor=quote.in_all_minor,
        actor=command.actor,
        permission=Permission.REFUND,
        location_id=found.place.id,
        exceeds=exceeds(_uses(session, found, quote)),
    )
    key = f"refund:{command.refund_id}"
    written = Written(
        command_id=command.refund_id,
        kind="package" if quote.package else "lines",
        context=ActionContext.at(found.place, actor_id=command.actor.id, approver_id=approver, reason=reason, key=key),
        staff_role=command.actor.role,
        alone=Alone.of(limits_of(session, found.place.id, command.actor.role), Limit.REFUND),
        content_hash=command.content_hash(),
        desk=desk,
        shift=shift,
    )
    _give_up_credits(session, written.context, quote)
    drawer_id = shift.drawer_id if shift else None
    for sold, back in sales:
        # Each sale that paid for a package has a refund and a credit note of its own, made by the one action.
        refund_id = command.refund_id if back is quote else uuid5(command.refund_id, str(sold.sale.id))
        entry = entry_for_refund(
            refund_id, sold.sale.currency, back.lines, back.ways, tip_minor=back.tip_minor, drawer_id=drawer_id
        )
        write(session, replace(written, command_id=refund_id), sold, back, entry)
    if command.wanted.restock:
        units = dict(command.wanted.restock)
        bring_back(session, found.sale.id, command.refund_id, actor_id=command.actor.id, reason=reason, units=units)
    return command.refund_id


def _uses(session: Session, found: Refundable, quote: RefundQuote) -> dict[Limit, int]:
    """What a refund uses of the limits: all that went back for the sale, or what the credits given up were worth if that is
    more; and the cash, of a sale that was not paid by cash alone.

    The sale is reserved, so of two refunds at once the later one sees the other.
    """
    before = refunds.counters(session, found.sale.id).refunded_minor - quote.total_minor
    uses = {Limit.REFUND: before + max(quote.in_all_minor, quote.liability_minor)}
    if quote.second_person:
        uses[Limit.CASH_REFUND] = cash_of(quote.all_destinations)
    return uses


def _require_lines_left(session: Session, found: Refundable, lines: Sequence[LineBack]) -> None:
    """With the sale reserved, look at its lines once more: another refund may have come between reading and reserving."""
    before = refunds.lines_refunded(session, found.sale.id)
    sold = {line.position: line.line for line in found.lines}
    converted = taken(session, found.sale.id)
    for line in lines:
        if line.position in converted:
            raise Conflict(VISIT_CONVERTED_ALREADY, why="converted")
        back = before.get(line.position, refunds.GivenBack())
        whole = sold[line.position]
        net, tax = back.net_minor + line.net_minor, back.tax_minor + line.tax_minor
        second = back.second_tax_minor + line.second_tax_minor
        # Each part was rounded by itself: all tax may fit where one of the two does not.
        fits = second <= whole.second_tax_minor and tax - second <= whole.tax_minor - whole.second_tax_minor
        if net > whole.net_minor or not fits or back.units + line.units > whole.quantity:
            raise Conflict(SALE_RETURNED_MEANWHILE, why="refunded")


def _give_up_credits(session: Session, context: ActionContext, quote: RefundQuote) -> None:
    if quote.package is None:
        return
    worth = not_due = ahead = 0
    for lot_id, credits in quote.package.lots:
        of_lot = context.step(lot_id)
        end_freeze_for_good(session, lot_id, of_lot)
        kind = "refund" if quote.in_all_minor else "surrender"
        left = surrender(session, lot_id, credits, of_lot, kind=kind)
        worth, not_due = worth + left.net_minor, not_due + left.not_due_minor
        ahead -= left.breakage_minor
        close(session, lot_id)
    (line,) = quote.lines
    if (worth, not_due, ahead) != (line.liability_minor, line.not_due_minor, line.ahead_minor):
        raise Conflict(SALE_RETURNED_MEANWHILE, why="used")
