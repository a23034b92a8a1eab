"""Sending views whose time has come: put into the outbox once for each time, made and mailed from there.

A time that was missed because no worker ran is sent when one runs, and once however many were missed: the next time is
reckoned from then. Who gets it is looked at again when it is sent.
"""

from __future__ import annotations

import io
import logging
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy.orm import Session

from pos.core import clock, outbox
from pos.core.app_context import settings
from pos.core.database.base import reading
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Invalid
from pos.core.i18n.message import translated_text
from pos.core.i18n.translator import translator
from pos.core.mail import Attachment
from pos.core.messages.books import REPORT_TOO_LARGE_TO_MAIL
from pos.domain.locations.csv_forms import RFC_4180
from pos.domain.saved_views.models import SavedView, ViewSchedule
from pos.domain.saved_views.queries import schedules_due
from pos.domain.saved_views.times import next_time
from pos.domain.staff.models import Staff
from pos.domain.staff.permissions import Permission
from pos.domain.staff.queries import Person, by_key
from pos.reports.analysis.narrowing import parse_only, require_there
from pos.reports.comparison.compared import COMPARE, in_comparison
from pos.reports.exporters import csv_parts, write_xlsx
from pos.reports.listed import reports
from pos.reports.period import Scope, days_of, file_name, one_moment
from pos.reports.registry import Report
from pos.services.documents.declared_reports import as_pdf, report_document
from pos.services.mailer import post_letter, write_letter
from pos.services.saved_views.schedule import may_get, places_of

log = logging.getLogger(__name__)

TOPIC = "report_mail"
# Mail servers refuse larger letters; in a letter a file is a third larger.
MOST_BYTES = 7_000_000
_MEDIA = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}


def _who(session: Session, staff_id: UUID, report: Report) -> Person | None:
    """Somebody who works here and may have a report's files; None for anybody else."""
    row = session.get(Staff, staff_id)
    if row is None or not row.active or not row.email:
        return None
    person = by_key(session, staff_id)
    return person if may_get(person.role, report) else None


def _recipients(session: Session, view: SavedView, schedule: ViewSchedule, report: Report) -> list[Person]:
    """Who gets a view by mail now: its owner, and whom they chose as long as they may choose people.

    Nobody where the owner has left or may not see the report any more: the view is theirs.
    """
    owner = _who(session, view.owner_id, report)
    if owner is None or not places_of(session, view, owner.locations):
        return []
    chosen = schedule.people if view.location_id and owner.may(Permission.MANAGE_BOOKS) else []
    others = [person for key in chosen if (person := _who(session, UUID(key), report)) is not None]
    return [owner, *(person for person in others if places_of(session, view, person.locations))]


@unit_of_work
def _queue(session: Session, view_id: UUID, due_at: datetime) -> int:
    """Put the mails of one time into the outbox and move the schedule on; none where somebody else has done so."""
    view = session.get(SavedView, view_id, with_for_update=True, populate_existing=True)
    schedule = session.get(ViewSchedule, view_id, with_for_update=True, populate_existing=True)
    if schedule is None or view is None or schedule.next_at != due_at:
        return 0
    now, owner = clock.now(), by_key(session, view.owner_id)
    places = places_of(session, view, owner.locations)
    schedule.next_at = next_time(
        every=schedule.every, on_day=schedule.on_day, hour=schedule.hour, after=now,
        time_zone=places[0].time_zone if places else "UTC",
    )  # fmt: skip
    report = reports().get(view.report)
    people = _recipients(session, view, schedule, report) if report else []
    for person in people:
        facts = {"view_id": str(view_id), "staff_id": str(person.id), "on": places[0].business_date(now).isoformat()}
        outbox.record(session, TOPIC, facts, key=f"{TOPIC}:{view_id}:{person.id}:{due_at.isoformat()}")
    return len(people)


def queue_due() -> int:
    """Put what is to be sent now into the outbox; returns how many mails. Cheap when nothing is due."""
    return sum(_queue(view_id, due_at) for view_id, due_at in schedules_due(reading(), clock.now()))


def _content(report: Report, scope: Scope, file: str) -> bytes:
    """The file of a report; raises Invalid where it is too large to be mailed or too long for paper."""
    session = reading()
    one_moment(session)
    if file == "pdf":
        return as_pdf(report_document(report, session, scope), scope)
    out = io.BytesIO()
    if file == "xlsx":
        write_xlsx(report.sheets(session, scope), out)
    else:
        form = RFC_4180 if report.for_programs else scope.csv_form
        for part, _rows in csv_parts(report.sheet(session, scope), for_spreadsheet=not report.for_programs, form=form):
            out.write(part)
            if out.tell() > MOST_BYTES:
                break
    if out.tell() > MOST_BYTES:
        raise Invalid(REPORT_TOO_LARGE_TO_MAIL)
    return out.getvalue()


def mail_report(payload: dict[str, Any]) -> None:
    """Mail a view to one person, unless it is not sent any more or they may not have it any more."""
    session, view_id = reading(), UUID(payload["view_id"])
    view, schedule = session.get(SavedView, view_id), session.get(ViewSchedule, view_id)
    declared = reports().get(view.report) if view else None
    report = in_comparison(declared, view.filters.get(COMPARE, "")) if view and declared else None
    if view is None or schedule is None or report is None or not view.period:
        return
    staff_id = UUID(payload["staff_id"])
    person = next((one for one in _recipients(session, view, schedule, report) if one.id == staff_id), None)
    if person is None:
        log.info("the view %s is not sent to %s any more", view_id, staff_id)
        return
    places = places_of(session, view, person.locations)
    from_on, to_on = days_of(view.period, date.fromisoformat(payload["on"]))
    scope = Scope(places, from_on, to_on)
    where, w = places[0], translator(places[0].locale)
    to, name, view_name, file = session.get_one(Staff, staff_id).email or "", person.name, view.name, schedule.file
    days = w.day(from_on) if from_on == to_on else f"{w.day(from_on)} – {w.day(to_on)}"
    attachments: tuple[Attachment, ...] = ()
    why = ""
    try:
        scope = replace(scope, only=parse_only({name: view.filters.get(name, "") for name in report.filters}))
        require_there(session, scope)
        attachments = (Attachment(file_name(report.name, scope, file), _MEDIA[file], _content(report, scope, file)),)
    except Invalid as refused:
        why = translated_text(refused.sentence, w)
    args = {"from": from_on, "to": to_on, "view": view_id, **view.filters}
    if len(places) == 1:
        args["location"] = where.slug
    post_letter(
        write_letter(
            "report",
            to=to,
            subject=w("%(name)s: %(days)s", name=view_name, days=days),
            locale=where.locale,
            site_name=where.clinic_name,
            attachments=attachments,
            name=name,
            clinic=where.clinic_name,
            report=w(report.title),
            view=view_name,
            days=days,
            where=", ".join(place.name for place in places),
            why=why,
            report_url=f"{settings().base_url}/office/reports/{report.name}?{urlencode(args)}",
        )
    )
