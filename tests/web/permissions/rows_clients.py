"""The rows of what is kept of clients."""

from __future__ import annotations

from pos.core.ids import new_id
from pos.domain.clients.queries import client
from pos.domain.clients.records import facts_of
from tests.web.permissions.permission_fixtures import PermissionFixtures
from tests.web.permissions.permission_requests import Probe, office
from tests.web.permissions.permission_row import Row

CLIENTS = "/office/clients"


def _new(t: PermissionFixtures) -> Probe:
    key = str(new_id())
    return Probe(form={"client_id": key, "given_name": f"New {key}", "locale": "en"})


def _page(t: PermissionFixtures) -> Probe:
    return Probe({"client_id": t.clinic.ana})


def _edit(t: PermissionFixtures) -> Probe:
    with t.clinic.read() as session:
        kept = facts_of(client(session, t.clinic.ana))
    form = {"given_name": kept.given_name, "family_name": kept.family_name, "locale": kept.locale}
    return Probe(
        _page(t).values, form=form | {"note": f"Note {new_id()}", "email": kept.email or "", "seen": kept.state_token}
    )


ROWS = (
    Row("GET", f"{CLIENTS}/new", office(bookkeeper=403)),
    Row("POST", f"{CLIENTS}/new", office(303, bookkeeper=403), _new),
    Row("GET", f"{CLIENTS}/<uuid:client_id>/edit", office(bookkeeper=403), _page),
    Row("POST", f"{CLIENTS}/<uuid:client_id>/edit", office(303, bookkeeper=403), _edit),
)
