"""The sheet of a client at the desk, and who may change how they are reached."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from pos.core.audit import AuditEvent
from pos.domain.clients.models import Client
from tests.support.clinic import Clinic, line
from tests.web.register.conftest import Register


def sheet(register: Register, clinic: Clinic) -> dict[str, Any]:
    found: dict[str, Any] = register.get(f"/clients/{clinic.ana}/sheet").get_json()
    return found


def reach(clinic: Clinic, **values: str | None) -> None:
    def write(session: Any) -> None:
        for name, value in values.items():
            setattr(session.get_one(Client, clinic.ana), name, value)

    clinic.write(write)


def test_sheet_lists_visits_receipts_of_this_location_and_gift_cards(clinic: Clinic, register: Register) -> None:
    first = clinic.sell(line("foot_60", therapist=clinic.therapist), client=clinic.ana).receipt_label
    away = clinic.sell(line("trigger_60"), client=clinic.ana, site=clinic.eur).receipt_label
    last = clinic.sell(line("oil"), client=clinic.ana).receipt_label
    card = [{**register.rows(line("oil"))[0], "item_id": register.get("/state").get_json()["gift_card_item"]}]
    ticket = register.ticket(client=clinic.ana)
    body = {"client_id": str(clinic.ana), "version": ticket["version"], "lines": card}
    body["lines"][0]["gift"] = {"amount_minor": 50_00, "to_name": "Zoe"}
    register.send(
        "/sales", register.cash(register.send(f"/tickets/{ticket['ticket_id']}", body, method="PUT").get_json())
    )
    found = sheet(register, clinic)
    assert [one["receipt"] for one in found["sales"]][1:] == [last, first]
    assert away not in str(found["sales"])
    assert [one["name"].partition(",")[0] for one in found["visits"]] == ["Trigger point therapy", "Foot massage"]
    assert found["visits"][1]["therapist"] == clinic.therapist.name
    assert [(one["balance_minor"], one["to_name"]) for one in found["cards"]] == [(50_00, "Zoe")]


def test_contact_reception_changes_number_and_writes_first_address_alone(
    clinic: Clinic, register: Register, sign_in: Callable[..., Register]
) -> None:
    """Whoever has the address signs in to the account: reception does not exchange it for another one."""
    reach(clinic, email=None, phone=None)
    found = sheet(register, clinic)
    assert found["may_change"] == ["phone", "email"]
    path, typed = f"/clients/{clinic.ana}/contact", found["contact"] | {"phone": "503 555 0144", "seen": found["seen"]}
    renamed = register.send(path, typed | {"given_name": "Anne"}, method="PUT").get_json()
    assert (renamed["code"], renamed["field"]) == ("not_allowed", "given_name")
    kept = register.send(path, typed | {"email": "Ana@Mail.example"}, method="PUT").get_json()
    assert (kept["contact"]["phone"], kept["contact"]["email"]) == ("+15035550144", "ana@mail.example")
    late = register.send(path, typed | {"phone": "503 555 0145"}, method="PUT")
    assert late.status_code == 409
    now = kept["contact"] | {"email": "thief@mail.example", "seen": kept["seen"]}
    assert register.send(path, now, method="PUT").get_json()["field"] == "email"
    manager = sign_in(clinic.manager, clinic.usd.desk)
    assert manager.send(path, now | {"given_name": "Anna"}, method="PUT").status_code == 200
    with clinic.read() as session:
        client = session.get_one(Client, clinic.ana)
        assert (client.given_name, client.email) == ("Anna", "thief@mail.example")
        rows = session.scalars(select(AuditEvent).where(AuditEvent.action == "client.edit").order_by(AuditEvent.at))
        assert [row.detail["fields"] for row in rows] == [["email", "phone"], ["email", "given_name"]]


@pytest.mark.parametrize(
    ("typed", "is_known"),
    [
        ({"phone": "(503) 555-0101"}, True),
        ({"phone": "503 55"}, False),
        ({"email": "ANA@mail.example"}, True),
        ({"email": "ana@"}, False),
        ({"given_name": "ana", "family_name": "NUNEZ"}, True),
        ({"given_name": "ana"}, False),
        ({"given_name": ""}, False),
    ],
)
def test_typing_a_new_client_tells_who_has_it(
    clinic: Clinic, register: Register, typed: dict[str, str], is_known: bool
) -> None:
    reach(clinic, email="ana@mail.example", phone="+15035550101")
    found = register.send("/clients/alike", typed).get_json()["clients"]
    assert [one["client_id"] for one in found] == ([str(clinic.ana)] if is_known else [])
