"""Invariants of merged clients: who a record is follows from the merges that stand, and what it was owed moved along."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import func, or_, select

from pos.core.i18n.message import Message
from pos.core.messages.kept import package_checks as messages
from pos.domain.clients.models import Client, ClientMerge
from pos.domain.locations.models import Location
from pos.domain.stored_value.models import AccountCredit
from pos.reports.invariants.base import Check, CheckScope


def _pointing_elsewhere(look: CheckScope) -> Iterator[Message]:
    into: dict[UUID, UUID] = {}
    query = select(ClientMerge.merged_id, ClientMerge.kept_id).where(ClientMerge.undone_at.is_(None))
    for merged_id, kept_id in look.rows(query.order_by(ClientMerge.at, ClientMerge.id)):
        if into.setdefault(merged_id, kept_id) != kept_id:
            yield messages.CLIENT_MERGED_TWICE(client=merged_id)
    moved = select(Client.id, Client.merged_into_id).where(
        or_(Client.merged_into_id.is_not(None), Client.id.in_(select(ClientMerge.merged_id)))
    )
    for client_id, points_to in look.rows(moved.order_by(Client.id)):
        kept, seen = client_id, {client_id}
        while kept in into and into[kept] not in seen:
            kept = into[kept]
            seen.add(kept)
        expected = kept if kept != client_id else None
        if points_to != expected:
            yield _taken_otherwise(client_id, points_to, expected)


def _taken_otherwise(client_id: UUID, points_to: UUID | None, expected: UUID | None) -> Message:
    if points_to is None:
        return messages.CLIENT_STANDS_ALONE(client=client_id, merged=expected)
    if expected is None:
        return messages.CLIENT_NEVER_MERGED(client=client_id, taken=points_to)
    return messages.CLIENT_TAKEN_FOR_OTHER(client=client_id, taken=points_to, merged=expected)


def _left_behind(look: CheckScope) -> Iterator[Message]:
    query = (
        select(AccountCredit.client_id, func.sum(AccountCredit.balance_minor + AccountCredit.held_minor))
        .join(Client, Client.id == AccountCredit.client_id)
        .where(Client.merged_into_id.is_not(None), look.in_scope(AccountCredit.location_id))
        .group_by(AccountCredit.client_id)
        .order_by(AccountCredit.client_id)
    )
    for client_id, minor in look.rows(query):
        if minor:
            yield messages.MERGED_CLIENT_HAS_CREDIT(client=client_id, amount=minor)


CHECKS = (
    Check(
        "client_merges",
        "Which records are one client follows from the merges that were not taken back.",
        Location.id,
        _pointing_elsewhere,
    ),
    Check(
        "client_merges_credit",
        "The account credit of a merged record went to the one that remains.",
        AccountCredit.location_id,
        _left_behind,
    ),
)
