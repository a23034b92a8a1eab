"""What is sold: services with variants, add-ons, retail, package plans; prices and taxes with a start date."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, Text, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column

from pos.core.database.base import Base, Percent
from pos.core.ids import new_id
from pos.domain.locations.models import Location, Tier


class Service(Base):
    """A treatment; its variants carry duration and price."""

    __tablename__ = "services"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(120))
    short_name: Mapped[str] = mapped_column(String(60))
    description: Mapped[str] = mapped_column(Text, default="")
    position: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)


class TaxCategory(Base):
    """A group of goods that is taxed alike, such as services or retail; `key` is what items and rates point to.

    It is the same at every location. A retired one is offered for no new item; what points to it stays.
    """

    __tablename__ = "tax_categories"
    __table_args__ = (CheckConstraint("key <> ''", name="key"),)

    key: Mapped[str] = mapped_column(String(20), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    active: Mapped[bool] = mapped_column(default=True, server_default=true())


class Item(Base):
    """Anything with a price: a variant of a service, an add-on, a retail article or a package plan."""

    __tablename__ = "items"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('variant', 'add_on', 'retail', 'package', 'gift_card', 'open_item', 'service_charge')",
            name="kind",
        ),
        CheckConstraint(
            "(kind = 'variant') = (service_id IS NOT NULL) AND (kind = 'variant') = (minutes IS NOT NULL)",
            name="variant_has_service",
        ),
        UniqueConstraint("service_id", "minutes"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(160))
    service_id: Mapped[UUID | None] = mapped_column(ForeignKey(Service.id))
    minutes: Mapped[int | None]
    code: Mapped[str | None] = mapped_column(String(40), unique=True)
    key: Mapped[str | None] = mapped_column(String(1))
    tax_category: Mapped[str] = mapped_column(ForeignKey(TaxCategory.key))
    position: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)


class Price(Base):
    """The price of an item at a location from a day on, in minor units of the location's currency.

    None: not sold there from that day on.
    """

    __tablename__ = "prices"
    __table_args__ = (CheckConstraint("price_minor >= 0", name="not_negative"),)

    item_id: Mapped[UUID] = mapped_column(ForeignKey(Item.id), primary_key=True)
    location_id: Mapped[UUID] = mapped_column(ForeignKey(Location.id), primary_key=True)
    from_on: Mapped[date] = mapped_column(primary_key=True)
    price_minor: Mapped[int | None] = mapped_column(BigInteger)


class TierPrice(Base):
    """What a visit costs more with a therapist of a tier, at a location from a day on, as displayed; minor units."""

    __tablename__ = "tier_prices"
    __table_args__ = (CheckConstraint("surcharge_minor >= 0", name="not_negative"),)

    level: Mapped[int] = mapped_column(ForeignKey(Tier.level), primary_key=True)
    item_id: Mapped[UUID] = mapped_column(ForeignKey(Item.id), primary_key=True)
    location_id: Mapped[UUID] = mapped_column(ForeignKey(Location.id), primary_key=True)
    from_on: Mapped[date] = mapped_column(primary_key=True)
    surcharge_minor: Mapped[int] = mapped_column(BigInteger)


class TaxRate(Base):
    """The tax of a category of goods at a location from a day on. Data a clinic sets, not advice.

    `second_percent` is the rate of the location's second tax, on the same net; 0 where it has none.
    `tax_point` says when the tax of a package becomes due: at its `sale`, or at the `redemption` of each session.
    """

    __tablename__ = "tax_rates"
    __table_args__ = (CheckConstraint("tax_point IN ('sale', 'redemption')", name="tax_point"),)

    location_id: Mapped[UUID] = mapped_column(ForeignKey(Location.id), primary_key=True)
    tax_category: Mapped[str] = mapped_column(ForeignKey(TaxCategory.key), primary_key=True)
    from_on: Mapped[date] = mapped_column(primary_key=True)
    rate_percent: Mapped[Decimal] = mapped_column(Percent)
    second_percent: Mapped[Decimal] = mapped_column(Percent, default=Decimal(0), server_default="0")
    tax_point: Mapped[str] = mapped_column(String(10), default="sale", server_default="sale")


class PackagePlan(Base):
    """The terms of a package: sessions, validity, what it is good for. Sold packages keep their own copy.

    `share_cap` is the most credits one named person may use (None: no limit); `freeze_days` the most days a freeze that is
    not medical may last in all, `extension_days` the most days a manager may add; `refund_fee_percent` is of what was paid.
    It is offered from `sale_from_on` to `sale_to_on`, both days included; None is no limit.
    `upgrade_method` says what a longer visit costs beyond a credit: `list` less list, or list less the credit's `value`.
    `tier` is the highest of the therapists its credits are good for without a surcharge.
    `deposit_percent` is the least part of the price that is paid at once where the rest may be paid later; 0: all is paid.
    """

    __tablename__ = "package_plans"
    __table_args__ = (
        CheckConstraint("sessions > 0 AND bonus_sessions >= 0", name="sessions"),
        CheckConstraint("refund_policy IN ('pro_rata', 'single_price', 'store_credit')", name="refund_policy"),
        CheckConstraint("expiry_policy IN ('account_credit', 'lapse', 'never')", name="expiry_policy"),
        CheckConstraint("share_cap IS NULL OR share_cap > 0", name="share_cap"),
        CheckConstraint("freeze_days >= 0 AND extension_days >= 0", name="days"),
        CheckConstraint("sale_from_on IS NULL OR sale_to_on IS NULL OR sale_to_on >= sale_from_on", name="sale_dates"),
    )

    item_id: Mapped[UUID] = mapped_column(ForeignKey(Item.id), primary_key=True)
    sessions: Mapped[int]
    bonus_sessions: Mapped[int] = mapped_column(default=0)
    validity_months: Mapped[int]
    refund_policy: Mapped[str] = mapped_column(String(16), default="pro_rata")
    expiry_policy: Mapped[str] = mapped_column(String(16), default="account_credit")
    sharing: Mapped[bool] = mapped_column(default=True, server_default=true())
    share_cap: Mapped[int | None]
    transfer: Mapped[bool] = mapped_column(default=True, server_default=true())
    freeze_days: Mapped[int] = mapped_column(default=90, server_default="90")
    extension_days: Mapped[int] = mapped_column(default=365, server_default="365")
    refund_fee_percent: Mapped[Decimal] = mapped_column(Percent, default=Decimal(0), server_default="0")
    visit_conversion: Mapped[bool] = mapped_column(default=True, server_default=true())
    upgrade_method: Mapped[str] = mapped_column(String(8), default="list", server_default="list")
    tier: Mapped[int] = mapped_column(default=0, server_default="0")
    deposit_percent: Mapped[Decimal] = mapped_column(Percent, default=Decimal(0), server_default="0")
    in_shop: Mapped[bool] = mapped_column(default=True)
    sale_from_on: Mapped[date | None]
    sale_to_on: Mapped[date | None]
    terms: Mapped[str] = mapped_column(Text, default="")
    terms_version: Mapped[str] = mapped_column(String(20), default="1")


class PlanItem(Base):
    """What a plan's credits are good for (`eligible`) or include free on each visit (`included`)."""

    __tablename__ = "plan_items"
    __table_args__ = (CheckConstraint("role IN ('eligible', 'included')", name="role"),)

    plan_id: Mapped[UUID] = mapped_column(ForeignKey(PackagePlan.item_id), primary_key=True)
    item_id: Mapped[UUID] = mapped_column(ForeignKey(Item.id), primary_key=True)
    role: Mapped[str] = mapped_column(String(10))
