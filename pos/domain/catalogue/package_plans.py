"""Package plans as they are kept, offered today or not: what a manager edits, and what may be written there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core.errors import Invalid, NotFound
from pos.core.hashing import digest
from pos.core.i18n.message import Message
from pos.core.i18n.name_folding import name_key
from pos.core.i18n.sanitize import printable
from pos.core.messages import catalogue as messages
from pos.core.messages.general import CHOOSE_ONE_OF_THESE
from pos.core.plain_json import to_plain
from pos.domain.catalogue.models import (
    Item,
    PackagePlan,
    PlanItem,
    Price,
)

REFUND_POLICIES = ("pro_rata", "single_price", "store_credit")
EXPIRY_POLICIES = ("account_credit", "lapse", "never")
UPGRADE_METHODS = ("list", "value")
MOST_SESSIONS, MOST_MONTHS, MOST_DAYS, MOST_TEXT = 500, 240, 3650, 10_000


@dataclass(frozen=True)
class PlanTerms:
    """All that can be edited of a plan but its prices; the words of `PackagePlan`."""

    name: str
    sessions: int
    validity_months: int
    eligible: tuple[UUID, ...]
    included: tuple[UUID, ...] = ()
    bonus_sessions: int = 0
    refund_policy: str = "pro_rata"
    refund_fee_percent: Decimal = Decimal(0)
    expiry_policy: str = "account_credit"
    upgrade_method: str = "list"
    tier: int = 0
    deposit_percent: Decimal = Decimal(0)
    sharing: bool = True
    share_cap: int | None = None
    transfer: bool = True
    freeze_days: int = 90
    extension_days: int = 365
    visit_conversion: bool = True
    in_shop: bool = True
    sale_from_on: date | None = None
    sale_to_on: date | None = None
    terms: str = ""
    terms_version: str = "1"

    @property
    def credits(self) -> int:
        """Sessions the client gets, bonus included."""
        return self.sessions + self.bonus_sessions

    def to_json(self) -> dict[str, Any]:
        """Plain JSON: what the audit trail keeps of a plan."""
        items = {role: sorted(str(item) for item in getattr(self, role)) for role in ("eligible", "included")}
        percents = {name: f"{getattr(self, name).normalize():f}" for name in ("refund_fee_percent", "deposit_percent")}
        kept: dict[str, Any] = to_plain(self)
        return kept | items | percents

    def cleaned(self) -> PlanTerms:
        """The same, made fit to be kept; raises Invalid naming the field that cannot be."""
        cap = self.share_cap if self.sharing else None
        found = replace(
            self,
            name=" ".join(printable(self.name, 200).split()),
            terms="\n".join(printable(line, MOST_TEXT) for line in self.terms.splitlines()).strip(),
            terms_version=printable(self.terms_version, 40),
            share_cap=cap,
            validity_months=0 if self.expiry_policy == "never" else self.validity_months,
            refund_fee_percent=self.refund_fee_percent if self.refund_policy == "single_price" else Decimal(0),
        )
        for field, holds, sentence in _rules(found):
            if not holds:
                raise Invalid(sentence, field=field)
        return found


def _rules(t: PlanTerms) -> tuple[tuple[str, bool, Message], ...]:
    """Field, whether it holds, and what to say where it does not."""
    never, begins, ends = t.expiry_policy == "never", t.sale_from_on, t.sale_to_on
    return (
        ("name", 0 < len(t.name) <= 160, messages.PLAN_NAME_MISSING_OR_LONG),
        ("sessions", 1 <= t.sessions <= MOST_SESSIONS, messages.PLAN_SESSIONS_OUT_OF_RANGE(most=MOST_SESSIONS)),
        (
            "bonus_sessions",
            0 <= t.bonus_sessions <= MOST_SESSIONS,
            messages.BONUS_SESSIONS_OUT_OF_RANGE(most=MOST_SESSIONS),
        ),
        (
            "validity_months",
            never or 1 <= t.validity_months <= MOST_MONTHS,
            messages.PLAN_MONTHS_OUT_OF_RANGE(most=MOST_MONTHS),
        ),
        ("refund_policy", t.refund_policy in REFUND_POLICIES, CHOOSE_ONE_OF_THESE),
        ("refund_fee_percent", 0 <= t.refund_fee_percent <= 100, messages.PLAN_FEE_OUT_OF_RANGE),
        ("expiry_policy", t.expiry_policy in EXPIRY_POLICIES, CHOOSE_ONE_OF_THESE),
        ("upgrade_method", t.upgrade_method in UPGRADE_METHODS, CHOOSE_ONE_OF_THESE),
        ("deposit_percent", 0 <= t.deposit_percent < 100, messages.DEPOSIT_PERCENT_OUT_OF_RANGE),
        ("tier", t.tier >= 0, CHOOSE_ONE_OF_THESE),
        ("share_cap", t.share_cap is None or 1 <= t.share_cap <= 999, messages.SHARE_LIMIT_OUT_OF_RANGE),
        ("freeze_days", 0 <= t.freeze_days <= MOST_DAYS, messages.PLAN_DAYS_OUT_OF_RANGE(most=MOST_DAYS)),
        ("extension_days", 0 <= t.extension_days <= MOST_DAYS, messages.PLAN_DAYS_OUT_OF_RANGE(most=MOST_DAYS)),
        ("eligible", bool(t.eligible), messages.PLAN_TREATMENTS_MISSING),
        ("sale_to_on", not begins or not ends or ends >= begins, messages.LAST_DAY_BEFORE_FIRST),
        ("terms", len(t.terms) <= MOST_TEXT, messages.PLAN_TERMS_TOO_LONG(most=MOST_TEXT)),
        ("terms_version", 0 < len(t.terms_version) <= 20, messages.TERMS_VERSION_MISSING_OR_LONG),
    )


@dataclass(frozen=True)
class KeptPlan:
    """A plan as it stands; `active` until it is retired."""

    plan_id: UUID
    active: bool
    terms: PlanTerms

    @property
    def state_token(self) -> str:
        """A print of all of it: what a form carries to notice that somebody else was faster."""
        return digest([self.active, self.terms.to_json()])[:32]

    def offered_on(self, day: date) -> bool:
        """Whether it can be bought on a day, as far as the plan itself decides."""
        start, end = self.terms.sale_from_on, self.terms.sale_to_on
        return self.active and (start is None or start <= day) and (end is None or end >= day)


@dataclass(frozen=True)
class DatedPrice:
    """A price from a day on, minor units; None: not sold from that day on."""

    location_id: UUID
    from_on: date
    price_minor: int | None


def _kept(plan: PackagePlan, item: Item, roles: dict[str, list[UUID]]) -> KeptPlan:
    columns = PlanTerms.__dataclass_fields__.keys() - {"name", "eligible", "included"}
    terms = PlanTerms(
        name=item.name,
        eligible=tuple(roles.get("eligible", ())),
        included=tuple(roles.get("included", ())),
        **{name: getattr(plan, name) for name in columns},
    )
    return KeptPlan(plan.item_id, item.active, terms)


def kept_plans(session: Session, plan_id: UUID | None = None) -> list[KeptPlan]:
    """Every plan in the order of the menu, retired ones last; or the one that is named."""
    links = (
        select(PlanItem.plan_id, PlanItem.role, PlanItem.item_id)
        .join(Item, Item.id == PlanItem.item_id)
        .order_by(Item.position, Item.id)
    )
    plans = (
        select(PackagePlan, Item)
        .join(Item, Item.id == PackagePlan.item_id)
        .order_by(Item.active.desc(), Item.position, Item.name, Item.id)
        .execution_options(populate_existing=True)
    )
    if plan_id is not None:
        links, plans = links.where(PlanItem.plan_id == plan_id), plans.where(Item.id == plan_id)
    roles: dict[UUID, dict[str, list[UUID]]] = {}
    for of, role, item_id in session.execute(links):
        roles.setdefault(of, {}).setdefault(role, []).append(item_id)
    return [_kept(plan, item, roles.get(plan.item_id, {})) for plan, item in session.execute(plans)]


def kept_plan(session: Session, plan_id: UUID) -> KeptPlan:
    """One plan; raises NotFound."""
    found = kept_plans(session, plan_id)
    if not found:
        raise NotFound(messages.NO_SUCH_PACKAGE_PLAN)
    return found[0]


def plan_choices(session: Session, kept: KeptPlan | None = None) -> dict[str, list[tuple[UUID, str]]]:
    """What a plan may be good for (`eligible`) or include: what is sold at all, and what the plan names already."""
    named = [*kept.terms.eligible, *kept.terms.included] if kept else []
    rows = session.execute(
        select(Item.id, Item.name, Item.kind, Item.position).where(
            Item.kind.in_(("variant", "add_on")), Item.active | Item.id.in_(named)
        )
    ).all()
    rows = sorted(rows, key=lambda row: (row.position, name_key(row.name)))
    kinds = {"eligible": "variant", "included": "add_on"}
    return {role: [(key, name) for key, name, found, _ in rows if found == kind] for role, kind in kinds.items()}


def prices_of(session: Session, plan_id: UUID) -> list[DatedPrice]:
    """Every price of a plan, newest first."""
    rows = session.execute(
        select(Price.location_id, Price.from_on, Price.price_minor)
        .where(Price.item_id == plan_id)
        .order_by(Price.from_on.desc())
    )
    return [DatedPrice(*row) for row in rows]
