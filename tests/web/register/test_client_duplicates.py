"""Somebody who is a client already is shown at the desk before they are added twice; the sheet tells what to know."""

from __future__ import annotations

from typing import Any

from pos.core.ids import new_id
from pos.domain.clients.models import Client
from tests.support.clinic import Clinic, line
from tests.web.register.conftest import Register


def zoe(**more: Any) -> dict[str, Any]:
    return {"client_id": str(new_id()), "given_name": "Zoë", "family_name": "Lund", "phone": "503 555 0188"} | more


def test_new_client_like_another_names_them_and_is_added_when_another(clinic: Clinic, register: Register) -> None:
    first = register.send("/clients", zoe(email="zoe@mail.example"))
    assert first.status_code == 201
    told = register.send("/clients", zoe(given_name="ZOE"))
    assert (told.status_code, told.get_json()["code"]) == (409, "possible_duplicate")
    assert told.get_json()["clients"] == [
        {
            "client_id": first.get_json()["client_id"],
            "name": "Zoë Lund",
            "email": "zoe@mail.example",
            "phone": "+15035550188",
        }
    ]
    before, another = clinic.count(Client), zoe(is_another=True)
    assert [register.send("/clients", another).status_code for _ in range(2)] == [201, 201]
    assert clinic.count(Client) == before + 1
    taken = register.send("/clients", zoe(email="zoe@mail.example", is_another=True)).get_json()
    assert (taken["field"], taken["title"]) == (
        "email",
        "Zoë Lund has this e-mail address. Use that client instead.",
    )


def test_client_sheet_alone_tells_note_and_allergy(clinic: Clinic, register: Register) -> None:
    def note(session: Any) -> None:
        client = session.get_one(Client, clinic.ana)
        client.note, client.has_allergy, client.allergy = "Door code 7", True, "nut oil"

    clinic.write(note)
    sheet = register.get(f"/clients/{clinic.ana}").get_json()
    assert (sheet["note"], sheet["has_allergy"], sheet["allergy"]) == ("Door code 7", True, "nut oil")
    ticket = register.ticket(client=clinic.ana)
    assert "nut oil" not in str(ticket)
    assert "nut oil" not in register.get("/search?q=ana").text


def test_client_asked_for_alone_tells_habits_and_last_visit(clinic: Clinic, register: Register) -> None:
    for item in ("foot_60", "trigger_60", "trigger_60", "swedish_60"):
        clinic.sell(line(item, therapist=clinic.therapist), client=clinic.ana)
    found = register.get(f"/clients/{clinic.ana}").get_json()
    assert found["usual_item_id"] == str(clinic.items["trigger_60"])
    assert found["usual_therapist_id"] == str(clinic.therapist.id)
    last = found["last_visit"]
    assert (last["therapist"], last["on"]) == (clinic.therapist.name, "2026-06-16")
    new = register.get(f"/clients/{clinic.ben}").get_json()
    assert (new["usual_item_id"], new["last_visit"]) == (None, None)
