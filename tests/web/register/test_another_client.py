"""A ticket given to another client, or to nobody, keeps nothing that was chosen for the one before."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any
from uuid import UUID

import pytest

from pos.core.ids import new_id
from pos.domain.sales.another_client import for_another_client
from pos.domain.sales.cart_options import (
    ACCOUNT_CREDIT,
    GIFT_CARD,
    Part,
    Stored,
    VisitConversionRequest,
)
from pos.domain.sales.carts import (
    CartLineRequest,
    CartRequest,
    Tip,
)
from pos.domain.sales.pricing import Discount, Exemption
from tests.support.clinic import Clinic, line
from tests.support.gift_card_desk import give_credit
from tests.web.register.conftest import Register
from tests.web.register.test_discount_limits import consent

FREE = Exemption("certificate", "ANA-0815")


def put(
    register: Register, ticket: dict[str, Any], client: UUID | None, lines: list[dict[str, Any]], **more: Any
) -> Any:
    body = {"client_id": str(client) if client else None, "version": ticket["version"], "lines": lines, **more}
    answer = register.send(f"/tickets/{ticket['ticket_id']}", body, method="PUT")
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()


@pytest.mark.parametrize("other", ["ben", "nobody"])
def test_exemption_ticket_given_to_another_client_is_dropped(clinic: Clinic, register: Register, other: str) -> None:
    """It was printed on her receipt, with the number of the first client's paper."""
    rows = [row | {"exemption": asdict(FREE)} for row in register.rows(line("foot_60"))]
    ticket = put(register, register.ticket(client=clinic.ana), clinic.ana, rows)
    assert ticket["totals"]["tax_minor"] == 0
    given = put(register, ticket, clinic.ben if other == "ben" else None, rows)
    assert (given["totals"]["tax_minor"], given["lines"][0].get("exemption")) == (6_00, None)
    sold = register.send("/sales", register.cash(given)).get_json()
    sale = register.get(f"/sales/{sold['sale_id']}").get_json()
    assert FREE.reference not in str(sale)
    assert sale["total_minor"] == 81_00


def test_exemption_sent_with_new_client_is_kept(clinic: Clinic, register: Register) -> None:
    rows = [row | {"exemption": asdict(FREE)} for row in register.rows(line("foot_60"))]
    ticket = put(register, register.ticket(client=clinic.ana), clinic.ana, rows)
    own = [row | {"exemption": asdict(FREE) | {"reference": "BEN-1"}} for row in rows]
    assert put(register, ticket, clinic.ben, own)["totals"]["tax_minor"] == 0


def test_exemption_walk_in_ticket_given_a_client_is_kept(clinic: Clinic, register: Register) -> None:
    rows = [row | {"exemption": asdict(FREE)} for row in register.rows(line("foot_60"))]
    ticket = put(register, register.ticket(), None, rows)
    assert put(register, ticket, clinic.ana, rows)["totals"]["tax_minor"] == 0


def test_credit_choice_ticket_given_to_another_client_is_reset(clinic: Clinic, register: Register) -> None:
    lot = clinic.buy("ten", clinic.ana)
    rows = register.rows(line("trigger_60", credit=lot))
    ticket = put(register, register.ticket(client=clinic.ana), clinic.ana, rows)
    assert ticket["totals"]["credits_used"] == 1
    given = put(register, ticket, clinic.ben, rows)
    assert (given["totals"]["credits_used"], given["lines"][0]["credit"]) == (0, "auto")


def test_ticket_given_to_another_client_drops_choices_and_keeps_rest() -> None:
    visit, lot, card, other = new_id(), str(new_id()), new_id(), new_id()
    kept = CartLineRequest(
        new_id(), new_id(), quantity=2, therapist_id=new_id(), discount=Discount(amount_minor=1_00, reason="x")
    )
    before = CartRequest(
        (
            replace(kept, exemption=FREE, credit=lot, visit_conversion=VisitConversionRequest(visit, 1)),
            CartLineRequest(new_id(), new_id(), credit="none"),
            CartLineRequest(new_id(), new_id(), part=Part(10_00, new_id())),
            CartLineRequest(new_id(), new_id(), part=Part(10_00)),
        ),
        stored=(Stored(GIFT_CARD, card), Stored(ACCOUNT_CREDIT)),
        promo="SPRING",
    )
    ana, ben = new_id(), new_id()
    after = for_another_client(
        before, replace(before, stored=(*before.stored, Stored(GIFT_CARD, other))), was=ana, now=ben
    )
    assert after.lines == (kept, before.lines[1], before.lines[3])
    assert (after.stored, after.promo) == ((Stored(GIFT_CARD, other),), None)
    alone = CartRequest((before.lines[2],), Discount(amount_minor=1_00, reason="x"), Tip(amount_minor=5_00))
    assert for_another_client(alone, alone, was=ana, now=None) == CartRequest()


def test_exemption_asked_again_under_another_key_of_line_is_dropped(clinic: Clinic, register: Register) -> None:
    """The server decides: a script that puts the lines on anew carries nothing along either."""
    rows = [row | {"exemption": asdict(FREE)} for row in register.rows(line("foot_60"))]
    ticket = put(register, register.ticket(client=clinic.ana), clinic.ana, rows)
    given = put(register, ticket, clinic.ben, [row | {"line_id": str(new_id())} for row in rows])
    assert (given["totals"]["tax_minor"], given["lines"][0].get("exemption")) == (6_00, None)


