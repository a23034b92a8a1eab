"""The desk is told what a longer visit costs beyond the credit."""

from __future__ import annotations

from tests.support.clinic import Clinic, line
from tests.web.register.conftest import Register


def test_ticket_longer_visit_shows_credit_and_upgrade_and_can_undo_them(clinic: Clinic) -> None:
    lot = clinic.buy("ten", clinic.ana)
    desk = Register(clinic, clinic.receptionist)
    ticket = desk.ticket(line("trigger_90"), client=clinic.ana)
    row = ticket["lines"][0]
    assert row["cover"] == {
        "kind": "credit", "lot_id": str(lot), "uses": 1, "upgrade_minor": 40_00, "surcharge": False,
        "package": "10 × 60 min",
    }  # fmt: skip
    assert (row["amount_minor"], ticket["totals"]["due_minor"]) == (40_00, 43_20)
    body = {"client_id": str(clinic.ana), "version": ticket["version"]}
    single = desk.send(
        f"/tickets/{ticket['ticket_id']}", body | {"lines": [row | {"credit": "none"}]}, method="PUT"
    ).get_json()
    assert (single["lines"][0]["cover"], single["totals"]["due_minor"]) == (None, 151_20)


def test_visit_conversion_is_offered_after_sale_and_shown_on_ticket(clinic: Clinic) -> None:
    desk = Register(clinic, clinic.receptionist)
    sale_id = clinic.sell(line("trigger_60"), client=clinic.ana).sale_id
    offered = desk.get(f"/sales/{sale_id}/visit-conversion").get_json()
    ten = next(one for one in offered["packages"] if one["name"] == "10 × 60 min")
    assert offered["kind"] == "visit"
    assert (offered["visit_conversion"], ten["rest_minor"]) == ({"sale_id": str(sale_id), "position": 1}, 864_00)

    ticket = desk.ticket(client=clinic.ana)
    rows = desk.rows(line("ten"))
    rows[0]["visit_conversion"] = offered["visit_conversion"]
    body = {"client_id": str(clinic.ana), "lines": rows, "version": ticket["version"]}
    found = desk.send(f"/tickets/{ticket['ticket_id']}", body, method="PUT").get_json()
    assert (found["totals"]["due_minor"], found["totals"]["rest_minor"]) == (972_00, 864_00)
    assert len(found["lines"]) == 1
    assert found["lines"][0]["visit_conversion"] == offered["visit_conversion"]
    assert [(one["is_visit"], one["pays_minor"]) for one in found["stored"]] == [(True, 108_00)]

    for wrong in (5, {}, {"sale_id": "x", "position": 1}, {"sale_id": str(sale_id), "position": "1"}):
        rows[0]["visit_conversion"] = wrong
        answer = desk.send(f"/tickets/{ticket['ticket_id']}", body | {"version": found["version"]}, method="PUT")
        assert (answer.status_code, answer.get_json()["field"]) == (422, "visit_conversion")


def test_visit_conversion_sale_without_single_visit_offers_nothing(clinic: Clinic) -> None:
    desk = Register(clinic, clinic.receptionist)
    sale_id = clinic.sell(line("oil"), client=clinic.ana).sale_id
    assert desk.get(f"/sales/{sale_id}/visit-conversion").get_json() == {
        "visit_conversion": None,
        "kind": "visit",
        "packages": [],
    }


def test_package_exchange_is_offered_after_package_sale(clinic: Clinic) -> None:
    desk = Register(clinic, clinic.receptionist)
    sale_id = clinic.sell(line("five"), client=clinic.ana).sale_id
    offered = desk.get(f"/sales/{sale_id}/visit-conversion").get_json()
    assert offered["kind"] == "package"
    assert [(one["name"], one["rest_minor"]) for one in offered["packages"]] == [("10 × 60 min", 475_20)]
