"""What nobody should send, to every JSON endpoint and every form: a clear 4xx with a sentence, nothing changed, never a 5xx.

On both databases, because each takes offence at other things (PostgreSQL at NUL, both at half a surrogate pair).
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from werkzeug.test import TestResponse

from pos.clients import service as clients
from pos.kernel import clock
from pos.kernel.ids import new_id
from pos.sales.models import Order, Sale
from pos.staff.models import DoorLock
from tests.support.world import World
from tests.web.house import browser, changed, form_token, kept
from tests.web.things import Things

pytestmark = pytest.mark.xdist_group("hostile")

API = "/register/api"
KEY = "01900000-0000-7000-8000-000000000000"
LONG = "x" * 10_000
STRANGE = "A\x00n\ud800a\u202e\x1b[31m"


@pytest.fixture(scope="module", params=["house", "house_on_postgresql"])
def things(request: pytest.FixtureRequest) -> Things:
    """The shared world, once on each database."""
    return Things(request.getfixturevalue(request.param))


@pytest.fixture(autouse=True)
def _open_doors(things: Things) -> None:
    """Wrong PINs of one test do not lock the door for the next."""
    things.clinic.write(lambda s: s.execute(delete(DoorLock)))


def with_cookie(world: World, path: str, name: str, value: str) -> TestResponse:
    """Ask with one cookie exactly as written; the client's own jar would replace the header."""
    return world.app.test_client(use_cookies=False).get(path, headers={"Cookie": f"{name}={value}"})


