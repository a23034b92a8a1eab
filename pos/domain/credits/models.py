"""What clients own: purchased packages, credit lots, every move of a credit, every redemption."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from pos.core.database.base import Base, Percent, UtcDateTime
from pos.core.ids import new_id
from pos.domain.catalogue.models import Item
from pos.domain.clients.models import Client
from pos.domain.locations.models import Location
from pos.domain.sales.models import Order, Sale
from pos.domain.staff.models import Staff


class PurchasedPackage(Base):
    """A package one client bought or was given; `terms` is the plan as it was at that moment.

    `kind` says where it came from: a sale, a manager, free of charge (`complimentary`, worth nothing, with its
    reason) or the
    balance of an older system (`opening`). Only a sale has a sale line. Refunds go to `client_id`, whoever holds its lots.
    """

    __tablename__ = "purchased_packages"
    __table_args__ = (
        CheckConstraint("kind IN ('sale', 'complimentary', 'opening')", name="kind"),
        ForeignKeyConstraint(["sale_id", "sale_position"], ["sale_lines.sale_id", "sale_lines.position"]),
        UniqueConstraint("sale_id", "sale_position", "copy"),
        Index("ix_purchased_packages_client_id", "client_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    client_id: Mapped[UUID] = mapped_column(ForeignKey(Client.id))
    location_id: Mapped[UUID] = mapped_column(ForeignKey(Location.id))
    kind: Mapped[str] = mapped_column(String(16), default="sale", server_default="sale")
    reason: Mapped[str] = mapped_column(String(200), default="", server_default="")
    sale_id: Mapped[UUID | None] = mapped_column(ForeignKey(Sale.id))
    sale_position: Mapped[int | None]
    copy: Mapped[int | None]
    name: Mapped[str] = mapped_column(String(160))
    terms: Mapped[dict[str, Any]] = mapped_column(JSON)
    purchased_on: Mapped[date]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CreditLot(Base):
    """A grant inside a package; value is net of tax, for all credits together.

    quantity = remaining + held + redeemed + burned + removed, where `removed` left in any other way (transfer, refund,
    expiry).
    `recognised_minor` is all value no longer owed, however it left: net_minor − recognised_minor is the liability. So is
    tax_minor − tax_due_minor the tax that is not due yet: nothing where the tax point was the sale (`tax_prepaid`).
    Of both, `second_tax_…` is the part of the location's second tax; each tax becomes due rounded by itself.
    `breakage_minor` is what of the liability was recognised as breakage before the credits ended.
    Of a package paid in parts `price_minor` is the whole price as displayed (0: paid at once), `unpaid_minor` what is still
    to be paid of it, `unpaid_net_minor` that net of tax; `net_minor` and `tax_minor` are what was paid so far. `locked`
    credits wait for it. `held_by_order_id` is the order whose card is being asked for a part.
    `tier` is the highest of the therapists its credits are good for without a surcharge.
    A lot given on by another client names the lot it came from; both stay in the purchaser's package.
    """

    __tablename__ = "credit_lots"
    __table_args__ = (
        CheckConstraint("remaining >= 0", name="remaining"),
        CheckConstraint("held >= 0", name="held"),
        CheckConstraint("remaining + held + redeemed + burned + removed = quantity", name="whole"),
        CheckConstraint("recognised_minor BETWEEN 0 AND net_minor", name="recognised"),
        CheckConstraint("tax_due_minor BETWEEN 0 AND tax_minor", name="tax_due"),
        CheckConstraint("second_tax_due_minor BETWEEN 0 AND second_tax_minor", name="second_tax_due"),
        CheckConstraint(
            "tax_due_minor - second_tax_due_minor BETWEEN 0 AND tax_minor - second_tax_minor", name="first_tax_due"
        ),
        CheckConstraint("breakage_minor BETWEEN 0 AND net_minor - recognised_minor", name="breakage"),
        CheckConstraint("locked >= 0 AND unpaid_minor BETWEEN 0 AND price_minor", name="unpaid"),
        CheckConstraint("status IN ('active', 'frozen', 'suspended', 'refunded', 'closed')", name="status"),
        Index("ix_credit_lots_client_id", "client_id"),
        Index("ix_credit_lots_location_id_expires_on", "location_id", "expires_on"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    package_id: Mapped[UUID] = mapped_column(ForeignKey(PurchasedPackage.id), index=True)
    client_id: Mapped[UUID] = mapped_column(ForeignKey(Client.id))
    location_id: Mapped[UUID] = mapped_column(ForeignKey(Location.id))
    currency: Mapped[str] = mapped_column(String(3))
    quantity: Mapped[int]
    remaining: Mapped[int]
    held: Mapped[int] = mapped_column(default=0)
    redeemed: Mapped[int] = mapped_column(default=0)
    burned: Mapped[int] = mapped_column(default=0, server_default="0")
    removed: Mapped[int] = mapped_column(default=0, server_default="0")
    status: Mapped[str] = mapped_column(String(10), default="active", server_default="active")
    origin_lot_id: Mapped[UUID | None] = mapped_column(ForeignKey("credit_lots.id"))
    seq: Mapped[int] = mapped_column(default=0)
    net_minor: Mapped[int] = mapped_column(BigInteger)
    tax_minor: Mapped[int] = mapped_column(BigInteger)
    second_tax_minor: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    tax_percent: Mapped[Decimal] = mapped_column(Percent)
    second_tax_percent: Mapped[Decimal] = mapped_column(Percent, default=Decimal(0), server_default="0")
    tax_prepaid: Mapped[bool] = mapped_column(default=True)
    recognised_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    tax_due_minor: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    second_tax_due_minor: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    breakage_minor: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    price_minor: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    unpaid_minor: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    unpaid_net_minor: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    locked: Mapped[int] = mapped_column(default=0, server_default="0")
    held_by_order_id: Mapped[UUID | None]
    tier: Mapped[int] = mapped_column(default=0, server_default="0")
    granted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_on: Mapped[date | None]


class LotItem(Base):
    """What a lot pays for: a session of `item_id` at its list price when sold, or an add-on that comes with each visit."""

    __tablename__ = "lot_items"
    __table_args__ = (CheckConstraint("role IN ('eligible', 'included')", name="role"),)

    lot_id: Mapped[UUID] = mapped_column(ForeignKey(CreditLot.id), primary_key=True)
    item_id: Mapped[UUID] = mapped_column(ForeignKey(Item.id), primary_key=True)
    role: Mapped[str] = mapped_column(String(10))
    list_minor: Mapped[int] = mapped_column(BigInteger)


MOVE_KINDS = (
    "grant", "hold", "release", "redeem", "reverse", "burn", "restore",
    "transfer_out", "transfer_in", "carry_out", "carry_in", "expire", "refund", "surrender", "withdraw", "reinstate",
    "freeze", "unfreeze", "suspend", "resume", "extend", "breakage", "pay",
)  # fmt: skip


class CreditMove(Base):
    """One thing that happened to a lot, numbered without gaps, with the balance it left. Never changed.

    `delta` is the change of the credits that remain, `value_minor` the change of what is owed: their sums over a lot are
    `remaining` and net_minor − recognised_minor, at any past date too. `tax_minor` is the change of the tax that is not due
    yet, `second_tax_minor` the second tax's part of it, `breakage_minor` that of the breakage recognised ahead.
    `reverses_id` is the move that this one undoes.
    """

    __tablename__ = "credit_moves"
    __table_args__ = (
        UniqueConstraint("lot_id", "seq"),
        CheckConstraint("balance_after >= 0", name="balance_after"),
        CheckConstraint(f"kind IN ({', '.join(repr(kind) for kind in MOVE_KINDS)})", name="kind"),
        Index("uq_credit_moves_reverses_id", "reverses_id", unique=True),
        Index("ix_credit_moves_business_on", "business_on"),
        Index("ix_credit_moves_sale_id", "sale_id", sqlite_where=text("sale_id IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    lot_id: Mapped[UUID] = mapped_column(ForeignKey(CreditLot.id))
    seq: Mapped[int]
    kind: Mapped[str] = mapped_column(String(12))
    delta: Mapped[int]
    balance_after: Mapped[int]
    key: Mapped[str] = mapped_column(String(120), unique=True)
    business_on: Mapped[date]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey(Order.id))
    sale_id: Mapped[UUID | None] = mapped_column(ForeignKey(Sale.id))
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey(Staff.id))
    approver_id: Mapped[UUID | None] = mapped_column(ForeignKey(Staff.id))
    value_minor: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    tax_minor: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    second_tax_minor: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    breakage_minor: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    reason: Mapped[str] = mapped_column(String(200), default="", server_default="")
    reverses_id: Mapped[UUID | None] = mapped_column(ForeignKey("credit_moves.id"))


class Instalment(Base):
    """The line of a sale that paid a part of a package, as displayed; the first is that of its sale. Never changed."""

    __tablename__ = "instalments"
    __table_args__ = (
        ForeignKeyConstraint(["sale_id", "sale_position"], ["sale_lines.sale_id", "sale_lines.position"]),
        CheckConstraint("amount_minor > 0", name="amount"),
        Index("ix_instalments_lot_id", "lot_id"),
    )

    sale_id: Mapped[UUID] = mapped_column(primary_key=True)
    sale_position: Mapped[int] = mapped_column(primary_key=True)
    lot_id: Mapped[UUID] = mapped_column(ForeignKey(CreditLot.id))
    move_id: Mapped[UUID] = mapped_column(ForeignKey(CreditMove.id), unique=True)
    amount_minor: Mapped[int] = mapped_column(BigInteger)


class Redemption(Base):
    """One use of one credit on one visit: its lot, the person treated, what became revenue, and the tax that became due."""

    __tablename__ = "redemptions"
    __table_args__ = (
        ForeignKeyConstraint(["sale_id", "sale_position"], ["sale_lines.sale_id", "sale_lines.position"]),
        UniqueConstraint("sale_id", "sale_position", "number"),
        Index("ix_redemptions_lot_id", "lot_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    lot_id: Mapped[UUID] = mapped_column(ForeignKey(CreditLot.id))
    sale_id: Mapped[UUID] = mapped_column(ForeignKey(Sale.id))
    sale_position: Mapped[int]
    number: Mapped[int]
    client_id: Mapped[UUID] = mapped_column(ForeignKey(Client.id))
    therapist_id: Mapped[UUID | None] = mapped_column(ForeignKey(Staff.id))
    value_minor: Mapped[int] = mapped_column(BigInteger)
    tax_minor: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    second_tax_minor: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    service_on: Mapped[date]
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class RedemptionReversal(Base):
    """The row that negates a redemption, on the day it was reversed; the redemption itself stays as it was."""

    __tablename__ = "redemption_reversals"
    __table_args__ = (Index("ix_redemption_reversals_business_on", "business_on"),)

    redemption_id: Mapped[UUID] = mapped_column(ForeignKey(Redemption.id), primary_key=True)
    move_id: Mapped[UUID] = mapped_column(ForeignKey(CreditMove.id), unique=True)
    value_minor: Mapped[int] = mapped_column(BigInteger)
    business_on: Mapped[date]
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class LotFreeze(Base):
    """Days on which a lot could not be used: a freeze, a medical freeze, or the suspension during a dispute.

    Frozen from `from_on` until the day before `ended_on`; `until_on` is the day it ends by itself, if any.
    """

    __tablename__ = "lot_freezes"
    __table_args__ = (
        CheckConstraint("cause IN ('freeze', 'medical', 'dispute')", name="cause"),
        CheckConstraint("ended_on IS NULL OR ended_on >= from_on", name="forward"),
        Index("uq_lot_freezes_open", "lot_id", unique=True, sqlite_where=text("ended_on IS NULL")),
        Index("ix_lot_freezes_lot_id", "lot_id"),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    lot_id: Mapped[UUID] = mapped_column(ForeignKey(CreditLot.id))
    cause: Mapped[str] = mapped_column(String(10))
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    reason: Mapped[str] = mapped_column(String(200))


class LotExtension(Base):
    """One change of a lot's expiry: who moved it, by how many days and why. Never changed."""

    __tablename__ = "lot_extensions"
    __table_args__ = (
        CheckConstraint("cause IN ('manager', 'freeze', 'dispute')", name="cause"),
        Index("ix_lot_extensions_lot_id", "lot_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    lot_id: Mapped[UUID] = mapped_column(ForeignKey(CreditLot.id))
    move_id: Mapped[UUID] = mapped_column(ForeignKey(CreditMove.id), unique=True)
    cause: Mapped[str] = mapped_column(String(10))
    from_on: Mapped[date]
    to_on: Mapped[date]


class LotShare(Base):
    """A person who may use somebody else's lot, up to `cap` credits in all (None: without limit); `used` of it is taken."""

    __tablename__ = "lot_shares"
    __table_args__ = (
        CheckConstraint("used >= 0 AND (cap IS NULL OR cap > 0)", name="cap"),
        Index("uq_lot_shares_live", "lot_id", "client_id", unique=True, sqlite_where=text("ended_at IS NULL")),
        Index("ix_lot_shares_client_id", "client_id"),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    lot_id: Mapped[UUID] = mapped_column(ForeignKey(CreditLot.id))
    client_id: Mapped[UUID] = mapped_column(ForeignKey(Client.id))
    cap: Mapped[int | None]
    used: Mapped[int] = mapped_column(default=0)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    added_by: Mapped[UUID | None] = mapped_column(ForeignKey(Staff.id))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey(Staff.id))


class ShareInvitation(Base):
    """An invitation to share a lot, mailed to an address; of its token only the hash is kept.

    It ends when it is accepted (it is a share then), withdrawn or too old, and keeps no address from then on.
    """

    __tablename__ = "share_invitations"
    __table_args__ = (
        CheckConstraint("cap IS NULL OR cap > 0", name="cap"),
        CheckConstraint("ended_at IS NOT NULL OR email IS NOT NULL", name="email"),
        Index("uq_share_invitations_waiting", "lot_id", "email", unique=True, sqlite_where=text("ended_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    lot_id: Mapped[UUID] = mapped_column(ForeignKey(CreditLot.id))
    email: Mapped[str | None] = mapped_column(String(320))
    cap: Mapped[int | None]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    invited_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    share_id: Mapped[UUID | None] = mapped_column(ForeignKey(LotShare.id))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class BreakageRule(Base):
    """How a location recognises, from a day on, what its clients will not use; a habit to edit, not advice.

    `lapse`: when the credits end. `proportional`: `expected_percent` of what is sold, as the rest is used. `remote`: all
    that is left, `remote_months` after the last use.
    """

    __tablename__ = "breakage_rules"
    __table_args__ = (
        CheckConstraint("method IN ('lapse', 'proportional', 'remote')", name="method"),
        CheckConstraint("remote_months > 0", name="remote_months"),
    )

    location_id: Mapped[UUID] = mapped_column(ForeignKey(Location.id), primary_key=True)
    from_on: Mapped[date] = mapped_column(primary_key=True)
    method: Mapped[str] = mapped_column(String(12))
    expected_percent: Mapped[Decimal] = mapped_column(Percent)
    remote_months: Mapped[int]
