"""The rows of the permission table for exports to bookkeeping programs and the files of months."""

from __future__ import annotations

from uuid import UUID

from pos.core.clock import now
from pos.core.ids import new_id
from pos.domain.bookkeeping.models import MonthFile
from pos.services.bookkeeping import month_files
from pos.services.bookkeeping.export_journal import export_journal
from tests.web.permissions.permission_fixtures import PermissionFixtures
from tests.web.permissions.permission_requests import Probe, office
from tests.web.permissions.permission_row import Row

PAGE = "/office/money/bookkeeping"


def _days(t: PermissionFixtures) -> str:
    """Days on which something is booked at Riverside."""
    _ = t.sale
    return "?location=riverside&program=csv&from=2026-06-01&to=2026-06-30"


def _export(t: PermissionFixtures) -> UUID:
    today = now().date()
    _ = t.sale
    with t.clinic.app.app_context():
        return export_journal(
            location_id=t.clinic.usd.location_id, staff_id=None, program_key="csv", from_on=today.replace(day=1),
            to_on=today, again=True,
        ).export_id  # fmt: skip


def _month_file(t: PermissionFixtures, state: str = "making") -> UUID:
    """The file of a month of Riverside, in some state; one that is ready lies where its bytes are looked for."""
    at = now()
    row = MonthFile(
        location_id=t.clinic.usd.location_id, month_on=at.date().replace(day=1), state=state, done=1, total=2, size=3,
        asked_at=at, ended_at=None if state == "making" else at,
    )  # fmt: skip
    t.clinic.write(lambda session: (session.add(row), session.flush()))
    if state == "ready":
        with t.clinic.app.app_context():
            month_files._whole(row.id).write_bytes(b"PK!")
    return row.id


def month_asked(t: PermissionFixtures) -> Probe:
    """A month that nobody has asked for yet: one of the past, each time an earlier one."""
    t.months_asked = getattr(t, "months_asked", 0) + 1
    year, month = divmod(2025 * 12 - t.months_asked, 12)
    return Probe(form={"month": f"{year}-{month + 1:02d}"}, query="?location=riverside")


def accounts_asked(t: PermissionFixtures) -> Probe:
    """Another name for an account each time."""
    t.months_asked = getattr(t, "months_asked", 0) + 1
    form = {"account.bank": f"House bank {t.months_asked}"}
    return Probe(form=form, query="?location=riverside&program=quickbooks-online")


ROWS = (
    Row("GET", "/office/money/accounts", office()),
    Row("POST", "/office/money/accounts", office(303, bookkeeper=403), lambda t: Probe(
        form={"key": "bank", "code": f"B{new_id().hex[-8:]}", "name": "House bank"})),
    Row("GET", PAGE, office(), lambda t: Probe(query=_days(t))),
    Row("POST", PAGE, office(303, bookkeeper=303), lambda t: Probe(form={"again": "yes"}, query=_days(t))),
    Row("GET", f"{PAGE}/exports/<uuid:export_id>", office(), lambda t: Probe({"export_id": _export(t)})),
    Row("GET", f"{PAGE}/accounts", office(), lambda t: Probe(query="?location=riverside&program=datev")),
    Row("POST", f"{PAGE}/accounts", office(303, bookkeeper=403), accounts_asked),
    Row("GET", f"{PAGE}/cash-data", office(bookkeeper=403), lambda t: Probe(query="?location=riverside")),
    # No location of the manager is in Germany: the file is refused with the page that says so.
    Row("GET", f"{PAGE}/cash-data.zip", office(409, bookkeeper=403), lambda t: Probe(query="?location=riverside")),
    Row("POST", f"{PAGE}/months", office(303, bookkeeper=303), month_asked),
    Row("GET", f"{PAGE}/months/<uuid:file_id>", office(303, bookkeeper=303), lambda t: Probe({"file_id": _month_file(t)})),
    Row("POST", f"{PAGE}/months/<uuid:file_id>/cancel", office(303, bookkeeper=303), lambda t: Probe(
        {"file_id": _month_file(t)}, form={})),
    Row("GET", f"{PAGE}/months/<uuid:file_id>.zip", office(), lambda t: Probe({"file_id": _month_file(t, "ready")})),
)  # fmt: skip
