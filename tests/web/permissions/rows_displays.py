"""The rows of the permission table for the screens that face the client, which are let in by a token of their own."""

from __future__ import annotations

from pos.core.ids import new_id
from pos.domain.displays.pairing import of_desk
from pos.services.locations.displays import pair_display, show_code
from tests.web.permissions.permission_fixtures import PermissionFixtures
from tests.web.permissions.permission_requests import Probe, anybody, desk, office
from tests.web.permissions.permission_row import Row

PAGE, OFFICE = "/register/display", "/office/settings/displays"
# Nobody's cookies are those of a display.
STRANGER = anybody(404)


def _wrong_code(t: PermissionFixtures) -> Probe:
    return Probe(form={"code": "000 00"})


def _tip(t: PermissionFixtures) -> Probe:
    return Probe(json={"ticket_id": str(new_id()), "percent": "10"})


def _desk(t: PermissionFixtures) -> Probe:
    return Probe({"desk_id": t.clinic.usd.desk}, form={})


def _paired(t: PermissionFixtures) -> Probe:
    here = t.clinic.usd
    with t.clinic.read() as session:
        row = of_desk(session, here.desk)
        if row is not None and row.token_hash:
            return _desk(t)
    with t.clinic.app.app_context():
        code = show_code(desk_id=here.desk, location_ids={here.location_id}, staff_id=t.clinic.manager.id)
        pair_display(code=code)
    return _desk(t)


ROWS = (
    Row("GET", f"{PAGE}/", anybody()),
    Row("POST", f"{PAGE}/pair", anybody(422), _wrong_code, writes=False),
    Row("GET", f"{PAGE}/state", anybody()),
    Row("POST", f"{PAGE}/tip", STRANGER, _tip, writes=False),
    Row("GET", f"{PAGE}/code.svg", STRANGER),
    Row("GET", f"{PAGE}/receipt.svg", STRANGER),
    Row("GET", "/register/api/display", desk(200, other=200)),
    Row("GET", OFFICE, office(bookkeeper=403)),
    Row("POST", f"{OFFICE}/<uuid:desk_id>/code", office(bookkeeper=403), _desk),
    Row("POST", f"{OFFICE}/<uuid:desk_id>/unpair", office(303, bookkeeper=403), _paired),
)
