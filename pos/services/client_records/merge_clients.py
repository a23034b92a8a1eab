"""Merging two records of one client, and taking that back.

Account credit is a balance of one record, so it is moved by two moves that say so; what the location owes stays the same,
and the ledger has nothing to say. Everything else keeps naming the record it was written for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import Session, aliased

from pos.core import audit, clock
from pos.core.database.base import execute
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Conflict, Invalid
from pos.core.i18n.sanitize import printable
from pos.core.messages.people import (
    CLIENT_CHANGED_MEANWHILE,
    MERGE_CREDIT_IN_USE,
    MERGE_OTHER_CURRENCY,
    MERGE_REASON_MISSING,
    MERGE_USED_SINCE,
)
from pos.domain.clients import merging
from pos.domain.clients.merging import Choices
from pos.domain.clients.models import Client, ClientMerge
from pos.domain.clients.persons import is_of
from pos.domain.clients.records import facts_of
from pos.domain.credits.models import CreditLot, CreditMove, LotShare
from pos.domain.locations.action_context import ActionContext
from pos.domain.locations.queries import place
from pos.domain.refunds.models import Refund
from pos.domain.sales.models import Order, Sale, SaleLine, Ticket
from pos.domain.stored_value import wallet as stored_value
from pos.domain.stored_value.balances import ACCOUNTS, StoredValueEntry
from pos.domain.stored_value.models import AccountCredit, AccountCreditMove
from pos.services.integrity.run_checks import require_running

MERGE = "merge"


@dataclass(frozen=True)
class MergeClients:
    """What somebody asks for: `merged_id` becomes `kept_id`; `seen` are the state tokens the page showed, of both."""

    merge_id: UUID
    kept_id: UUID
    merged_id: UUID
    choices: Choices
    reason: str
    seen: tuple[str, str]
    staff_id: UUID
    location_id: UUID


def _reason(text: str) -> str:
    reason = printable(text, len(text))
    if not 0 < len(reason) <= 200:
        raise Invalid(MERGE_REASON_MISSING, field="reason")
    return reason


@unit_of_work
def merge_clients(session: Session, command: MergeClients) -> None:
    """Make one client of two; the same command again changes nothing.

    Sales under way are waited for, and those that come later find the client who remains. Raises Invalid without a reason,
    for a client and themselves or for texts too long together; NotFound; Conflict where somebody was faster, a card payment
    holds account credit, or the books of a location are stopped that credit moves at.
    """
    if session.get(ClientMerge, command.merge_id) is not None:
        return
    reason = _reason(command.reason)
    records = merging.lock_records(session, (command.kept_id, command.merged_id))
    kept, merged = merging.pair(records, command.kept_id, command.merged_id)
    if command.seen != (facts_of(kept).state_token, facts_of(merged).state_token):
        raise Conflict(CLIENT_CHANGED_MEANWHILE)
    facts = merging.merged_facts(facts_of(kept), facts_of(merged), command.choices)
    moved: dict[str, Any] = {
        "credit": _move_credit(session, command.merge_id, merged, kept, staff_id=command.staff_id, reason=reason),
        "shares": _end_shares(session, list(records), command.staff_id),
    }
    tickets = update(Ticket).where(is_of(Ticket.client_id, merged.id), Ticket.state.in_(("open", "parked")))
    execute(session, tickets.values(client_id=kept.id))
    fields = merging.join(
        session, command.merge_id, records, kept, merged, facts, by_id=command.staff_id, reason=reason, moved=moved
    )
    audit.note(
        session,
        "client.merge",
        actor_id=command.staff_id,
        location_id=command.location_id,
        subject_id=kept.id,
        merge_id=str(command.merge_id),
        merged=str(merged.id),
        fields=sorted(fields),
        moved=moved["credit"],
        reason=reason,
    )


def _move_credit(
    session: Session, merge_id: UUID, giver: Client, taker: Client, *, staff_id: UUID, reason: str
) -> list[dict[str, Any]]:
    """Move all account credit of one record to another, location by location; the sum owed stays the same."""
    query = select(AccountCredit).where(AccountCredit.client_id == giver.id).order_by(AccountCredit.location_id)
    accounts = list(session.scalars(query.with_for_update().execution_options(populate_existing=True)))
    if any(account.held_minor for account in accounts):
        raise Conflict(MERGE_CREDIT_IN_USE(name=giver.name))
    moved = []
    for account in accounts:
        if not account.balance_minor:
            continue
        amount, where = account.balance_minor, place(session, account.location_id)
        require_running(session, where.id)
        own = session.get(AccountCredit, (taker.id, where.id))
        if own is not None and own.currency != account.currency:
            raise Conflict(MERGE_OTHER_CURRENCY(place=where.name))
        context = ActionContext.at(where, actor_id=staff_id, reason=reason, key=f"merge:{merge_id}:{where.id}:to")
        _move(session, giver.id, taker.id, amount, context, currency=account.currency)
        moved.append({"location_id": str(where.id), "amount_minor": amount})
    session.flush()
    return moved


def _move(
    session: Session, giver_id: UUID, taker_id: UUID, amount_minor: int, context: ActionContext, *, currency: str
) -> None:
    """Move account credit at the location of the context from one record to another."""
    named = stored_value.account_of(session, giver_id, context.location.id)
    stored_value.take(session, ACCOUNTS, named, amount_minor, StoredValueEntry(MERGE, context.step("out")))
    entry = StoredValueEntry(MERGE, context.step("in"))
    stored_value.credit_account(session, taker_id, amount_minor, entry, currency=currency)


def _end_shares(session: Session, record_ids: Sequence[UUID], staff_id: UUID) -> list[str]:
    """End the shares among these records, and of two shares of one lot the one that leaves less; returns their keys."""
    rows = session.execute(
        select(LotShare, CreditLot.client_id)
        .join(CreditLot, CreditLot.id == LotShare.lot_id)
        .where(LotShare.client_id.in_(record_ids), LotShare.ended_at.is_(None))
        .order_by(LotShare.added_at, LotShare.id)
        .with_for_update(of=LotShare)
    ).all()
    by_lot: dict[UUID, list[LotShare]] = {}
    ended = []
    for share, owner_id in rows:
        if owner_id in record_ids:
            ended.append(share)
        else:
            by_lot.setdefault(share.lot_id, []).append(share)
    for shares in by_lot.values():
        shares.sort(key=lambda one: (one.cap is not None, -((one.cap or 0) - one.used)))
        ended += shares[1:]
    for share in ended:
        share.ended_at, share.ended_by = clock.now(), staff_id
    session.flush()
    return [str(share.id) for share in ended]


def changed_since(session: Session, merge: ClientMerge) -> bool:
    """Whether a sale, order, refund, move of credits or account credit, or a share was recorded since a merge."""
    who, at = merge.kept_id, merge.at
    lot, sale = aliased(CreditLot), aliased(Sale)
    checks = (
        exists().where(is_of(Sale.client_id, who), Sale.completed_at > at),
        exists().where(is_of(SaleLine.person_id, who), SaleLine.sale_id == sale.id, sale.completed_at > at),
        exists().where(is_of(Order.client_id, who), or_(Order.placed_at > at, Order.state == "placed")),
        exists().where(Refund.sale_id == sale.id, is_of(sale.client_id, who), Refund.created_at > at),
        exists().where(CreditMove.lot_id == lot.id, is_of(lot.client_id, who), CreditMove.at > at),
        exists().where(
            is_of(AccountCreditMove.client_id, who),
            AccountCreditMove.at > at,
            AccountCreditMove.kind != MERGE,
        ),
        exists().where(is_of(LotShare.client_id, who), LotShare.added_at > at),
        exists().where(LotShare.lot_id == lot.id, is_of(lot.client_id, who), LotShare.added_at > at),
    )
    return bool(session.scalar(select(or_(*checks))))


def can_be_undone(session: Session, merge: ClientMerge) -> bool:
    """Whether a merge can be taken back: the record points where it did, and nothing came after."""
    kept, merged = session.get_one(Client, merge.kept_id), session.get_one(Client, merge.merged_id)
    before = merge.before
    return (
        before is not None
        and merge.undone_at is None
        and kept.merged_into_id is None
        and merged.merged_into_id == kept.id
        and facts_of(kept).state_token == before["after"]
        and not changed_since(session, merge)
    )


@unit_of_work
def undo_merge(session: Session, *, merge_id: UUID, reason: str, staff_id: UUID, location_id: UUID) -> UUID:
    """Make two clients of one again, as they were; returns the key of the one that comes back.

    Only while nothing was recorded since: nobody could say later whose it is. Raises NotFound, Invalid, Conflict.
    """
    why = _reason(reason)
    merge = merging.merge_to_undo(session, merge_id)
    records = merging.lock_records(session, (merge.kept_id,))
    kept, merged = records[merge.kept_id], records[merge.merged_id]
    if not can_be_undone(session, merge):
        raise Conflict(MERGE_USED_SINCE)
    merging.undo(session, merge, records, by_id=staff_id, reason=why)
    _give_credit_back(session, merge, kept, merged, staff_id=staff_id, reason=why)
    _restore_shares(session, merge.moved["shares"])
    audit.note(
        session,
        "client.merge_undone",
        actor_id=staff_id,
        location_id=location_id,
        subject_id=kept.id,
        merge_id=str(merge_id),
        merged=str(merged.id),
        reason=why,
    )
    return merged.id


def _give_credit_back(
    session: Session, merge: ClientMerge, kept: Client, merged: Client, *, staff_id: UUID, reason: str
) -> None:
    for row in merge.moved["credit"]:
        where = place(session, UUID(row["location_id"]))
        require_running(session, where.id)
        context = ActionContext.at(where, actor_id=staff_id, reason=reason, key=f"merge:{merge.id}:{where.id}:back")
        _move(session, kept.id, merged.id, row["amount_minor"], context, currency=where.currency)


def _restore_shares(session: Session, keys: Sequence[str]) -> None:
    for share in session.scalars(select(LotShare).where(LotShare.id.in_([UUID(key) for key in keys]))):
        share.ended_at, share.ended_by = None, None
    session.flush()