def test_stored_value_ticket_given_to_another_client_pays_nothing(clinic: Clinic, register: Register) -> None:
    for client, key in ((clinic.ana, "a"), (clinic.ben, "b")):
        give_credit(clinic, client, 30_00, key=key)
    rows = register.rows(line("foot_60"))
    account = {"stored": [{"kind": ACCOUNT_CREDIT}]}
    ticket = put(register, register.ticket(client=clinic.ana), clinic.ana, rows, **account)
    assert ticket["totals"]["stored_minor"] == 30_00
    given = put(register, ticket, clinic.ben, rows, **account)
    assert (given["totals"]["stored_minor"], given["stored"]) == (0, [])
    # Asked for once he is the client, his own pays.
    assert put(register, given, clinic.ben, rows, **account)["totals"]["stored_minor"] == 30_00


def test_visit_conversion_ticket_given_to_another_client_is_taken_off(clinic: Clinic, register: Register) -> None:
    visit = clinic.sell(line("trigger_60"), client=clinic.ana).sale_id
    rows = [row | {"visit_conversion": {"sale_id": str(visit), "position": 1}} for row in register.rows(line("ten"))]
    ticket = put(register, register.ticket(client=clinic.ana), clinic.ana, rows)
    assert ticket["totals"]["rest_minor"] == 864_00
    given = put(register, ticket, clinic.ben, rows)
    assert (given["totals"]["rest_minor"], given["lines"][0].get("visit_conversion")) == (972_00, None)


def test_approval_ticket_given_to_another_client_ends(clinic: Clinic, register: Register) -> None:
    """What a manager agreed to for one client is asked for again for the next."""
    rows = [row | {"discount": {"percent": "100", "reason": "Staff"}} for row in register.rows(line("foot_60"))]
    ticket = register.ticket(client=clinic.ana)
    path, body = f"/tickets/{ticket['ticket_id']}", {"client_id": str(clinic.ana), "version": ticket["version"]}
    asked = register.send(path, body | {"lines": rows}, method="PUT").get_json()
    given = consent(register, asked, clinic.manager.pin)
    ticket = put(register, ticket, clinic.ana, rows, approval_id=given)
    refused = register.send(
        path,
        {"client_id": str(clinic.ben), "version": ticket["version"], "lines": rows, "approval_id": given},
        method="PUT",
    )
    assert (refused.status_code, refused.get_json()["code"]) == (403, "needs_approval")
    assert register.get(path).get_json()["client"]["client_id"] == str(clinic.ana)


def test_approval_holds_until_a_line_of_its_item_is_given_to_another_person(clinic: Clinic, register: Register) -> None:
    """A couple's second line is named after the manager has agreed to the first one's discount: nobody is asked twice."""
    rows = register.rows(line("foot_60"), line("trigger_60"))
    rows[0]["discount"] = {"percent": "100", "reason": "Staff"}
    ticket = register.ticket(client=clinic.ana)
    path, body = f"/tickets/{ticket['ticket_id']}", {"client_id": str(clinic.ana), "version": ticket["version"]}
    asked = register.send(path, body | {"lines": rows}, method="PUT").get_json()
    given = consent(register, asked, clinic.manager.pin)
    ticket = put(register, ticket, clinic.ana, rows, approval_id=given)
    rows[1]["person_id"] = str(clinic.ben)
    ticket = put(register, ticket, clinic.ana, rows)
    rows[0]["person_id"] = str(clinic.ben)
    refused = register.send(path, body | {"version": ticket["version"], "lines": rows}, method="PUT")
    assert (refused.status_code, refused.get_json()["code"]) == (403, "needs_approval")


def test_line_given_to_another_person_leaves_exemption_and_credit_behind(clinic: Clinic, register: Register) -> None:
    """A couple's ticket: what was chosen for one of them is not the other's, whoever pays."""
    lot = clinic.buy("ten", clinic.ana)
    rows = register.rows(line("trigger_60", credit=lot), line("foot_60"))
    rows[1]["exemption"] = asdict(FREE)
    ticket = put(register, register.ticket(client=clinic.ana), clinic.ana, rows)
    assert (ticket["totals"]["credits_used"], ticket["totals"]["tax_minor"]) == (1, 0)
    his = [row | {"person_id": str(clinic.ben)} for row in rows]
    given = put(register, ticket, clinic.ana, his)
    assert [(row["credit"], row.get("exemption"), row["person_id"]) for row in given["lines"]] == [
        ("auto", None, str(clinic.ben)), ("auto", None, str(clinic.ben)),
    ]  # fmt: skip
    assert (given["totals"]["credits_used"], given["totals"]["tax_minor"]) == (0, 14_00)
    assert [one["name"] for one in given["persons"]] == ["Ben Fischer"]
    # What is his stays his when the ticket gets another client.
    his = [row | {"credit": "auto", "exemption": asdict(FREE) | {"reference": "BEN-1"}} for row in his]
    own = put(register, given, clinic.ana, his)
    assert own["totals"]["tax_minor"] == 0
    paid = put(register, own, None, his)
    assert (paid["totals"]["tax_minor"], paid["needs_client"]) == (0, True)
    # He is the client himself: the lines name nobody beside him.
    last = put(register, paid, clinic.ben, his)
    assert (last["totals"]["tax_minor"], last["persons"], last["lines"][0].get("person_id")) == (0, [], None)
