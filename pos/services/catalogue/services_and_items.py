"""Editing what is sold beside packages: services with durations, add-ons, retail articles. What was sold keeps its names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pos.core import audit
from pos.core.audit import AuditEvent
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Conflict, Invalid, NotFound
from pos.core.messages import catalogue as messages
from pos.core.messages.general import CHOOSE_ONE_OF_THESE, NO_SUCH_LOCATION
from pos.core.plain_json import to_plain
from pos.domain.catalogue import repository as catalogue
from pos.domain.catalogue.barcodes import same_code
from pos.domain.catalogue.models import Item, Service
from pos.domain.catalogue.services_and_items import (
    KINDS,
    ItemTerms,
    KeptItem,
    KeptService,
    ServiceTerms,
    kept_item,
    kept_service,
    kept_services,
    plans_needing,
    require_check_digit,
    variant_name,
)
from pos.domain.catalogue.tax_rates import tax_category_names
from pos.domain.credits.models import CreditLot, LotItem
from pos.domain.locations.queries import place
from pos.domain.staff.queries import Person

RETIRED = "service.retired"


class Editor(Protocol):
    """Who changes the catalogue: a person, or a command (no `id`), for prices at these locations."""

    @property
    def id(self) -> UUID | None:
        """The person's key."""

    @property
    def locations(self) -> frozenset[UUID]:
        """Where prices may be changed."""


def _note(session: Session, action: str, key: UUID, person: Editor, before: Any, after: Any) -> None:
    audit.note_change(session, action, before=before, after=after, actor_id=person.id, subject_id=key)


def _facts(terms: ServiceTerms | ItemTerms) -> dict[str, Any]:
    facts: dict[str, Any] = to_plain(terms)
    return facts


def require_not_needed(session: Session, item: Item, location_id: UUID | None = None) -> None:
    """Raise Conflict where plans on offer, or credits clients hold, need an item; at one location or at all.

    A credit is redeemed for an item that is sold, so it must stay on sale while somebody holds one for it.
    """
    held = select(func.coalesce(func.sum(CreditLot.remaining + CreditLot.held), 0)).where(
        CreditLot.id.in_(select(LotItem.lot_id).where(LotItem.item_id == item.id)),
        CreditLot.status.not_in(("refunded", "closed")),
    )
    if location_id is not None:
        held = held.where(CreditLot.location_id == location_id)
    if plans := plans_needing(session, item.id, location_id):
        raise Conflict(messages.ITEM_NEEDED_BY_PLANS(item=item.name, plans=", ".join(plans)))
    if count := int(session.scalar(held) or 0):
        raise Conflict(messages.ITEM_NEEDED_BY_CREDITS(item=item.name, count=count))


def _require_own_service_name(session: Session, service_id: UUID, terms: ServiceTerms) -> None:
    for other in kept_services(session):
        if other.active and other.service_id != service_id:
            for field in ("name", "short_name"):
                if getattr(other.terms, field).casefold() == getattr(terms, field).casefold():
                    raise Invalid(messages.ITEM_NAME_TAKEN, field=field)


@unit_of_work
def write_service(
    session: Session, *, service_id: UUID, terms: ServiceTerms, person: Editor, seen: str | None = None
) -> None:
    """Add a service (`seen` is None; the same key again changes nothing) or give one other texts; its durations follow.

    Raises NotFound, Invalid naming the field, Conflict when somebody was faster.
    """
    found = session.get(Service, service_id)
    if seen is None and found is not None:
        return
    clean = terms.cleaned()
    if found is None and seen is not None:
        kept_service(session, service_id)
    before = kept_service(session, service_id) if found else None
    if before and clean == before.terms:
        return
    if before and before.state_token != seen:
        raise Conflict(messages.ITEM_CHANGED_MEANWHILE)
    _require_own_service_name(session, service_id, clean)
    if found is None:
        last = session.scalar(select(func.max(Service.position)))
        found = Service(id=service_id, position=0 if last is None else last + 1, active=True)
        session.add(found)
    found.name, found.short_name, found.description = clean.name, clean.short_name, clean.description
    session.flush()
    if before and before.terms.short_name != clean.short_name:
        for one in session.scalars(select(Item).where(Item.service_id == service_id)):
            one.name = variant_name(clean.short_name, one.minutes or 0)
        session.flush()
    _note(
        session, "service.changed" if before else "service.added", service_id, person,
        _facts(before.terms) if before else {}, _facts(clean),
    )  # fmt: skip


@unit_of_work
def retire_service(session: Session, *, service_id: UUID, person: Person, retired: bool = True) -> None:
    """Stop selling a service with its durations, or offer it again with those that were retired with it.

    Asking again changes nothing. Raises NotFound, Invalid where another took its name, Conflict where plans or credits
    need one of its durations.
    """
    kept = kept_service(session, service_id)
    if kept.active is not retired:
        return
    service = session.get_one(Service, service_id)
    if retired:
        keys = [one.item_id for one in kept.durations if one.active]
        for key in keys:
            require_not_needed(session, session.get_one(Item, key))
    else:
        _require_own_service_name(session, service_id, kept.terms)
        keys = _retired_with(session, kept)
    service.active = not retired
    for key in keys:
        session.get_one(Item, key).active = not retired
    session.flush()
    durations = sorted(str(key) for key in keys)
    states: list[dict[str, Any]] = [{"active": True, "durations": durations}, {"active": False, "durations": []}]
    before, after = states if retired else states[::-1]
    _note(session, RETIRED if retired else "service.offered_again", service_id, person, before, after)


