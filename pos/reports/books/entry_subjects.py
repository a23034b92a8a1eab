"""What entries of the journal are about, where an office has a page of it: sale, refund, package, payout, shift or Z."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Select, literal, select, union_all
from sqlalchemy.orm import Session

from pos.domain.credits.models import CreditLot, CreditMove
from pos.domain.disputes.models import Dispute, DisputeStep
from pos.domain.payouts.models import BalanceTransaction, PayoutAllocation
from pos.domain.refunds.models import Refund, RefundPart
from pos.domain.sales.models import Sale
from pos.domain.till.models import CashMovement, Shift, ZReport

# Whose key an entry has as its subject, and what of it has a page: a cash movement is in the Z of its shift.
_ABOUT: tuple[tuple[str, Any, Select[*tuple[Any, ...]]], ...] = (
    ("sale", Sale.id, select(Sale.id, Sale.id)),
    ("refund", Refund.id, select(Refund.id, Refund.id)),
    ("refund", RefundPart.id, select(RefundPart.id, RefundPart.refund_id)),
    (
        "package",
        CreditMove.id,
        select(CreditMove.id, CreditLot.package_id).join(CreditLot, CreditLot.id == CreditMove.lot_id),
    ),
    ("package", CreditLot.id, select(CreditLot.id, CreditLot.package_id)),
    ("payout", PayoutAllocation.id, select(PayoutAllocation.id, PayoutAllocation.payout_id)),
    ("payout", BalanceTransaction.id, select(BalanceTransaction.id, BalanceTransaction.payout_id)),
    (
        "sale",
        DisputeStep.id,
        select(DisputeStep.id, Dispute.sale_id).join(Dispute, Dispute.id == DisputeStep.dispute_id),
    ),
    ("z", ZReport.shift_id, select(ZReport.shift_id, ZReport.id)),
    (
        "z",
        CashMovement.id,
        select(CashMovement.id, ZReport.id).join(ZReport, ZReport.shift_id == CashMovement.shift_id),
    ),
    ("shift", Shift.id, select(Shift.id, Shift.id).where(Shift.state == "open")),
    (
        "shift",
        CashMovement.id,
        select(CashMovement.id, Shift.id).join(Shift, Shift.id == CashMovement.shift_id).where(Shift.state == "open"),
    ),
)


def pages_of(session: Session, subjects: Collection[UUID]) -> dict[UUID, tuple[str, UUID]]:
    """What opens by each subject of some entries, as of `Opens`; one that has no page is left out."""
    if not subjects:
        return {}
    parts = [query.add_columns(literal(what)).where(key.in_(subjects)) for what, key, query in _ABOUT]
    return {subject: (what, key) for subject, key, what in session.execute(union_all(*parts)) if key is not None}
