"""Who takes the next part of a ticket that is partly paid, and who gives its parts back."""

from __future__ import annotations

from uuid import UUID

from tests.support.clinic import line
from tests.web.permissions.permission_fixtures import PermissionFixtures
from tests.web.permissions.permission_requests import Probe, desk
from tests.web.permissions.permission_row import Row

PAYMENT = "/register/api/payments/<uuid:order_id>"
NEXT_PART = {"kind": "cash", "amount_minor": 100, "expected_rest_minor": 71_00, "is_part": True}
GIVE_BACK = {"expected_rest_minor": 71_00}


def fresh_part(t: PermissionFixtures) -> UUID:
    """A ticket of the first desk, 81.00, of which 10.00 were received in cash."""
    return t.till.charge(t.till.command(t.till.ticket(line("foot_60")), cash=10_00, card_minor=0)).order_id


ROWS = (
    Row("POST", f"{PAYMENT}/part", desk(200), lambda t: Probe({"order_id": fresh_part(t)}, json=NEXT_PART)),
    Row("POST", f"{PAYMENT}/give-back", desk(200), lambda t: Probe({"order_id": fresh_part(t)}, json=GIVE_BACK)),
)
