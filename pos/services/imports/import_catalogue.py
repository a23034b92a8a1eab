"""Bringing a catalogue file in: a dry run that says what becomes of each row, then all rows in one commit or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, true
from sqlalchemy.orm import Session

from pos.core import audit
from pos.core.audit import AuditEvent
from pos.core.database.base import Base
from pos.core.database.temporary_copies import temporary_copies
from pos.core.database.unit_of_work import run_within, unit_of_work
from pos.core.errors import Conflict, Invalid, PosError
from pos.core.hashing import digest, sha256_hex
from pos.core.i18n.message import Message
from pos.core.ids import new_id
from pos.core.messages import imports as messages
from pos.core.messages.catalogue import PRICE_START_IN_THE_PAST
from pos.domain.catalogue.models import Item, PackagePlan, PlanItem, Price, Service
from pos.domain.catalogue.package_plans import KeptPlan, kept_plan
from pos.domain.catalogue.price_list import price_of_day
from pos.domain.catalogue.services_and_items import KeptItem, kept_item, kept_service
from pos.domain.catalogue.tax_rates import tax_category_names
from pos.domain.locations.queries import Place, all_places
from pos.services.catalogue.package_plans import create_plan, edit_plan
from pos.services.catalogue.price_list import PriceChange, WrongPrices, change_prices
from pos.services.catalogue.services_and_items import Editor, write_item, write_service
from pos.services.imports.catalogue_rows import (
    Row,
    find_item,
    find_service,
    item_terms,
    plan_terms,
    same,
    service_terms,
    service_texts,
)
from pos.services.imports.catalogue_sheet import COLUMNS, price_columns, read_catalogue
from pos.services.imports.csv_table import MEGABYTE, amount_of, read_table

NEEDED = ("kind",)
MOST_BYTES, MOST_ROWS = MEGABYTE, 1_000
# What the terms of items call their fields, where the column has a plainer name.
_COLUMN_OF = {"code": "barcode", "validity_months": "valid_months", "eligible": "good_for", "included": "includes"}
# Every table an import writes, with the rows it reads; all of the audit it reads are earlier versions of plans.
_WRITTEN: Mapping[type[Base], ColumnElement[bool]] = {
    **dict.fromkeys((Service, Item, Price, PackagePlan, PlanItem), true()),
    AuditEvent: AuditEvent.action.in_(("plan.create", "plan.edit")),
}


@dataclass(frozen=True)
class CommandLine:
    """A command that changes the catalogue at these locations; nobody's name stands in the audit."""

    locations: frozenset[UUID]
    id: UUID | None = None


@dataclass(frozen=True)
class RowOutcome:
    """What becomes of a row: `new`, `changed`, `same` or `refused`; columns with what stood there before and after."""

    number: int
    name: str
    state: str
    changes: tuple[tuple[str, str, str], ...] = ()
    column: str = ""
    sentence: Message | None = None


@dataclass(frozen=True)
class CatalogueFile:
    """What a file does to the catalogue, row by row."""

    outcomes: tuple[RowOutcome, ...]
    sha256: str

    def of(self, *states: str) -> list[RowOutcome]:
        """The rows in some states."""
        return [one for one in self.outcomes if one.state in states]

    @property
    def state_token(self) -> str:
        """A print of all outcomes, by which an import notices that the catalogue has changed since somebody looked."""
        return digest([[one.number, one.state, [list(change) for change in one.changes]] for one in self.outcomes])[:32]


class CatalogueRefused(Invalid):
    """Some rows cannot be used, and so none is; `found` says why."""

    def __init__(self, found: CatalogueFile) -> None:
        super().__init__(messages.CATALOGUE_FILE_REFUSED(count=len(found.of("refused"))), field="file")
        self.found = found


