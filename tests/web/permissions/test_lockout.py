"""Forms, addresses, hosts and cookies nobody of ours would send: a sentence, nothing changed, no way in.

On both databases, as in `test_hostile.py`; PostgreSQL's forms behind a sign-in in the long run.
"""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from pos.core import clock
from pos.domain.clients import registration as clients
from tests.web.permissions.asking import address, browser_of
from tests.web.permissions.full_app import (
    browser,
    changed,
    form_token,
    kept,
)
from tests.web.permissions.malicious_client import (
    API,
    KEY,
    LONG,
    STRANGE,
    Hostile,
    assert_refused,
    with_cookie,
)
from tests.web.permissions.permission_fixtures import PermissionFixtures
from tests.web.permissions.permission_matrix import TABLE, Row

pytestmark = [pytest.mark.xdist_group("hostile"), pytest.mark.usefixtures("open_doors")]


FORMS: dict[str, dict[str, str]] = {
    "/register/sign-in": {"desk": KEY, "pin": "000000"},
    "/office/sign-in": {"email": "nobody@mail.example", "password": "a long wrong password"},
    "/account/enter/nonsense": {},
    "/account/sign-in": {"email": ""},
    "/shop/riverside/{ten}": {
        "order_key": "nonsense",
        "given_name": "Nora",
        "email": "nora@mail.example",
        "terms": "y",
    },
}
NO_WRONG_FORM = {"/register/sign-out", "/office/sign-out", "/account/sign-out"}  # they read no field
VALUES = (
    "", " ", "\x00", STRANGE.replace("\ud800", ""), LONG, "'; DROP TABLE sales; --", "<script>alert(1)</script>",
    "{{7*7}}", "=1+1", "-1", "../../etc/passwd", "a\r\nSet-Cookie: x=y",
)  # fmt: skip


# Behind a sign-in, or met by everybody in the permission table: tried with the form that is taken there.
INSIDE = [row for row in TABLE if row.method == "POST" and not row.rule.startswith((API, "/hooks/"))]
# Markup, a template and text out of the ordinary; the rest in the long run. There PostgreSQL is sent what a database may
# take otherwise: a character it cannot keep, a long text, a large number.
MARKUP = "<script>alert(1)</script>{{7*7}}" + STRANGE.replace("\ud800", "")
REST = ("9" * 400, LONG, "-1", "\x00")
NASTY = ("9" * 400, LONG, f"{MARKUP}\x00")


def test_form_every_route_is_in_table(fixtures: PermissionFixtures) -> None:
    found = {
        rule.rule
        for rule in fixtures.clinic.app.url_map.iter_rules()
        if "POST" in (rule.methods or set()) and not rule.rule.startswith((API, "/hooks/"))
    }
    known = {path.replace("{ten}", "<uuid:item_id>").replace("riverside", "<slug>") for path in FORMS}
    known = {path.replace("nonsense", "<token>") for path in known}
    assert found == known | NO_WRONG_FORM | {row.rule for row in INSIDE}


@pytest.mark.parametrize(
    ("fixtures", "values"),
    [
        pytest.param("shared_till", (MARKUP,), id="markup"),
        pytest.param("shared_till", REST, id="rest", marks=pytest.mark.long),
        pytest.param("shared_till_on_postgresql", NASTY, id="each", marks=pytest.mark.long),
    ],
    indirect=["fixtures"],
)
@pytest.mark.parametrize("row", INSIDE, ids=str)
def test_form_hostile_value_inside_is_answered_and_escaped(
    fixtures: PermissionFixtures, row: Row, values: tuple[str, ...]
) -> None:
    world = fixtures.clinic
    web = browser_of(world, "ana" if row.rule.startswith(("/account", "/shop")) else "owner")
    token, asked = form_token(web), row.ready(fixtures)
    path = address(world, row.rule, asked.values)
    for name in [*(asked.form or {}), "another"]:
        for value in values:
            answer = web.post(path, data={"csrf_token": token} | (asked.form or {}) | {name: value})
            assert answer.status_code < 500, (name, value)
            # A file of somebody's data holds what was typed as it was typed; a page shows it.
            assert answer.mimetype == "application/json" or b"<script>alert(1)" not in answer.data, name
            assert b">49<" not in answer.data, name
            assert b"Traceback" not in answer.data, name


@pytest.mark.parametrize("path", FORMS)
def test_form_wrong_value_is_refused_and_changes_nothing(fixtures: PermissionFixtures, path: str) -> None:
    world, fields = fixtures.clinic, FORMS[path]
    at = path.format(ten=world.items["ten"])
    before = kept(world)
    for name in [*fields, "next", "another"]:
        for value in VALUES:
            web = browser(world)
            answer = web.post(at, data={"csrf_token": form_token(web)} | fields | {name: value})
            assert_refused(answer, json_=False, about=(name, value))
            assert b"<script>alert(1)" not in answer.data
            assert b">49<" not in answer.data
    for kind in ("application/json", "text/plain", "multipart/form-data", "multipart/form-data; boundary=x"):
        web = browser(world)
        headers = {"X-CSRFToken": form_token(web), "Content-Type": kind}
        assert_refused(web.post(at, data=b"hello", headers=headers), json_=False, about=kind)
    web = browser(world)
    assert web.post(at, data={"csrf_token": form_token(web), "x": "y" * 1_000_001}).status_code == 413
    assert changed(before, kept(world)) == []


