"""Services with their durations, add-ons and retail articles as they are kept, and the rules of what is written there."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core.errors import Invalid, NotFound
from pos.core.hashing import digest
from pos.core.i18n.name_folding import name_key
from pos.core.i18n.sanitize import printable
from pos.core.messages import catalogue as messages
from pos.core.plain_json import to_plain
from pos.domain.catalogue.barcodes import wrong_check_digit
from pos.domain.catalogue.models import Item, PlanItem, Price, Service

KINDS = ("variant", "add_on", "retail")
MOST_NAME, MOST_SHORT, MOST_DESCRIPTION, MOST_MINUTES, MOST_CODE = 120, 60, 4_000, 600, 40
# Letters the register itself answers to (`commands` of js/register/keys.js, tests compare); an item's key would hide them.
REGISTER_KEYS = "BDGIKPQRTUWX"


@dataclass(frozen=True)
class ServiceTerms:
    """What is edited of a service."""

    name: str
    short_name: str
    description: str = ""

    def cleaned(self) -> ServiceTerms:
        """The same, made fit to be kept; raises Invalid naming the field."""
        name, short = printable(self.name, 400), printable(self.short_name, 400)
        text = "\n".join(printable(line, MOST_DESCRIPTION) for line in self.description.splitlines()).strip()
        if not 0 < len(name) <= MOST_NAME:
            raise Invalid(messages.NAME_MISSING_OR_LONG(most=MOST_NAME), field="name")
        if not 0 < len(short) <= MOST_SHORT:
            raise Invalid(messages.NAME_MISSING_OR_LONG(most=MOST_SHORT), field="short_name")
        if len(text) > MOST_DESCRIPTION:
            raise Invalid(messages.DESCRIPTION_TOO_LONG(most=MOST_DESCRIPTION), field="description")
        return ServiceTerms(name, short, text)


@dataclass(frozen=True)
class ItemTerms:
    """What is edited of an item that is not a package plan; a variant has minutes and takes its name from its service."""

    kind: str
    name: str
    tax_category: str
    service_id: UUID | None = None
    minutes: int | None = None
    key: str | None = None
    code: str | None = None

    def cleaned(self) -> ItemTerms:
        """The same, made fit to be kept; raises Invalid naming the field. A code's check digit is looked at elsewhere."""
        key, code = printable(self.key or "", 400).upper() or None, printable(self.code or "", 400) or None
        if self.kind == "variant":
            if self.minutes is None or not 1 <= self.minutes <= MOST_MINUTES:
                raise Invalid(messages.MINUTES_OUT_OF_RANGE(most=MOST_MINUTES), field="minutes")
            key = code = None
        if self.kind == "add_on":
            code = None
        name = printable(self.name, 400)
        if not 0 < len(name) <= MOST_NAME + 40:
            raise Invalid(messages.NAME_MISSING_OR_LONG(most=MOST_NAME), field="name")
        if key is not None and not (len(key) == 1 and "A" <= key <= "Z"):
            raise Invalid(messages.KEY_NOT_A_LETTER, field="key")
        if key is not None and key in REGISTER_KEYS:
            raise Invalid(messages.KEY_OF_REGISTER(key=key, keys=" ".join(REGISTER_KEYS)), field="key")
        if code is not None and len(code) > MOST_CODE:
            raise Invalid(messages.CODE_TOO_LONG(most=MOST_CODE), field="code")
        return replace(self, name=name, key=key, code=code)


@dataclass(frozen=True)
class KeptItem:
    """An item as it stands; `active` until it is retired."""

    item_id: UUID
    active: bool
    position: int
    terms: ItemTerms

    @property
    def state_token(self) -> str:
        """A print of all that its form edits, to notice that somebody else was faster."""
        return digest([self.active, to_plain(self.terms)])[:32]


@dataclass(frozen=True)
class KeptService:
    """A service as it stands, with its durations, the shortest first."""

    service_id: UUID
    active: bool
    position: int
    terms: ServiceTerms
    durations: tuple[KeptItem, ...]

    @property
    def state_token(self) -> str:
        """A print of all that its form edits."""
        return digest([self.active, to_plain(self.terms)])[:32]


def variant_name(short_name: str, minutes: int) -> str:
    """What a duration of a service is called on tickets and receipts."""
    return f"{short_name} {minutes}"


def _kept(item: Item) -> KeptItem:
    terms = ItemTerms(item.kind, item.name, item.tax_category, item.service_id, item.minutes, item.key, item.code)
    return KeptItem(item.id, item.active, item.position, terms)


def kept_items(session: Session, kinds: Collection[str] = KINDS) -> list[KeptItem]:
    """Every item of some kinds in the order of the register, retired ones last."""
    query = select(Item).where(Item.kind.in_(kinds)).execution_options(populate_existing=True)
    found = sorted(session.scalars(query), key=lambda one: (not one.active, one.position, name_key(one.name)))
    return [_kept(item) for item in found]


def kept_item(session: Session, item_id: UUID) -> KeptItem:
    """One item that is no package plan; raises NotFound."""
    item = session.get(Item, item_id, populate_existing=True)
    if item is None or item.kind not in KINDS:
        raise NotFound(messages.NO_SUCH_ITEM)
    return _kept(item)


def kept_services(session: Session, only: UUID | None = None) -> list[KeptService]:
    """Every service in the order of the register, retired ones last; or the one that is named."""
    items = select(Item).where(Item.kind == "variant").execution_options(populate_existing=True)
    services = select(Service).execution_options(populate_existing=True)
    if only is not None:
        items, services = items.where(Item.service_id == only), services.where(Service.id == only)
    kept = (_kept(item) for item in session.scalars(items))
    durations = sorted(kept, key=lambda one: (not one.active, one.terms.minutes or 0))
    rows = session.scalars(services)
    return [
        KeptService(
            row.id,
            row.active,
            row.position,
            ServiceTerms(row.name, row.short_name, row.description),
            tuple(one for one in durations if one.terms.service_id == row.id),
        )
        for row in sorted(rows, key=lambda one: (not one.active, one.position, name_key(one.name)))
    ]


def kept_service(session: Session, service_id: UUID) -> KeptService:
    """One service; raises NotFound."""
    found = kept_services(session, service_id)
    if not found:
        raise NotFound(messages.NO_SUCH_SERVICE)
    return found[0]


def plans_needing(session: Session, item_id: UUID, location_id: UUID | None = None) -> list[str]:
    """The names of the plans on offer that are good for an item or include it; where a location is named, those with a
    price there, from whichever day.
    """
    plan = select(PlanItem.plan_id).where(PlanItem.item_id == item_id)
    query = select(Item.name, Item.id).where(Item.id.in_(plan), Item.active)
    rows = session.execute(query).all()
    if location_id is not None:
        dated = (
            select(Price.item_id, Price.price_minor)
            .where(Price.location_id == location_id, Price.item_id.in_([row.id for row in rows]))
            .order_by(Price.from_on)
        )
        last = {row.item_id: row.price_minor for row in session.execute(dated)}
        rows = [row for row in rows if last.get(row.id) is not None]
    return sorted((row.name for row in rows), key=name_key)


def require_check_digit(code: str | None) -> None:
    """Raise Invalid for an EAN or UPC that ends with a wrong check digit."""
    right = wrong_check_digit(code) if code else None
    if right is not None:
        raise Invalid(messages.WRONG_CHECK_DIGIT(right=right), field="code")
