"""Refunds and voids as rows and sums: what came back, on its own business day, which way, and how far it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session, aliased

from pos.core.paging.window import Window
from pos.domain.clients.models import Client
from pos.domain.locations.action_context import kept_reason
from pos.domain.locations.queries import Place
from pos.domain.receipts.credit_note_models import CreditNote
from pos.domain.receipts.models import Receipt
from pos.domain.refunds.models import Refund, RefundPart
from pos.domain.sales.models import Sale
from pos.domain.staff.models import Staff
from pos.reports.analysis.narrowing import sales_wanted
from pos.reports.period import Scope
from pos.reports.sales.refund_lines import here

_APPROVER = aliased(Staff)
STATES = ("paid_back", "waiting", "unknown", "failed")


@dataclass(frozen=True)
class RefundRow:
    """One refund or void. Money in minor units of `currency`, positive; `ways` are the kinds with their sums."""

    refund_id: UUID
    sale_id: UUID
    place: Place
    business_on: date
    created_at: datetime
    kind: str
    note: str
    receipt: str
    client_id: UUID | None
    client: str
    person: str
    approver: str
    reason: str
    channel: str
    currency: str
    net_minor: int
    tax_minor: int
    second_tax_minor: int
    tip_minor: int
    total_minor: int
    ways: tuple[tuple[str, int], ...]
    state: str


def _owed() -> ColumnElement[bool]:
    """A part that failed and was not paid another way."""
    later = aliased(RefundPart)
    return (RefundPart.state == "failed") & ~exists().where(later.replaces_id == RefundPart.id)


def in_state(state: str) -> ColumnElement[bool]:
    """Refunds whose money is in a state; empty for all."""
    mine = RefundPart.refund_id == Refund.id
    if state == "failed":
        return exists().where(mine, _owed())
    if state == "unknown":
        return exists().where(mine, RefundPart.state.in_(("unknown", "created")))
    if state == "waiting":
        return exists().where(mine, RefundPart.state == "waiting")
    if state == "paid_back":
        return ~exists().where(mine, RefundPart.state.in_(("created", "waiting", "unknown")) | _owed())
    return Refund.id.is_not(None)


def refund_rows(
    session: Session,
    scope: Scope,
    *,
    state: str = "",
    ids: Sequence[UUID] | None = None,
    window: Window | None = None,
) -> list[RefundRow]:
    """The refunds of a scope, newest first, narrowed to a state, to some keys or to a window."""
    query = (
        select(
            Refund,
            CreditNote.label,
            Receipt.label,
            Sale.client_id,
            Client.given_name,
            Client.family_name,
            Staff.name,
            _APPROVER.name,
        )
        .join(CreditNote, CreditNote.refund_id == Refund.id)
        .join(Sale, Sale.id == Refund.sale_id)
        .join(Receipt, Receipt.sale_id == Refund.sale_id)
        .join(Staff, Staff.id == Refund.staff_id)
        .outerjoin(Client, Client.id == Sale.client_id)
        .outerjoin(_APPROVER, _APPROVER.id == Refund.approver_id)
        .where(
            here(scope),
            in_state(state),
            sales_wanted(scope),
        )
    )
    if ids is not None:
        query = query.where(Refund.id.in_(ids))
    order = (Refund.business_on, Refund.created_at, Refund.id)
    if window is None:
        found = session.execute(query.order_by(*(column.desc() for column in order))).all()
    else:
        found = window.in_order(session.execute(window.of(query, order)).all())
    parts: dict[UUID, list[RefundPart]] = {}
    for part in session.scalars(
        select(RefundPart)
        .where(RefundPart.refund_id.in_([row[0].id for row in found]))
        .order_by(RefundPart.refund_id, RefundPart.position)
    ):
        parts.setdefault(part.refund_id, []).append(part)
    return [
        RefundRow(
            refund_id=row.id,
            sale_id=row.sale_id,
            place=scope.place(row.location_id),
            business_on=row.business_on,
            created_at=row.created_at,
            kind=row.kind,
            note=note,
            receipt=receipt,
            client_id=client_id,
            client=f"{given or ''} {family or ''}".strip(),
            person=person,
            approver=approved or "",
            reason=kept_reason(row.reason),
            channel=row.channel,
            currency=row.currency,
            net_minor=row.net_minor,
            tax_minor=row.tax_minor,
            second_tax_minor=row.second_tax_minor,
            tip_minor=row.tip_minor,
            total_minor=row.total_minor,
            ways=_ways(parts.get(row.id, [])),
            state=_state(parts.get(row.id, [])),
        )
        for row, note, receipt, client_id, given, family, person, approved in found
    ]


def _ways(parts: Sequence[RefundPart]) -> tuple[tuple[str, int], ...]:
    """What was decided on that day: parts that replace a failed one belong to their own."""
    sums: dict[str, int] = {}
    for part in parts:
        if part.replaces_id is None:
            sums[part.kind] = sums.get(part.kind, 0) + part.moved_minor
    return tuple(sums.items())


def _state(parts: Sequence[RefundPart]) -> str:
    states = {part.state for part in parts}
    replaced = {part.replaces_id for part in parts}
    if any(part.state == "failed" and part.id not in replaced for part in parts):
        return "failed"
    if states & {"unknown", "created"}:
        return "unknown"
    return "waiting" if "waiting" in states else "paid_back"
