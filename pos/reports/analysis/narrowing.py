"""Filters of reports: what may be asked for, by which words, and the conditions they put on sales and their lines.

Those of OF_SALES are of the sale: a refund belongs to the desk, the person and the tenders of the sale whose lines it
takes back. The others are each of one kind of rows, and the report that offers one keeps to it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, literal, null, or_, select, true, union_all
from sqlalchemy.orm import Session

from pos.core.errors import Invalid
from pos.core.i18n.message import Message
from pos.core.i18n.name_folding import name_key
from pos.core.i18n.sanitize import printable
from pos.core.ids import parse_id
from pos.core.messages.books import ACCOUNT_WITH_CODE, FILTER_GONE, FILTER_UNKNOWN, POOL_OF_DAY
from pos.domain.catalogue.models import Item
from pos.domain.credits.models import PurchasedPackage
from pos.domain.ledger.entries import account_name
from pos.domain.ledger.models import Account
from pos.domain.locations.models import Desk
from pos.domain.payments.models import Tender
from pos.domain.sales.models import Sale, SaleLine
from pos.domain.sales.tender_kinds import TENDER_KINDS
from pos.domain.staff.models import Staff, StaffLocation
from pos.reports.analysis.opens import Word, WordList, words
from pos.reports.analysis.time_of_week import HOURS, WEEKDAYS
from pos.reports.period import NOBODY, Only, Scope, parse_day
from pos.reports.review.event import EVENTS

KIND_WORDS = words(
    {
        "variant": "Treatment",
        "add_on": "Add-on",
        "retail": "Retail",
        "service_charge": "Service charge",
        "package": "Package",
        "part": "Part of a package",
        "gift_card": "Gift card",
    }
)
CHANNEL_WORDS = words({"register": "At the desk", "shop": "Online"}, is_keyed=True)
# Filters by the word in the address and the command, with what people call them, and with nothing chosen.
FILTERS = {
    "therapist": ("Therapist", "any therapist"),
    "item": ("Item", "any item"),
    "category": ("Category", "any category"),
    "tender": ("Paid by", "any tender"),
    "channel": ("Channel", "any channel"),
    "desk": ("Desk", "any desk"),
    "staff": ("Rung up by", "anybody"),
    "weekday": ("Weekday", "any weekday"),
    "hour": ("Hour", "any hour"),
    "account": ("Account", "any account"),
    "holder": ("Person", "anybody"),
    "plan": ("Plan", "any plan"),
    "person": ("By", "anybody"),
    "event": ("What happened", "anything"),
}
OF_SALES = ("therapist", "item", "category", "tender", "channel", "desk", "staff", "weekday", "hour")
# Filters by a thing of the clinic, whose names are data and no words of this program.
_BY_KEY = ("therapist", "item", "desk", "staff")
NAMED_BY_DATA = (*_BY_KEY, "account", "holder", "plan", "person")
# As many letters as the longest value of a filter has.
LONGEST = 160
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_ACCOUNT_KEYS = re.compile(r"[a-z_]+(:[a-z0-9.:-]+)?(,[a-z_]+(:[a-z0-9.:-]+)?)*")
_LABELS = {name: Message(f"filter_{name}", label) for name, (label, _) in FILTERS.items()}
NOBODY_WORDS = words({"therapist": "No therapist", "staff": "Online", "holder": "Any pool", "person": "Nobody"})


def unknown(name: str, typed: str, label: Message | None = None) -> Invalid:
    """The refusal of a word that a filter has not; `label` is what a filter is called that is none of FILTERS."""
    return Invalid(FILTER_UNKNOWN(filter=label or _LABELS[name], typed=printable(typed, 40)), field=name)


def parse_key(name: str, typed: str, label: Message | None = None) -> UUID:
    """The key that a filter asks for; raises Invalid as `unknown` gives it."""
    try:
        return parse_id(typed, field=name)
    except Invalid as error:
        raise unknown(name, typed, label) from error


def parse_only(typed: Mapping[str, str]) -> Only:
    """The filters that were asked for, by their words; empty ones are not set. Raises Invalid, naming the filter."""
    offered: dict[str, Collection[str]] = {
        "category": KIND_WORDS,
        "tender": TENDER_KINDS,
        "channel": CHANNEL_WORDS,
        "weekday": dict(_numbered(WEEKDAYS)),
        "hour": dict(_numbered(HOURS)),
        "event": EVENTS,
    }
    for name, known in offered.items():
        if typed.get(name) and typed[name] not in known:
            raise unknown(name, typed[name])
    found: dict[str, Any] = {name: typed.get(name, "") for name in offered}
    found |= {name: parse_key(name, typed[name]) for name in _BY_KEY if typed.get(name)}
    found |= {name: typed.get(name, "") for name in ("account", "plan", "person")}
    if found["account"] and not _ACCOUNT_KEYS.fullmatch(found["account"]):
        raise unknown("account", found["account"])
    found["holder"] = _holder(typed["holder"]) if typed.get("holder") else ""
    return Only(**found)


def _holder(typed: str) -> str:
    """The key of a person or the business date of a pool."""
    if not is_day(typed):
        return str(parse_key("holder", typed))
    try:
        return parse_day(typed, field="holder").isoformat()
    except Invalid as error:
        raise unknown("holder", typed) from error


def is_day(key: UUID | str) -> bool:
    """Whether the key of a holder of tips is the business date of a pool."""
    return _DAY.fullmatch(str(key)) is not None


def pool_words(on: date) -> Message:
    """What the pool of a business date is called."""
    return POOL_OF_DAY(day=on)


def gone(only: Only, offered: Mapping[str, Collection[tuple[str, str]]]) -> list[Invalid]:
    """The refusals of filters that ask for a person, an item or the like which is not among the `choices` of a scope."""
    chosen = only.args()
    return [
        Invalid(FILTER_GONE(filter=_LABELS[name]), field=name)
        for name in NAMED_BY_DATA
        if name in chosen and name in offered and chosen[name] not in dict(offered[name])
    ]


def require_there(session: Session, scope: Scope) -> None:
    """Raise Invalid, naming the filter, where one asks for what cannot be chosen at the scope's locations."""
    named = [name for name in NAMED_BY_DATA if getattr(scope.only, name)]
    for refusal in gone(scope.only, choices(session, scope, named)):
        raise refusal


