"""Invariants of tips: each belongs to a person or the pool, as its rule says, and together they are what the ledger owes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import and_, case, func, or_, select

from pos.core.audit import AuditEvent
from pos.core.i18n.message import Message
from pos.core.messages.kept import payment_checks as messages
from pos.domain.ledger.models import Posting
from pos.domain.locations.models import Location
from pos.domain.refunds.models import Refund
from pos.domain.sales.models import Sale, SaleLine
from pos.domain.staff.models import Staff
from pos.domain.till.models import CashMovement
from pos.domain.tips.models import TipAllocation
from pos.domain.tips.rules import (
    TREATMENT,
    Holder,
    share_tip,
    take_back,
)
from pos.reports.invariants.base import Check, CheckScope

# The audit rows of what a manager does with tips, by the kind of the rows they write.
NOTED = {"move": "tips.moved", "pool_share": "tips.shared"}
Rows = list[TipAllocation]
# The note is written in the transaction of the rows, after them.
_WRITTEN_WITHIN = timedelta(minutes=1)


def _other_than_the_ledger(look: CheckScope) -> Iterator[Message]:
    has = look.sums(TipAllocation.location_id, TipAllocation.amount_minor)
    owes = look.sums(Posting.location_id, Posting.amount_minor, Posting.account_key == "tips_payable")
    places = look.session.execute(
        select(Location.id, Location.slug).where(look.in_scope(Location.id)).order_by(Location.slug)
    )
    for where, slug in places:
        theirs, booked = has.get(where, 0), -owes.get(where, 0)
        if theirs != booked:
            yield messages.TIPS_OWED_OTHER(place=slug, tips=theirs, owed=booked)


def _lines(look: CheckScope) -> dict[UUID, list[tuple[UUID | None, str, int]]]:
    """The treatment with a therapist of each sale with a tip, by the sale."""
    rows = look.rows(
        select(SaleLine.sale_id, SaleLine.therapist_id, SaleLine.kind, SaleLine.list_minor)
        .join(Sale, Sale.id == SaleLine.sale_id)
        .where(
            look.in_scope(Sale.location_id),
            Sale.tip_minor > 0,
            SaleLine.therapist_id.is_not(None),
            SaleLine.kind.in_(TREATMENT),
        )
        .order_by(SaleLine.sale_id, SaleLine.position)
    )
    found: dict[UUID, list[tuple[UUID | None, str, int]]] = {}
    for sale_id, *line in rows:
        found.setdefault(sale_id, []).append((line[0], line[1], line[2]))
    return found


def _holder(row: TipAllocation) -> tuple[Holder, int]:
    return row.staff_id, row.amount_minor


def _about_sale(sale: Any, row: TipAllocation) -> bool:
    """Whether a row is of the place of its sale, and of the pool of that sale's date if it is of a pool."""
    return row.location_id == sale.location_id and row.pool_on in (None, sale.business_on)


def _problem_of_sale(
    sale: Any, lines: list[tuple[UUID | None, str, int]], rows: Rows, back: dict[UUID, Any]
) -> Message | None:
    """What is wrong with the rows of one sale, replayed in their order."""
    if [row.position for row in rows] != list(range(1, len(rows) + 1)) or not all(_about_sale(sale, r) for r in rows):
        return messages.TIP_ROWS_MISSING(sale=sale.id)
    held: dict[Holder, int] = {}
    for action_id, group in groupby(rows, key=lambda row: row.action_id):
        action_rows = list(group)
        shares, kind = [_holder(row) for row in action_rows], action_rows[0].kind
        facts = {(row.business_on, row.at, row.actor_id, row.reason) for row in action_rows}
        if kind == "sale":
            if action_id != sale.id or facts != {(sale.business_on, sale.completed_at, sale.staff_id, "")}:
                return messages.TIP_GIVEN_ELSEWHERE(sale=sale.id)
            if shares != share_tip(sale.tip_minor, sale.tip_staff_id, lines):
                return messages.TIP_SHARED_OTHERWISE(sale=sale.id)
        elif kind == "refund":
            refund = back.pop(action_id, None)
            if refund is None or facts != {(refund.business_on, refund.created_at, refund.staff_id, refund.reason)}:
                return messages.TIP_BACK_WITHOUT_REFUND(sale=sale.id)
            if refund.tip_minor > sum(held.values()):
                return messages.TIP_BACK_MORE_THAN_THERE(sale=sale.id)
            if shares != take_back(refund.tip_minor, held):
                return messages.TIP_BACK_FROM_OTHER(sale=sale.id)
        elif sum(minor for _, minor in shares):
            return messages.TIP_MOVED_NOT_EVEN(sale=sale.id)
        for holder, minor in shares:
            held[holder] = held.get(holder, 0) + minor
        if min(held.values()) < 0:
            return messages.TIP_MOVED_MORE_THAN_THERE(sale=sale.id)
        held = {holder: minor for holder, minor in held.items() if minor}
    if (rows[0].kind if rows else "") != "sale" or any(row.kind == "sale" and row.action_id != sale.id for row in rows):
        return messages.TIP_OF_NOBODY(sale=sale.id)
    return messages.TIP_BACK_STILL_THERE(sale=sale.id) if back else None


