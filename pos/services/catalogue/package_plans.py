"""Editing package plans: each change is written down with what stood before. What was sold keeps its own terms."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core import audit
from pos.core.audit import AuditEvent
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Conflict, Invalid, NotFound
from pos.core.messages.catalogue import PACKAGE_PRICE_NOT_ABOVE_ZERO, PLAN_CHANGED_MEANWHILE, PRICE_START_IN_THE_PAST
from pos.core.messages.general import NO_SUCH_LOCATION
from pos.core.money import LARGEST_MINOR
from pos.domain.catalogue import repository as catalogue
from pos.domain.catalogue.package_plans import (
    KeptPlan,
    PlanTerms,
    kept_plan,
    kept_plans,
)
from pos.domain.locations.queries import place
from pos.domain.staff.queries import Person
from pos.services.catalogue.services_and_items import Editor

_EDITS = ("plan.create", "plan.edit")


def _past_versions(session: Session, plan_id: UUID) -> list[str]:
    """The versions the plan's text has had since it is edited here."""
    query = select(AuditEvent.detail).where(AuditEvent.subject_id == plan_id, AuditEvent.action.in_(_EDITS))
    return [str(detail["after"]["terms_version"]) for detail in session.scalars(query)]


def _note(session: Session, action: str, plan_id: UUID, person: Editor, **detail: Any) -> None:
    audit.note(
        session,
        f"plan.{action}",
        actor_id=person.id,
        subject_id=plan_id,
        **detail,
    )


def _require_seen(kept: KeptPlan, token: str) -> None:
    if token != kept.state_token:
        raise Conflict(PLAN_CHANGED_MEANWHILE)


@unit_of_work
def create_plan(session: Session, *, plan_id: UUID, terms: PlanTerms, person: Editor) -> KeptPlan:
    """Add a plan to the catalogue; the same key again changes nothing. It is sold where it has a price. Raises Invalid."""
    seen = kept_plans(session, plan_id)
    if seen:
        return seen[0]
    made = catalogue.write_plan(session, plan_id, terms, before=None)
    _note(session, "create", plan_id, person, after=made.terms.to_json())
    return made


@unit_of_work
def edit_plan(session: Session, *, plan_id: UUID, terms: PlanTerms, seen: str, person: Editor) -> KeptPlan:
    """Give a plan other terms for whoever buys it from now on; `seen` is the print of the plan as the person saw it.

    Raises NotFound, Invalid naming the field, and Conflict when somebody was faster.
    """
    before = kept_plan(session, plan_id)
    if terms.cleaned() == before.terms:
        return before
    _require_seen(before, seen)
    after = catalogue.write_plan(session, plan_id, terms, before=before, past_versions=_past_versions(session, plan_id))
    old, new = before.terms.to_json(), after.terms.to_json()
    if changed := [name for name in new if new[name] != old[name]]:
        # The version is always told: the list of those a plan has had is read from here.
        reported = {*changed, "terms_version"}
        _note(
            session,
            "edit",
            plan_id,
            person,
            before={name: old[name] for name in sorted(reported)},
            after={name: new[name] for name in sorted(reported)},
        )
    return after


@unit_of_work
def retire_plan(session: Session, *, plan_id: UUID, person: Person, retired: bool = True) -> None:
    """Stop selling a plan, or offer it again; asking again changes nothing. Raises NotFound, Invalid."""
    before = kept_plan(session, plan_id)
    if before.active is not retired:
        return
    catalogue.set_active(session, plan_id, active=not retired)
    _note(session, "retire" if retired else "offer_again", plan_id, person, before=before.active, after=not retired)


@unit_of_work
def price_plan(
    session: Session, *, plan_id: UUID, location_id: UUID, from_on: date, price_minor: int, person: Person
) -> None:
    """Set what a plan costs at a location from a day on; what counted before that day stays as it was.

    Raises Invalid for a day that is over or a senseless price, NotFound for a plan, or a location one does not work at.
    """
    kept_plan(session, plan_id)
    if location_id not in person.locations:
        raise NotFound(NO_SUCH_LOCATION)
    if from_on < place(session, location_id).today():
        raise Invalid(PRICE_START_IN_THE_PAST, field="from_on")
    if not 0 < price_minor <= LARGEST_MINOR:
        raise Invalid(PACKAGE_PRICE_NOT_ABOVE_ZERO, field="price")
    before = catalogue.set_price(session, plan_id, location_id, from_on, price_minor)
    if before != price_minor:
        audit.note(
            session,
            "plan.price",
            actor_id=person.id,
            location_id=location_id,
            subject_id=plan_id,
            from_on=from_on.isoformat(),
            before=before,
            after=price_minor,
        )
