"""The checks of the books, in words, what a failing one has stopped, and how a manager lets it go on."""

from __future__ import annotations

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from pos.core import clock
from pos.core.database.base import reading
from pos.core.errors import PosError
from pos.core.i18n.sanitize import printable
from pos.domain.staff.permissions import Permission
from pos.reports.nightly_runs import last_nightly_runs
from pos.reports.verify import heads
from pos.services.backup.schedule import backups_now
from pos.services.integrity.run_checks import check_books, lift_stops
from pos.services.integrity.stops import active_stops, why_stopped
from pos.web.common.permissions import requires
from pos.web.common.security import limiter
from pos.web.common.sessions import current_staff
from pos.web.office.blueprint import bp
from pos.web.office.labels import job_labels
from pos.web.office.request_args import own_ids, own_places, requested_place


def _facts() -> dict[str, object]:
    mine = own_places()
    stops = active_stops(reading(), [place.id for place in mine])
    return {
        "stopped": [
            (place, [(stop, why_stopped(stop)) for stop in stops if stop.location_id == place.id]) for place in mine
        ],
        "nights": last_nightly_runs(reading(), mine),
        "job_words": job_labels(),
        "zone": mine[0].time_zone,
        "backups": backups_now(),
    }


@bp.get("/checks")
@requires(Permission.RUN_CHECKS)
def checks() -> str:
    """The page: the checks run at once and take their place when they are done."""
    return render_template("office/settings/checks.html", results=None, refused=None, **_facts())


@bp.get("/checks/run")
@requires(Permission.RUN_CHECKS)
@limiter.limit("12 per minute")
def run_checks() -> str:
    """Run them for each of the person's locations; a part for htmx, a page without it. What fails stops its location."""
    ran = [(place, check_books(place.id)) for place in own_places()]
    facts = _facts() | {
        "ran": ran,
        "results": [result for _, results in ran for result in results],
        "heads": heads(reading(), own_ids()),
        "at": clock.now(),
        "refused": None,
    }
    return render_template(
        "office/settings/_checked.html" if request.headers.get("HX-Request") else "office/settings/checks.html", **facts
    )


@bp.post("/checks/lift")
@requires(Permission.MANAGE_BOOKS)
def lift() -> AnyResponse:
    """Let cards and credits of a location go on although a check fails; with a reason, which is kept."""
    try:
        lift_stops(
            location_id=requested_place().id,
            staff_id=current_staff().person.id,
            reason=" ".join(printable(request.form.get("reason", ""), 200).split()),
        )
    except PosError as error:
        page = render_template("office/settings/checks.html", results=None, refused=error, **_facts())
        answer: Response = make_response(page, error.status)
        return answer
    return redirect(url_for("office.checks"), 303)