def _other_than_the_rule(look: CheckScope) -> Iterator[Message]:
    """Tips of sales, refunds and voids, replayed sale by sale."""
    lines = _lines(look)
    refunds: dict[UUID, dict[UUID, Any]] = {}
    given_back = select(
        Refund.id,
        Refund.sale_id,
        Refund.tip_minor,
        Refund.business_on,
        Refund.created_at,
        Refund.staff_id,
        Refund.reason,
    )
    for row in look.rows(given_back.where(look.in_scope(Refund.location_id), Refund.tip_minor > 0)):
        refunds.setdefault(row.sale_id, {})[row.id] = row
    tipped = or_(Sale.tip_minor > 0, select(TipAllocation.sale_id).where(TipAllocation.sale_id == Sale.id).exists())
    facts = (
        Sale.id, Sale.location_id, Sale.business_on, Sale.completed_at, Sale.staff_id, Sale.tip_minor, Sale.tip_staff_id,
    )  # fmt: skip
    sales = {row.id: row for row in look.rows(select(*facts).where(look.in_scope(Sale.location_id), tipped))}
    kept: dict[UUID, Rows] = {}
    query = select(TipAllocation).where(TipAllocation.sale_id.is_not(None), look.in_scope(TipAllocation.location_id))
    for (row,) in look.rows(query.order_by(TipAllocation.sale_id, TipAllocation.position)):
        assert row.sale_id is not None
        kept.setdefault(row.sale_id, []).append(row)
    for sale_id, sale in sorted(sales.items()):
        problem = _problem_of_sale(sale, lines.get(sale_id, []), kept.pop(sale_id, []), refunds.get(sale_id, {}))
        if problem:
            yield problem
    for sale_id in sorted(kept):
        yield messages.TIP_AT_OTHER_PLACE(sale=sale_id)


def _other_than_the_drawer(look: CheckScope) -> Iterator[Message]:
    """Each tip paid out of a drawer is taken from its receiver, once."""
    paid = and_(TipAllocation.action_id == CashMovement.id, TipAllocation.kind == "payout")
    rows = look.rows(
        select(CashMovement.id, CashMovement.amount_minor, TipAllocation)
        .outerjoin(TipAllocation, paid)
        .where(look.in_scope(CashMovement.location_id), CashMovement.kind == "tip_paid_out")
        .order_by(CashMovement.at, CashMovement.id)
    )
    seen = set()
    for movement_id, minor, row in rows:
        movement = look.session.get_one(CashMovement, movement_id)
        fits = row is not None and (
            row.staff_id, row.amount_minor, row.location_id, row.business_on, row.at, row.actor_id, row.reason,
        ) == (
            movement.recipient_id, -minor, movement.location_id, movement.business_on, movement.at, movement.staff_id,
            movement.reason,
        )  # fmt: skip
        if movement_id in seen or not fits:
            yield messages.TIP_PAID_NOT_TAKEN(movement=movement_id)
        seen.add(movement_id)
    unmatched = look.rows(
        select(TipAllocation.action_id)
        .outerjoin(CashMovement, and_(CashMovement.id == TipAllocation.action_id, CashMovement.kind == "tip_paid_out"))
        .where(look.in_scope(TipAllocation.location_id), TipAllocation.kind == "payout", CashMovement.id.is_(None))
        .order_by(TipAllocation.action_id)
    )
    for (action_id,) in unmatched:
        yield messages.TIP_TAKEN_NOT_PAID(action=action_id)


