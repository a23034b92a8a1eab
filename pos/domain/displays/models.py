"""The screen that faces the client at a desk."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from pos.core.database.base import Base, UtcDateTime
from pos.domain.locations.models import Desk


class DeskDisplay(Base):
    """The customer display of a desk: a browser that holds a token, of which only the hash is kept; one a desk.

    A code that pairs another is good until `code_until` and for some tries. `choice_*` is the tip last chosen on it: the
    ticket, the percentage as a decimal text ("0" is no tip), and a number that moves with every choice.
    """

    __tablename__ = "desk_displays"

    desk_id: Mapped[UUID] = mapped_column(ForeignKey(Desk.id), primary_key=True)
    code_hash: Mapped[str | None] = mapped_column(String(64))
    code_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    code_tries: Mapped[int] = mapped_column(default=0)
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    paired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    choice_ticket_id: Mapped[UUID | None]
    choice_percent: Mapped[str] = mapped_column(String(8), default="0")
    choice_number: Mapped[int] = mapped_column(default=0)
