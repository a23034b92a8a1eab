"""The saved views that a person may open: those of reports they may see, at locations they work at."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from pos.core.errors import NotFound
from pos.core.messages.books import NO_SUCH_REPORT, NO_SUCH_VIEW
from pos.domain.saved_views.models import SavedView
from pos.domain.saved_views.queries import views_for
from pos.domain.staff.queries import Person
from pos.reports.listed import reports
from pos.reports.registry import Report


def _seen(person: Person, name: str) -> Report | None:
    found = reports().get(name)
    return found if found is not None and person.may(found.permission) else None


def visible_report(person: Person, name: str) -> Report:
    """A declared report that somebody may see; raises NotFound."""
    found = _seen(person, name)
    if found is None:
        raise NotFound(NO_SUCH_REPORT)
    return found


def visible_views(session: Session, person: Person) -> list[tuple[SavedView, Report]]:
    """Each with its report, by name; none of a report that the person may not see, or that there is no more."""
    found = ((view, _seen(person, view.report)) for view in views_for(session, person))
    return [(view, report) for view, report in found if report is not None]


def visible_view(session: Session, person: Person, view_id: UUID) -> tuple[SavedView, Report]:
    """One of them; raises NotFound."""
    for view, report in visible_views(session, person):
        if view.id == view_id:
            return view, report
    raise NotFound(NO_SUCH_VIEW)
