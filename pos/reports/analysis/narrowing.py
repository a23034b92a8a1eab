"""Filters of reports: what may be asked for, by which words, and the conditions they put on sales and their lines.

A filter is of the sale: a refund belongs to the desk, the person and the tenders of the sale whose lines it takes back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, select, true
from sqlalchemy.orm import Session

from pos.core.errors import Invalid
from pos.core.ids import parse_id
from pos.core.messages.general import CHOOSE_ONE_OF_THESE
from pos.domain.catalogue.models import Item
from pos.domain.locations.models import Desk
from pos.domain.payments.models import Tender
from pos.domain.sales.models import Sale, SaleLine
from pos.domain.sales.tender_kinds import TENDER_KINDS
from pos.domain.staff.models import Staff, StaffLocation
from pos.reports.period import Only, Scope

KIND_WORDS = {
    "variant": "Treatment",
    "add_on": "Add-on",
    "retail": "Retail",
    "service_charge": "Service charge",
    "package": "Package",
    "part": "Part of a package",
    "gift_card": "Gift card",
}
CHANNEL_WORDS = {"register": "At the desk", "shop": "Online"}
# Filters by the word in the address and the command, with what people call them, and with nothing chosen.
FILTERS = {
    "therapist": ("Therapist", "any therapist"),
    "item": ("Item", "any item"),
    "category": ("Category", "any category"),
    "tender": ("Paid by", "any tender"),
    "channel": ("Channel", "any channel"),
    "desk": ("Desk", "any desk"),
    "staff": ("Rung up by", "anybody"),
}


def parse_only(typed: Mapping[str, str]) -> Only:
    """The filters that were asked for, by their words; empty ones are not set. Raises Invalid, naming the filter."""
    offered = {"category": KIND_WORDS, "tender": TENDER_KINDS, "channel": CHANNEL_WORDS}
    for name, known in offered.items():
        if typed.get(name) and typed[name] not in known:
            raise Invalid(CHOOSE_ONE_OF_THESE, field=name)
    found: dict[str, Any] = {name: typed.get(name, "") for name in offered}
    found |= {name: parse_id(typed[name], field=name) for name in FILTERS if name not in offered and typed.get(name)}
    return Only(**found)


def _line_conditions(only: Only) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if only.therapist:
        found.append(SaleLine.therapist_id == only.therapist)
    if only.item:
        found.append(SaleLine.item_id == only.item)
    if only.category:
        found.append(SaleLine.kind == only.category)
    return found


def _sale_conditions(only: Only) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if only.tender:
        tendered = select(Tender.sale_id).where(Tender.sale_id == Sale.id, Tender.kind == only.tender)
        found.append(tendered.correlate(Sale).exists())
    if only.channel:
        found.append(Sale.channel == only.channel)
    if only.desk:
        found.append(Sale.desk_id == only.desk)
    if only.staff:
        found.append(Sale.staff_id == only.staff)
    return found


def lines_wanted(scope: Scope) -> ColumnElement[bool]:
    """Lines of a scope's filters, in a query that joins their sales."""
    return and_(true(), *_line_conditions(scope.only), *_sale_conditions(scope.only))


def sales_wanted(scope: Scope) -> ColumnElement[bool]:
    """Sales of a scope's filters: those that have a line which fits."""
    of_lines = _line_conditions(scope.only)
    if not of_lines:
        return and_(true(), *_sale_conditions(scope.only))
    has = select(SaleLine.sale_id).where(SaleLine.sale_id == Sale.id, *of_lines).correlate(Sale).exists()
    return and_(has, *_sale_conditions(scope.only))


def choices(session: Session, scope: Scope, filters: Collection[str]) -> dict[str, list[tuple[str, str]]]:
    """What may be chosen of some filters: value and words; people and desks of the scope's locations, inactive ones too."""
    here = scope.location_ids
    people = select(Staff.id, Staff.name).where(
        Staff.id.in_(select(StaffLocation.staff_id).where(StaffLocation.location_id.in_(here)))
    )
    queries: dict[str, Any] = {
        "therapist": people.where(Staff.treats).order_by(Staff.name, Staff.id),
        "item": select(Item.id, Item.name).order_by(Item.kind, Item.position, Item.name, Item.id),
        "desk": select(Desk.id, Desk.name).where(Desk.location_id.in_(here)).order_by(Desk.location_id, Desk.name),
        "staff": people.order_by(Staff.name, Staff.id),
    }
    words: dict[str, Iterable[tuple[str, str]]] = {
        "category": [pair for pair in KIND_WORDS.items() if pair[0] != "part"],
        "tender": [(kind.key, kind.label) for kind in TENDER_KINDS.values()],
        "channel": CHANNEL_WORDS.items(),
    }
    return {
        name: [(str(key), word) for key, word in (session.execute(queries[name]) if name in queries else words[name])]
        for name in FILTERS
        if name in filters
    }