class Hostile:
    """A signed-in receptionist whose browser somebody else writes for."""

    def __init__(self, things: Things) -> None:
        self.world = things.clinic
        self.web: FlaskClient = browser(self.world, desk=self.world.receptionist, office=self.world.owner)
        self.token = form_token(self.web)

    def send(
        self, method: str, path: str, body: Any = None, *, raw: bytes | None = None, **headers: str
    ) -> TestResponse:
        """Send JSON as written, `ensure_ascii` so that half a surrogate pair travels as an escape."""
        data = json.dumps(body).encode() if raw is None else raw
        given_ = {"X-CSRFToken": self.token, "Content-Type": "application/json"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        return self.web.open(f"{API}{path}", method=method, data=data, headers=given_)


@pytest.fixture
def hostile(things: Things) -> Hostile:
    return Hostile(things)


def assert_refused(answer: TestResponse, *, json_: bool, about: object) -> None:
    """A 4xx with a sentence and without anything of our insides."""
    assert 400 <= answer.status_code < 500, (about, answer.status_code, answer.data[:300])
    assert b"Traceback" not in answer.data, about
    assert b"sqlalchemy" not in answer.data.lower(), about
    if json_:
        assert answer.content_type == "application/problem+json", about
        assert answer.get_json()["title"].endswith("."), about
    else:
        assert answer.content_type.startswith("text/html"), about


# ---- JSON

# method, path, and a body that is taken; the letter says what a field is: i key, I key or nothing, n amount, N amount
# or nothing, t text, d discount, p tip, l lines, b a text that must be there
LINE = {"line_id": "i", "item_id": "i", "quantity": "n", "therapist_id": "s", "credit": "c", "discount": "d"}
ENDPOINTS: dict[tuple[str, str], dict[str, str]] = {
    ("POST", "/sign-in"): {"pin": "b"},
    ("POST", "/clients"): {"client_id": "i", "given_name": "b", "family_name": "t", "email": "t", "phone": "t"},
    ("POST", "/tickets"): {"ticket_id": "i", "client_id": "I"},
    ("PUT", "/tickets/{ticket}"): {"client_id": "I", "lines": "l", "discount": "d", "tip": "p", "version": "N"},
    ("POST", "/tickets/{ticket}/park"): {"note": "t"},
    ("POST", "/tickets/{ticket}/take-up"): {},
    ("POST", "/tickets/{ticket}/drop"): {},
    ("POST", "/shift"): {"float_minor": "n"},
    ("POST", "/shift/close"): {"counted_minor": "n"},
    ("POST", "/sales"): {
        "sale_id": "i", "ticket_id": "i", "ticket_version": "N", "cash_tendered_minor": "n",
        "expected_due_minor": "N", "expected_credits": "N",
    },
    ("POST", "/sales/{sale}/mail"): {"to": "t"},
    ("POST", "/sales/{sale}/reprint"): {},
    ("POST", "/payments"): {
        "sale_id": "i", "ticket_id": "i", "ticket_version": "N", "cash_tendered_minor": "N",
        "expected_due_minor": "N", "expected_credits": "N",
    },
    ("POST", "/payments/{order}/again"): {},
    ("POST", "/payments/{order}/cancel"): {},
}  # fmt: skip

_NO_AMOUNT = [-1, 10**30, 1.5, 1e308, float("nan"), float("inf"), True, "1", "", [], {}, [1], STRANGE, LONG]
_NO_KEY = [
    7,
    -1,
    1.5,
    True,
    "",
    "nonsense",
    "0" * 35,
    "g" * 36,
    [],
    {},
    [KEY],
    STRANGE,
    LONG,
    "\x00" * 36,
    "\ud800" * 32,
]
_NO_TEXT = [7, 1.5, True, [], {}, ["x"], LONG]
_NO_LINES = [7, "x", True, {}, [7], ["x"], [[]], [{}], [{"line_id": KEY}], [{"item_id": KEY}], [{}] * 61, STRANGE]
_NO_PART = [
    7, "x", True, [], {}, {"percent": -1}, {"percent": 101}, {"percent": "NaN"}, {"percent": "sNaN"},
    {"percent": "1e999999"},
    {"percent": "0.00001"}, {"percent": []}, {"percent": STRANGE}, {"percent": LONG}, {"amount_minor": -1},
    {"amount_minor": 1.5}, {"amount_minor": "1"}, {"amount_minor": True}, {"amount_minor": 10**30},
    {"percent": "5", "amount_minor": 5},
]  # fmt: skip
WRONG: dict[str, list[Any]] = {
    "i": [None, *_NO_KEY, KEY[:-1]],
    "I": [value for value in _NO_KEY if value != ""],
    "n": [None, *_NO_AMOUNT],
    "N": _NO_AMOUNT,
    "t": _NO_TEXT,
    "b": [None, "", " ", "\x00", *_NO_TEXT],
    "l": _NO_LINES,
    "d": _NO_PART,
    "s": [*[value for value in _NO_KEY if value], KEY],
    "p": [*_NO_PART, {"percent": "5", "staff_id": "nobody"}, {"percent": "5", "staff_id": KEY}],
    "c": ["free", 7, [], {}, True, LONG, STRANGE],
}


def good(things: Things, method: str, path: str) -> tuple[str, dict[str, Any]]:
    """The path with things that exist, and a body that would be taken."""
    clinic = things.clinic
    if "{ticket}" in path or path in ("/sales", "/payments"):
        body = things.paid_by(card=path == "/payments")
        path = path.format(ticket=body["ticket_id"])
        if path in ("/sales", "/payments"):
            return path, body
    fields = {
        "/sign-in": {"pin": clinic.receptionist.pin},
        "/clients": {"client_id": str(new_id()), "given_name": "Zoe"},
        "/tickets": {"ticket_id": str(new_id())},
        "/shift": {"float_minor": 0},
        "/shift/close": {"counted_minor": 0},
    }
    if method == "PUT":
        line = {"line_id": str(new_id()), "item_id": str(clinic.items["foot_60"]), "quantity": 1}
        return path, {"lines": [line], "version": 2}
    if "{sale}" in path:
        return path.format(sale=things.sale), {}
    if "{order}" in path:
        return path.format(order=things.waiting), {}
    return path, fields.get(path, {})


def test_every_endpoint_that_takes_a_body_is_in_the_table(things: Things) -> None:
    found = set()
    for rule in things.clinic.app.url_map.iter_rules():
        for method in (rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}:
            if rule.rule.startswith(API):
                path = rule.rule.removeprefix(API)
                for name in ("ticket", "sale", "order"):
                    path = path.replace(f"<uuid:{name}_id>", "{" + name + "}")
                found.add((method, path))
    assert found == set(ENDPOINTS)


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_a_wrong_value_in_any_field_is_refused(things: Things, hostile: Hostile, method: str, path: str) -> None:
    at, body = good(things, method, path)
    before = kept(hostile.world)
    for name, kind in ENDPOINTS[method, path].items():
        for value in WRONG[kind]:
            answer = hostile.send(method, at, body | {name: value})
            assert_refused(answer, json_=True, about=(name, value))
    if method == "PUT":
        for name, kind in LINE.items():
            for value in WRONG[kind]:
                row = body["lines"][0] | {name: value}
                assert_refused(hostile.send(method, at, body | {"lines": [row]}), json_=True, about=(name, value))
    assert changed(before, kept(hostile.world)) == []


BODIES = {
    "nothing": b"",
    "no JSON": b"hello",
    "half of it": b'{"ticket_id": "',
    "an array": b"[]",
    "an array of objects": b"[{}]",
    "a text": b'"text"',
    "a number": b"7",
    "null": b"null",
    "NaN": b"NaN",
    "not UTF-8": b'{"ticket_id": "\xff\xfe"}',
    "a number of 5,000 digits": b'{"version": ' + b"9" * 5000 + b"}",
    "deep arrays": b"[" * 100_000,
    "deep objects": b'{"a":' * 100_000,
    "deeper than a ticket": b'{"lines":' + b"[" * 9 + b"]" * 9 + b"}",
    "as deep as the parser goes": b'{"discount":{"percent":' + b"[" * 950 + b"]" * 950 + b"}}",
    "NULs": b"\x00" * 100,
    "a BOM and nothing": b"\xef\xbb\xbf",
}
# What takes no body ignores it; what takes one by key alone is refused for its field.
NO_BODY = {"take-up", "drop", "reprint", "again", "cancel"}


@pytest.mark.parametrize(("method", "path"), [key for key in ENDPOINTS if key[1].rpartition("/")[2] not in NO_BODY])
def test_a_body_that_is_no_object_is_refused(things: Things, hostile: Hostile, method: str, path: str) -> None:
    at, body = good(things, method, path)
    before = kept(hostile.world)
    for name, raw in BODIES.items():
        assert_refused(hostile.send(method, at, raw=raw), json_=True, about=name)
    whole = json.dumps(body).encode()
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "a/b/c"):
        answer = hostile.send(method, at, raw=whole, Content_Type=kind)
        assert_refused(answer, json_=True, about=kind)
    large = hostile.send(method, at, raw=b" " * 1_000_001)
    assert (large.status_code, large.get_json()["title"]) == (413, "That is too large.")
    assert changed(before, kept(hostile.world)) == []