@pytest.mark.parametrize(
    "where",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "/register//evil.example", "/office//evil.example",
     "/office/\\evil.example", "javascript:alert(1)", "http:evil.example", "/register/\t/evil.example", "%2f%2fevil.example",
     "/account/@evil.example", "register", "/officers"],
)  # fmt: skip
def test_sign_in_next_to_other_site_is_ignored(fixtures: PermissionFixtures, where: str) -> None:
    world = fixtures.clinic
    doors = {
        "/register/sign-in": {"desk": str(world.usd.desk), "pin": world.receptionist.pin},
        "/office/sign-in": {"email": world.owner.email or "", "password": world.owner.password or ""},
    }
    for path, fields in doors.items():
        web = browser(world)
        answer = web.post(path, data={"csrf_token": form_token(web), "next": where} | fields)
        assert answer.status_code == 303
        assert answer.location.startswith(path.rpartition("/")[0] + "/"), answer.location
        assert urlsplit(answer.location).netloc == ""
        assert "\\" not in answer.location
    signed_in = browser(world, office=world.owner)
    led = signed_in.get("/office/sign-in", query_string={"next": where})
    assert led.location.startswith("/office/")
    assert urlsplit(led.location).netloc == ""


# ---- addresses, hosts, cookies


ADDRESSES = (
    "/%00", "/%FF%FE", "/%C0%AE%C0%AE/", "/..%2f..%2fetc/passwd", "/%0d%0aSet-Cookie:x", f"/{LONG}", "/register/%00",
    "/register/api/%FF", "/register/api/tickets/%00", f"/register/api/tickets/{LONG}", "/register/api/tickets/1",
    f"/register/sales/{KEY}/duplicate/-1.pdf", f"/register/sales/{KEY}/duplicate/{'9' * 400}.pdf",
    "/register/api/search?q=%00", "/register/api/search?q=a%0db", "/office/%00", "/office/sales?location=%00",
    "/office/sales?from=%00", "/office/clients?search=%00", "/office/money?view=entries&account=%00x",
    "/office/sign-in?next=/office/%0d%0aX:y", "/shop/%FF/", "/r/%00", "/mailbox/%00", "/account/enter/%00",
    "/office/sales?from=9999-99-99", "/office/sales?from=2026-01-01&to=0000-00-00", "/office/sales?shift=nonsense",
    "/office/sales?tender=gold", "/office/sales?rows=all", "/office/money?on=yesterday", "/office/sales?location=nowhere",
    "/office/reports/journal.csv?from=x", "/office/sales.xlsx?from=2026-12-31&to=2026-01-01",
    f"/office/sales?from={LONG}", f"/shop/order/{LONG}", "/static/../pos/app.py", "/static/%2e%2e/app.py",
)  # fmt: skip
# Read as if nothing strange had been asked.
FORGIVEN = ("/register/api/search?q=%ED%A0%80", f"/register/api/search?q={LONG}", "/office/clients?search=%ED%A0%80%FF",
            "/office/sales?page=-1", f"/office/sales?page={'9' * 400}", "/office/sales?x[]=1&x[]=2", "/register/?a=%FF",
            f"/register/api/state?{'&'.join(['a=b'] * 2000)}", "/register/sign-in?desk=%FF", "/?%00",
            "/office/clients?search=Ana%09Lee")  # fmt: skip


def test_address_never_given_out_is_refused_and_changes_nothing(hostile: Hostile) -> None:
    before = kept(hostile.world)
    for path in ADDRESSES:
        assert_refused(hostile.web.get(path), json_=path.startswith(API), about=path)
    for path in FORGIVEN:
        assert hostile.web.get(path).status_code in (200, 400), path
    assert changed(before, kept(hostile.world)) == []


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "localhost@evil.example", "", "a b", "[::1", "é"]
)
def test_host_header_unknown_is_refused_everywhere(fixtures: PermissionFixtures, host: str) -> None:
    web = browser(fixtures.clinic)
    for path in (
        "/",
        "/register/sign-in",
        "/office/sign-in",
        "/account/sign-in",
        "/mailbox/",
        f"{API}/state",
        "/nowhere",
    ):
        answer = web.get(path, headers={"Host": host})
        assert answer.status_code == 400, path
        assert_refused(answer, json_=path.startswith(API), about=path)
    asked = web.post("/hooks/stripe", data=b"{}", headers={"Host": host})
    assert asked.status_code == 400


COOKIES = ("tp_form", "tp_register", "tp_office", "tp_client", "tp_desk", "tp_lang")


