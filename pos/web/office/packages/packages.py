"""Packages: what lives, what is owed for it, what expires soon; and one package with all that happened to it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from flask import render_template, request
from flask_babel import gettext as _

from pos.core.database.base import reading
from pos.core.errors import NotFound
from pos.core.messages.packages import NO_SUCH_PACKAGE
from pos.core.paging.window import Window
from pos.domain.clients.queries import client as client_of
from pos.domain.credits.freezes import freezes_of
from pos.domain.credits.sharing import shares_of
from pos.domain.credits.statement import lots_in
from pos.domain.staff.permissions import Permission
from pos.reports.books.deferred_revenue import AGES, live_packages, owed
from pos.reports.period import one_moment
from pos.web.common.permissions import requires
from pos.web.common.template_context import page_translator
from pos.web.office.blueprint import bp
from pos.web.office.labels import Point
from pos.web.office.packages.adjustments import KINDS, action_labels
from pos.web.office.packages.labels import move_labels, status_labels, term_labels
from pos.web.office.packages.statement import statement_page
from pos.web.office.request_args import (
    keyed_pages,
    own_places,
    requested_places,
    requested_window,
)

SOON = timedelta(days=30)


@bp.get("/packages")
@requires(Permission.SEE_REPORTS)
def packages() -> str:
    """Live packages with their value, beside the ledger's liability."""
    places, session, w = requested_places(), reading(), page_translator()
    one_moment(session)
    found = owed(session, places)
    location = request.args.get("location", "")
    window = requested_window(date, datetime, UUID)
    rows, pager = keyed_pages(
        live_packages(session, places, window=window), window, lambda row: row.key, location=location
    )
    return render_template(
        "office/packages/packages.html",
        owed=found,
        ages={
            one.place.id: [
                Point(_(words), minor, w.amount(minor, one.currency))
                for (words, _months), minor in zip(AGES, one.ages, strict=True)
            ]
            for one in found
        },
        expiring=live_packages(session, places, expiring_within=SOON, window=Window(200)),
        rows=rows,
        pages=pager,
        own_places=own_places(),
        location=location,
    )


@bp.get("/packages/<uuid:package_id>")
@requires(Permission.SEE_REPORTS)
def package(package_id: UUID) -> str:
    """One package: its lots, terms, people, the statement of every move, and the actions a manager may do."""
    session, mine = reading(), {place.id: place for place in own_places()}
    lots = [lot for lot in lots_in(session, package_id) if lot.location_id in mine]
    if not lots:
        raise NotFound(NO_SUCH_PACKAGE)
    first = lots[0]
    place = mine[first.location_id]
    keys = [lot.lot_id for lot in lots]
    buyer = client_of(session, first.purchaser_id)
    done = request.args.get("done", "")
    return render_template(
        "office/packages/package.html",
        first=first,
        lots=lots,
        place=place,
        buyer=buyer,
        today=place.today(),
        terms=term_labels(first),
        shares=shares_of(session, keys),
        freezes={freeze.lot_id: freeze for freeze in freezes_of(session, keys) if freeze.ended_on is None},
        shown=statement_page(lots, place, package_id=package_id),
        holders={lot.lot_id: lot.client for lot in lots} if len(lots) > 1 else {},
        move_words=move_labels(),
        status_words=status_labels(),
        actions=action_labels(),
        done=action_labels()[done][0]
        if done in KINDS
        else _("Complimentary credit")
        if done == "complimentary"
        else "",
    )
