"""A discount above the limit of the location needs the PIN of a manager, for that ticket and that amount."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from pos.checkout.books_settings import set_discount_limit
from pos.kernel.ids import new_id
from pos.staff.rules import DiscountLimit, is_above, usual_discount_limit
from tests.promotions.test_codes import code
from tests.register.conftest import Register
from tests.support.world import World, line

FREE = {"percent": "100", "reason": "Friend of mine"}


def put(register: Register, ticket: dict[str, Any], rows: list[dict[str, Any]], **more: Any) -> Any:
    body = {"client_id": None, "version": ticket["version"], "lines": rows} | more
    return register.send(f"/tickets/{ticket['ticket_id']}", body, method="PUT")


def consent(register: Register, asked: dict[str, Any], pin: str) -> str:
    body = {name: asked[name] for name in ("action", "subject_id", "amount_minor")} | {"pin": pin}
    return str(register.send("/approvals", body).get_json()["approval_id"])


@pytest.mark.parametrize(
    ("cuts", "above"),
    [
        ([(100_00, 10_00)], False),
        ([(100_00, 10_02)], True),
        ([(100_00, 10_01)], False),  # the remainder of a spread discount
        ([(18_00, 18_00), (972_00, 0)], True),
        ([(150_00, 15_00), (50_00, 5_00)], False),
        ([(150_00, 15_00), (60_00, 5_01)], True),
        ([(0, 0)], False),
        ([], False),
    ],
)
def test_what_a_desk_takes_off_alone(cuts: list[tuple[int, int]], above: bool) -> None:
    assert is_above(cuts, usual_discount_limit("USD")) is above


def test_the_usual_limit() -> None:
    assert usual_discount_limit("USD") == DiscountLimit(Decimal(10), 20_00)
    assert usual_discount_limit("JPY") == DiscountLimit(Decimal(10), 2_000)


@pytest.mark.parametrize("where", ["line", "ticket", "amount"])
def test_a_receptionist_gives_nothing_away_alone(clinic: World, register: Register, where: str) -> None:
    ticket = register.ticket(line("foot_60"))
    rows = register.rows(line("foot_60"))
    more: dict[str, Any] = {}
    if where == "line":
        rows[0]["discount"] = FREE
    else:
        more["discount"] = FREE if where == "ticket" else {"amount_minor": 75_00, "reason": "Friend of mine"}
    asked = put(register, ticket, rows, **more)
    assert (asked.status_code, asked.get_json()["code"]) == (403, "needs_approval")
    assert register.get(f"/tickets/{ticket['ticket_id']}").get_json()["version"] == ticket["version"]
    given = consent(register, asked.get_json(), clinic.manager.pin)
    # Bound to what it takes off: not good for a second free line.
    two = rows + register.rows(line("oil"))
    two[-1]["discount"] = FREE
    assert put(register, ticket, two, **more, approval_id=given).status_code == 403
    done = put(register, ticket, rows, **more, approval_id=given)
    assert (done.status_code, done.get_json()["totals"]["due_minor"]) == (200, 0)
    # The ticket goes on being filled without asking again, until more is taken off.
    again = put(register, done.get_json(), rows + register.rows(line("oil")), **(more if where == "line" else {}))
    assert again.status_code == 200
    assert put(register, again.get_json(), two, **more).status_code == 403


def test_within_the_limit_nobody_is_asked(clinic: World, register: Register) -> None:
    ticket, rows = register.ticket(line("foot_60")), register.rows(line("foot_60"))
    rows[0]["discount"] = {"percent": "10", "reason": "Loyal"}
    assert put(register, ticket, rows).status_code == 200


def test_a_sale_without_a_ticket_is_looked_at_as_well(clinic: World, register: Register) -> None:
    rows = register.rows(line("foot_60"))
    rows[0]["discount"] = FREE
    body = {
        "sale_id": str(new_id()), "lines": rows, "cash_tendered_minor": 0, "expected_due_minor": 0, "expected_credits": 0,
    }  # fmt: skip
    asked = register.send("/sales", body)
    assert asked.get_json()["code"] == "needs_approval"
    given = consent(register, asked.get_json(), clinic.manager.pin)
    assert register.send("/sales", body | {"approval_id": given}).status_code == 201


def test_a_manager_needs_nobody_and_the_ticket_goes_on(
    clinic: World, register: Register, sit: Callable[..., Register]
) -> None:
    rows = register.rows(line("foot_60"))
    rows[0]["discount"] = FREE
    given = put(sit(clinic.manager), register.ticket(line("foot_60")), rows)
    assert given.status_code == 200
    assert put(register, given.get_json(), rows).status_code == 200


def test_another_client_is_another_consent(clinic: World, register: Register) -> None:
    ticket, rows = register.ticket(line("foot_60"), client=clinic.ana), register.rows(line("foot_60"))
    rows[0]["discount"] = FREE
    body = {"client_id": str(clinic.ana)}
    asked = put(register, ticket, rows, **body)
    given = consent(register, asked.get_json(), clinic.manager.pin)
    done = put(register, ticket, rows, **body, approval_id=given)
    assert put(register, done.get_json(), rows, client_id=str(clinic.ben)).get_json()["code"] == "needs_approval"


def test_a_code_is_no_discount_by_hand(clinic: World, register: Register) -> None:
    code(clinic, percent=Decimal(50))
    ticket = register.ticket(line("foot_60"))
    done = put(register, ticket, register.rows(line("foot_60")), promo="SPRING")
    assert (done.status_code, done.get_json()["totals"]["due_minor"]) == (200, 40_50)


def test_the_limit_is_a_setting_of_the_location(clinic: World, register: Register) -> None:
    with clinic.app.app_context():
        set_discount_limit(
            location_id=clinic.usd.location_id, staff_id=clinic.manager.id, limit=DiscountLimit(Decimal(50), 40_00)
        )
    ticket, rows = register.ticket(line("foot_60")), register.rows(line("foot_60"))
    rows[0]["discount"] = {"percent": "50", "reason": "Loyal"}
    assert put(register, ticket, rows).status_code == 200
