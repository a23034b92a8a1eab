"""Staff, the places they work at, their sign-ins, and the wrong attempts that lock a door."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from pos.core.database.base import Base, Percent, UtcDateTime
from pos.core.ids import new_id
from pos.domain.locations.models import Desk, Location


class Staff(Base):
    """A person who works here. `pin_lookup` finds the person of a PIN without trying every hash; see `service`."""

    __tablename__ = "staff"
    __table_args__ = (
        CheckConstraint("role IN ('receptionist', 'therapist', 'manager', 'owner', 'bookkeeper')", name="role"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(80))
    email: Mapped[str | None] = mapped_column(String(320), unique=True)
    role: Mapped[str] = mapped_column(String(16))
    treats: Mapped[bool] = mapped_column(default=False)
    tier: Mapped[int] = mapped_column(default=0, server_default="0")
    licence_number: Mapped[str | None] = mapped_column(String(40))
    npi: Mapped[str | None] = mapped_column(String(10))
    pin_hash: Mapped[str | None] = mapped_column(String(200))
    pin_lookup: Mapped[str | None] = mapped_column(String(64), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(default=True)


class StaffLocation(Base):
    """Where somebody works; nobody sees the money of another place."""

    __tablename__ = "staff_locations"

    staff_id: Mapped[UUID] = mapped_column(ForeignKey(Staff.id), primary_key=True)
    location_id: Mapped[UUID] = mapped_column(ForeignKey(Location.id), primary_key=True)


class StaffSession(Base):
    """A sign-in at a desk (`face` register) or in the office; only the hash of its cookie is kept."""

    __tablename__ = "staff_sessions"
    __table_args__ = (CheckConstraint("face IN ('register', 'office')", name="face"),)

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    face: Mapped[str] = mapped_column(String(10))
    staff_id: Mapped[UUID] = mapped_column(ForeignKey(Staff.id), index=True)
    desk_id: Mapped[UUID | None] = mapped_column(ForeignKey(Desk.id))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class StaffLink(Base):
    """A token, hashed, used once: somebody sets their own PIN and password by it, or types the code after the password."""

    __tablename__ = "staff_links"
    __table_args__ = (CheckConstraint("kind IN ('invite', 'reset', 'code')", name="kind"),)

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey(Staff.id), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SecondFactor(Base):
    """The TOTP secret of a person, apart from their other data (decision 17). It counts once a code has proved it.

    `last_step` is the newest 30-second step whose code was used: no code is taken twice.
    """

    __tablename__ = "second_factors"

    staff_id: Mapped[UUID] = mapped_column(ForeignKey(Staff.id), primary_key=True)
    secret: Mapped[str] = mapped_column(String(64))
    proved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)


class RecoveryCode(Base):
    """A code that stands in for a lost second factor, once; only its hash is kept."""

    __tablename__ = "recovery_codes"

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey(Staff.id), index=True)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class CommissionRule(Base):
    """What a therapist earns beside the wage from a day on, in percent of the net amount of visits and of what they sell."""

    __tablename__ = "commission_rules"

    staff_id: Mapped[UUID] = mapped_column(ForeignKey(Staff.id), primary_key=True)
    from_on: Mapped[date] = mapped_column(primary_key=True)
    visit_percent: Mapped[Decimal] = mapped_column(Percent)
    sale_percent: Mapped[Decimal] = mapped_column(Percent)


class PairedDevice(Base):
    """A browser that holds a long-lived token; only its hash is kept.

    With a location it is a desk's, paired by `staff_id`; without one it is where `staff_id` signed in to the office before.
    """

    __tablename__ = "paired_devices"
    __table_args__ = (
        Index("ix_paired_devices_location_id", "location_id"),
        Index("ix_paired_devices_staff_id", "staff_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    location_id: Mapped[UUID | None] = mapped_column(ForeignKey(Location.id))
    staff_id: Mapped[UUID] = mapped_column(ForeignKey(Staff.id))
    label: Mapped[str] = mapped_column(String(60))
    paired_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class LoginLockout(Base):
    """Wrong attempts at one door and until when it stays shut.

    A door is `device:<id>` (a paired desk), `desk:<id>` (a desk on this machine), `person:<id>` (who asks for approvals),
    `account:<address>`, `client:<network address>` or `known:<device>` (office passwords), `factor:<id>` (codes of a second
    factor), `reset:<address>` (mails for a new password), `new-pin:<id>` (who chooses PINs), `gift-card:<desk>` or
    `gift-card:shop:<network address>` (codes of gift cards).
    """

    __tablename__ = "login_lockouts"

    door: Mapped[str] = mapped_column(String(400), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    first_failed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Approval(Base):
    """A second person's consent to one action on one thing, at one amount: used once, within two minutes.

    `content_hash` is what exactly was agreed to, where the amount does not tell: the discounts of a ticket.
    """

    __tablename__ = "approvals"
    __table_args__ = (CheckConstraint("approver_id <> asked_by", name="another_person"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    location_id: Mapped[UUID] = mapped_column(ForeignKey(Location.id))
    action: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[UUID]
    amount_minor: Mapped[int | None] = mapped_column(BigInteger)
    content_hash: Mapped[str | None] = mapped_column(String(64))
    asked_by: Mapped[UUID] = mapped_column(ForeignKey(Staff.id))
    approver_id: Mapped[UUID] = mapped_column(ForeignKey(Staff.id))
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RequiredFactor(Base):
    """A role whose office sign-ins need a second factor, everywhere: whoever has none sets it up after the password."""

    __tablename__ = "required_factors"
    __table_args__ = (CheckConstraint("role IN ('manager', 'owner', 'bookkeeper')", name="role"),)

    role: Mapped[str] = mapped_column(String(16), primary_key=True)
    required_by: Mapped[UUID] = mapped_column(ForeignKey(Staff.id))
    required_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RoleLimits(Base):
    """What a role does alone at a location, see `role_limits.py`: empty is no limit, 0 always asks somebody.

    Amounts are minor units of the location's currency.
    """

    __tablename__ = "role_limits"
    __table_args__ = (
        CheckConstraint("role IN ('receptionist', 'manager')", name="role"),
        CheckConstraint(
            "discount_minor >= 0 AND paid_out_minor >= 0 AND difference_minor >= 0 AND refund_minor >= 0"
            " AND cash_refund_minor >= 0 AND void_minor >= 0 AND goodwill_minor >= 0"
            " AND complimentary_credits >= 0 AND extension_days >= 0 AND open_item_minor >= 0"
            " AND service_charge_minor >= 0",
            name="not_negative",
        ),
    )

    location_id: Mapped[UUID] = mapped_column(ForeignKey(Location.id), primary_key=True)
    role: Mapped[str] = mapped_column(String(16), primary_key=True)
    discount_percent: Mapped[Decimal | None] = mapped_column(Percent)
    discount_minor: Mapped[int | None] = mapped_column(BigInteger)
    paid_out_minor: Mapped[int | None] = mapped_column(BigInteger)
    difference_minor: Mapped[int | None] = mapped_column(BigInteger)
    refund_minor: Mapped[int | None] = mapped_column(BigInteger)
    cash_refund_minor: Mapped[int | None] = mapped_column(BigInteger)
    void_minor: Mapped[int | None] = mapped_column(BigInteger)
    goodwill_minor: Mapped[int | None] = mapped_column(BigInteger)
    complimentary_credits: Mapped[int | None]
    extension_days: Mapped[int | None]
    open_item_minor: Mapped[int | None] = mapped_column(BigInteger)
    service_charge_minor: Mapped[int | None] = mapped_column(BigInteger)
