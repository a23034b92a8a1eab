"""Tenders, card attempts, the readers of desks and the webhook inbox."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from pos.core.database.base import Base, UtcDateTime, is_one_of
from pos.core.ids import new_id
from pos.domain.locations.models import Desk
from pos.domain.payments.attempt_states import ACTIVE, CREATED, TRANSITIONS
from pos.domain.sales.models import Order, Sale
from pos.domain.sales.tender_kinds import TENDER_KINDS
from pos.domain.stored_value.models import GiftCard
from pos.domain.till.models import Shift

_ACTIVE_SQL = text(is_one_of("state", ACTIVE))


class Reader(Base):
    """The card reader of a desk."""

    __tablename__ = "readers"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    desk_id: Mapped[UUID] = mapped_column(ForeignKey(Desk.id), unique=True)
    stripe_reader_id: Mapped[str] = mapped_column(String(80), unique=True)
    label: Mapped[str] = mapped_column(String(80))


class PaymentAttempt(Base):
    """One card for an order or a part of it: which object at Stripe, under which key, and how far it got.

    A decline leaves the attempt alive: the same intent is offered to the card again. States move by `attempt_states`.
    `amount_minor` is what is asked for, all that is left of the order or a part of it; `tip_base_minor` is there where the
    reader asks for a tip, reckoned from it, and `tip_minor` is the tip the client added. `next_kind` is the other way
    (reader or checkout) the desk has turned to: the next attempt begins in the moment this one is closed. A reader asks
    until `expires_at`, a page is open until then.
    """

    __tablename__ = "payment_attempts"
    __table_args__ = (
        CheckConstraint("kind IN ('reader', 'checkout')", name="kind"),
        CheckConstraint(is_one_of("state", TRANSITIONS), name="state"),
        CheckConstraint("amount_minor > 0", name="amount"),
        Index(
            "uq_payment_attempts_active_order",
            "order_id",
            unique=True,
            sqlite_where=_ACTIVE_SQL,
        ),
        Index("uq_payment_attempts_short_code", "short_code", unique=True),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    order_id: Mapped[UUID] = mapped_column(ForeignKey(Order.id), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    number: Mapped[int] = mapped_column(default=1, server_default="1")
    state: Mapped[str] = mapped_column(String(12), default=CREATED)
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    mode: Mapped[str] = mapped_column(String(10))
    key: Mapped[str] = mapped_column(String(80), unique=True)
    reader_actions: Mapped[int] = mapped_column(default=0)
    tip_base_minor: Mapped[int | None] = mapped_column(BigInteger)
    tip_minor: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    next_kind: Mapped[str | None] = mapped_column(String(10))
    short_code: Mapped[str | None] = mapped_column(String(16))
    reader_id: Mapped[UUID | None] = mapped_column(ForeignKey(Reader.id))
    session_id: Mapped[str | None] = mapped_column(String(120), unique=True)
    session_url: Mapped[str | None] = mapped_column(Text)
    intent_id: Mapped[str | None] = mapped_column(String(120), unique=True)
    charge_id: Mapped[str | None] = mapped_column(String(120), unique=True)
    card_brand: Mapped[str | None] = mapped_column(String(20))
    card_last4: Mapped[str | None] = mapped_column(String(4))
    reason_code: Mapped[str | None] = mapped_column(String(60))
    sentence: Mapped[str | None] = mapped_column(String(300))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Tender(Base):
    """One means of payment applied to a sale. Cash keeps what was handed over and the change. Never changed.

    `amount_minor` is what of the sale it settles. Cash may be rounded: the drawer keeps `rounding_minor` more, or less where
    that is negative.
    Account credit is that of the sale's client at the sale's location. `reference` finds money again that was received
    outside the till.
    """

    __tablename__ = "tenders"
    __table_args__ = (
        CheckConstraint(
            f"{is_one_of('kind', TENDER_KINDS)} AND (kind = 'gift_card') = (gift_card_id IS NOT NULL)", name="kind"
        ),
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint("rounding_minor = 0 OR kind = 'cash'", name="only_cash_is_rounded"),
        CheckConstraint("(kind = 'card') = (attempt_id IS NOT NULL)", name="card_has_attempt"),
        CheckConstraint("(kind = 'cash') = (shift_id IS NOT NULL)", name="cash_has_shift"),
    )

    sale_id: Mapped[UUID] = mapped_column(ForeignKey(Sale.id), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    tendered_minor: Mapped[int] = mapped_column(BigInteger)
    change_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    rounding_minor: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    shift_id: Mapped[UUID | None] = mapped_column(ForeignKey(Shift.id), index=True)
    attempt_id: Mapped[UUID | None] = mapped_column(ForeignKey(PaymentAttempt.id), unique=True)
    gift_card_id: Mapped[UUID | None] = mapped_column(ForeignKey(GiftCard.id), index=True)
    reference: Mapped[str] = mapped_column(String(60), default="", server_default="")

    @hybrid_property
    def moved_minor(self) -> int:
        """The money that moved, in Python and in SQL: of cash, what was kept for the sale."""
        return self.amount_minor + self.rounding_minor


class WebhookEvent(Base):
    """A message from Stripe, verified and kept once by its id; the worker fetches the object and acts."""

    __tablename__ = "webhook_events"

    event_id: Mapped[str] = mapped_column(String(120), primary_key=True)
    type: Mapped[str] = mapped_column(String(80))
    object_id: Mapped[str] = mapped_column(String(120))
    livemode: Mapped[bool]
    api_version: Mapped[str | None] = mapped_column(String(40))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class WebhookRefusal(Base):
    """How many messages were refused on a day (UTC), and why: `forged`, `other_mode` or `other_version`.

    A count, not a row for each: whoever sends forged messages must not fill the disk.
    """

    __tablename__ = "webhook_refusals"

    refused_on: Mapped[date] = mapped_column(primary_key=True)
    why: Mapped[str] = mapped_column(String(20), primary_key=True)
    times: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)
