"""A row of a catalogue file as the terms of an item: which one it is, what it sets, what it leaves as it is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from pos.core.errors import Invalid
from pos.core.ids import parse_id
from pos.core.messages import catalogue as catalogue_messages
from pos.core.messages import imports as messages
from pos.domain.catalogue.barcodes import same_code
from pos.domain.catalogue.package_plans import EXPIRY_POLICIES, REFUND_POLICIES, KeptPlan, PlanTerms
from pos.domain.catalogue.services_and_items import KINDS as ITEM_KINDS
from pos.domain.catalogue.services_and_items import ItemTerms, KeptItem, KeptService, ServiceTerms, variant_name
from pos.services.imports.catalogue_sheet import SEPARATOR, Catalogue

KINDS = (*ITEM_KINDS, "package")
_ALSO = {"duration": "variant", "service": "variant", "add-on": "add_on", "addon": "add_on", "article": "retail"}
_YES, _NO = ("yes", "y", "true", "1"), ("no", "n", "false", "0")


@dataclass(frozen=True)
class Row:
    """A row by column; `number` as a spreadsheet counts."""

    number: int
    cells: Mapping[str, str]

    def text(self, column: str, otherwise: str = "") -> str:
        """A cell; `otherwise` where it is empty or there is no such column."""
        return self.cells.get(column, "") or otherwise

    def kept(self, column: str, before: str | None) -> str | None:
        """A cell that may be emptied: None where it is empty, what was there before where there is no such column."""
        return (self.cells[column] or None) if column in self.cells else before

    def number_in(self, column: str, otherwise: int) -> int:
        """A whole number; raises Invalid."""
        text = self.text(column)
        if not text:
            return otherwise
        if not re.fullmatch("[0-9]{1,6}", text):
            raise Invalid(messages.ROW_NOT_A_WHOLE_NUMBER(typed=text[:20]), field=column)
        return int(text)

    def choice(self, column: str, choices: Sequence[str], otherwise: str) -> str:
        """One of some words; raises Invalid."""
        text = self.text(column, otherwise).casefold()
        if text not in choices:
            raise Invalid(messages.ROW_ONE_OF(typed=text[:40], choices=", ".join(choices)), field=column)
        return text

    @property
    def kind(self) -> str:
        """What the row is; raises Invalid."""
        text = self.text("kind").casefold()
        kind = _ALSO.get(text, text)
        if kind not in KINDS:
            raise Invalid(messages.ROW_KIND_UNKNOWN(typed=text[:40], kinds=", ".join(KINDS)), field="kind")
        return kind

    @property
    def label(self) -> str:
        """What to call the row where its item has no name yet."""
        return self.text("name") or f"{self.text('service')} {self.text('minutes')}".strip()

    @property
    def service_key(self) -> str:
        """The service by which rows of durations belong together."""
        return _plain(self.text("service"))


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(SEPARATOR) if part.strip()]


def same(one: str, other: str) -> bool:
    """Whether two names are one but for case and blanks."""
    return _plain(one) == _plain(other)


def service_texts(rows: Sequence[Row]) -> tuple[dict[str, dict[str, str]], dict[int, Invalid]]:
    """Short name and description by service, as the first row that has them says; and the rows that say otherwise."""
    texts: dict[str, dict[str, str]] = {}
    first: dict[tuple[str, str], int] = {}
    wrong: dict[int, Invalid] = {}
    for row in rows:
        for column in ("short_name", "description"):
            if not row.service_key or not (text := row.text(column)):
                continue
            kept = texts.setdefault(row.service_key, {}).setdefault(column, text)
            said = first.setdefault((row.service_key, column), row.number)
            if kept != text:
                wrong[row.number] = Invalid(messages.ROW_SERVICE_TEXTS_DIFFER(number=said), field=column)
    return texts, wrong


def find_service(found: Catalogue, row: Row) -> KeptService | None:
    """The service a duration names, None for a new one; raises Invalid where it is missing or retired."""
    if not row.service_key:
        raise Invalid(messages.ROW_SERVICE_MISSING, field="service")
    alike = [one for one in found.services.values() if same(one.terms.name, row.text("service"))]
    if alike and not any(one.active for one in alike):
        raise Invalid(catalogue_messages.SERVICE_IS_RETIRED, field="service")
    return next((one for one in alike if one.active), None)


def service_terms(row: Row, before: KeptService | None, texts: Mapping[str, str]) -> ServiceTerms:
    """The texts of a service; a new one without a short name is called by its name."""
    name = row.text("service")
    short = texts.get("short_name") or (before.terms.short_name if before else name[:60])
    description = before.terms.description if before else ""
    if "description" in row.cells:
        description = texts.get("description", "")
    return ServiceTerms(name, short, description)


def find_item(found: Catalogue, row: Row) -> KeptItem | KeptPlan | None:
    """The item a row is about: by its id, else by duration, barcode or name; None for a new one.

    An id that nobody has here, of another installation, is passed over. Raises Invalid for one of another kind, or retired.
    """
    kind, known = row.kind, _by_id(found, row)
    if known is None:
        alike = _alike(found, row, kind)
        known = next((one for one in alike if one.active), next(iter(alike), None))
    if known is not None and not known.active:
        raise Invalid(messages.ROW_ITEM_RETIRED)
    actual = known.terms.kind if isinstance(known, KeptItem) else "package"
    if known is not None and actual != kind:
        raise Invalid(messages.ROW_KIND_STAYS(kind=actual), field="kind")
    return known


def _by_id(found: Catalogue, row: Row) -> KeptItem | KeptPlan | None:
    if not (text := row.text("id")):
        return None
    key = parse_id(text, field="id")
    return found.items.get(key) or found.plans.get(key)


def _alike(found: Catalogue, row: Row, kind: str) -> Sequence[KeptItem | KeptPlan]:
    if kind == "package":
        return [one for one in found.plans.values() if same(one.terms.name, row.text("name"))]
    items = [one for one in found.items.values() if one.terms.kind == kind]
    if kind == "variant":
        service, minutes = find_service(found, row), row.number_in("minutes", 0)
        wanted = (service.service_id, minutes) if service else None
        return [one for one in items if (one.terms.service_id, one.terms.minutes) == wanted]
    code = row.text("barcode")
    coded = [one for one in items if code and one.terms.code and same_code(one.terms.code, code)]
    return coded or [one for one in items if same(one.terms.name, row.text("name"))]


def _tax_category(row: Row, kind: str, before: KeptItem | None, categories: Mapping[str, str]) -> str:
    text = row.text("tax_category")
    if not text:
        return before.terms.tax_category if before else {"variant": "service"}.get(kind, kind)
    for key, name in categories.items():
        if same(text, key) or same(text, name):
            return key
    if before and same(text, before.terms.tax_category):
        return before.terms.tax_category
    named = ", ".join(categories)
    raise Invalid(messages.ROW_TAX_CATEGORY_UNKNOWN(typed=text[:40], categories=named), field="tax_category")


def item_terms(
    row: Row, before: KeptItem | None, service: KeptService | None, categories: Mapping[str, str]
) -> ItemTerms:
    """The terms of a duration, add-on or article; `service` is the duration's. Raises Invalid naming the column."""
    kind = row.kind
    terms = before.terms if before else ItemTerms(kind, "", "")
    category = _tax_category(row, kind, before, categories)
    if service is not None:
        minutes = row.number_in("minutes", terms.minutes or 0)
        if before and minutes != terms.minutes:
            raise Invalid(messages.ROW_MINUTES_STAY(minutes=terms.minutes), field="minutes")
        name = terms.name or variant_name(service.terms.short_name, minutes)
        if (typed := row.text("name")) and not same(typed, name):
            raise Invalid(messages.ROW_NAME_OF_DURATION(name=name), field="name")
        return replace(terms, name=name, tax_category=category, service_id=service.service_id, minutes=minutes)
    code = row.kept("barcode", terms.code)
    if code and re.fullmatch(r"\d+([.,]\d+)?[eE]\+\d+", code):
        raise Invalid(messages.ROW_BARCODE_ROUNDED, field="barcode")
    return replace(
        terms, name=row.text("name", terms.name), tax_category=category, key=row.kept("key", terms.key), code=code
    )