def _numbered(words: Iterable[str]) -> list[tuple[str, str]]:
    return [(str(number), word) for number, word in enumerate(words)]


def _of(column: Any, key: UUID) -> ColumnElement[bool]:
    found: ColumnElement[bool] = column.is_(None) if key == NOBODY else column == key
    return found


def _line_conditions(only: Only) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if only.therapist:
        found.append(_of(SaleLine.therapist_id, only.therapist))
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
        found.append(_of(Sale.staff_id, only.staff))
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


def _people_and_desks(session: Session, scope: Scope, filters: Collection[str]) -> dict[str, list[tuple[UUID, str]]]:
    """The therapists, persons and desks of a scope in one statement, by name; desks by location first."""
    here, only = scope.location_ids, scope.only
    works_here = Staff.id.in_(select(StaffLocation.staff_id).where(StaffLocation.location_id.in_(here)))
    parts: list[Select[*tuple[Any, ...]]] = []
    if "desk" in filters:
        of_desks = select(literal("desk"), Desk.id, Desk.name, Desk.location_id, true(), true())
        parts.append(of_desks.where(Desk.location_id.in_(here)))
    if {"staff", "therapist", "holder", "person"} & set(filters):
        of_people = select(literal("staff"), Staff.id, Staff.name, null(), works_here, Staff.treats)
        chosen = [UUID(str(key)) for key in (only.therapist, only.staff, only.holder) if key and not is_day(key)]
        parts.append(of_people.where(or_(works_here, Staff.id.in_(chosen))))
    if not parts:
        return {}
    rows = sorted(session.execute(union_all(*parts)), key=lambda row: (str(row[3]), name_key(row[2]), row[1]))
    people = [row for row in rows if row[0] == "staff"]
    return {
        "desk": [(key, name) for what, key, name, *_ in rows if what == "desk"],
        "staff": [(key, name) for _, key, name, _, is_here, _ in people if is_here or key == only.staff],
        "holder": [(key, name) for _, key, name, _, is_here, _ in people if is_here or str(key) == only.holder]
        + ([(only.holder, pool_words(parse_day(only.holder, field="holder")))] if is_day(only.holder) else []),
        "person": [
            (name, name) for name in sorted({row[2] for row in people if row[4]} | _named(only.person), key=name_key)
        ],
        "therapist": [
            (key, name) for _, key, name, _, is_here, treats in people if (is_here and treats) or key == only.therapist
        ],
    }