def _other_than_noted(look: CheckScope) -> Iterator[Message]:
    """What managers moved and shared out, against what was noted when they did."""
    notes = look.rows(
        select(AuditEvent)
        .where(look.in_scope(AuditEvent.location_id), AuditEvent.action.in_(NOTED.values()))
        .order_by(AuditEvent.at, AuditEvent.id)
    )
    noted = {note.subject_id: note for (note,) in notes}
    query = select(TipAllocation).where(look.in_scope(TipAllocation.location_id), TipAllocation.kind.in_(NOTED))
    rows = (row for (row,) in look.rows(query.order_by(TipAllocation.action_id, TipAllocation.position)))
    for action_id, group in groupby(rows, key=lambda row: row.action_id):
        action_rows = list(group)
        note = noted.pop(action_id, None)
        shares = [[str(row.staff_id or ""), row.amount_minor] for row in action_rows]
        first = action_rows[0]
        pool_on = {row.pool_on.isoformat() for row in action_rows if row.pool_on}
        fits = (
            note is not None
            and note.action == NOTED[first.kind]
            and note.detail.get("shares") == shares
            and sum(row.amount_minor for row in action_rows) == 0
            and note.detail.get("sale_id") == (str(first.sale_id) if first.sale_id else None)
            and pool_on <= {note.detail.get("pool_on")} | ({*pool_on} if first.sale_id else set())
            and {(row.location_id, row.actor_id, row.reason, row.business_on.isoformat()) for row in action_rows}
            == {(note.location_id, note.actor_id, note.detail.get("reason"), note.detail.get("business_on"))}
            and all(timedelta(0) <= note.at - row.at < _WRITTEN_WITHIN for row in action_rows)
        )
        if not fits:
            yield messages.TIPS_MOVED_OTHERWISE(action=action_id)
    for action_id in sorted(key for key in noted if key is not None):
        yield messages.TIPS_MOVED_GONE(action=action_id)


def _below_zero(look: CheckScope) -> Iterator[Message]:
    """Persons and pools from which more was moved, shared out or paid out than they had.

    Only what is given back may take them below zero, and the sharing of a pool that it took there. Without those rows none
    is below zero, in whatever order the rows were written.
    """
    row = TipAllocation
    given_back = row.kind == "refund"
    repaid = (row.kind == "pool_share") & (
        ((row.staff_id.is_(None)) & (row.amount_minor > 0)) | (row.staff_id.is_not(None) & (row.amount_minor < 0))
    )
    had = func.sum(case((or_(given_back, repaid), 0), else_=row.amount_minor))
    found = look.rows(
        select(Location.slug, Staff.name, row.pool_on, had)
        .join(Location, Location.id == row.location_id)
        .outerjoin(Staff, Staff.id == row.staff_id)
        .where(look.in_scope(row.location_id))
        .group_by(Location.slug, row.staff_id, Staff.name, row.pool_on)
        .having(had < 0)
        .order_by(Location.slug, Staff.name, row.pool_on)
    )
    for slug, name, pool_on, minor in found:
        if name:
            yield messages.TIPS_LEFT_PERSON_MORE(place=slug, amount=-int(minor), name=name)
        else:
            yield messages.TIPS_LEFT_POOL_MORE(place=slug, amount=-int(minor), day=pool_on)


CHECKS = (
    Check(
        "tips_owed",
        "Tips of persons and the pool are the tips the ledger owes",
        Posting.location_id,
        _other_than_the_ledger,
    ),
    Check("tips_shared", "Every tip went to whom its lines or its choice say", Sale.location_id, _other_than_the_rule),
    Check("tips_paid", "Every tip paid out is taken from who got it", CashMovement.location_id, _other_than_the_drawer),
    Check(
        "tips_below_zero",
        "No more of tips left a person or a pool than was there",
        TipAllocation.location_id,
        _below_zero,
    ),
    Check("tips_moved", "Tips were moved and shared out as was noted", TipAllocation.location_id, _other_than_noted),
)