def _named(found: Catalogue, row: Row, column: str, kind: str, before: tuple[UUID, ...]) -> tuple[UUID, ...]:
    """The items a cell names, in the order they had; raises Invalid for one that is not on offer."""
    if column not in row.cells:
        return before
    offered = [one for one in found.items.values() if one.terms.kind == kind and (one.active or one.item_id in before)]
    by_name = {tuple(map(_plain, _parts(one.terms.name))): one.item_id for one in reversed(offered)}
    longest = max(map(len, by_name), default=0)
    keys, typed = [], _parts(row.cells[column])
    parts, at = tuple(map(_plain, typed)), 0
    while at < len(parts):
        # A name may hold the separator itself: the longest one that fits.
        size = next((size for size in range(longest, 0, -1) if parts[at : at + size] in by_name), None)
        if size is None:
            raise Invalid(messages.ROW_NOT_IN_CATALOGUE(typed=typed[at][:60]), field=column)
        keys.append(by_name[parts[at : at + size]])
        at += size
    return before if set(keys) == set(before) else tuple(dict.fromkeys(keys))


def plan_terms(found: Catalogue, row: Row, before: KeptPlan | None) -> PlanTerms:
    """The terms of a package plan; what a row does not say stays as it is, or is usual. Raises Invalid naming the column."""
    terms = before.terms if before else PlanTerms("", 0, 12, ())
    return replace(
        terms,
        name=row.text("name", terms.name),
        sessions=row.number_in("sessions", terms.sessions),
        bonus_sessions=row.number_in("bonus_sessions", terms.bonus_sessions),
        validity_months=row.number_in("valid_months", terms.validity_months),
        eligible=_named(found, row, "good_for", "variant", terms.eligible),
        included=_named(found, row, "includes", "add_on", terms.included),
        refund_policy=row.choice("refund_policy", REFUND_POLICIES, terms.refund_policy),
        expiry_policy=row.choice("expiry_policy", EXPIRY_POLICIES, terms.expiry_policy),
        in_shop=row.choice("in_shop", (*_YES, *_NO), "yes" if terms.in_shop else "no") in _YES,
    )
