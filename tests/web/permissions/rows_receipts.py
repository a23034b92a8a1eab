"""Permissions of the pages about what receipts look like: method, rule, what everybody gets, what is asked, if it writes."""

from __future__ import annotations

from pos.core.ids import new_id
from pos.domain.locations.queries import place
from pos.services.locations.receipt_settings import look_of
from tests.web.permissions.permission_fixtures import PermissionFixtures
from tests.web.permissions.permission_requests import Probe, office
from tests.web.permissions.permission_row import Row


def look_asked(t: PermissionFixtures) -> Probe:
    with t.clinic.read() as session:
        seen = look_of(place(session, t.clinic.usd.location_id)).state_token
    return Probe(form={"receipt_note": f"Thanks {new_id()}", "seen": seen}, query="?location=riverside")


def test_sale_asked(t: PermissionFixtures) -> Probe:
    """At a location that has sold something, where nobody makes a test sale any more."""
    t.drawers(open_=True)
    assert t.small_sale
    item, desk = t.clinic.items["trigger_60"], t.clinic.usd.desk
    return Probe(form={"sale_id": str(new_id()), "item": str(item), "desk": str(desk)}, query="?location=riverside")


RECEIPTS = "/office/settings/receipts"
ROWS = (
    Row("GET", RECEIPTS, office(bookkeeper=403)),
    Row("POST", RECEIPTS, office(303, bookkeeper=403), look_asked),
    Row("GET", f"{RECEIPTS}/preview", office(bookkeeper=403)),
    Row("POST", f"{RECEIPTS}/preview", office(bookkeeper=403), look_asked, writes=False),
    Row("GET", "/office/test-sale", office(bookkeeper=403)),
    Row("POST", "/office/test-sale", office(409, bookkeeper=403), test_sale_asked, writes=False),
)
