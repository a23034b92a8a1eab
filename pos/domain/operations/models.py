"""Tables for safety stops, nightly job runs and opening-balance imports."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from pos.core.database.base import Base, UtcDateTime
from pos.core.ids import new_id
from pos.domain.locations.models import Location
from pos.domain.staff.models import Staff

_LIVE = text("lifted_at IS NULL")


class SafetyStop(Base):
    """An invariant that broke at a location: no cards and no credits there until it is lifted. `bad` rows broke it."""

    __tablename__ = "safety_stops"
    __table_args__ = (
        Index(
            "uq_safety_stops_live_check",
            "location_id",
            "check_key",
            unique=True,
            sqlite_where=_LIVE,
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    location_id: Mapped[UUID] = mapped_column(ForeignKey(Location.id))
    check_key: Mapped[str] = mapped_column(String(40))
    words: Mapped[str] = mapped_column(String(200))
    sentence: Mapped[str] = mapped_column(String(500))
    bad: Mapped[int]
    stopped_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lifted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lifted_by: Mapped[UUID | None] = mapped_column(ForeignKey(Staff.id))
    lift_reason: Mapped[str] = mapped_column(String(200), default="")


class NightlyRun(Base):
    """When a nightly job of a location ran last, for which business date, and what came of it."""

    __tablename__ = "nightly_runs"

    location_id: Mapped[UUID] = mapped_column(ForeignKey(Location.id), primary_key=True)
    job: Mapped[str] = mapped_column(String(20), primary_key=True)
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_on: Mapped[date | None]
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[str] = mapped_column(String(300), default="")


class BalanceImport(Base):
    """A file of opening balances that was brought in; `lots` names the lot each row became. Undone while unused."""

    __tablename__ = "balance_imports"
    __table_args__ = (CheckConstraint("state IN ('committed', 'undone')", name="state"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    location_id: Mapped[UUID] = mapped_column(ForeignKey(Location.id))
    file_name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    lots: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    credits: Mapped[int]
    value_minor: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(10), default="committed")
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey(Staff.id))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_by: Mapped[UUID | None] = mapped_column(ForeignKey(Staff.id))


class SetupLink(Base):
    """The one-time address at which an empty installation is set up: only its hash is kept.

    `started_by` names the start of the server that printed it, so that several processes of one start print one.
    """

    __tablename__ = "setup_links"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    started_by: Mapped[str] = mapped_column(String(40), unique=True)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
