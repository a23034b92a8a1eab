"""What nobody should send, to every JSON endpoint: a clear 4xx with a sentence, nothing changed, never a 5xx.

On both databases, because each takes offence at other fixtures (PostgreSQL at NUL, both at half a surrogate pair).
"""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from pos.core.ids import new_id
from pos.domain.sales.models import Order, Sale
from tests.web.permissions.full_app import changed, kept
from tests.web.permissions.malicious_client import (
    API,
    KEY,
    LONG,
    STRANGE,
    Hostile,
    assert_refused,
)
from tests.web.permissions.permission_fixtures import PermissionFixtures
from tests.web.permissions.rows_appointments import planned, replanned, rung_up
from tests.web.permissions.rows_parts import GIVE_BACK, NEXT_PART, fresh_part

pytestmark = [pytest.mark.xdist_group("hostile"), pytest.mark.usefixtures("open_doors")]


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
    ("POST", "/shift"): {"float_minor": "n", "note": "t"},
    ("POST", "/shift/close"): {"counted_minor": "n", "left_minor": "N", "note": "t", "approval_id": "I"},
    ("POST", "/shift/movements"): {
        "movement_id": "i", "kind": "b", "amount_minor": "n", "reason": "b", "recipient_id": "s", "approval_id": "I",
    },
    ("POST", "/sales"): {
        "sale_id": "i", "ticket_id": "i", "ticket_version": "n", "cash_tendered_minor": "n",
        "expected_due_minor": "n", "expected_credits": "n", "approval_id": "I",
    },
    ("POST", "/clients/alike"): {"given_name": "t", "family_name": "t", "email": "t", "phone": "t"},
    ("PUT", "/clients/{client}/contact"): {
        "given_name": "t", "family_name": "t", "email": "t", "phone": "t", "seen": "t",
    },
    ("POST", "/appointments"): {
        "appointment_id": "i", "visit_on": "b", "starts_at": "b", "item_id": "i", "client_id": "I", "client_name": "t",
        "therapist_id": "I", "note": "t",
    },
    ("PUT", "/appointments/{appointment}"): {
        "visit_on": "b", "starts_at": "b", "item_id": "i", "client_id": "I", "client_name": "t", "therapist_id": "I",
        "note": "t", "state": "b",
    },
    ("POST", "/appointments/{appointment}/ring-up"): {"ticket_id": "i"},
    ("POST", "/offline-sales"): {
        "sale_id": "i", "client_id": "I", "lines": "l", "tip": "d", "due_minor": "n", "cash_minor": "n", "credits": "n",
        "taken_at": "m", "taken_by": "t",
    },
    ("POST", "/sales/{sale}/mail"): {"to": "t"},
    ("POST", "/sales/{sale}/reprint"): {},
    ("POST", "/sales/{sale}/print"): {"duplicate": "N", "drawer_only": "f"},
    ("POST", "/refunds/{refund}/print"): {"drawer_only": "f"},
    ("POST", "/payments"): {
        "sale_id": "i", "ticket_id": "i", "ticket_version": "n", "cash_tendered_minor": "N",
        "expected_due_minor": "n", "expected_credits": "n", "tip_on_reader": "f", "reader_id": "I", "by_code": "f",
        "approval_id": "I", "card_minor": "N",
    },
    ("POST", "/payments/{order}/part"): {
        "kind": "b", "amount_minor": "N", "expected_rest_minor": "n", "is_part": "f", "by_code": "f",
        "tip_on_reader": "f", "reader_id": "I", "card_id": "I", "confirmed_minor": "N",
    },
    ("POST", "/payments/{order}/give-back"): {"expected_rest_minor": "n"},
    ("POST", "/promo-codes/look-up"): {"code": "t"},
    ("POST", "/approvals"): {"action": "b", "subject_id": "i", "amount_minor": "N", "content_hash": "t", "pin": "b"},
    ("POST", "/gift-cards/look-up"): {"code": "b"},
    ("POST", "/clients/{client}/burn"): {"action_id": "i", "lot_id": "i", "cause": "b", "reason": "t", "approval_id": "I"},
    ("POST", "/clients/{client}/account-credit/pay-out"): {"action_id": "i", "reason": "b", "approval_id": "I"},
    ("POST", "/gift-cards/{card}/cash-out"): {"action_id": "i", "approval_id": "I"},
    ("POST", "/sales/{sale}/refund-preview"): {"package_id": "I", "amount_minor": "N", "tip_minor": "N"},
    ("POST", "/sales/{sale}/refunds"): {
        "refund_id": "i", "package_id": "I", "amount_minor": "N", "tip_minor": "N", "reason": "b",
        "approval_id": "I", "expected_total_minor": "n",
    },
    ("POST", "/sales/{sale}/void"): {
        "refund_id": "i", "reason": "b", "approval_id": "I", "expected_total_minor": "n",
    },
    ("POST", "/refunds/{refund}/another-way"): {"part_id": "i", "kind": "b", "approval_id": "I"},
    ("POST", "/payments/{order}/again"): {},
    ("POST", "/payments/{order}/cancel"): {},
    ("POST", "/payments/{order}/reader"): {"reader_id": "i"},
    ("POST", "/payments/{order}/code"): {},
    ("POST", "/readers/{reader}/free"): {"approval_id": "I"},
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
    "f": [7, 1.5, "true", [], {}, LONG],
    "b": [None, "", " ", "\x00", *_NO_TEXT],
    "l": _NO_LINES,
    "d": _NO_PART,
    "s": [*[value for value in _NO_KEY if value], KEY],
    "p": [*_NO_PART, {"percent": "5", "staff_id": "nobody"}, {"percent": "5", "staff_id": KEY}],
    "m": [None, "", "noon", "2026-11-29", "2026-11-29T12:00:00", "0001-01-01T00:00:00+23:59", *_NO_TEXT],
    "c": ["free", 7, [], {}, True, LONG, STRANGE],
}