ANY_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=40)
    | st.sampled_from([KEY, STRANGE, LONG]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
FIELD = st.sampled_from(
    sorted(
        {name for fields in ENDPOINTS.values() for name in fields} | set(LINE) | {"percent", "amount_minor", "staff_id"}
    )
)


@given(asked=st.sampled_from(list(ENDPOINTS)), body=st.dictionaries(FIELD, ANY_JSON, max_size=6), keep=st.booleans())
@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_whatever_is_sent_is_answered(
    things: Things, hostile: Hostile, asked: tuple[str, str], body: dict[str, Any], keep: bool
) -> None:
    method, path = asked
    at = path.format(ticket=KEY, sale=KEY, order=KEY)
    more = {"lines": [{"line_id": KEY, "item_id": KEY, **body}]} if keep else {}
    answer = hostile.send(method, at, body | more)
    assert answer.status_code < 500, (asked, body)
    if answer.status_code >= 400:
        assert answer.content_type == "application/problem+json"


def test_strange_letters_are_kept_clean_or_refused(hostile: Hostile) -> None:
    made = hostile.send(
        "POST", "/clients", {"client_id": str(new_id()), "given_name": STRANGE, "family_name": "\ud83d"}
    )
    assert made.status_code == 201
    assert made.get_json()["name"] == "Ana[31m"
    assert hostile.web.get(f"{API}/search?q=%ED%A0%80%FF%C0").status_code == 200


@pytest.mark.parametrize("path", ["/sales", "/payments"])
def test_prices_and_totals_sent_by_a_browser_are_not_looked_at(things: Things, hostile: Hostile, path: str) -> None:
    things.drawers(open_=True)
    _, body = good(things, "POST", path)
    cheap = {
        "total_minor": 1,
        "price_minor": 1,
        "due_minor": 1,
        "amount_minor": 1,
        "lines": [],
        "discount": {"percent": 100},
    }
    answer = hostile.send("POST", path, body | cheap)
    assert answer.status_code in (201, 202), answer.get_json()
    with hostile.world.read() as session:
        if path == "/sales":
            assert session.scalars(select(Sale.total_minor).where(Sale.id == UUID(body["sale_id"]))).one() == 81_00
        else:
            assert session.scalars(select(Order.card_minor).where(Order.id == UUID(body["sale_id"]))).one() == 81_00


def test_a_sale_without_a_ticket_names_only_people_we_know(things: Things, hostile: Hostile) -> None:
    things.drawers(open_=True)
    line = {"line_id": str(new_id()), "item_id": str(things.clinic.items["foot_60"])}
    body = {"sale_id": str(new_id()), "cash_tendered_minor": 100_00}
    before = kept(hostile.world)
    for more in (
        {"lines": [line], "client_id": KEY},
        {"lines": [line | {"therapist_id": KEY}]},
        {"lines": [line | {"therapist_id": str(things.clinic.eur_receptionist.id)}]},
        {"lines": [line], "tip": {"percent": "5", "staff_id": KEY}},
        {"lines": []},
        {},
    ):
        answer = hostile.send("POST", "/sales", body | more)
        assert answer.status_code in (404, 422), (more, answer.get_json())
    assert changed(before, kept(hostile.world)) == []


# ---- forms

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


def test_every_form_is_in_the_table(things: Things) -> None:
    found = {
        rule.rule
        for rule in things.clinic.app.url_map.iter_rules()
        if "POST" in (rule.methods or set()) and not rule.rule.startswith((API, "/hooks/"))
    }
    known = {path.replace("{ten}", "<uuid:item_id>").replace("riverside", "<slug>") for path in FORMS}
    assert found == {path.replace("nonsense", "<token>") for path in known} | NO_WRONG_FORM


@pytest.mark.parametrize("path", FORMS)
def test_a_wrong_form_is_answered_with_a_sentence(things: Things, path: str) -> None:
    world, fields = things.clinic, FORMS[path]
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
def test_nobody_is_led_to_another_site(things: Things, where: str) -> None:
    world = things.clinic
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
    "/office/money/journal.csv?from=x", "/office/sales.xlsx?from=2026-12-31&to=2026-01-01",
    f"/office/sales?from={LONG}", f"/shop/order/{LONG}", "/static/../pos/app.py", "/static/%2e%2e/app.py",
)  # fmt: skip
# Read as if nothing strange had been asked.
FORGIVEN = ("/register/api/search?q=%ED%A0%80", f"/register/api/search?q={LONG}", "/office/clients?search=%ED%A0%80%FF",
            "/office/sales?page=-1", f"/office/sales?page={'9' * 400}", "/office/sales?x[]=1&x[]=2", "/register/?a=%FF",
            f"/register/api/state?{'&'.join(['a=b'] * 2000)}", "/register/sign-in?desk=%FF", "/?%00",
            "/office/clients?search=Ana%09Lee")  # fmt: skip


