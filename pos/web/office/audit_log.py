"""The audit log of the person's locations: searched, paged, and as files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import Response, make_response, render_template, request, url_for
from sqlalchemy.orm import Session

from pos.core.database.base import reading
from pos.core.errors import Invalid
from pos.core.i18n.sanitize import printable
from pos.core.messages.books import FILTER_GONE, FILTER_PERSON
from pos.domain.locations.queries import Place
from pos.domain.staff.permissions import Permission
from pos.reports.analysis.narrowing import parse_key
from pos.reports.audit.action_words import ACTORS, action_words, actions_called
from pos.reports.audit.audit_log import AuditSearch, actors, audit_rows, audit_sheet
from pos.reports.audit.field_words import field_words
from pos.reports.exporters import csv_parts, write_xlsx
from pos.reports.period import Scope, file_name, one_moment
from pos.web.common.downloads import CSV, XLSX, csv_habits, file_answer, sent_as_written
from pos.web.common.permissions import may_chain_wide, requires
from pos.web.common.template_context import page_translator
from pos.web.office.blueprint import bp
from pos.web.office.filters import AskedFilters
from pos.web.office.request_args import (
    keyed_pages,
    own_ids,
    own_places,
    requested_scope,
    requested_window,
    required_scope,
)


@dataclass(frozen=True)
class Narrowed:
    """Whose actions are wanted, or everybody's, and by which words."""

    actor_id: UUID | None
    text: str

    def search(self, scope: Scope) -> AuditSearch:
        """What is looked for in some days; of all locations together also what is of none."""
        chain_wide = not request.args.get("location") and may_chain_wide()
        called = actions_called(self.text, page_translator())
        return AuditSearch(scope, actor_id=self.actor_id, text=self.text, chain_wide=chain_wide, called=called)


def _narrowed(places: tuple[Place, ...]) -> tuple[Narrowed, AskedFilters]:
    """What the address asks for, and its filters with what of them is wrong."""
    filters, actor_id = AskedFilters((), places), None
    if typed := request.args.get("person", "")[:40]:
        with filters.noted("person"):
            actor_id = parse_key("person", typed, FILTER_PERSON)
            if actor_id not in dict(actors(reading(), own_ids())):
                raise Invalid(FILTER_GONE(filter=FILTER_PERSON), field="person")
    return Narrowed(actor_id, filters.narrows("text", printable(request.args.get("text", ""), 100))), filters


def _file_asked() -> tuple[Scope, AuditSearch]:
    """The days and the search of a file; raises Invalid where the page would show what was typed."""
    scope = required_scope()
    wanted, filters = _narrowed(scope.places)
    filters.require(url_for("office.audit_log"))
    return scope, wanted.search(scope)


@bp.get("/settings/audit-log")
@requires(Permission.MANAGE_BOOKS)
def audit_log() -> Response:
    """Who did what, newest first."""
    question, session = requested_scope(days=30), reading()
    wanted, filters = _narrowed(question.places)
    args = question.args() | {"person": str(wanted.actor_id or ""), "text": wanted.text}
    shared = {
        "asked": question,
        "refused": filters,
        "args": args,
        "own_places": own_places(),
        "people": actors(session, own_ids()),
        "actors": ACTORS,
        "action_words": action_words,
        "field_words": field_words,
    }
    if question.scope is None or filters.wrong:
        shared["asked"] = filters.refused(question)
        return make_response(render_template("office/settings/audit_log.html", **shared), 422)
    one_moment(session)
    window, search = requested_window(datetime, UUID), wanted.search(question.scope)
    rows, pager = keyed_pages(audit_rows(session, search, window), window, lambda row: row.key, **args)
    zone = own_places()[0].time_zone
    return make_response(render_template("office/settings/audit_log.html", **shared, rows=rows, pages=pager, zone=zone))


@bp.get("/settings/audit-log.csv")
@requires(Permission.MANAGE_BOOKS)
def audit_log_csv() -> Response:
    """The same as CSV."""
    scope, search = _file_asked()

    def parts(session: Session) -> Iterator[bytes]:
        return (part for part, _ in csv_parts(audit_sheet(session, search), **csv_habits(scope)))

    return sent_as_written(parts, name=file_name("audit-log", scope, "csv"), media_type=CSV)


@bp.get("/settings/audit-log.xlsx")
@requires(Permission.MANAGE_BOOKS)
def audit_log_xlsx() -> Response:
    """The same as a workbook."""
    scope, search = _file_asked()
    one_moment(reading())
    return file_answer(
        lambda out: write_xlsx([audit_sheet(reading(), search)], out),
        name=file_name("audit-log", scope, "xlsx"),
        media_type=XLSX,
    )