def good(fixtures: PermissionFixtures, method: str, path: str) -> tuple[str, dict[str, Any]]:
    """The path with fixtures that exist, and a body that would be taken."""
    clinic = fixtures.clinic
    if "{ticket}" in path or path in ("/sales", "/payments"):
        body = fixtures.paid_by(card=path == "/payments")
        path = path.format(ticket=body["ticket_id"])
        if path in ("/sales", "/payments"):
            return path, body
    fields = {
        "/sign-in": {"pin": clinic.receptionist.pin},
        "/clients": {"client_id": str(new_id()), "given_name": "Zoe"},
        "/clients/alike": {"given_name": "Zoe"},
        "/tickets": {"ticket_id": str(new_id())},
        "/approvals": {"action": "refund", "subject_id": KEY, "amount_minor": 1, "pin": clinic.manager.pin},
        "/gift-cards/look-up": {"code": "TP-0000"},
        "/promo-codes/look-up": {"code": "SPRING"},
        "/offline-sales": {
            "sale_id": str(new_id()),
            "lines": [{"line_id": str(new_id()), "item_id": str(clinic.items["foot_60"]), "quantity": 1}],
            "due_minor": 1,
            "cash_minor": 1,
            "credits": 0,
            "taken_at": "2026-11-29T12:00:00Z",
            "taken_by": "Rita",
        },
        "/shift": {"float_minor": 0},
        "/shift/close": {"counted_minor": 0},
        "/shift/movements": {"movement_id": str(new_id()), "kind": "paid_in", "amount_minor": 1, "reason": "Change"},
    }
    if "appointment" in path:
        asked = planned(fixtures) if method == "POST" else replanned(fixtures)
        asked = rung_up(fixtures) if "ring-up" in path else asked
        return path.format(appointment=asked.values.get("appointment_id")), asked.json or {}
    if "contact" in path:
        return path.format(client=clinic.ana), {"phone": "+1 555 010 0100", "seen": ""}
    if method == "PUT":
        line = {"line_id": str(new_id()), "item_id": str(clinic.items["foot_60"]), "quantity": 1}
        return path, {"lines": [line], "version": 2}
    if path in ("/sales/{sale}/refunds", "/sales/{sale}/void"):
        sale_id, body = fixtures.money_back()
        return path.format(sale=sale_id), body
    if path == "/refunds/{refund}/another-way":
        refund_id, form = fixtures.another_way()
        return path.format(refund=refund_id), form
    if "{sale}" in path:
        return path.format(sale=fixtures.small_sale if "refund" in path else fixtures.sale), {}
    if "{card}" in path:
        return path.format(card=fixtures.gift_card), {"action_id": str(new_id())}
    if "{reader}" in path:
        return path.format(reader=fixtures.till.own_reader()), {}
    if path.endswith("/reader"):
        return path.format(order=fixtures.waiting), {"reader_id": str(fixtures.till.own_reader(1))}
    if "{client}" in path:
        lot = fixtures.clinic.buy("three", clinic.ana)
        body = {"action_id": str(new_id()), "reason": "She moves away"}
        return path.format(client=clinic.ana), body | (
            {"lot_id": str(lot), "cause": "no_show"} if "burn" in path else {}
        )
    if path.endswith("/part"):
        return path.format(order=fresh_part(fixtures)), NEXT_PART
    if path.endswith("/give-back"):
        return path.format(order=fresh_part(fixtures)), GIVE_BACK
    if "{order}" in path:
        return path.format(order=fixtures.waiting), {}
    return path, fields.get(path, {})