class _Import:
    """Writes rows one by one into the caller's transaction."""

    def __init__(self, session: Session, places: Sequence[Place], editor: Editor, from_on: date | None) -> None:
        self.session, self.editor, self.from_on = session, editor, from_on
        self.prices = price_columns(places)
        self.catalogue = read_catalogue(session, places, from_on)
        self.categories = tax_category_names(session, active=True)
        self.texts: dict[str, dict[str, str]] = {}
        self.taken: dict[UUID, int] = {}

    def write(self, row: Row) -> UUID:
        """Write a row; returns the key of its item. Raises what refuses it."""
        found = find_item(self.catalogue, row)
        key = self._plan(row, found) if row.kind == "package" else self._item(row, found)
        if self.taken.setdefault(key, row.number) != row.number:
            raise Invalid(messages.ROW_ITEM_TWICE(number=self.taken[key]))
        for column, place in self.prices.items():
            if column in row.cells:
                self._price(key, column, place, row.cells[column])
        return key

    def _plan(self, row: Row, found: KeptItem | KeptPlan | None) -> UUID:
        before = found if isinstance(found, KeptPlan) else None
        terms = plan_terms(self.catalogue, row, before)
        key = before.plan_id if before else new_id()
        if before is None:
            run_within(self.session, create_plan, plan_id=key, terms=terms, person=self.editor)
        elif terms != before.terms:
            seen = before.state_token
            run_within(self.session, edit_plan, plan_id=key, terms=terms, seen=seen, person=self.editor)
        else:
            return key
        self.catalogue.plans[key] = kept_plan(self.session, key)
        return key

    def _service(self, row: Row) -> UUID:
        before = find_service(self.catalogue, row)
        terms = service_terms(row, before, self.texts.get(row.service_key, {}))
        if before and terms == before.terms:
            return before.service_id
        key = before.service_id if before else new_id()
        seen = before.state_token if before else None
        run_within(self.session, write_service, service_id=key, terms=terms, person=self.editor, seen=seen)
        kept = kept_service(self.session, key)
        self.catalogue.services[key] = kept
        self.catalogue.items |= {one.item_id: one for one in kept.durations}
        return key

    def _item(self, row: Row, found: KeptItem | KeptPlan | None) -> UUID:
        before = found if isinstance(found, KeptItem) else None
        service = None
        if row.kind == "variant":
            if before and before.terms.service_id:
                own = self.catalogue.services[before.terms.service_id].terms.name
                if not same(own, row.text("service", own)):
                    raise Invalid(messages.ROW_SERVICE_STAYS(service=own), field="service")
            service = self.catalogue.services[self._service(row)]
            before = self.catalogue.items[before.item_id] if before else None
        terms = item_terms(row, before, service, self.categories)
        if before and terms == before.terms:
            return before.item_id
        key = before.item_id if before else new_id()
        seen = before.state_token if before else None
        run_within(self.session, write_item, item_id=key, terms=terms, person=self.editor, seen=seen)
        self.catalogue.items[key] = kept_item(self.session, key)
        return key

    def _price(self, key: UUID, column: str, place: Place, text: str) -> None:
        minor = amount_of(text, place, field=column) if text else None
        if self.catalogue.prices.get((key, place.id)) == minor:
            return
        seen = price_of_day(self.session, key, place.id, place.today())
        change = PriceChange(key, place.id, seen, minor)
        try:
            run_within(
                self.session, change_prices, changes=[change], from_on=self.from_on or place.today(), person=self.editor
            )
        except WrongPrices as error:
            raise Invalid(error.cells[change.cell], field=column) from error
        self.catalogue.prices[key, place.id] = minor


def apply_catalogue(session: Session, content: bytes, editor: Editor, from_on: date | None = None) -> CatalogueFile:
    """Write a file into the caller's transaction, which must not be committed where a row is refused.

    Prices begin on a day, today without one. A row that another one stands in the way of, such as a package above the
    duration it is good for, is tried again after it. Raises Invalid for what is no such table, or a day that is over.
    """
    places = [place for place in all_places(session) if place.id in editor.locations]
    if from_on is not None and any(from_on < place.today() for place in places):
        raise Invalid(PRICE_START_IN_THE_PAST, field="from_on")
    known = (*COLUMNS, *price_columns(places))
    table = read_table(content, needed=NEEDED, known=known, most_bytes=MOST_BYTES, most_rows=MOST_ROWS)
    if not table:
        raise Invalid(messages.FILE_WITHOUT_ROWS, field="file")
    rows = [Row(number, cells) for number, cells in table]
    work = _Import(session, places, editor, from_on)
    work.texts, wrong = service_texts(rows)
    before = {key: work.catalogue.cells(key) for key in (*work.catalogue.items, *work.catalogue.plans)}
    done: dict[int, UUID] = {}
    refused: dict[int, PosError] = {}
    waiting = [row for row in rows if row.number not in wrong]
    while waiting:
        refused = {}
        for row in waiting:
            try:
                done[row.number] = work.write(row)
            except PosError as error:
                refused[row.number] = error
        if len(refused) == len(waiting):
            break
        waiting = [row for row in waiting if row.number in refused]
    refused |= wrong
    outcomes = (
        _refused(row, refused[row.number])
        if row.number in refused
        else _written(row, before.get(done[row.number], {}), work.catalogue.cells(done[row.number]))
        for row in rows
    )
    return CatalogueFile(tuple(outcomes), sha256_hex(content))


def _refused(row: Row, error: PosError) -> RowOutcome:
    column = _COLUMN_OF.get(error.field or "", error.field or "")
    return RowOutcome(row.number, row.label, "refused", column=column, sentence=error.sentence)


def _written(row: Row, before: Mapping[str, str], after: Mapping[str, str]) -> RowOutcome:
    columns = [name for name in {**before, **after} if name != "id" and before.get(name) != after.get(name)]
    changes = tuple((name, before.get(name, ""), after.get(name, "")) for name in columns)
    state = "new" if not before else "changed" if changes else "same"
    return RowOutcome(row.number, after["name"], state, changes)


def look_at_catalogue(content: bytes, editor: Editor, from_on: date | None = None) -> CatalogueFile:
    """What a file would do, on temporary copies of the tables: nothing is written, and no sale waits. Raises Invalid."""
    with temporary_copies(_WRITTEN) as session:
        return apply_catalogue(session, content, editor, from_on)


@unit_of_work
def import_catalogue(
    session: Session, *, content: bytes, editor: Editor, from_on: date | None = None, seen: str | None = None
) -> CatalogueFile:
    """Bring a file in, all rows or none; `seen` is the print of the outcomes that somebody looked at.

    Raises Invalid for what is no such table, CatalogueRefused, and Conflict where the outcomes are others by now.
    """
    found = apply_catalogue(session, content, editor, from_on)
    if found.of("refused"):
        raise CatalogueRefused(found)
    if seen is not None and seen != found.state_token:
        raise Conflict(messages.CATALOGUE_CHANGED_MEANWHILE, field="file")
    counts = {state: len(found.of(state)) for state in ("new", "changed", "same")}
    audit.note(session, "catalogue.imported", actor_id=editor.id, sha256=found.sha256, rows=counts)
    return found