def _retired_with(session: Session, kept: KeptService) -> list[UUID]:
    """The durations that the latest retirement of a service took off the menu with it."""
    query = (
        select(AuditEvent.detail)
        .where(AuditEvent.subject_id == kept.service_id, AuditEvent.action == RETIRED)
        .order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
    )
    detail = session.scalars(query.limit(1)).first()
    named = set(detail["before"].get("durations", ())) if detail else set()
    return [one.item_id for one in kept.durations if str(one.item_id) in named]


def _complete(session: Session, terms: ItemTerms) -> ItemTerms:
    """Terms with the name a variant takes from its service; raises Invalid, NotFound."""
    if terms.kind not in KINDS:
        raise Invalid(CHOOSE_ONE_OF_THESE, field="kind")
    if terms.kind != "variant":
        return replace(terms, service_id=None, minutes=None).cleaned()
    assert terms.service_id is not None
    service = kept_service(session, terms.service_id)
    return replace(terms, name=variant_name(service.terms.short_name, terms.minutes or 0)).cleaned()


def _require_free(session: Session, item_id: UUID, terms: ItemTerms) -> None:
    """Raise Invalid where another item has the name, key, duration or barcode."""
    if terms.kind == "variant":
        duration = (Item.service_id == terms.service_id, Item.minutes == terms.minutes, Item.id != item_id)
        if session.scalar(select(Item.id).where(*duration)) is not None:
            raise Invalid(messages.DURATION_TAKEN, field="minutes")
        return  # it has no key and no barcode, and its name says what it is
    query = select(Item.kind, Item.active, Item.name, Item.key, Item.code)
    for other in session.execute(query.where(Item.id != item_id, Item.kind.in_(KINDS))):
        if other.active and other.kind == terms.kind and other.name.casefold() == terms.name.casefold():
            raise Invalid(messages.ITEM_NAME_TAKEN, field="name")
        if other.active and terms.key and (other.key or "").upper() == terms.key:
            raise Invalid(messages.KEY_TAKEN(name=other.name), field="key")
        if terms.code and other.code and same_code(other.code, terms.code):
            raise Invalid(messages.CODE_TAKEN(name=other.name), field="code")


@unit_of_work
def write_item(
    session: Session, *, item_id: UUID, terms: ItemTerms, person: Editor, seen: str | None = None,
    prices: Mapping[UUID, int] | None = None,
) -> None:  # fmt: skip
    """Add an item (`seen` is None; the same key again changes nothing), or change one; what was sold stays as it was.

    `prices` are a new item's by location, from today, minor units; where there is none it is not sold. The kind of an item,
    and the service of a duration, stay what they are. Raises NotFound, Invalid naming the field, Conflict when somebody was
    faster.
    """
    if seen is None and session.get(Item, item_id) is not None:
        return
    before: KeptItem | None = kept_item(session, item_id) if seen is not None else None
    if before:
        terms = replace(terms, kind=before.terms.kind, service_id=before.terms.service_id, minutes=before.terms.minutes)
    clean = _complete(session, terms)
    if before and clean == before.terms:
        return
    if before and before.state_token != seen:
        raise Conflict(messages.ITEM_CHANGED_MEANWHILE)
    if before is None or clean.code != before.terms.code:
        require_check_digit(clean.code)
    stays = before is not None and clean.tax_category == before.terms.tax_category
    if not stays and clean.tax_category not in tax_category_names(session, active=True):
        raise Invalid(CHOOSE_ONE_OF_THESE, field="tax_category")
    _require_free(session, item_id, clean)
    if before is None:
        if clean.service_id is not None and not kept_service(session, clean.service_id).active:
            raise Conflict(messages.SERVICE_IS_RETIRED)
        last = session.scalar(select(func.max(Item.position)).where(Item.kind == clean.kind))
        item = Item(id=item_id, kind=clean.kind, position=0 if last is None else last + 1, active=True)
        item.service_id, item.minutes = clean.service_id, clean.minutes
    else:
        item = session.get_one(Item, item_id)
    item.name, item.tax_category, item.key, item.code = clean.name, clean.tax_category, clean.key, clean.code
    session.add(item)
    session.flush()
    _note(
        session, "item.changed" if before else "item.added", item_id, person,
        _facts(before.terms) if before else {}, _facts(clean),
    )  # fmt: skip
    for location_id, minor in (prices or {}).items() if before is None else ():
        if location_id not in person.locations:
            raise NotFound(NO_SUCH_LOCATION)
        where = place(session, location_id)
        catalogue.set_price(session, item_id, where.id, where.today(), minor)
        audit.note_change(
            session, "price.changed", before={}, after={"from_on": where.today(), "price_minor": minor},
            actor_id=person.id, location_id=where.id, subject_id=item_id,
        )  # fmt: skip


@unit_of_work
def retire_item(session: Session, *, item_id: UUID, person: Person, retired: bool = True) -> None:
    """Stop selling an item everywhere, or offer it again; asking again changes nothing.

    Raises NotFound; Conflict where plans on offer or credits need it, or its service is retired; Invalid where another has
    taken its name or key.
    """
    kept = kept_item(session, item_id)
    if kept.active is not retired:
        return
    item = session.get_one(Item, item_id)
    if retired:
        require_not_needed(session, item)
    else:
        if kept.terms.service_id is not None and not kept_service(session, kept.terms.service_id).active:
            raise Conflict(messages.SERVICE_IS_RETIRED)
        _require_free(session, item_id, kept.terms)
    item.active = not retired
    session.flush()
    action = "item.retired" if retired else "item.offered_again"
    _note(session, action, item_id, person, {"active": retired}, {"active": not retired})
