"""Every route × everybody. A route that is not in the table fails, and so does a row whose route is gone.

Everybody carries every cookie a slip could give them: staff are signed in at a desk and in the office whatever their role,
so that each route's own guard decides, not the door. Where somebody is refused, no table may change.
"""

from __future__ import annotations

import re
from uuid import UUID

import pytest

from pos.core.ids import new_id
from pos.domain.receipts import repository as receipts
from pos.services.payments import terminal_payment
from pos.web.common.security import csrf
from tests.support.cards import Till
from tests.web.permissions.asking import address, ask, browser_of, known_browser_of
from tests.web.permissions.full_app import (
    browser,
    changed,
    form_token,
    kept,
)
from tests.web.permissions.permission_fixtures import PermissionFixtures
from tests.web.permissions.permission_matrix import API, TABLE, Row
from tests.web.permissions.permission_requests import DOOR, EVERYBODY, Probe
from tests.web.permissions.test_headers import assert_strict

pytestmark = [pytest.mark.xdist_group("permissions"), pytest.mark.usefixtures("open_drawers")]


@pytest.fixture(scope="module")
def fixtures(shared_till: Till) -> PermissionFixtures:
    return PermissionFixtures(shared_till)


def test_permission_table_and_routes_match_exactly(shared_till: Till) -> None:
    routes = {
        (method, rule.rule)
        for rule in shared_till.clinic.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    rows = [(row.method, row.rule) for row in TABLE]
    assert sorted(rows) == sorted(routes)
    assert all(len(row.cells) == len(EVERYBODY) for row in TABLE)


@pytest.mark.parametrize("row", TABLE, ids=str)
def test_permission_every_route_and_role_gets_expected_answer(fixtures: PermissionFixtures, row: Row) -> None:
    world = fixtures.clinic
    wrote = []
    asked = None
    for who, cell in zip(EVERYBODY, row.cells, strict=True):
        asked = asked or row.ready(fixtures)
        web = known_browser_of(world, who)
        before = kept(world)
        answer = ask(web, world, row, asked)
        after = changed(before, kept(world))
        assert_strict(row, who, answer)
        said = f"{who}: {answer.status} {answer.headers.get('Location', '')} {answer.data[:200]!r}"
        if cell == DOOR:
            face = row.rule.split("/")[1]
            assert answer.status_code == 303, said
            assert answer.location.startswith(f"/{face}/sign-in?next=/{face}/"), said
        else:
            assert answer.status_code == cell, said
        refused = cell == DOOR or int(cell) >= 400
        if not refused and row.method != "GET":
            asked = None  # used up; what was refused, or only read, is still there for the next
        if refused:
            assert after == [], said
            if row.rule.startswith(API):
                assert answer.content_type == "application/problem+json", said
                assert answer.get_json()["title"], said
        elif not row.changes:
            assert after == [], said
        else:
            wrote += after
    # A GET may write once and never again (paper that is kept); an action writes, or this test could not see what it does.
    assert wrote or row.method == "GET" or not row.changes


UNSAFE = [row for row in TABLE if row.method != "GET" and not row.rule.startswith("/hooks/")]


@pytest.mark.parametrize("row", UNSAFE, ids=str)
def test_form_without_csrf_token_is_refused_and_changes_nothing(fixtures: PermissionFixtures, row: Row) -> None:
    world = fixtures.clinic
    who = "ana" if row.rule.startswith(("/account", "/shop")) else "owner"
    asked, web = row.ready(fixtures), known_browser_of(world, who)
    form_token(web)
    path = address(world, row.rule, asked.values) + asked.query
    before = kept(world)
    for value in (None, "", "nonsense", form_token(browser(world))):
        if asked.form is not None:
            given = {} if value is None else {"csrf_token": value}
            answer = web.open(path, method=row.method, data=asked.form | given)
        else:
            headers = {} if value is None else {"X-CSRFToken": value}
            answer = web.open(path, method=row.method, json=asked.json, headers=headers)
        assert answer.status_code == 400, value
        assert "open too long" in answer.text
    assert changed(before, kept(world)) == []


def test_csrf_exemption_is_limited_to_webhook(fixtures: PermissionFixtures) -> None:
    assert {blueprint.name for blueprint in csrf._exempt_blueprints} == {"hooks"}
    assert csrf._exempt_views == set()


# Of a rule with a choice alone (`<any(variant, retail):kind>`) there is nothing to guess.
@pytest.mark.parametrize("row", [row for row in TABLE if "<" in re.sub(r"<any\([^>]*>", "", row.rule)], ids=str)
def test_route_unknown_id_is_not_found(fixtures: PermissionFixtures, row: Row) -> None:
    """The same answer as for what is somebody else's: nobody learns which keys exist."""
    world = fixtures.clinic
    asked = row.ready(fixtures)
    unknown = {name: new_id() if isinstance(value, UUID) else value for name, value in asked.values.items()}
    unknown |= {name: "nonsense" for name in ("token", "slug", "code") if name in unknown}
    web = known_browser_of(world, "ana" if row.rule.startswith("/account") else "owner")
    before = kept(world)
    answer = ask(web, world, row, Probe(unknown, asked.json, asked.form, asked.query))
    # A mailed link is answered on its own page: used, too old, or never ours.
    expected = {"GET": 200, "POST": 422}[row.method] if "/enter/" in row.rule else 404
    expected = 422 if row.rule == "/account/invitations/<token>" else expected
    assert answer.status_code == expected, answer.get_data(as_text=True)[:300]
    assert changed(before, kept(world)) == []


# Signing in, and setting up what a sign-in needs, shows no location.
_DOORS = ("sign-", "/second-factor")
OFFICE = [row for row in TABLE if row.rule.startswith("/office") and not any(door in row.rule for door in _DOORS)]


@pytest.mark.parametrize("row", [row for row in OFFICE if "sale_id" in row.rule], ids=str)
def test_office_sale_of_other_location_is_not_found(fixtures: PermissionFixtures, row: Row) -> None:
    world, there = fixtures.clinic, {"sale_id": fixtures.sale_elsewhere}
    assert ask(browser_of(world, "manager"), world, row, Probe(there)).status_code == 404
    assert ask(browser_of(world, "owner"), world, row, Probe(there)).status_code == (
        200 if row.method == "GET" else 422
    )


def test_office_other_location_is_never_shown_to_manager_of_one(
    fixtures: PermissionFixtures,
) -> None:
    world = fixtures.clinic
    sale = fixtures.sale_elsewhere
    with world.read() as session:
        label = receipts.of_sale(session, sale).label
    manager, owner = browser_of(world, "manager"), browser_of(world, "owner")
    seen = 0
    for row in (row for row in OFFICE if row.method == "GET"):
        asked = row.ready(fixtures)
        path = address(world, row.rule, asked.values)
        if path.endswith((".pdf", ".xlsx")):
            continue  # packed: its bytes show nothing, and its page and CSV are asked too
        named = manager.get(f"{path}?location=altstadt")
        # 403: what is chain-wide; 422: the preview of an action wants its fields; 303: to a page that is asked for too.
        assert named.status_code in (200, 303, 403, 404, 422), path
        answers = [named, manager.get(path)]
        if path.startswith("/office/sales"):
            answers.append(manager.get(f"{path}?rows=items"))
        for answer in answers:
            assert label.encode() not in answer.data, path
            assert b"Altstadt" not in answer.data, path
        seen += label.encode() in owner.get(f"{path}?location=altstadt").data
    assert seen, "the owner sees it somewhere, or this test looks for nothing"


def test_route_undeclared_method_is_refused(fixtures: PermissionFixtures) -> None:
    world = fixtures.clinic
    declared: dict[str, set[str]] = {}
    for row in TABLE:
        if "<" not in row.rule:
            declared.setdefault(row.rule, set()).add(row.method)
    web = browser_of(world, "owner")
    token, before = form_token(web), kept(world)
    for path, methods in declared.items():
        for method in {"POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT"} - methods:
            answer = web.open(path, method=method, headers={"X-CSRFToken": token})
            assert answer.status_code == 405, (method, path)
    assert changed(before, kept(world)) == []


def test_route_head_request_is_guarded_like_get(fixtures: PermissionFixtures) -> None:
    world = fixtures.clinic
    nobody = browser(world)
    for row in TABLE:
        if row.method == "GET":
            path = address(world, row.rule, row.ready(fixtures).values)
            assert nobody.head(path).status_code == nobody.get(path).status_code, path


def test_card_payment_of_other_location_is_not_found(fixtures: PermissionFixtures) -> None:
    """The one thing in the clinic that would let another location take a client's money away."""
    world, order = fixtures.clinic, fixtures.fresh_payment()
    there = browser_of(world, "eur_receptionist")
    token = form_token(there)
    for end in ("", "/again", "/cancel", "/code"):
        path = f"{API}/payments/{order}{end}"
        answer = there.post(path, json={}, headers={"X-CSRFToken": token}) if end else there.get(path)
        assert answer.status_code == 404
    with world.app.app_context():
        assert terminal_payment.refresh_at_desk(order).state in ("pending", "declined")
