"""Clients as a list, with what they have left at some locations."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core.paging.window import Window
from pos.domain.clients.models import Client
from pos.domain.clients.queries import BY_NAME, search
from pos.domain.locations.queries import Place
from pos.reports.books.deferred_revenue import credits_left


@dataclass(frozen=True)
class ListedClient:
    """One client of the list; `credits` are left or held at the locations asked about."""

    client_id: UUID
    name: str
    email: str | None
    phone: str | None
    credits: int
    key: tuple[str, UUID]


def listed_clients(session: Session, places: tuple[Place, ...], text: str, window: Window) -> list[ListedClient]:
    """Those that fit a search, or everybody by family name when nothing was typed."""
    if text.strip():
        found = search(session, text, window)
    else:
        kept = select(Client).where(Client.merged_into_id.is_(None), Client.erased_at.is_(None))
        found = window.in_order(session.scalars(window.of(kept, BY_NAME, newest_first=False)).all())
    left = credits_left(session, [client.id for client in found], places)
    return [ListedClient(c.id, c.name, c.email, c.phone, left.get(c.id, 0), (c.sort_key, c.id)) for c in found]
