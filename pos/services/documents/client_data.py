"""All that is kept of one client as paper: what the JSON file holds, in words and tables for people to read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from babel.core import Locale, UnknownLocaleError
from sqlalchemy.orm import Session

from invoices.documents import REPORT_LABELS, Clinic, Column, ReportDocument, Section
from pos.core import clock
from pos.core.database.base import reading
from pos.core.i18n.message import translated
from pos.core.i18n.translator import Translator, translator
from pos.domain.clients.persons import records_of
from pos.domain.credits.rules import credit_words
from pos.domain.locations.action_context import kept_reason
from pos.domain.locations.queries import all_places
from pos.domain.sales.pricing import EXEMPT_REASONS
from pos.domain.sales.tender_kinds import TENDER_KINDS
from pos.domain.staff.permissions import Permission
from pos.domain.stored_value.rules import MOVES
from pos.reports.analysis.narrowing import CHANNEL_WORDS
from pos.reports.audit.action_words import ACTIONS, ACTORS
from pos.reports.clients import kept_data
from pos.reports.clients.appointments import STATE_WORDS
from pos.reports.period import one_moment
from pos.services.documents.registry import Address, Printed, Reader, document

# Sections of the file as they stand on paper: its name, the heading, and the columns with their heads.
_PAPER: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...] = (
    ("records", "What is on record", (
        ("given_name", "Given name"), ("family_name", "Family name"), ("email", "E-mail"), ("phone", "Phone"),
        ("locale", "Language"), ("created_at", "Since"),
    )),
    ("records", "For the desk", (("note", "Note for the desk"), ("has_allergy", "Allergy"), ("allergy", "Allergic to"))),
    ("merges", "Records merged", (("at", "When"), ("merged_id", "Record"), ("kept_id", "into"), ("reason", "Reason"))),
    ("packages", "Packages", (
        ("name", "Package"), ("location_id", "Location"), ("purchased_on", "Since"), ("kind", "Kind"), ("reason", "Reason"),
    )),
    ("credit_lots", "Credits", (
        ("location_id", "Location"), ("quantity", "In all"), ("remaining", "Left"), ("expires_on", "Valid to"),
        ("status", "State"), ("net_minor", "Worth"),
    )),
    ("credit_moves", "Moves of credits", (
        ("business_on", "Day"), ("kind", "What"), ("delta", "Credits"), ("value_minor", "Worth"), ("reason", "Reason"),
    )),
    ("redemptions", "Visits paid with credits", (("service_on", "Day"), ("number", "Credit"), ("sale_id", "Sale"))),
    ("appointments", "Visits expected", (
        ("visit_on", "Day"), ("location_id", "Location"), ("state", "State"), ("note", "Note for the desk"),
    )),
    ("shares", "Packages shared", (("added_at", "Since"), ("cap", "At most"), ("used", "Used"), ("ended_at", "Ended"))),
    ("sales", "Sales", (
        ("completed_at", "When"), ("location_id", "Location"), ("channel", "Where"), ("net_minor", "Net"),
        ("tax_minor", "Tax"), ("total_minor", "Total"),
    )),
    ("sale_lines", "What was sold", (
        ("sale_id", "Sale"), ("name", "Item"), ("quantity", "Count"), ("net_minor", "Net"), ("tax_minor", "Tax"),
    )),
    ("sale_lines_for_them", "Treated on a ticket of somebody else", (
        ("sale_id", "Sale"), ("name", "Item"), ("quantity", "Count"),
    )),
    ("tax_exemptions", "Sold free of tax", (("sale_id", "Sale"), ("reason", "Reason"), ("reference", "Reference"))),
    ("tenders", "Paid by", (("sale_id", "Sale"), ("kind", "What"), ("amount_minor", "Amount"))),
    ("receipts", "Receipts", (("label", "Number"), ("issued_at", "When"), ("location_id", "Location"))),
    ("refunds", "Refunds", (("created_at", "When"), ("reason", "Reason"), ("total_minor", "Amount"))),
    ("withdrawal_consents", "Consents to an immediate start", (("at", "When"), ("order_id", "Order"))),
    ("gift_cards", "Gift cards", (
        ("last4", "Code ends in"), ("issued_on", "Day"), ("face_minor", "Sold for"), ("balance_minor", "Left"),
        ("to_name", "For"), ("to_email", "E-mail"),
    )),
    ("account_credit", "Account credit", (("location_id", "Location"), ("balance_minor", "Left"))),
    ("account_credit_moves", "Moves of account credit", (
        ("business_on", "Day"), ("kind", "What"), ("delta_minor", "Amount"), ("note", "Reason"),
    )),
    ("sign_ins", "Sign-ins", (("created_at", "Since"), ("expires_at", "Until"))),
    ("log", "Log", (("at", "When"), ("actor_kind", "By"), ("action", "What"))),
)  # fmt: skip
HEADS = {text: text for _, heading, columns in _PAPER for text in (heading, *(head for _, head in columns))}
# What the keys in a column say, where they are not for programs: the file has the keys.
_WORDS: dict[tuple[str, str], Mapping[str, str]] = {
    ("packages", "kind"): credit_words.ORIGINS,
    ("credit_lots", "status"): credit_words.STATES,
    ("credit_moves", "kind"): credit_words.MOVES,
    ("appointments", "state"): STATE_WORDS,
    ("sales", "channel"): CHANNEL_WORDS,
    ("tax_exemptions", "reason"): EXEMPT_REASONS,
    ("tenders", "kind"): {kind: one.label for kind, one in TENDER_KINDS.items()},
    ("account_credit_moves", "kind"): MOVES,
    ("log", "actor_kind"): ACTORS,
    ("log", "action"): ACTIONS,
}
# More of one section than this is in the file alone.
MOST_ROWS = 400


class _Writer:
    """Words, instants and amounts of one paper, in the language and time of one location."""

    def __init__(self, w: Translator, time_zone: str, places: dict[UUID, tuple[str, str]]) -> None:
        self.w, self.time_zone, self.places = w, time_zone, places
        # Of sales and lots seen so far, for the rows that name them.
        self.currencies: dict[Any, str] = {}

    def _currency(self, row: dict[str, Any]) -> str:
        if "currency" in row:
            self.currencies[row.get("id")] = row["currency"]
            return str(row["currency"])
        if "location_id" in row:
            return self.places[row["location_id"]][1]
        return next(
            (self.currencies[row[name]] for name in ("sale_id", "lot_id") if row.get(name) in self.currencies), ""
        )

    def cell(self, section: str, name: str, value: Any, row: dict[str, Any]) -> str:
        if value is None or value == "":
            return "–"
        if words := _WORDS.get((section, name)):
            return self.w(words.get(value, value))
        if name == "location_id":
            return self.places[value][0]
        if name.endswith("_minor"):
            currency = self._currency(row)
            return self.w.amount(value, currency) if currency else "–"
        match value:
            case bool():
                return self.w("yes") if value else self.w("no")
            case datetime():
                return self.w.moment(value, self.time_zone)
            case date():
                return self.w.day(value)
            case UUID():
                return value.hex[-8:]
            case str() if name in ("reason", "note"):
                return str(translated(kept_reason(value), self.w))
            case str() if name == "locale":
                return self._language(value)
            case _:
                return str(value)

    def _language(self, code: str) -> str:
        try:
            return Locale.parse(code.replace("-", "_")).get_display_name(self.w.locale) or code
        except (UnknownLocaleError, ValueError):
            return code

    def section(
        self, section: str, heading: str, columns: Sequence[tuple[str, str]], rows: Iterable[dict[str, Any]]
    ) -> Section | None:
        found: list[tuple[str, ...]] = []
        note = ""
        for row in rows:
            if len(found) == MOST_ROWS:
                note = self.w("Only the first %(most)s rows. The JSON file has all of them.", most=MOST_ROWS)
                break
            found.append(tuple(self.cell(section, name, row.get(name), row) for name, _ in columns))
        if not found:
            return None
        heads = tuple(
            Column(heading=self.w(head), align="end" if name.endswith("_minor") else "start") for name, head in columns
        )
        return Section(columns=heads, rows=tuple(found), heading=self.w(heading), note=note)


def client_document(client_id: UUID) -> ReportDocument:
    """All that is kept of a client; raises NotFound."""
    session = reading()
    one_moment(session)
    records = records_of(session, client_id)
    places = all_places(session)
    where = places[0]
    w = translator(where.locale)
    writer = _Writer(w, where.time_zone, {place.id: (place.name, place.currency) for place in places})
    sections = {one.name: one for one in kept_data.sections_of(records)}
    found = []
    for name, heading, columns in _PAPER:
        kept = writer.section(name, heading, columns, _of(name, sections[name], session))
        if kept is not None:
            found.append(kept)
    now = clock.now()
    return ReportDocument(
        language=where.locale.replace("_", "-"),
        title=w("What is kept of %(name)s", name=records[0].name),
        clinic=Clinic(
            name=where.clinic_name,
            address=tuple(where.address_lines),
            tax_ids=(where.tax_id,) if where.tax_id else (),
        ),
        issued_at=w.moment(now, where.time_zone),
        issued_iso=now.isoformat(),
        sections=tuple(found),
        labels={key: w(text) for key, text in REPORT_LABELS.items()},
        footer=w("A sale, an order or a record is named by the last eight signs of its key in the JSON file."),
        landscape=True,
    )


def _of(name: str, section: kept_data.Section, session: Session) -> Iterable[dict[str, Any]]:
    rows = kept_data.rows_of(session, section)
    if name == "records":
        return [row for row in rows if row["erased_at"] is None]
    return rows


@document("client_data", office=Address("/clients/<uuid:client_id>/data", Permission.MANAGE_CLIENTS, personal=True))
def _client_data(client_id: UUID, reader: Reader) -> Printed:
    return Printed(client_document(client_id), f"client-{client_id.hex[-8:]}")