@pytest.mark.parametrize(
    "value", ["", "nonsense", "\x00", "é", "a;b=c", "x" * 6000, "..", '"quoted', KEY, "eyJhIjoxfQ.x.y"]
)
def test_cookie_invented_opens_nothing(fixtures: PermissionFixtures, value: str) -> None:
    world = fixtures.clinic
    before = kept(world)
    for name in COOKIES:
        for path in ("/register/", "/office/", "/account/"):
            answer = with_cookie(world, path, name, value)
            assert answer.status_code == 303, (name, path)
            assert "/sign-in" in answer.location
        assert with_cookie(world, f"{API}/state", name, value).status_code == 401, name
        for path in ("/", "/register/sign-in", "/office/sign-in", "/account/sign-in", "/shop/riverside/"):
            assert with_cookie(world, path, name, value).status_code == 200, (name, path)
    assert changed(before, kept(world)) == []


def test_cookie_of_one_interface_opens_no_other(fixtures: PermissionFixtures) -> None:
    """Each face looks at its own kind of sign-in, even where the cookie's value is a good one of another."""
    world = fixtures.clinic
    values = {
        "tp_register": world.desk_cookie(world.owner),
        "tp_office": world.office_cookie(world.owner),
        "tp_client": world.write(lambda s: clients.open_session(s, world.ana)),
    }
    pages = {"tp_register": "/register/", "tp_office": "/office/", "tp_client": "/account/"}
    for name, page in pages.items():
        for kind, value in values.items():
            answer = with_cookie(world, page, name, value)
            assert answer.status_code == (200 if kind == name else 303), (name, kind)


def test_sign_in_ends_by_idle_time_and_maximum_duration(fixtures: PermissionFixtures) -> None:
    world = fixtures.clinic
    client = world.write(lambda s: clients.open_session(s, world.ana))
    web = browser(world, at=client, desk=world.receptionist, office=world.owner)
    pages = ("/register/", "/office/", "/account/")
    for minutes, answers in {29: (200, 200, 200), 91: (303, 303, 200), 60 * 24 * 31: (303, 303, 303)}.items():
        with clock.at(clock.now() + timedelta(minutes=minutes)):
            assert tuple(web.get(page).status_code for page in pages) == answers, minutes
    busy = browser(world, desk=world.receptionist)
    start = clock.now()
    for half_hours in range(1, 31):
        with clock.at(start + timedelta(minutes=29 * half_hours)):
            last = busy.get("/register/").status_code
    assert last == 303, "14 hours are the most, however busy the desk is"


def test_sign_out_ends_session_not_only_cookie(fixtures: PermissionFixtures) -> None:
    world = fixtures.clinic
    for path, name, value in (
        ("/register", "tp_register", world.desk_cookie(world.receptionist)),
        ("/office", "tp_office", world.office_cookie(world.owner)),
        ("/account", "tp_client", world.write(lambda s: clients.open_session(s, world.ana))),
    ):
        web = browser(world)
        web.set_cookie(name, value, path="/" if name == "tp_client" else path)
        assert web.get(f"{path}/").status_code == 200
        assert web.post(f"{path}/sign-out", data={"csrf_token": form_token(web)}).status_code == 303
        assert with_cookie(world, f"{path}/", name, value).status_code == 303, path


def test_sign_in_replaces_planted_session(fixtures: PermissionFixtures) -> None:
    """A cookie planted before signing in is worth nothing afterwards."""
    world = fixtures.clinic
    planted = world.desk_cookie(world.receptionist)
    web = browser(world)
    web.set_cookie("tp_register", planted, path="/register")
    fields = {"csrf_token": form_token(web), "desk": str(world.usd.desk), "pin": world.manager.pin}
    web.post("/register/sign-in", data=fields)
    cookie = web.get_cookie("tp_register", path="/register")
    assert cookie is not None
    assert cookie.value != planted
    assert with_cookie(world, "/register/", "tp_register", planted).status_code == 303


def test_sign_in_to_register_wrong_pins_lock_desk(fixtures: PermissionFixtures) -> None:
    world = fixtures.clinic
    desk = world.usd.desks[1]
    answers = []
    for _ in range(6):
        web = browser(world)
        fields = {"csrf_token": form_token(web), "desk": str(desk), "pin": "999999"}
        answers.append(web.post("/register/sign-in", data=fields).status_code)
    assert answers == [422] * 5 + [429]
    web = browser(world)
    right = web.post(
        f"{API}/sign-in?desk={desk}", json={"pin": world.receptionist.pin}, headers={"X-CSRFToken": form_token(web)}
    )
    assert (right.status_code, right.get_json()["code"]) == (429, "locked")
    with clock.at(clock.now() + timedelta(minutes=16)):
        web = browser(world)
        fields = {"csrf_token": form_token(web), "desk": str(desk), "pin": world.receptionist.pin}
        assert web.post("/register/sign-in", data=fields).status_code == 303
