"""How far refunds are, in the words and figures every face shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.domain.locations.action_context import kept_reason
from pos.domain.payments.models import PaymentAttempt, Tender
from pos.domain.receipts import credit_notes
from pos.domain.refunds import repository as refunds
from pos.domain.refunds.models import Refund, RefundPart
from pos.domain.stored_value.models import GiftCard


@dataclass(frozen=True)
class PartState:
    """One way of a refund. `label` names the card or gift card; `owed`: it failed and was not paid another way yet."""

    part_id: UUID
    kind: str
    label: str
    amount_minor: int
    state: str
    sentence: str | None
    owed: bool
    rounding_minor: int = 0


@dataclass(frozen=True)
class RefundState:
    """A refund and what became of its money: `paid_back`, `waiting` at the bank, `unknown`, or `failed` and owed."""

    refund_id: UUID
    sale_id: UUID
    kind: str
    state: str
    total_minor: int
    currency: str
    reason: str
    created_at: datetime
    staff_id: UUID
    approver_id: UUID | None
    note_label: str
    note_token: str
    parts: tuple[PartState, ...]

    @property
    def cash_minor(self) -> int:
        """What is handed over from the drawer."""
        return sum(part.amount_minor + part.rounding_minor for part in self.parts if part.kind == "cash")


def state_of(parts: Iterable[PartState]) -> str:
    """The state of a refund: the one of its parts that most needs somebody."""
    states = {"failed" if part.owed else part.state for part in parts if part.owed or part.state != "failed"}
    for state in ("failed", "unknown", "created", "waiting"):
        if state in states:
            return "unknown" if state == "created" else state
    return "paid_back"


def _label(session: Session, part: RefundPart) -> str:
    if part.attempt_id is not None:
        attempt = session.get_one(PaymentAttempt, part.attempt_id)
        return f"{(attempt.card_brand or 'card').replace('_', ' ').title()} •••• {attempt.card_last4 or '????'}"
    if part.kind == "gift_card" and part.tender_position is not None:
        last4 = session.scalar(
            select(GiftCard.last4)
            .join(Tender, Tender.gift_card_id == GiftCard.id)
            .where(Tender.sale_id == part.sale_id, Tender.position == part.tender_position)
        )
        return f"•••• {last4}"
    return ""


def _state(session: Session, row: Refund) -> RefundState:
    owed = {part.id for part in refunds.owed_again(session, row.id)}
    note = credit_notes.of_refund(session, row.id)
    parts = tuple(
        PartState(
            part.id,
            part.kind,
            _label(session, part),
            part.amount_minor,
            part.state,
            part.sentence,
            part.id in owed,
            part.rounding_minor,
        )
        for part in refunds.parts_of(session, row.id)
    )
    return RefundState(
        refund_id=row.id,
        sale_id=row.sale_id,
        kind=row.kind,
        state=state_of(parts),
        total_minor=row.total_minor,
        currency=row.currency,
        reason=kept_reason(row.reason),
        created_at=row.created_at,
        staff_id=row.staff_id,
        approver_id=row.approver_id,
        note_label=note.label,
        note_token=note.token,
        parts=parts,
    )


def refund_state(session: Session, refund_id: UUID) -> RefundState:
    """How far a refund is, as far as we know, with what the same action gave back for other sales; raises NotFound."""
    first, *others = [_state(session, refunds.get(session, one)) for one in refunds.action_of(session, refund_id)]
    parts = first.parts + tuple(part for other in others for part in other.parts)
    total = first.total_minor + sum(other.total_minor for other in others)
    return replace(first, parts=parts, total_minor=total, state=state_of(parts))


def refunds_of_sale(session: Session, sale_id: UUID) -> list[RefundState]:
    """The refunds of a sale, oldest first."""
    return [_state(session, row) for row in refunds.of_sale(session, sale_id)]
