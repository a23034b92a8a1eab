"""The checks of the books, in words."""

from __future__ import annotations

from flask import render_template, request

from pos.kernel import clock
from pos.kernel.db import reading
from pos.reports.verify import heads, verify
from pos.staff.rules import Permission
from pos.web.common.guards import requires
from pos.web.common.security import limiter
from pos.web.office import bp
from pos.web.office.asked import own_ids, own_places


@bp.get("/checks")
@requires(Permission.RUN_CHECKS)
def checks() -> str:
    """The page: the checks run at once and take their place when they are done."""
    return render_template("office/checks.html", results=None)


@bp.get("/checks/run")
@requires(Permission.RUN_CHECKS)
@limiter.limit("12 per minute")
def run_checks() -> str:
    """Run them for the person's locations; a part for htmx, a page without it."""
    mine, place = own_ids(), own_places()[0]
    results = verify(reading(), location_ids=mine)
    facts = {
        "results": results,
        "heads": heads(reading(), mine),
        "at": clock.now(),
        "zone": place.time_zone,
    }
    return render_template(
        "office/_checked.html" if request.headers.get("HX-Request") else "office/checks.html", **facts
    )
