"""Whatever is sent to the register's JSON face: a clear refusal, nothing changed, never a 500."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from pos.core.ids import new_id
from pos.domain.sales.models import Ticket
from pos.domain.staff import permissions
from tests.support.clinic import Clinic, line
from tests.web.register.conftest import Register

KEY = "01900000-0000-7000-8000-000000000000"
READS = (
    "/state",
    "/search?q=ana",
    "/shift",
    f"/clients/{KEY}",
    f"/clients/{KEY}/sheet",
    "/appointments",
    "/display",
    f"/clients/{KEY}/sheet",
    f"/tickets/{KEY}",
    f"/sales/{KEY}",
    f"/sales/{KEY}/gift-cards",
    f"/sales/{KEY}/visit-conversion",
    f"/sales/{KEY}/refundable",
    f"/refunds/{KEY}",
    f"/payments/{KEY}",
    f"/payments/{KEY}/code.svg",
    "/readers",
    "/sales",
)
WRITES = (
    ("POST", "/clients"),
    ("POST", "/clients/alike"),
    ("PUT", f"/clients/{KEY}/contact"),
    ("POST", "/appointments"),
    ("PUT", f"/appointments/{KEY}"),
    ("POST", f"/appointments/{KEY}/ring-up"),
    ("POST", "/clients/alike"),
    ("PUT", f"/clients/{KEY}/contact"),
    ("POST", "/tickets"),
    ("PUT", f"/tickets/{KEY}"),
    ("POST", f"/tickets/{KEY}/park"),
    ("POST", f"/tickets/{KEY}/take-up"),
    ("POST", f"/tickets/{KEY}/drop"),
    ("POST", "/shift"),
    ("POST", "/shift/close"),
    ("POST", "/sales"),
    ("POST", "/offline-sales"),
    ("POST", f"/sales/{KEY}/reprint"),
    ("POST", f"/sales/{KEY}/mail"),
    ("POST", f"/sales/{KEY}/print"),
    ("POST", f"/refunds/{KEY}/print"),
    ("POST", "/payments"),
    ("POST", f"/payments/{KEY}/again"),
    ("POST", f"/payments/{KEY}/cancel"),
    ("POST", f"/payments/{KEY}/part"),
    ("POST", f"/payments/{KEY}/give-back"),
    ("POST", "/approvals"),
    ("POST", "/shift/movements"),
    ("POST", f"/sales/{KEY}/refund-preview"),
    ("POST", f"/sales/{KEY}/refunds"),
    ("POST", f"/sales/{KEY}/void"),
    ("POST", f"/refunds/{KEY}/another-way"),
    ("POST", "/gift-cards/look-up"),
    ("POST", f"/gift-cards/{KEY}/cash-out"),
    ("POST", f"/clients/{KEY}/account-credit/pay-out"),
    ("POST", f"/clients/{KEY}/burn"),
    ("POST", f"/payments/{KEY}/code"),
    ("POST", f"/payments/{KEY}/reader"),
    ("POST", f"/readers/{KEY}/free"),
    ("POST", "/promo-codes/look-up"),
)
Traces = Callable[[], tuple[int, ...]]
SignIn = Callable[..., Register]


def test_json_api_list_of_endpoints_is_complete(clinic: Clinic) -> None:
    known = {"/token", "/sign-in", *(path.partition("?")[0] for path in READS), *(path for _, path in WRITES)}
    found = {
        re.sub("<uuid:[a-z_]+>", KEY, rule.rule.removeprefix("/register/api"))
        for rule in clinic.app.url_map.iter_rules()
        if rule.rule.startswith("/register/api/")
    }  # fmt: skip
    assert found == known


def test_json_api_without_sign_in_is_refused(sign_in: SignIn, traces: Traces) -> None:
    nobody, before = sign_in(None), traces()
    for path in READS:
        assert nobody.get(path).status_code == 401, path
    for method, path in WRITES:
        answer = nobody.send(path, method=method)
        assert (answer.status_code, answer.get_json()["code"]) == (401, "sign_in_needed"), path
    assert traces() == before


def test_json_api_by_therapist_is_refused(clinic: Clinic, sign_in: SignIn, traces: Traces) -> None:
    therapist, before = sign_in(clinic.therapist), traces()
    for path in READS:
        assert therapist.get(path).status_code == 403, path
    for method, path in WRITES:
        assert therapist.send(path, method=method).status_code == 403, path
    assert traces() == before


def test_json_api_without_csrf_token_is_refused(register: Register, traces: Traces) -> None:
    before = traces()
    for method, path in (*WRITES, ("POST", "/sign-in")):
        answer = register.send(path, method=method, token=False)
        assert (answer.status_code, answer.get_json()["code"]) == (400, "csrf"), path
    assert traces() == before


IDS = (
    "sale_id",
    "ticket_id",
    "client_id",
    "refund_id",
    "movement_id",
    "order_id",
    "approval_id",
    "burn_id",
    "payout_id",
)
TYPED = (
    "amount_minor", "cash_tendered_minor", "confirmed_minor", "float_minor", "counted_minor", "left_minor", "due_minor",
    "as_credit", "reason", "note", "given_name", "family_name", "email", "phone", "code", "pin", "kind", "count", "lot_id",
    "reference", "duplicate", "drawer_only", "visits",
)  # fmt: skip
NONSENSE = [dict.fromkeys(IDS, KEY) | dict.fromkeys(TYPED, value) for value in (10**13, -1, 0.5, [], "x" * 5000)]


@pytest.mark.parametrize("body", [None, [], "text", 7, {"ticket_id": 7}, {"sale_id": "x"}, {"sale_id": KEY}, *NONSENSE])
def test_json_api_body_of_wrong_shape_is_refused(register: Register, traces: Traces, body: Any) -> None:
    before = traces()
    for method, path in WRITES:
        answer = register.http.open(
            f"/register/api{path}", method=method, json=body, headers={"X-CSRFToken": register.token}
        )
        assert 400 <= answer.status_code < 500, (path, answer.get_json())
        assert answer.content_type == "application/problem+json", path
        assert answer.get_json()["title"], path
        said = answer.get_json()["title"]
        assert not re.search(r"[a-z]_[a-z]", said), f"{path} says the name of a field: {said}"
    assert traces() == before


def test_json_api_body_not_json_is_refused(register: Register) -> None:
    for method, path in WRITES:
        answer = register.http.open(
            f"/register/api{path}",
            method=method,
            data=b"\xff\x00{",
            headers={"X-CSRFToken": register.token, "Content-Type": "application/json"},
        )
        assert 400 <= answer.status_code < 500, path


CHANGES: dict[str, tuple[dict[str, Any], str]] = {
    "lines that are no list": ({"lines": "many"}, "lines"),
    "a line that is no object": ({"lines": [1]}, "lines"),
    "a line without a key": ({"line_id": None}, "line_id"),
    "an item that is no key": ({"item_id": "massage"}, "item_id"),
    "an item nobody sells": ({"item_id": KEY}, "item_id"),
    "no quantity": ({"quantity": 0}, "quantity"),
    "a negative quantity": ({"quantity": -1}, "quantity"),
    "a huge quantity": ({"quantity": 10**9}, "quantity"),
    "half a quantity": ({"quantity": 1.5}, "quantity"),
    "a quantity in words": ({"quantity": "2"}, "quantity"),
    "a quantity that is a truth": ({"quantity": True}, "quantity"),
    "a therapist that is no key": ({"therapist_id": "Jo"}, "therapist_id"),
    "a credit that is no key": ({"credit": "free"}, "credit"),
    "a discount above all": ({"discount": {"percent": "101"}}, "discount"),
    "a negative discount": ({"discount": {"amount_minor": -1}}, "discount"),
    "a discount of nothing": ({"discount": {}}, "discount"),
    "a discount of both kinds": ({"discount": {"percent": "5", "amount_minor": 5}}, "discount"),
    "a discount that is not a number": ({"discount": {"percent": "NaN"}}, "discount"),
    "a discount of a fraction": ({"discount": {"amount_minor": 0.5}}, "discount"),
    "a tip of both kinds": ({"tip": {"percent": "5", "amount_minor": 5}}, "tip"),
    "a negative tip": ({"tip": {"amount_minor": -5}}, "tip"),
    "an endless tip": ({"tip": {"percent": "Infinity"}}, "tip"),
    "a tip beyond reason": ({"tip": {"amount_minor": 10**12}}, "tip"),
    "a version in words": ({"version": "one"}, "version"),
    "a client that is no key": ({"client_id": "Ana"}, "client_id"),
}
OF_THE_TICKET = {"lines", "tip", "version", "client_id"}


@pytest.mark.parametrize("name", CHANGES)
def test_ticket_change_invalid_is_refused_with_field(register: Register, traces: Traces, name: str) -> None:
    change, field = CHANGES[name]
    ticket = register.ticket(line("trigger_60"))
    before = traces()
    body: dict[str, Any] = {"lines": register.rows(line("trigger_60")), "version": ticket["version"]}
    for key, value in change.items():
        if key in OF_THE_TICKET:
            body[key] = value
        else:
            body["lines"][0][key] = value
    answer = register.send(f"/tickets/{ticket['ticket_id']}", body, method="PUT")
    assert (answer.status_code, answer.get_json()["field"]) == (422, field)
    assert register.get(f"/tickets/{ticket['ticket_id']}").get_json() == ticket
    assert traces() == before


def test_ticket_too_many_lines_or_repeated_line_id_is_refused(register: Register) -> None:
    ticket = register.ticket(line("trigger_60"))
    path = f"/tickets/{ticket['ticket_id']}"
    assert register.send(path, {"lines": register.rows(*[line("oil")] * 61)}, method="PUT").status_code == 422
    twice = register.rows(line("oil")) * 2
    assert register.send(path, {"lines": twice}, method="PUT").get_json()["field"] == "line_id"
    assert register.get(path).get_json() == ticket


def test_ticket_price_from_browser_is_ignored(register: Register) -> None:
    ticket = register.ticket(line("trigger_60"))
    rows = register.rows(line("trigger_60"))
    rows[0] |= {"unit_minor": 1, "price_minor": 1, "amount_minor": 1, "list_minor": 1}
    body = {"lines": rows, "totals": {"due_minor": 1}, "version": ticket["version"]}
    answer = register.send(f"/tickets/{ticket['ticket_id']}", body, method="PUT")
    assert answer.get_json()["totals"]["due_minor"] == 108_00


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"cash_tendered_minor": -1}, 422),
        ({"cash_tendered_minor": 10**13}, 422),
        ({"cash_tendered_minor": "108.00"}, 422),
        ({"cash_tendered_minor": 108.0}, 422),
        ({"cash_tendered_minor": None}, 422),
        ({"cash_tendered_minor": 107_99}, 422),
        ({"expected_due_minor": 1}, 409),
        ({"expected_due_minor": -1}, 422),
        ({"expected_credits": 1}, 409),
        ({"ticket_version": 2}, 409),
        ({"ticket_id": KEY}, 404),
        ({"ticket_id": "no key"}, 422),
        ({"sale_id": "no key"}, 422),
        ({"sale_id": None}, 422),
    ],
)
def test_cash_sale_invalid_is_refused_and_changes_nothing(
    register: Register, traces: Traces, change: dict[str, Any], status: int
) -> None:
    ticket = register.ticket(line("trigger_60"))
    before = traces()
    answer = register.send("/sales", register.cash(ticket, **change))
    assert answer.status_code == status, answer.get_json()
    assert traces() == before
    assert register.get(f"/tickets/{ticket['ticket_id']}").get_json()["state"] == "open"


@pytest.mark.parametrize("path", ["/sales", "/payments"])
@pytest.mark.parametrize("field", ["expected_due_minor", "expected_credits", "ticket_version"])
def test_sale_without_expected_amounts_is_refused_with_field(
    register: Register, traces: Traces, path: str, field: str
) -> None:
    ticket = register.ticket(line("trigger_60"))
    before = traces()
    body = register.cash(ticket)
    del body[field]
    answer = register.send(path, body)
    assert (answer.status_code, answer.get_json()["field"]) == (422, field)
    assert traces() == before


def test_card_payment_while_cards_are_off_is_refused(register: Register, traces: Traces) -> None:
    ticket = register.ticket(line("trigger_60"))
    before = traces()
    answer = register.send("/payments", register.cash(ticket, 0))
    assert (answer.status_code, answer.get_json()["code"]) == (503, "not_configured")
    assert traces() == before


def test_register_objects_of_other_location_are_not_found(clinic: Clinic, register: Register, sign_in: SignIn) -> None:
    there = sign_in(clinic.eur_receptionist)
    ticket = there.ticket(line("trigger_60"))
    sold = there.ticket(line("foot_60"))
    sale = there.send("/sales", there.cash(sold)).get_json()
    assert register.get(f"/tickets/{ticket['ticket_id']}").status_code == 404
    for method, end in (("PUT", ""), ("POST", "/park"), ("POST", "/take-up"), ("POST", "/drop")):
        answer = register.send(f"/tickets/{ticket['ticket_id']}{end}", {"lines": [], "note": ""}, method=method)
        assert answer.status_code == 404, end
    assert register.send("/sales", register.cash(ticket)).status_code == 404
    assert register.send("/tickets", {"ticket_id": ticket["ticket_id"]}).status_code == 404
    assert register.get(f"/sales/{sale['sale_id']}").status_code == 404
    for end in ("reprint", "mail"):
        assert register.send(f"/sales/{sale['sale_id']}/{end}").status_code == 404
    for paper in ("receipt.pdf", "receipt.html", "duplicate/1.pdf"):
        assert register.http.get(f"/register/sales/{sale['sale_id']}/{paper}").status_code == 404
    assert there.get(f"/tickets/{ticket['ticket_id']}").get_json() == ticket
    assert register.get("/search?q=RGB-000001").get_json()["receipts"] == []


def test_discount_without_permission_is_refused(
    clinic: Clinic, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = {
        **permissions.ALLOWED,
        permissions.Role.RECEPTIONIST: permissions.ALLOWED[permissions.Role.RECEPTIONIST]
        - {permissions.Permission.DISCOUNT},
    }
    monkeypatch.setattr(permissions, "ALLOWED", bare)
    ticket = register.ticket(line("trigger_60"))
    rows = register.rows(line("trigger_60"))
    cut = {"percent": "10", "amount_minor": None, "reason": "Regular"}
    for body in ({"lines": rows, "discount": cut}, {"lines": [rows[0] | {"discount": cut}]}):
        answer = register.send(f"/tickets/{ticket['ticket_id']}", body, method="PUT")
        assert (answer.status_code, answer.get_json()["field"]) == (409, "discount")
    assert register.get(f"/tickets/{ticket['ticket_id']}").get_json() == ticket


def test_client_unknown_or_invalid_is_refused(clinic: Clinic, register: Register) -> None:
    assert register.send("/tickets", {"ticket_id": str(new_id()), "client_id": KEY}).status_code == 404
    for change, field in (
        ({"given_name": ""}, "given_name"),
        ({"given_name": "x" * 81}, "given_name"),
        ({"given_name": 7}, "given_name"),
        ({"email": "nobody@"}, "email"),
        ({"phone": "12"}, "phone"),
        ({"email": "ana@mail.example"}, "email"),
        ({"client_id": "me"}, "client_id"),
    ):
        answer = register.send("/clients", {"client_id": str(new_id()), "given_name": "Zoe", **change})
        assert answer.status_code in (409, 422), change
        assert answer.get_json()["field"] == field
    assert register.get("/search?q=zoe").get_json()["clients"] == []


def test_ticket_dropped_takes_no_change_or_sale(clinic: Clinic, register: Register) -> None:
    ticket = register.ticket(line("trigger_60"))
    assert register.send(f"/tickets/{ticket['ticket_id']}/drop").status_code == 200
    for answer in (
        register.send(f"/tickets/{ticket['ticket_id']}", {"lines": []}, method="PUT"),
        register.send(f"/tickets/{ticket['ticket_id']}/park", {"note": ""}),
        register.send("/sales", register.cash(ticket, ticket_version=ticket["version"] + 1)),
    ):
        assert (answer.status_code, answer.get_json()["code"]) == (409, "conflict")
    with clinic.read() as session:
        assert [row.state for row in session.query(Ticket)] == ["dropped"]
