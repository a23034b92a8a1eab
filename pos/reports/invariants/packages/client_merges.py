"""Invariants of merged clients: who a record is follows from the merges that stand, and what it was owed moved along."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import func, or_, select

from pos.domain.clients.models import Client, ClientMerge
from pos.domain.locations.models import Location
from pos.domain.stored_value.models import AccountCredit
from pos.reports.invariants.base import Check, CheckScope


def _pointing_elsewhere(look: CheckScope) -> Iterator[str]:
    into: dict[UUID, UUID] = {}
    query = select(ClientMerge.merged_id, ClientMerge.kept_id).where(ClientMerge.undone_at.is_(None))
    for merged_id, kept_id in look.rows(query.order_by(ClientMerge.at, ClientMerge.id)):
        if into.setdefault(merged_id, kept_id) != kept_id:
            yield f"Client {merged_id} was merged twice."
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
            yield f"Client {client_id} is taken for {points_to or 'themselves'}, the merges say {expected or 'themselves'}."


def _left_behind(look: CheckScope) -> Iterator[str]:
    query = (
        select(AccountCredit.client_id, func.sum(AccountCredit.balance_minor + AccountCredit.held_minor))
        .join(Client, Client.id == AccountCredit.client_id)
        .where(Client.merged_into_id.is_not(None), look.in_scope(AccountCredit.location_id))
        .group_by(AccountCredit.client_id)
        .order_by(AccountCredit.client_id)
    )
    for client_id, minor in look.rows(query):
        if minor:
            yield f"Client {client_id} was merged and has account credit of {minor} left (minor units)."


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
