"""Clients: a list to search, and one client's packages, moves and visits."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, request

from pos.clients.queries import client as client_of
from pos.credits import statement
from pos.kernel.db import reading
from pos.reports.people import listed_clients
from pos.reports.sales import sale_rows
from pos.reports.scope import FIRST, LAST, Scope
from pos.sales.models import Sale
from pos.staff.rules import Permission
from pos.web.common.guards import requires
from pos.web.office.asked import PAGE_ROWS, own_ids, own_places, page_number, pages
from pos.web.office.blueprint import bp
from pos.web.office.package_words import move_words, status_words
from pos.web.office.statement import statement_page

VISITS = 50


@bp.get("/clients")
@requires(Permission.SEE_CLIENTS)
@requires(Permission.SEE_REPORTS)
def clients() -> str:
    """Clients by name, e-mail or phone, with the credits they have left here."""
    text = request.args.get("search", "")[:80]
    offset = (page_number() - 1) * PAGE_ROWS
    rows = listed_clients(reading(), own_places(), text, limit=PAGE_ROWS + 1, offset=offset)
    shown = rows[:PAGE_ROWS]
    return render_template(
        "office/clients.html",
        search=text,
        rows=shown,
        pages=pages(len(shown), len(rows) > PAGE_ROWS, search=text),
    )


@bp.get("/clients/<uuid:client_id>")
@requires(Permission.SEE_CLIENTS)
@requires(Permission.SEE_REPORTS)
def client(client_id: UUID) -> str:
    """One client: packages, the statement of their credits as of a day, and the latest visits, at one's locations."""
    session, places = reading(), own_places()
    found = client_of(session, client_id)
    lots = [lot for lot in statement.lots_held(session, client_id) if lot.location_id in own_ids()]
    shown = statement_page(lots, places[0], client_id=client_id)
    scope = Scope(places, FIRST, LAST)
    visits = sale_rows(session, scope, which=Sale.client_id == client_id, newest_first=True, limit=VISITS)
    return render_template(
        "office/client.html",
        client=found,
        lots=lots,
        shown=shown,
        move_words=move_words(),
        status_words=status_words(),
        visits=list(visits),
        places={place.id: place for place in places},
    )
