"""Stored value: gift cards, the account credit of clients, and every move of either."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from pos.core.database.base import Base, UtcDateTime
from pos.core.ids import new_id
from pos.domain.clients.models import Client
from pos.domain.locations.models import Location
from pos.domain.sales.models import Order, Sale
from pos.domain.staff.models import Staff


class GiftCardTerms(Base):
    """What a location asks of gift cards from a day on: see `rules.CardTerms`. A sold card keeps its own expiry."""

    __tablename__ = "gift_card_terms"
    __table_args__ = (
        CheckConstraint(
            "least_minor > 0 AND most_minor >= least_minor AND balance_most_minor >= most_minor", name="limits"
        ),
        CheckConstraint("cash_out_minor IS NULL OR cash_out_minor >= 0", name="cash_out"),
        CheckConstraint("validity_months IS NULL OR validity_months > 0", name="validity"),
    )

    location_id: Mapped[UUID] = mapped_column(ForeignKey(Location.id), primary_key=True)
    from_on: Mapped[date] = mapped_column(primary_key=True)
    least_minor: Mapped[int] = mapped_column(BigInteger)
    most_minor: Mapped[int] = mapped_column(BigInteger)
    balance_most_minor: Mapped[int] = mapped_column(BigInteger)
    cash_out_minor: Mapped[int | None] = mapped_column(BigInteger)
    validity_months: Mapped[int | None]


class GiftCard(Base):
    """Money somebody paid ahead, owed to whoever has the code. `held` is set aside for card payments on the way."""

    __tablename__ = "gift_cards"
    __table_args__ = (
        ForeignKeyConstraint(["sale_id", "sale_position"], ["sale_lines.sale_id", "sale_lines.position"]),
        CheckConstraint("balance_minor >= 0", name="balance"),
        CheckConstraint("held_minor >= 0", name="held"),
        CheckConstraint("state IN ('active', 'blocked', 'replaced')", name="state"),
        Index("ix_gift_cards_location_id", "location_id", "issued_at"),
        Index("ix_gift_cards_sale_id", "sale_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    location_id: Mapped[UUID] = mapped_column(ForeignKey(Location.id))
    currency: Mapped[str] = mapped_column(String(3))
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    last4: Mapped[str] = mapped_column(String(4))
    state: Mapped[str] = mapped_column(String(10), default="active")
    face_minor: Mapped[int] = mapped_column(BigInteger)
    balance_minor: Mapped[int] = mapped_column(BigInteger)
    held_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    seq: Mapped[int] = mapped_column(default=0)
    sale_id: Mapped[UUID | None] = mapped_column(ForeignKey(Sale.id))
    sale_position: Mapped[int | None]
    replaces_id: Mapped[UUID | None] = mapped_column(ForeignKey("gift_cards.id"), unique=True)
    buyer_id: Mapped[UUID | None] = mapped_column(ForeignKey(Client.id), index=True)
    to_name: Mapped[str] = mapped_column(String(120), default="")
    to_email: Mapped[str | None] = mapped_column(String(320))
    message: Mapped[str] = mapped_column(String(300), default="")
    issued_on: Mapped[date]
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_on: Mapped[date | None]


class _Move:
    """The columns of a change of a stored balance."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-1)
    seq: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    delta_minor: Mapped[int] = mapped_column(BigInteger)
    balance_after_minor: Mapped[int] = mapped_column(BigInteger)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    business_on: Mapped[date]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey(Order.id))
    sale_id: Mapped[UUID | None] = mapped_column(ForeignKey(Sale.id))
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey(Staff.id))
    note: Mapped[str] = mapped_column(String(200), default="")


class GiftCardMove(_Move, Base):
    """One change of a card's balance, numbered without gaps, with the balance it left. Never changed."""

    __tablename__ = "gift_card_moves"
    __table_args__ = (
        UniqueConstraint("card_id", "seq"),
        CheckConstraint("balance_after_minor >= 0", name="balance_after"),
        CheckConstraint("kind <> ''", name="kind"),
        Index("ix_gift_card_moves_sale_id", "sale_id"),
    )

    card_id: Mapped[UUID] = mapped_column(ForeignKey(GiftCard.id))


class AccountCredit(Base):
    """What a location owes one client in money: lapsed packages, refunds kept, goodwill."""

    __tablename__ = "account_credits"
    __table_args__ = (
        CheckConstraint("balance_minor >= 0", name="balance"),
        CheckConstraint("held_minor >= 0", name="held"),
    )

    client_id: Mapped[UUID] = mapped_column(ForeignKey(Client.id), primary_key=True)
    location_id: Mapped[UUID] = mapped_column(ForeignKey(Location.id), primary_key=True)
    currency: Mapped[str] = mapped_column(String(3))
    balance_minor: Mapped[int] = mapped_column(BigInteger)
    held_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    seq: Mapped[int] = mapped_column(default=0)


class AccountCreditMove(_Move, Base):
    """One change of a client's account credit, numbered without gaps, with the balance it left. Never changed."""

    __tablename__ = "account_credit_moves"
    __table_args__ = (
        ForeignKeyConstraint(
            ["client_id", "location_id"], ["account_credits.client_id", "account_credits.location_id"]
        ),
        UniqueConstraint("client_id", "location_id", "seq"),
        CheckConstraint("balance_after_minor >= 0", name="balance_after"),
        CheckConstraint("kind <> ''", name="kind"),
        Index("ix_account_credit_moves_sale_id", "sale_id"),
        Index("ix_account_credit_moves_location_id_business_on", "location_id", "business_on"),
    )

    client_id: Mapped[UUID] = mapped_column(ForeignKey(Client.id))
    location_id: Mapped[UUID] = mapped_column(ForeignKey(Location.id))
