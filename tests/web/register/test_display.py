"""The screen that faces the client: paired by a code, shows cart, tips, codes and thanks, and ends when it is unpaired."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient

from pos.core import clock
from pos.core.ids import new_id
from pos.domain.clients.queries import client as client_of
from pos.domain.displays.models import DeskDisplay
from pos.domain.displays.pairing import CODE_LASTS, MOST_TRIES
from pos.services.locations.displays import pair_display, show_code, unpair_display
from pos.services.refunds.void_sale import VoidSale, void_sale
from tests.support.clinic import Clinic, line
from tests.web.register.conftest import Register


def code_of(clinic: Clinic) -> str:
    with clinic.app.app_context():
        return show_code(desk_id=clinic.usd.desk, location_ids={clinic.usd.location_id}, staff_id=clinic.manager.id)


def try_code(clinic: Clinic, code: str) -> str | None:
    with clinic.app.app_context():
        return pair_display(code=code)


def screen(clinic: Clinic, token: str | None) -> FlaskClient:
    web = clinic.app.test_client()
    web.set_cookie("tp_display", token or "", path="/register/display")
    return web


def shown(web: FlaskClient, seen: str = "") -> dict[str, Any]:
    found: dict[str, Any] = web.get("/register/display/state", query_string={"seen": seen}).get_json()
    return found


def test_display_shows_cart_then_thanks_and_of_the_client_only_a_first_name(clinic: Clinic, register: Register) -> None:
    token = try_code(clinic, code_of(clinic))
    with clinic.read() as session:
        row = session.query(DeskDisplay).one()
        assert token not in (row.token_hash, row.code_hash)
        ana = client_of(session, clinic.ana)
        given, private = ana.given_name, [part for part in (ana.family_name, ana.email, ana.phone) if part]
    web = screen(clinic, token)
    assert shown(web)["state"] == "idle"
    ticket = register.ticket(line("trigger_60"), line("oil", 2), client=clinic.ana)
    now = shown(web)
    assert (now["state"], now["first_name"], now["due"]) == ("cart", given, "$146.88")
    assert [one["amount"] for one in now["lines"]] == ["100.00", "36.00"]
    assert [one["amount"] for one in now["tips"]] == ["10.00", "15.00", "20.00"]
    assert [part for part in private if part in str(now)] == []
    assert shown(web, now["key"]) == {"key": now["key"]}, "nothing is priced again while nothing changes"
    done = register.send("/sales", register.cash(ticket, 200_00)).get_json()
    now = shown(web)
    assert (now["state"], now["total"], now["change"]) == ("paid", "$146.88", "$53.12")
    assert now["receipt"] == done["receipt"]
    picture = web.get(now["image"])
    assert (picture.status_code, picture.mimetype) == (200, "image/svg+xml")
    other = register.send("/sales", register.cash(register.ticket(line("oil")))).get_json()
    assert shown(web)["receipt"] == other["receipt"]
    with clinic.app.app_context():
        void_sale(VoidSale(new_id(), UUID(other["sale_id"]), "Wrong item", clinic.manager, clinic.usd.desk))
    assert shown(web)["receipt"] == done["receipt"], "nobody is thanked for a sale that was voided"
    with clock.at(clock.now() + timedelta(minutes=5)):
        assert shown(web)["state"] == "idle", "whoever comes next does not find the last receipt"
    assert screen(clinic, "x").get("/register/display/receipt.svg").status_code == 404


def test_tip_chosen_on_display_waits_for_the_desk_and_not_for_another_ticket(
    clinic: Clinic, register: Register
) -> None:
    web = screen(clinic, try_code(clinic, code_of(clinic)))
    ticket = register.ticket(line("trigger_60"))

    def choose(ticket_id: str, percent: str) -> int:
        page = web.get("/register/display/").text
        token = page.partition('name="csrf-token" content="')[2].partition('"')[0]
        body = {"ticket_id": ticket_id, "percent": percent}
        return web.post("/register/display/tip", json=body, headers={"X-CSRFToken": token}).status_code

    assert choose(ticket["ticket_id"], "15") == 200
    told = register.get("/display").get_json()
    assert (told["paired"], told["choice"]["percent"], told["choice"]["ticket_id"]) == (True, "15", ticket["ticket_id"])
    assert choose(ticket["ticket_id"], "99") == 422
    register.send(f"/tickets/{ticket['ticket_id']}/drop")
    assert choose(ticket["ticket_id"], "10") == 409
    assert register.get("/display").get_json()["choice"]["number"] == 1


def test_display_ends_with_a_new_pairing_and_when_unpaired(clinic: Clinic) -> None:
    first = try_code(clinic, code_of(clinic))
    code = code_of(clinic)
    assert shown(screen(clinic, first))["state"] == "idle", "a code that is shown ends nothing"
    second = try_code(clinic, code)
    assert [shown(screen(clinic, one))["state"] for one in (first, second)] == ["unpaired", "idle"]
    assert try_code(clinic, code) is None, "a code is good once"
    with clinic.app.app_context():
        unpair_display(desk_id=clinic.usd.desk, location_ids={clinic.usd.location_id}, staff_id=clinic.manager.id)
    assert shown(screen(clinic, second))["state"] == "unpaired"


def test_display_code_ends_by_time_and_by_wrong_tries(clinic: Clinic) -> None:
    code = code_of(clinic)
    with clock.at(clock.now() + CODE_LASTS + timedelta(seconds=1)):
        assert try_code(clinic, code) is None
    code = code_of(clinic)
    wrong = "000000" if code != "000000" else "000001"
    for _ in range(MOST_TRIES):
        assert try_code(clinic, wrong) is None
    assert try_code(clinic, code) is None
