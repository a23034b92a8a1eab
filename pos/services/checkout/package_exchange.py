"""A bigger pack: the client gives a package back for one with more sessions and pays price(new) − paid(old).

In the transaction of the new package's sale the old one is given back whole onto the client's account, with its credit
note, and pays its part of the new one. Sessions that were used carry over: they leave the new lot at its own value. A
refund of the new package counts from there, by its terms; its tenders hold all that was ever paid. The old lot is closed.
Nothing else of the old package may be under way: credits given away, frozen or disputed stay where they are.
"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core.errors import Conflict
from pos.core.messages.packages import USED_OF_SMALLER_PACKAGE
from pos.core.messages.refunds import SALE_RETURNED_MEANWHILE
from pos.core.messages.sales import PACKAGE_NOT_EXCHANGEABLE_NOW, REPLACED_BY_BIGGER_PACKAGE
from pos.core.money import rates_of
from pos.domain.credits import redemptions as credits
from pos.domain.credits.freezes import end_freeze_for_good, resume_package
from pos.domain.credits.models import CreditLot, LotItem, PurchasedPackage
from pos.domain.credits.outflows import close, surrender
from pos.domain.ledger import posting as ledger
from pos.domain.ledger.entries import Draft
from pos.domain.locations.action_context import ActionContext
from pos.domain.posting_rules.refunds import LineBack
from pos.domain.posting_rules.sales import tax_becomes_due
from pos.domain.receipts.receipt_document import UsedCredits
from pos.domain.refunds import repository as refunds
from pos.domain.refunds.rules import Destination
from pos.domain.sales.cart_options import VisitConversionRequest
from pos.domain.sales.models import Order, Sale
from pos.services.refunds.calculate import RefundQuote
from pos.services.refunds.refundable import Refundable


def _lots(session: Session, back: VisitConversionRequest) -> list[CreditLot]:
    query = (
        select(CreditLot)
        .join(PurchasedPackage, PurchasedPackage.id == CreditLot.package_id)
        .where(PurchasedPackage.sale_id == back.sale_id, PurchasedPackage.sale_position == back.position)
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(query))


def old_lot(session: Session, back: VisitConversionRequest) -> CreditLot:
    """The one lot of a package that a sale's line sold; raises Conflict where it is not whole with its purchaser."""
    lots = _lots(session, back)
    if (
        len(lots) != 1
        or lots[0].status != "active"
        or lots[0].removed
        or lots[0].price_minor
        or refunds.package_refunded(session, lots[0].package_id)
    ):
        raise Conflict(PACKAGE_NOT_EXCHANGEABLE_NOW, why="not_whole")
    return lots[0]


def eligible_of(session: Session, lot_id: UUID) -> set[UUID]:
    """What the credits of a lot are good for."""
    query = select(LotItem.item_id).where(LotItem.lot_id == lot_id, LotItem.role == "eligible")
    return set(session.scalars(query))


def hold_pack(session: Session, order: Order, back: VisitConversionRequest, context: ActionContext) -> None:
    """Set all credits of the old package aside while the card for the new one is awaited; raises Conflict."""
    lot = old_lot(session, back)
    if lot.held:
        raise Conflict(PACKAGE_NOT_EXCHANGEABLE_NOW, why="not_whole")
    for number in range(1, lot.remaining + 1):
        credits.hold(session, lot.id, context.keyed(f"{order.id}:carry:{number}"), order_id=order.id)


def release_pack(session: Session, order_id: UUID, back: VisitConversionRequest, context: ActionContext) -> None:
    """Give the credits of the old package back to it, frozen meanwhile or not."""
    (lot,) = _lots(session, back)
    for number in range(1, lot.held + 1):
        credits.release(session, lot.id, context.keyed(f"{order_id}:carry:{number}"), order_id=order_id)


def surrender_package(
    session: Session, found: Refundable, back: VisitConversionRequest, context: ActionContext
) -> RefundQuote:
    """Close the old lot; return a refund quote that pays its whole price to account credit."""
    (lot,) = _lots(session, back)
    if lot.held or lot.removed:
        raise Conflict(PACKAGE_NOT_EXCHANGEABLE_NOW, why="not_whole")
    owed, not_due, ahead = lot.net_minor - lot.recognised_minor, lot.tax_minor - lot.tax_due_minor, lot.breakage_minor
    package = next(one for one in found.packages if one.position == back.position)
    context = context.keyed(f"carry:{context.key}", REPLACED_BY_BIGGER_PACKAGE)
    end_freeze_for_good(session, lot.id, context)
    # Disputed while the card for the new one was on its way: that money is taken, so the change is made all the same.
    resume_package(session, lot.package_id, context.step("resume"))
    if lot.remaining:
        left = surrender(session, lot.id, lot.remaining, context.step("out"), kind="carry_out")
        if (left.remaining, left.net_minor) != (0, owed):
            raise Conflict(SALE_RETURNED_MEANWHILE, why="used")
    close(session, lot.id, status="closed")
    line = LineBack(
        back.position, "package", package.name, lot.net_minor, lot.tax_minor, lot.tax_percent, owed, not_due, ahead,
        second_tax_minor=lot.second_tax_minor,
        second_tax_percent=lot.second_tax_percent,
        second_not_due_minor=lot.second_tax_minor - lot.second_tax_due_minor,
    )  # fmt: skip
    return RefundQuote(
        lines=(line,),
        tip_minor=0,
        ways=(Destination("account_credit", line.gross_minor),) if line.gross_minor else (),
        steps=(),
        policy="",
        package=replace(package, preview=None),
        second_person=False,
    )


def carry_over_used(
    session: Session, context: ActionContext, sale: Sale, back: VisitConversionRequest, lot_id: UUID, *, reference: str
) -> UsedCredits:
    """The sessions used of the old package leave the new lot too, at its value; returns what the receipt says."""
    (old,) = _lots(session, back)
    new = session.get_one(CreditLot, lot_id, populate_existing=True)
    package = session.get_one(PurchasedPackage, new.package_id)
    used = old.redeemed + old.burned
    if used:
        carried = context.keyed(f"carry:{sale.id}:{lot_id}", USED_OF_SMALLER_PACKAGE)
        left = surrender(session, lot_id, used, carried, kind="carry_out")
        draft = Draft("carry", left.move_id, sale.currency)
        draft.debit("package_liability", left.net_minor)
        draft.credit("service_revenue", left.net_minor)
        tax_becomes_due(draft, rates_of(left), left.not_due_minor, left.second_not_due_minor)
        ledger.post(session, draft, context, reference=reference, client_id=sale.client_id)
    return UsedCredits(package.name, used, new.quantity - used, new.expires_on)
