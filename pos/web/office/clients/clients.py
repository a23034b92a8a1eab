"""Clients: a list to search, and one client's packages, moves and visits."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from pos.core.database.base import reading
from pos.core.paging.window import Window
from pos.domain.clients.merging import merges_of
from pos.domain.clients.queries import client as client_of
from pos.domain.clients.records import alike, facts_of
from pos.domain.credits import statement
from pos.domain.staff.permissions import Permission
from pos.reports.clients.client_list import listed_clients
from pos.reports.period import FIRST, LAST, Scope
from pos.reports.sales.sales_rows import bought_by, sale_rows
from pos.web.common.permissions import may_chain_wide, requires
from pos.web.office.blueprint import bp
from pos.web.office.packages.labels import move_labels, status_labels
from pos.web.office.packages.statement import statement_page
from pos.web.office.request_args import (
    keyed_pages,
    own_ids,
    own_places,
    requested_window,
)

VISITS = 50


@bp.get("/clients")
@requires(Permission.SEE_CLIENTS)
@requires(Permission.SEE_REPORTS)
def clients() -> str:
    """Clients by name, e-mail or phone, with the credits they have left here."""
    text = request.args.get("search", "")[:80]
    window = requested_window(str, UUID)
    found = listed_clients(reading(), own_places(), text, window)
    shown, pager = keyed_pages(found, window, lambda row: row.key, search=text)
    return render_template(
        "office/clients/clients.html",
        search=text,
        rows=shown,
        pages=pager,
    )


@bp.get("/clients/<uuid:client_id>")
@requires(Permission.SEE_CLIENTS)
@requires(Permission.SEE_REPORTS)
def client(client_id: UUID) -> str | AnyResponse:
    """One client: packages, the statement of their credits as of a day, and the latest visits, at one's locations.

    The address of a record that was merged leads to the one that remains.
    """
    session, places = reading(), own_places()
    found = client_of(session, client_id)
    if found.id != client_id:
        return redirect(url_for("office.client", client_id=found.id))
    lots = [lot for lot in statement.lots_held(session, client_id) if lot.location_id in own_ids()]
    shown = statement_page(lots, places[0], client_id=client_id)
    scope = Scope(places, FIRST, LAST)
    visits = sale_rows(session, scope, which=bought_by(client_id), window=Window(VISITS))
    return render_template(
        "office/clients/client.html",
        client=found,
        lots=lots,
        shown=shown,
        move_words=move_labels(),
        status_words=status_labels(),
        visits=list(visits),
        places={place.id: place for place in places},
        merges=merges_of(session, client_id),
        alike=alike(session, facts_of(found), but=client_id) if may_chain_wide() and not found.erased_at else [],
        may_merge=may_chain_wide(),
    )
