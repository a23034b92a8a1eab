"""Packages: what lives, what is owed for it, and what expires soon."""

from __future__ import annotations

from datetime import timedelta

from flask import render_template
from flask_babel import gettext as _

from pos.kernel.db import reading
from pos.reports.liability import AGES, live_packages, owed
from pos.reports.scope import one_moment
from pos.staff.rules import Permission
from pos.web.common.guards import requires
from pos.web.common.pages import page_words
from pos.web.office import bp
from pos.web.office.asked import PAGE_ROWS, chosen_places, own_places, page_number, pages
from pos.web.office.words import Point

SOON = timedelta(days=30)


@bp.get("/packages")
@requires(Permission.SEE_REPORTS)
def packages() -> str:
    """Live packages with their value, beside the ledger's liability."""
    places, session, w = chosen_places(), reading(), page_words()
    one_moment(session)
    found = owed(session, places)
    rows = live_packages(session, places, limit=PAGE_ROWS + 1, offset=(page_number() - 1) * PAGE_ROWS)
    location = places[0].slug if len(places) == 1 and len(own_places()) > 1 else ""
    return render_template(
        "office/packages.html",
        owed=found,
        ages={
            one.place.id: [
                Point(_(words), minor, w.amount(minor, one.currency))
                for (words, _months), minor in zip(AGES, one.ages, strict=True)
            ]
            for one in found
        },
        expiring=live_packages(session, places, expiring_within=SOON, limit=200),
        rows=rows[:PAGE_ROWS],
        pages=pages(len(rows[:PAGE_ROWS]), len(rows) > PAGE_ROWS, location=location),
        own_places=own_places(),
        location=location,
    )
