"""The register's JSON face at work: tickets, search, money, and what a reload or a lost answer finds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import update

from pos.core.ids import new_id
from pos.domain.catalogue.models import Item
from pos.domain.sales.models import Sale
from tests.support.cards import CARDS, Till
from tests.support.clinic import Clinic, line
from tests.web.register.conftest import Register

SignIn = Callable[..., Register]


def test_ticket_price_includes_credit_tip_and_cash_suggestions(clinic: Clinic, register: Register) -> None:
    clinic.buy("ten", clinic.ana)
    ticket = register.ticket(
        line("trigger_60"), line("cupping"), client=clinic.ana, tip={"percent": "10", "amount_minor": None}
    )
    covered, extra = ticket["lines"]
    assert (covered["cover"]["kind"], covered["cover"]["uses"], covered["amount_minor"]) == ("credit", 1, 0)
    assert (extra["cover"], extra["amount_minor"]) == (None, 20_00)
    assert ticket["client"]["credits_left"] == 10
    assert [lot["remaining"] for lot in ticket["client"]["lots"]] == [10]
    # 20.00 + 8 % + 10 % of the undiscounted 120.00
    assert (ticket["totals"]["tax_minor"], ticket["totals"]["tip_minor"], ticket["totals"]["due_minor"]) == (
        160,
        1200,
        3360,
    )
    assert ticket["cash_suggestions"] == [3360, 3400, 3500, 4000]
    assert [choice["amount_minor"] for choice in ticket["tip_choices"]] == [1200, 1800, 2400]


def test_register_state_after_reload_is_complete(clinic: Clinic, register: Register) -> None:
    ticket = register.ticket(line("trigger_60"), client=clinic.ben)
    known = register.get("/state").get_json()
    assert known["ticket"] == ticket
    assert known["stuck"] is None
    assert (known["person"]["name"], known["desk"]["name"], known["card"]) == (
        "Rita",
        "Front",
        {"on": False, "mode": "off", "reader": False, "tips": False},
    )
    assert known["shift"]["float_minor"] == 100_00
    assert known["menu"]["services"][0]["name"] == "Trigger point therapy"
    assert known["therapists"][0]["name"] == "Theo"


def test_ticket_with_inactive_item_is_shown_and_can_be_corrected(clinic: Clinic, register: Register) -> None:
    ticket = register.ticket(line("oil"), line("foot_60"))
    clinic.write(lambda s: s.execute(update(Item).where(Item.id == clinic.items["oil"]).values(active=False)))
    known = register.get("/state").get_json()
    assert known["ticket"] is None
    assert known["stuck"]["ticket_id"] == ticket["ticket_id"]
    assert len(known["stuck"]["content"]["lines"]) == 2
    kept = [row for row in known["stuck"]["content"]["lines"] if row["item_id"] == str(clinic.items["foot_60"])]
    body = {"lines": kept, "version": known["stuck"]["version"]}
    mended = register.send(f"/tickets/{ticket['ticket_id']}", body, method="PUT")
    assert [row["name"] for row in mended.get_json()["lines"]] == ["Foot massage, 60 min"]


def test_cash_sale_sent_twice_is_one_sale(clinic: Clinic, register: Register) -> None:
    ticket = register.ticket(line("trigger_60"))
    body = register.cash(ticket, 120_00)
    first = register.send("/sales", body)
    again = register.send("/sales", body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert (first.get_json()["change_minor"], again.get_json()["change_minor"]) == (12_00, 12_00)
    assert first.get_json()["receipt"] == again.get_json()["receipt"] == "RIV-000001"
    other = register.send("/sales", body | {"cash_tendered_minor": 200_00})
    assert (other.status_code, other.get_json()["code"]) == (409, "key_reused")
    with clinic.read() as session:
        assert session.query(Sale).count() == 1
    sale = register.get(f"/sales/{body['sale_id']}").get_json()
    assert (sale["total_minor"], sale["change_minor"], sale["client"]) == (108_00, 12_00, None)
    assert sale["tenders"] == [{"kind": "cash", "amount_minor": 108_00}]
    assert [(row["name"], row["amount_minor"]) for row in sale["lines"]] == [("Trigger point therapy, 60 min", 100_00)]
    assert register.get("/state").get_json()["ticket"] is None


def test_credit_redemption_alone_needs_no_payment(clinic: Clinic, register: Register) -> None:
    clinic.buy("three", clinic.ana)
    ticket = register.ticket(line("trigger_60"), client=clinic.ana)
    done = register.send("/sales", register.cash(ticket, 0))
    assert (done.status_code, done.get_json()["total_minor"]) == (201, 0)
    assert register.get(f"/clients/{clinic.ana}").get_json()["credits_left"] == 2


def test_credit_redemption_last_credit_used_at_other_desk_offers_single_price(
    clinic: Clinic, register: Register, sign_in: SignIn
) -> None:
    clinic.buy("three", clinic.ana)
    for _ in range(2):
        clinic.sell(line("trigger_60"), client=clinic.ana)
    other = sign_in(clinic.manager, clinic.usd.desks[1])
    here, there = (desk.ticket(line("trigger_60"), client=clinic.ana) for desk in (register, other))
    assert there["totals"]["due_minor"] == here["totals"]["due_minor"] == 0
    assert other.send("/sales", other.cash(there, 0)).status_code == 201
    refused = register.send("/sales", register.cash(here, 0))
    assert (refused.status_code, refused.get_json()["code"]) == (409, "no_credit_left")
    assert (refused.get_json()["single_minor"], refused.get_json()["due_minor"]) == (100_00, 108_00)
    assert register.get(f"/tickets/{here['ticket_id']}").get_json()["totals"]["due_minor"] == 108_00


def test_parked_ticket_is_opened_at_other_desk(clinic: Clinic, register: Register, sign_in: SignIn) -> None:
    ticket = register.ticket(line("trigger_60"), client=clinic.ben)
    parked = register.send(f"/tickets/{ticket['ticket_id']}/park", {"note": "waiting"}).get_json()["parked"]
    assert register.send(f"/tickets/{ticket['ticket_id']}/park", {"note": "again"}).get_json()["parked"] == parked
    assert [(row["note"], row["client"], row["lines"]) for row in parked] == [("waiting", "Ben Fischer", 1)]
    other = sign_in(clinic.manager, clinic.usd.desks[1])
    taken = other.send(f"/tickets/{ticket['ticket_id']}/take-up").get_json()
    assert other.send(f"/tickets/{ticket['ticket_id']}/take-up").get_json() == taken
    assert register.send(f"/tickets/{ticket['ticket_id']}/take-up").status_code == 409
    assert taken["lines"] == ticket["lines"]
    assert other.get("/state").get_json()["ticket"]["ticket_id"] == ticket["ticket_id"]
    assert register.get("/state").get_json()["ticket"] is None


def test_ticket_change_from_older_version_is_refused(register: Register) -> None:
    ticket = register.ticket(line("trigger_60"))
    path = f"/tickets/{ticket['ticket_id']}"
    newer = register.send(path, {"lines": register.rows(line("foot_60")), "version": ticket["version"]}, method="PUT")
    older = register.send(path, {"lines": [], "version": ticket["version"]}, method="PUT")
    assert (older.status_code, older.get_json()["code"]) == (409, "conflict")
    assert register.get(path).get_json() == newer.get_json()


def test_search_finds_clients_items_codes_and_receipts(clinic: Clinic, register: Register) -> None:
    done = clinic.sell(line("oil"))
    found = register.get("/search?q=nun").get_json()
    assert [client["name"] for client in found["clients"]] == ["Ana Núñez"]
    assert [client["name"] for client in register.get("/search?q=555-0142").get_json()["clients"]] == ["Ana Núñez"]
    assert {item["name"] for item in register.get("/search?q=foot").get_json()["items"]} == {
        "Foot massage, 30 min",
        "Foot massage, 60 min",
    }
    with clinic.read() as session:
        code = session.get_one(Item, clinic.items["oil"]).code
    assert [item["name"] for item in register.get(f"/search?q={code}").get_json()["items"]] == ["Massage oil"]
    for typed in ("oil massage", "MASSAGE  oil", "mässage öil"):
        assert [i["name"] for i in register.get(f"/search?q={typed}").get_json()["items"]] == ["Massage oil"], typed
    for typed in ("riv-0", done.receipt_label.lower(), done.receipt_label[-6:]):
        assert register.get(f"/search?q={typed}").get_json()["receipts"][0]["receipt"] == done.receipt_label
    assert register.get("/search?q=riv").get_json()["receipts"] == []  # no digit, no number
    assert register.get("/search?q=%20").get_json() == {"clients": [], "items": [], "receipts": []}
    assert register.get("/search?q=%25_%27%22<b>").status_code == 200


def test_client_summary_counts_credits_of_next_expiry(clinic: Clinic, register: Register) -> None:
    """Ten until next June, one until December: 11 left, 1 of them by the 16th; all of them where they end together."""
    clinic.buy("ten", clinic.ana)
    clinic.buy("three", clinic.ana)
    clinic.sell(line("trigger_60", 2), client=clinic.ana)
    chip = {"credits_left": 11, "next_expiry": "2026-12-16", "next_left": 1}
    (found,) = register.get("/search?q=nunez").get_json()["clients"]
    assert {key: found[key] for key in chip} == chip
    client = register.get(f"/clients/{clinic.ana}").get_json()
    assert {key: client[key] for key in chip} == chip
    clinic.sell(line("trigger_60"), client=clinic.ana)
    client = register.get(f"/clients/{clinic.ana}").get_json()
    assert (client["credits_left"], client["next_left"]) == (10, 10)


def test_client_registration_sent_twice_is_one_client(clinic: Clinic, register: Register) -> None:
    body = {"client_id": str(new_id()), "given_name": "Zoe", "family_name": "Adler", "phone": "503 555 0199"}
    first, again = register.send("/clients", body), register.send("/clients", body)
    assert first.get_json() == again.get_json()
    assert first.get_json()["phone"] == "+15035550199"


def test_shift_close_is_blind_and_next_opening_checks_float(clinic: Clinic, register: Register) -> None:
    clinic.sell(line("trigger_60"))
    assert "expected" not in str(register.get("/state").get_json()["shift"])
    assert register.send("/shift", {"float_minor": 1}).status_code == 409
    assert register.send("/shift/close", {"counted_minor": -1}).status_code == 422
    body = {"counted_minor": 204_00, "left_minor": 50_00}
    closed = register.send("/shift/close", body).get_json()
    z = closed.pop("z_html").removesuffix(".html")
    assert closed == {
        "expected_minor": 208_00,
        "counted_minor": 204_00,
        "over_short_minor": -4_00,
        "left_minor": 50_00,
        "z_number": 1,
        "z_pdf": f"{z}.pdf",
    }
    assert "Z report 1" in register.http.get(f"{z}.html").text
    ticket = register.ticket(line("trigger_60"))
    refused = register.send("/sales", register.cash(ticket))
    assert (refused.status_code, refused.get_json()["why"]) == (409, "shift_closed")
    assert register.send("/shift", {"float_minor": 40_00}).get_json()["field"] == "note"
    assert register.get("/shift").get_json()["left_minor"] == 50_00
    assert register.send("/shift", {"counts": {"5000": 1}}).status_code == 201
    assert register.send("/sales", register.cash(ticket)).status_code == 201


def test_receipt_reprint_is_numbered_and_mail_needs_address(clinic: Clinic, register: Register) -> None:
    done = clinic.sell(line("oil"))
    numbers = [register.send(f"/sales/{done.sale_id}/reprint").get_json()["number"] for _ in range(2)]
    assert numbers == [1, 2]
    assert register.send(f"/sales/{done.sale_id}/mail", {}).get_json()["field"] == "to"
    assert register.send(f"/sales/{done.sale_id}/mail", {"to": "not an address"}).get_json()["field"] == "to"
    assert register.send(f"/sales/{done.sale_id}/mail", {"to": "ben@mail.example"}).status_code == 202
    assert register.http.get(f"/register/sales/{done.sale_id}/duplicate/3.pdf").status_code == 404
    assert b"Massage oil" in register.http.get(f"/register/sales/{done.sale_id}/receipt.html").data


def test_staff_change_keeps_ticket_and_ends_old_sign_in(clinic: Clinic, register: Register) -> None:
    ticket = register.ticket(line("trigger_60"))
    old: Any = register.http.get_cookie("tp_register", path="/register")
    wrong = register.send("/sign-in", {"pin": "000111"})
    assert (wrong.status_code, wrong.get_json()["field"]) == (422, "pin")
    assert register.send("/sign-in", {"pin": clinic.manager.pin}).get_json()["name"] == "Mara"
    known = register.get("/state").get_json()
    assert (known["person"]["name"], known["ticket"]["ticket_id"]) == ("Mara", ticket["ticket_id"])
    register.http.set_cookie("tp_register", old.value, path="/register")
    assert register.get("/state").status_code == 401


@CARDS
def test_card_payment_in_progress_is_shown_at_order_price(till: Till) -> None:
    """The last credit is held for this sale: looked at again, the ticket must not be priced without it."""
    clinic = till.clinic
    lot = clinic.buy("three", clinic.ana)
    for _ in range(2):
        clinic.sell(line("trigger_60"), client=clinic.ana)
    register = Register(clinic, clinic.receptionist)
    ticket = register.ticket(line("trigger_60", credit=lot), line("cupping"), client=clinic.ana)
    body = register.cash(ticket, 0)
    started = register.send("/payments", body)
    assert (started.status_code, started.get_json()["state"]) == (202, "pending")
    known = register.get("/state").get_json()
    assert known["stuck"] is None
    assert known["ticket"]["totals"] == ticket["totals"]
    assert known["ticket"]["lines"][0]["cover"] == ticket["lines"][0]["cover"]
    assert known["ticket"]["payment"]["order_id"] == body["sale_id"]
    assert register.send("/payments", body).get_json()["order_id"] == body["sale_id"]
    change = {"lines": [], "version": known["ticket"]["version"]}
    assert register.send(f"/tickets/{ticket['ticket_id']}", change, method="PUT").status_code == 409
    assert register.send(f"/tickets/{ticket['ticket_id']}/take-up").status_code == 409
    assert register.send(f"/tickets/{ticket['ticket_id']}/park", {"note": ""}).status_code == 409
    assert register.send(f"/tickets/{ticket['ticket_id']}/drop").status_code == 409
    stopped = register.send(f"/payments/{body['sale_id']}/cancel").get_json()
    assert (stopped["state"], stopped["sale"]) == ("canceled", None)
    assert register.get("/state").get_json()["ticket"]["state"] == "open"


@CARDS
def test_split_payment_takes_cash_then_card(till: Till) -> None:
    register = Register(till.clinic, till.clinic.receptionist)
    ticket = register.ticket(line("trigger_60"))
    body = register.cash(ticket, 40_00)
    assert register.send("/payments", body).get_json()["amount_minor"] == 68_00
    till.tap()
    paid = register.get(f"/payments/{body['sale_id']}").get_json()
    assert (paid["state"], paid["cash_minor"], paid["sale"]["receipt"]) == ("succeeded", 40_00, "RIV-000001")
    kinds = [(t["kind"], t["amount_minor"]) for t in register.get(f"/sales/{body['sale_id']}").get_json()["tenders"]]
    assert sorted(kinds) == [("card", 68_00), ("cash", 40_00)]


def test_cash_movement_above_limit_needs_approval_of_manager(clinic: Clinic, register: Register) -> None:
    body = {"movement_id": str(new_id()), "kind": "paid_in", "amount_minor": 200_00, "reason": "Change from the bank"}
    first, again = register.send("/shift/movements", body), register.send("/shift/movements", body)
    assert (first.status_code, first.get_json()) == (201, again.get_json())
    drop = {"movement_id": str(new_id()), "kind": "drop", "amount_minor": 150_00, "reason": "To the safe"}
    refused = register.send("/shift/movements", drop)
    assert (refused.status_code, refused.get_json()["code"]) == (403, "needs_approval")
    asked = {"action": "drop", "subject_id": drop["movement_id"], "amount_minor": 150_00, "pin": clinic.manager.pin}
    consent = register.send("/approvals", asked).get_json()["approval_id"]
    assert register.send("/shift/movements", drop | {"approval_id": consent}).status_code == 201
    known = register.get("/shift").get_json()
    assert [(m["words"], m["amount_minor"]) for m in known["movements"]] == [("Paid in", 200_00), ("Drop", -150_00)]
    assert known["denominations"][-1] == 100_00
