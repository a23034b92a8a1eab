"""Who sends what was taken without the server, and who gets the script that keeps the register's page."""

from __future__ import annotations

from pos.core.ids import new_id
from tests.web.permissions.permission_fixtures import PermissionFixtures
from tests.web.permissions.permission_requests import Probe, anybody, desk
from tests.web.permissions.permission_row import Row


def offline_sale_asked(t: PermissionFixtures) -> Probe:
    """A sale that a desk took without the server, at a price that nothing has: it waits for a person."""
    line = {"line_id": str(new_id()), "item_id": str(t.clinic.items["foot_60"]), "quantity": 1}
    taken = {"due_minor": 1, "cash_minor": 1, "credits": 0, "taken_at": "2026-11-29T12:00:00Z", "taken_by": "Rita"}
    return Probe(json={"sale_id": str(new_id()), "lines": [line], **taken})


ROWS = (
    Row("POST", "/register/api/offline-sales", desk(201, other=201), offline_sale_asked),
    Row("GET", "/register/service-worker.js", anybody()),
)
