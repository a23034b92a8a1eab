"""Clients, their sign-in links and browser sessions, and which of their records are one person."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from pos.core.database.base import Base, UtcDateTime
from pos.core.ids import new_id

_MERGED = text("merged_into_id IS NOT NULL")


class Client(Base):
    """A person who buys or is treated. `search_text` is what the desk's search box looks in, `sort_key` orders lists.

    History names the record it was written for, and that never changes. A record that was merged points to the one that
    remains, never to another that was merged; `persons.py` reads what several records have as what one person has.
    """

    __tablename__ = "clients"
    # All that the search reads: a rare word is looked for in the index alone, and the first that fit come in order.
    __table_args__ = (
        Index("ix_clients_sort_key", "sort_key", "id", "search_text", "merged_into_id"),
        # Without those that were not merged: SQLite would take it for them, and read every client.
        Index("ix_clients_merged_into_id", "merged_into_id", sqlite_where=_MERGED, postgresql_where=_MERGED),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    given_name: Mapped[str] = mapped_column(String(80))
    family_name: Mapped[str] = mapped_column(String(80))
    email: Mapped[str | None] = mapped_column(String(320), unique=True)
    phone: Mapped[str | None] = mapped_column(String(20), index=True)
    locale: Mapped[str] = mapped_column(String(16), default="en")
    search_text: Mapped[str] = mapped_column(String(500))
    # Folded, and compared byte by byte on both databases, whatever order PostgreSQL was set up with.
    sort_key: Mapped[str] = mapped_column(String(330).with_variant(String(330, collation="C"), "postgresql"))
    # For the desk. What is beside health stands in `allergy` alone: on no paper, in no mail, at no payment provider.
    note: Mapped[str] = mapped_column(String(500), default="", server_default="")
    has_allergy: Mapped[bool] = mapped_column(default=False, server_default=false())
    allergy: Mapped[str] = mapped_column(String(200), default="", server_default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    merged_into_id: Mapped[UUID | None] = mapped_column(ForeignKey("clients.id"))
    # Since when nothing personal is kept of them: the name is a pseudonym then.
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def name(self) -> str:
        """The name as it is spoken."""
        return f"{self.given_name} {self.family_name}".strip()


class ClientMerge(Base):
    """Two records were of one person: who said so, when and why, and whether it was taken back.

    `before` is what both said, so that it can be taken back; it is gone once the person is erased. `moved` is the account
    credit that went along (location, minor units) and the shares that ended because they were with oneself.
    """

    __tablename__ = "client_merges"
    __table_args__ = (
        CheckConstraint("merged_id <> kept_id", name="two"),
        Index("ix_client_merges_merged_id", "merged_id"),
        Index("ix_client_merges_kept_id", "kept_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    merged_id: Mapped[UUID] = mapped_column(ForeignKey(Client.id))
    kept_id: Mapped[UUID] = mapped_column(ForeignKey(Client.id))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[UUID]
    reason: Mapped[str] = mapped_column(String(200))
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    moved: Mapped[dict[str, Any]] = mapped_column(JSON)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_by_id: Mapped[UUID | None]
    undo_reason: Mapped[str] = mapped_column(String(200), default="", server_default="")


class ClientLink(Base):
    """A sign-in link sent by mail: only its hash is kept; used once, by POST."""

    __tablename__ = "client_links"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    client_id: Mapped[UUID] = mapped_column(ForeignKey(Client.id), index=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ClientSession(Base):
    """A client's signed-in browser; only the hash of its cookie is kept."""

    __tablename__ = "client_sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    client_id: Mapped[UUID] = mapped_column(ForeignKey(Client.id), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
