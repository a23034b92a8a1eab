"""Changing package plans and their prices. Whoever bought one keeps the terms that were frozen with the sale."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pos.core.errors import Invalid
from pos.core.messages.catalogue import (
    NOT_IN_CATALOGUE,
    PACKAGE_PLAN_NAME_TAKEN,
    TERMS_VERSION_USED,
    TREATMENTS_TAXED_DIFFERENTLY,
)
from pos.core.messages.general import CHOOSE_ONE_OF_THESE
from pos.domain.catalogue.models import (
    Item,
    PackagePlan,
    PlanItem,
    Price,
)
from pos.domain.catalogue.package_plans import KeptPlan, PlanTerms, kept_plan
from pos.domain.locations.queries import tier_names


def _tax_category(session: Session, terms: PlanTerms) -> str:
    """How a plan is taxed: as its treatments are. Raises Invalid for other things and for treatments taxed differently."""
    named = set(terms.eligible) | set(terms.included)
    found = {
        row.id: row for row in session.execute(select(Item.id, Item.kind, Item.tax_category).where(Item.id.in_(named)))
    }
    for field, wanted, kind in (("eligible", terms.eligible, "variant"), ("included", terms.included, "add_on")):
        if any(item_id not in found or found[item_id].kind != kind for item_id in wanted):
            raise Invalid(NOT_IN_CATALOGUE, field=field)
    categories = {found[item_id].tax_category for item_id in terms.eligible}
    if len(categories) > 1:
        raise Invalid(TREATMENTS_TAXED_DIFFERENTLY, field="eligible")
    return str(categories.pop())


def _require_own_name(session: Session, plan_id: UUID, name: str) -> None:
    others = session.scalars(select(Item.name).where(Item.kind == "package", Item.active, Item.id != plan_id))
    if any(other.casefold() == name.casefold() for other in others):
        raise Invalid(PACKAGE_PLAN_NAME_TAKEN, field="name")


def write_plan(
    session: Session, plan_id: UUID, requested: PlanTerms, *, before: KeptPlan | None, past_versions: Sequence[str] = ()
) -> KeptPlan:
    """Make a plan, or give the one of `before` other terms; raises Invalid naming the field.

    A text that changed needs a version none of its earlier texts had (`past_versions`): a version always means one text.
    """
    terms = requested.cleaned()
    if (
        before
        and terms.terms != before.terms.terms
        and terms.terms_version in {before.terms.terms_version, *past_versions}
    ):
        raise Invalid(TERMS_VERSION_USED, field="terms_version")
    _require_own_name(session, plan_id, terms.name)
    if terms.tier not in tier_names(session):
        raise Invalid(CHOOSE_ONE_OF_THESE, field="tier")
    category = _tax_category(session, terms)
    if before is None:
        last = session.scalar(select(func.max(Item.position)).where(Item.kind == "package"))
        item = Item(id=plan_id, kind="package", position=(last or 0) + 1, active=True)
        plan = PackagePlan(item_id=plan_id)
    else:
        item, plan = session.get_one(Item, plan_id), session.get_one(PackagePlan, plan_id)
    item.name, item.tax_category = terms.name, category
    for name in PlanTerms.__dataclass_fields__.keys() - {"name", "eligible", "included"}:
        setattr(plan, name, getattr(terms, name))
    session.add(item)
    session.flush()
    session.add(plan)
    session.flush()
    _name_items(session, plan_id, terms)
    return kept_plan(session, plan_id)


def _name_items(session: Session, plan_id: UUID, terms: PlanTerms) -> None:
    wanted = dict.fromkeys(terms.included, "included") | dict.fromkeys(terms.eligible, "eligible")
    for link in session.scalars(select(PlanItem).where(PlanItem.plan_id == plan_id)):
        if wanted.get(link.item_id) != link.role:
            session.delete(link)
        else:
            del wanted[link.item_id]
    session.flush()
    session.add_all(PlanItem(plan_id=plan_id, item_id=item_id, role=role) for item_id, role in wanted.items())
    session.flush()


def set_active(session: Session, plan_id: UUID, *, active: bool) -> None:
    """Retire a plan or offer it again; raises Invalid where another one has taken its name meanwhile."""
    item = session.get_one(Item, plan_id)
    if active:
        _require_own_name(session, plan_id, item.name)
    item.active = active
    session.flush()


def set_price(session: Session, item_id: UUID, location_id: UUID, from_on: date, price_minor: int | None) -> int | None:
    """Set the price of an item at a location from a day on, or end its sale (None); returns what that day said before."""
    row = session.get(Price, (item_id, location_id, from_on))
    before = row.price_minor if row else None
    if row is None:
        session.add(Price(item_id=item_id, location_id=location_id, from_on=from_on, price_minor=price_minor))
    else:
        row.price_minor = price_minor
    session.flush()
    return before
