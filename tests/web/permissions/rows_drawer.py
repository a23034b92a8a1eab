"""Who opens, counts and closes the drawer of a desk, and moves cash."""

from __future__ import annotations

from pos.core.ids import new_id
from tests.web.permissions.permission_fixtures import PermissionFixtures
from tests.web.permissions.permission_requests import Probe, desk, drawer_asked
from tests.web.permissions.permission_row import Row


def movement_asked(t: PermissionFixtures) -> Probe:
    """Change brought from the bank."""
    return Probe(json={"movement_id": str(new_id()), "kind": "paid_in", "amount_minor": 100, "reason": "Change"})


SHIFT = "/register/api/shift"
ROWS = (
    Row("POST", SHIFT, desk(201, other=201), drawer_asked(opening=True)),
    Row("GET", SHIFT, desk(200, other=200)),
    Row("POST", f"{SHIFT}/close", desk(200, other=200), drawer_asked(opening=False)),
    Row("POST", f"{SHIFT}/movements", desk(201, other=201), movement_asked),
)