def _named(person: str) -> set[str]:
    return {person} - {"", str(NOBODY)}


def _accounts(session: Session, scope: Scope) -> list[tuple[str, str]]:
    """The accounts of a scope's locations by code; of several with one key the first stands for all. And several together,
    where they are chosen, as the two accounts of a rate of tax are.
    """
    rows = session.execute(
        select(Account.key, Account.code, Account.name).where(Account.location_id.in_(scope.location_ids))
    )
    found: dict[str, tuple[str, str]] = {}
    for key, code, name in sorted(rows, key=lambda row: (row.code, row.name, row.key)):
        found.setdefault(key, (code, name))
    words: dict[str, str] = {
        key: ACCOUNT_WITH_CODE(code=code, account=account_name(key, name)) for key, (code, name) in found.items()
    }
    if "," in scope.only.account:
        together = [words[key] for key in scope.only.account.split(",") if key in words]
        words |= {scope.only.account: WordList(together)} if together else {}
    return list(words.items())


def _plans(session: Session, scope: Scope) -> list[str]:
    """The plans of which a scope's locations ever granted a package, by the names they had then."""
    found = session.scalars(
        select(PurchasedPackage.name).where(PurchasedPackage.location_id.in_(scope.location_ids)).distinct()
    )
    return sorted({*found, scope.only.plan} - {""}, key=name_key)


def choices(session: Session, scope: Scope, filters: Collection[str]) -> dict[str, list[tuple[str, str]]]:
    """What may be chosen of some filters: value and words, which `said` tells; people and desks of the scope's locations,
    inactive ones too, and whoever is chosen, wherever they work by now.
    """
    words: dict[str, Iterable[tuple[Any, str]]] = {
        "category": [pair for pair in KIND_WORDS.items() if pair[0] != "part"],
        "tender": [(kind.key, Word(kind.label)) for kind in TENDER_KINDS.values()],
        "channel": CHANNEL_WORDS.items(),
        "weekday": _numbered(map(Word, WEEKDAYS)),
        "hour": _numbered(HOURS),
        "event": ((what, Word(what)) for what in EVENTS),
        **_people_and_desks(session, scope, filters),
    }
    if "item" in filters:
        items = select(Item.id, Item.name).order_by(Item.kind, Item.position, Item.name, Item.id)
        words["item"] = [(key, name) for key, name in session.execute(items)]
    if "account" in filters:
        words["account"] = _accounts(session, scope)
    if "plan" in filters:
        words["plan"] = [(name, name) for name in _plans(session, scope)]
    found: dict[str, list[tuple[str, str]]] = {}
    for name in FILTERS:
        if name in filters:
            found[name] = [(str(key), word) for key, word in words[name]]
            if name in NOBODY_WORDS:
                found[name].append((str(NOBODY), NOBODY_WORDS[name]))
    return found