def test_addresses_nobody_gave_out(hostile: Hostile) -> None:
    before = kept(hostile.world)
    for path in ADDRESSES:
        assert_refused(hostile.web.get(path), json_=path.startswith(API), about=path)
    for path in FORGIVEN:
        assert hostile.web.get(path).status_code in (200, 400), path
    assert changed(before, kept(hostile.world)) == []


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "localhost@evil.example", "", "a b", "[::1", "é"]
)
def test_another_host_is_refused_by_every_face(things: Things, host: str) -> None:
    web = browser(things.clinic)
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
def test_cookies_somebody_made_up_open_nothing(things: Things, value: str) -> None:
    world = things.clinic
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


def test_a_cookie_of_one_door_opens_no_other(things: Things) -> None:
    """Each face looks at its own kind of sign-in, even where the cookie's value is a good one of another."""
    world = things.clinic
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


def test_a_sign_in_ends_with_its_time_and_with_idleness(things: Things) -> None:
    world = things.clinic
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


def test_signing_out_ends_the_sign_in_and_not_only_the_cookie(things: Things) -> None:
    world = things.clinic
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


def test_a_new_sign_in_is_a_new_session(things: Things) -> None:
    """A cookie planted before signing in is worth nothing afterwards."""
    world = things.clinic
    planted = world.desk_cookie(world.receptionist)
    web = browser(world)
    web.set_cookie("tp_register", planted, path="/register")
    fields = {"csrf_token": form_token(web), "desk": str(world.usd.desk), "pin": world.manager.pin}
    web.post("/register/sign-in", data=fields)
    cookie = web.get_cookie("tp_register", path="/register")
    assert cookie is not None
    assert cookie.value != planted
    assert with_cookie(world, "/register/", "tp_register", planted).status_code == 303


def test_wrong_pins_lock_the_desk_and_say_so(things: Things) -> None:
    world = things.clinic
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