def test_json_api_every_endpoint_with_body_is_in_table(fixtures: PermissionFixtures) -> None:
    found = set()
    for rule in fixtures.clinic.app.url_map.iter_rules():
        for method in (rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}:
            if rule.rule.startswith(API):
                path = rule.rule.removeprefix(API)
                for name in ("ticket", "sale", "order", "refund", "card", "reader", "client", "appointment"):
                    path = path.replace(f"<uuid:{name}_id>", "{" + name + "}")
                found.add((method, path))
    assert found == set(ENDPOINTS)


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_json_api_wrong_field_value_is_refused_and_changes_nothing(
    fixtures: PermissionFixtures, hostile: Hostile, method: str, path: str
) -> None:
    at, body = good(fixtures, method, path)
    before = kept(hostile.world)
    for name, kind in ENDPOINTS[method, path].items():
        for value in WRONG[kind]:
            answer = hostile.send(method, at, body | {name: value})
            assert_refused(answer, json_=True, about=(name, value))
    if "{ticket}" in path and method == "PUT":
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
NO_BODY = {"take-up", "drop", "reprint", "again", "cancel", "code"}


@pytest.mark.parametrize(("method", "path"), [key for key in ENDPOINTS if key[1].rpartition("/")[2] not in NO_BODY])
def test_json_api_malformed_body_is_refused_and_changes_nothing(
    fixtures: PermissionFixtures, hostile: Hostile, method: str, path: str
) -> None:
    at, body = good(fixtures, method, path)
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
def test_json_api_any_body_never_fails(
    fixtures: PermissionFixtures, hostile: Hostile, asked: tuple[str, str], body: dict[str, Any], keep: bool
) -> None:
    method, path = asked
    at = path.format(ticket=KEY, sale=KEY, order=KEY, refund=KEY, card=KEY, reader=KEY, client=KEY, appointment=KEY)
    more = {"lines": [{"line_id": KEY, "item_id": KEY, **body}]} if keep else {}
    answer = hostile.send(method, at, body | more)
    assert answer.status_code < 500, (asked, body)
    if answer.status_code >= 400:
        assert answer.content_type == "application/problem+json"


def test_json_api_control_characters_are_removed_or_refused(hostile: Hostile) -> None:
    made = hostile.send(
        "POST", "/clients", {"client_id": str(new_id()), "given_name": STRANGE, "family_name": "\ud83d"}
    )
    assert made.status_code == 201
    assert made.get_json()["name"] == "Ana[31m"
    assert hostile.web.get(f"{API}/search?q=%ED%A0%80%FF%C0").status_code == 200


@pytest.mark.parametrize("path", ["/sales", "/payments"])
def test_json_api_price_sent_by_browser_is_ignored(fixtures: PermissionFixtures, hostile: Hostile, path: str) -> None:
    fixtures.drawers(open_=True)
    _, body = good(fixtures, "POST", path)
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


def test_json_api_sale_with_unknown_person_is_refused(fixtures: PermissionFixtures, hostile: Hostile) -> None:
    fixtures.drawers(open_=True)
    line = {"line_id": str(new_id()), "item_id": str(fixtures.clinic.items["foot_60"])}
    body = {"sale_id": str(new_id()), "cash_tendered_minor": 100_00, "expected_due_minor": 81_00, "expected_credits": 0}
    before = kept(hostile.world)
    for more in (
        {"lines": [line], "client_id": KEY},
        {"lines": [line | {"therapist_id": KEY}]},
        {"lines": [line | {"therapist_id": str(fixtures.clinic.eur_receptionist.id)}]},
        {"lines": [line], "tip": {"percent": "5", "staff_id": KEY}},
        {"lines": []},
        {},
    ):
        answer = hostile.send("POST", "/sales", body | more)
        assert answer.status_code in (404, 422), (more, answer.get_json())
    assert changed(before, kept(hostile.world)) == []
