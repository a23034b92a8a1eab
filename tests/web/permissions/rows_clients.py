"""The rows of what is kept of clients."""

from __future__ import annotations

from uuid import UUID

from pos.core.ids import new_id
from pos.domain.clients.queries import client
from pos.domain.clients.records import facts_of
from pos.domain.clients.registration import register
from tests.support.client_actions import merge
from tests.web.permissions.permission_fixtures import PermissionFixtures
from tests.web.permissions.permission_requests import OF_CLIENTS, Probe, chain_wide, desk, office
from tests.web.permissions.permission_row import Row

CLIENTS = "/office/clients"
AT_DESK = "/register/api/clients"


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


def _contact(t: PermissionFixtures) -> Probe:
    with t.clinic.read() as session:
        kept = facts_of(client(session, t.clinic.ana))
    typed = {"given_name": kept.given_name, "family_name": kept.family_name, "email": kept.email or ""}
    number = f"+1503555{int(new_id()) % 10_000:04}"
    return Probe(_page(t).values, json=typed | {"phone": number, "seen": kept.state_token})


def _added(t: PermissionFixtures) -> UUID:
    """A client with nothing at all."""
    return t.clinic.write(
        lambda s: register(s, given_name=f"New {new_id()}", family_name="", email=None, phone=None, country="US").id
    )


def _pair(t: PermissionFixtures) -> Probe:
    kept, merged = _added(t), _added(t)
    with t.clinic.read() as session:
        seen = [facts_of(client(session, one)).state_token for one in (kept, merged)]
    form = {"merge_id": str(new_id()), "reason": "The same phone", "seen_kept": seen[0], "seen_merged": seen[1]}
    return Probe({"client_id": kept, "other_id": merged}, form=form)


def _merged(t: PermissionFixtures) -> Probe:
    kept, merged = _added(t), _added(t)
    done = merge(t.clinic, kept, merged)
    return Probe({"client_id": kept, "merge_id": done}, form={"reason": "Two people after all"})


def _to_erase(t: PermissionFixtures) -> Probe:
    key = _added(t)
    with t.clinic.read() as session:
        return Probe({"client_id": key}, form={"typed_name": client(session, key).name})


def _holder(t: PermissionFixtures) -> Probe:
    lot = t.clinic.buy("ten", t.clinic.ana)
    days = "from=2026-01-01&to=2099-12-31&location=riverside"
    return Probe(form={"to": f"riverside:{t.clinic.lot(lot).client_id}"}, query=f"?{days}")


ROWS = (
    Row("GET", "/office/packages/ending", office(bookkeeper=403)),
    Row("POST", "/office/packages/ending", office(303, bookkeeper=403), _holder),
    Row("GET", f"{CLIENTS}/<uuid:client_id>/merge", chain_wide(), _page),
    Row("GET", f"{CLIENTS}/<uuid:client_id>/merge/<uuid:other_id>", chain_wide(), _pair),
    Row("POST", f"{CLIENTS}/<uuid:client_id>/merge/<uuid:other_id>", chain_wide(303), _pair),
    Row("GET", f"{CLIENTS}/<uuid:client_id>/merges/<uuid:merge_id>", chain_wide(), _merged),
    Row("POST", f"{CLIENTS}/<uuid:client_id>/merges/<uuid:merge_id>", chain_wide(303), _merged),
    Row("POST", f"{CLIENTS}/<uuid:client_id>/data.json", chain_wide(), _page, writes=False),
    Row("GET", f"{CLIENTS}/<uuid:client_id>/personal-data", chain_wide(), _page),
    Row("POST", f"{CLIENTS}/<uuid:client_id>/personal-data", chain_wide(303), _to_erase),
    Row("POST", "/account/data", OF_CLIENTS, writes=False),
    Row("GET", f"{CLIENTS}/new", office(bookkeeper=403)),
    Row("POST", f"{CLIENTS}/new", office(303, bookkeeper=403), _new),
    Row("GET", f"{CLIENTS}/<uuid:client_id>/edit", office(bookkeeper=403), _page),
    Row("POST", f"{CLIENTS}/<uuid:client_id>/edit", office(303, bookkeeper=403), _edit),
    Row("GET", f"{AT_DESK}/<uuid:client_id>/sheet", desk(200, other=200), _page),
    Row("PUT", f"{AT_DESK}/<uuid:client_id>/contact", desk(200, other=200), _contact),
    Row(
        "POST",
        f"{AT_DESK}/alike",
        desk(200, other=200),
        lambda t: Probe(json={"email": "zoe@mail.example"}),
        writes=False,
    ),
)
