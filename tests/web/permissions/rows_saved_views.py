"""The rows of the permission table for saved views of reports."""

from __future__ import annotations

from uuid import UUID

from pos.core.clock import now
from pos.core.ids import new_id
from pos.domain.saved_views.models import SavedView, ViewSchedule
from tests.web.permissions.permission_fixtures import PermissionFixtures
from tests.web.permissions.permission_requests import DOOR, Cells, Probe, office
from tests.web.permissions.permission_row import Row

PAGE = "/office/reports/views"
ASKED = "report=tips&location=riverside&period=last-month"
# The view of the table is shared by the manager: only they change it, whoever manages the location deletes it.
OF_MANAGER: Cells = (DOOR, DOOR, DOOR, 403, 403, 403, 303, 403, 403)


def shared_view(t: PermissionFixtures) -> UUID:
    """A view of Riverside that the manager shares."""
    view = SavedView(
        id=new_id(), owner_id=t.clinic.manager.id, location_id=t.clinic.usd.location_id, report="tips",
        name=f"Tips {new_id().hex}", period="last-month", filters={}, shared=True, saved_at=now(),
    )  # fmt: skip
    t.clinic.write(lambda session: (session.add(view), session.flush()))
    return view.id


def sent_view(t: PermissionFixtures) -> UUID:
    """The same, sent by mail."""
    view_id = shared_view(t)
    row = ViewSchedule(view_id=view_id, every="day", on_day=0, hour=7, file="csv", people=[], next_at=now())
    t.clinic.write(lambda session: (session.add(row), session.flush()))
    return view_id


def _form() -> dict[str, str]:
    return {"name": f"Tips {new_id().hex}", "days": "last-month"}


ROWS = (
    Row("GET", f"{PAGE}/new", office(), lambda t: Probe(query=f"?{ASKED}")),
    Row("POST", f"{PAGE}/new", office(303, bookkeeper=303), lambda t: Probe(form=_form(), query=f"?{ASKED}")),
    Row("GET", f"{PAGE}/<uuid:view_id>", office(bookkeeper=403), lambda t: Probe(
        {"view_id": shared_view(t)}, query="?location=riverside&period=last-month")),
    Row("POST", f"{PAGE}/<uuid:view_id>", OF_MANAGER, lambda t: Probe(
        {"view_id": shared_view(t)}, form=_form(), query="?location=riverside&period=last-month")),
    Row("POST", f"{PAGE}/<uuid:view_id>/delete", office(303, bookkeeper=403), lambda t: Probe(
        {"view_id": shared_view(t)}, form={})),
    Row("POST", f"{PAGE}/<uuid:view_id>/mails", OF_MANAGER, lambda t: Probe(
        {"view_id": shared_view(t)}, form={"every": "day", "hour": "7", "file": "csv"},
        query="?location=riverside&period=last-month")),
    Row("POST", f"{PAGE}/<uuid:view_id>/mails/end", office(303, bookkeeper=403), lambda t: Probe(
        {"view_id": sent_view(t)}, form={})),
)  # fmt: skip
