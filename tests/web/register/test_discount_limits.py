"""A discount above the limit of a role needs the PIN of a manager, for that ticket and that amount."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from pos.core.ids import new_id
from pos.domain.catalogue.models import Price
from pos.domain.staff.limit_rules import Limit, usual_limits
from pos.domain.staff.permissions import (
    DiscountLimit,
    LineCut,
    Role,
    is_above,
    is_agreed,
    reductions,
)
from tests.integration.promotions.test_codes import code
from tests.support.cards import CARDS, Till
from tests.support.clinic import Clinic, line
from tests.support.role_limits import set_limits
from tests.web.register.conftest import Register

FREE = {"percent": "100", "reason": "Friend of mine"}


def put(register: Register, ticket: dict[str, Any], rows: list[dict[str, Any]], **more: Any) -> Any:
    body = {"client_id": None, "version": ticket["version"], "lines": rows} | more
    return register.send(f"/tickets/{ticket['ticket_id']}", body, method="PUT")


def consent(register: Register, asked: dict[str, Any], pin: str) -> str:
    body = {name: asked[name] for name in ("action", "subject_id", "amount_minor", "content_hash")} | {"pin": pin}
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
def test_discount_limit_percent_and_amount_decide_approval(cuts: list[tuple[int, int]], above: bool) -> None:
    assert is_above(cuts, usual_limits(Role.RECEPTIONIST, "USD").discount) is above


def test_discount_limit_default_follows_currency() -> None:
    assert usual_limits(Role.RECEPTIONIST, "USD").discount == DiscountLimit(Decimal(10), 20_00)
    assert usual_limits(Role.RECEPTIONIST, "JPY").discount == DiscountLimit(Decimal(10), 2_000)


@pytest.mark.parametrize("where", ["line", "ticket", "amount"])
def test_discount_above_limit_by_receptionist_needs_approval(clinic: Clinic, register: Register, where: str) -> None:
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


def test_discount_within_limit_needs_no_approval(clinic: Clinic, register: Register) -> None:
    ticket, rows = register.ticket(line("foot_60")), register.rows(line("foot_60"))
    rows[0]["discount"] = {"percent": "10", "reason": "Loyal"}
    assert put(register, ticket, rows).status_code == 200


def test_discount_above_limit_on_sale_without_ticket_needs_approval(clinic: Clinic, register: Register) -> None:
    rows = register.rows(line("foot_60"))
    rows[0]["discount"] = FREE
    body = {
        "sale_id": str(new_id()), "lines": rows, "cash_tendered_minor": 0, "expected_due_minor": 0, "expected_credits": 0,
    }  # fmt: skip
    asked = register.send("/sales", body)
    assert asked.get_json()["code"] == "needs_approval"
    given = consent(register, asked.get_json(), clinic.manager.pin)
    assert register.send("/sales", body | {"approval_id": given}).status_code == 201


def test_discount_above_own_limit_of_manager_needs_owner(
    clinic: Clinic, register: Register, sign_in: Callable[..., Register]
) -> None:
    set_limits(clinic, Role.MANAGER, {Limit.DISCOUNT_PERCENT: Decimal(50)})
    ticket, rows = register.ticket(line("foot_60")), register.rows(line("foot_60"))
    rows[0]["discount"] = FREE
    asked = put(register, ticket, rows).get_json()
    refused = put(register, ticket, rows, approval_id=consent(register, asked, clinic.manager.pin))
    assert (refused.status_code, refused.get_json()["message"]) == (403, "above_limit_of_approver")
    own = put(sign_in(clinic.manager), ticket, rows)
    assert (own.status_code, own.get_json()["message"]) == (403, "above_limit_of_role")
    again = sign_in(clinic.receptionist)
    agreed = put(again, ticket, rows, approval_id=consent(again, asked, clinic.owner.pin))
    assert agreed.status_code == 200
    # What was agreed to stays agreed when the limits are lowered; what nobody agreed to is asked for as it is charged.
    set_limits(clinic, Role.RECEPTIONIST, {Limit.DISCOUNT_PERCENT: Decimal(0), Limit.DISCOUNT: 0})
    assert again.send("/sales", again.cash(agreed.get_json())).status_code == 201


def test_discount_limit_lowered_before_sale_asks_at_the_till(clinic: Clinic, register: Register) -> None:
    ticket, rows = register.ticket(line("foot_60")), register.rows(line("foot_60"))
    rows[0]["discount"] = {"percent": "10", "reason": "Loyal"}
    given = put(register, ticket, rows).get_json()
    set_limits(clinic, Role.RECEPTIONIST, {Limit.DISCOUNT_PERCENT: Decimal(5)})
    assert register.send("/sales", register.cash(given)).get_json()["code"] == "needs_approval"


def test_discount_above_limit_by_manager_needs_no_approval(
    clinic: Clinic, register: Register, sign_in: Callable[..., Register]
) -> None:
    rows = register.rows(line("foot_60"))
    rows[0]["discount"] = FREE
    given = put(sign_in(clinic.manager), register.ticket(line("foot_60")), rows)
    assert given.status_code == 200
    assert put(register, given.get_json(), rows).status_code == 200


def test_discount_approval_for_other_client_is_refused(clinic: Clinic, register: Register) -> None:
    ticket, rows = register.ticket(line("foot_60"), client=clinic.ana), register.rows(line("foot_60"))
    rows[0]["discount"] = FREE
    body = {"client_id": str(clinic.ana)}
    asked = put(register, ticket, rows, **body)
    given = consent(register, asked.get_json(), clinic.manager.pin)
    done = put(register, ticket, rows, **body, approval_id=given)
    assert put(register, done.get_json(), rows, client_id=str(clinic.ben)).get_json()["code"] == "needs_approval"


def test_promo_code_is_not_limited_like_discount(clinic: Clinic, register: Register) -> None:
    code(clinic, percent=Decimal(50))
    ticket = register.ticket(line("foot_60"))
    done = put(register, ticket, register.rows(line("foot_60")), promo="SPRING")
    assert (done.status_code, done.get_json()["totals"]["due_minor"]) == (200, 40_50)


def test_discount_limit_of_role_can_be_changed(clinic: Clinic, register: Register) -> None:
    set_limits(clinic, Role.RECEPTIONIST, {Limit.DISCOUNT_PERCENT: Decimal(50), Limit.DISCOUNT: 40_00})
    ticket, rows = register.ticket(line("foot_60")), register.rows(line("foot_60"))
    rows[0]["discount"] = {"percent": "50", "reason": "Loyal"}
    assert put(register, ticket, rows).status_code == 200


VISIT, PACK, OIL = new_id(), new_id(), new_id()


@pytest.mark.parametrize(
    ("now", "holds"),
    [
        ([LineCut(PACK, 900_00, 108_00, 0)], True),
        ([LineCut(PACK, 900_00, 90_00, 0), LineCut(OIL, 18_00, 1_80, 0)], True),  # the oil is within the limit alone
        ([LineCut(PACK, 900_00, 108_01, 0)], False),
        ([LineCut(PACK, 460_00, 108_00, 0)], False),  # the same sum of something cheaper is a bigger share
        ([LineCut(VISIT, 90_00, 90_00, 0)], False),
        ([LineCut(PACK, 900_00, 90_00, 0), LineCut(OIL, 18_00, 18_00, 0)], False),
        ([LineCut(VISIT, 900_00, 90_00, 0)], False),  # another item, above 20.00
        ([LineCut(PACK, 900_00, 0, 108_00)], False),  # the ticket's own discount is another thing
        ([LineCut(PACK, 900_00, 0, 0)], True),
    ],
)
def test_discount_approval_covers_sum_and_share_of_item(now: list[LineCut], holds: bool) -> None:
    agreed = reductions([LineCut(PACK, 900_00, 108_00, 0)])
    assert is_agreed(now, agreed, usual_limits(Role.RECEPTIONIST, "USD").discount) is holds


def test_discount_approval_of_ticket_discount_covers_added_lines() -> None:
    agreed = reductions([LineCut(VISIT, 75_00, 0, 15_00)])
    limit = usual_limits(Role.RECEPTIONIST, "USD").discount
    assert is_agreed([LineCut(VISIT, 75_00, 0, 12_10), LineCut(OIL, 18_00, 0, 2_90)], agreed, limit)
    assert not is_agreed([LineCut(OIL, 18_00, 0, 15_00)], agreed, limit)


def test_discount_approval_covers_no_other_discount(clinic: Clinic, register: Register) -> None:
    """12 % of ten packages (108.00 of 900.00) is no free visit, and no other item at the same percentage."""
    ticket, rows, client = register.ticket(line("ten"), client=clinic.ana), register.rows(line("ten")), str(clinic.ana)
    rows[0]["discount"] = {"percent": "12", "reason": "Old client"}
    asked = put(register, ticket, rows, client_id=client).get_json()
    assert asked["discounts"] == [{"name": "10 × 60 min", "price_minor": 900_00, "off_minor": 108_00}]
    # The consent is for these lines: not for others that take off 108.00 as well.
    other = register.rows(line("trigger_60"), line("oil"))
    other[0]["discount"] = {"amount_minor": 100_00, "reason": "Friend"}
    other[1]["discount"] = {"amount_minor": 8_00, "reason": "Friend"}
    given = consent(register, asked, clinic.manager.pin)
    assert put(register, ticket, other, client_id=client, approval_id=given).get_json()["code"] == "needs_approval"
    done = put(register, ticket, rows, client_id=client, approval_id=given)
    assert done.status_code == 200
    free = register.rows(line("trigger_60"))
    free[0]["discount"] = {"percent": "100", "reason": "Friend"}
    assert put(register, done.get_json(), free, client_id=client).get_json()["code"] == "needs_approval"
    free[0]["discount"]["percent"] = "12"
    assert put(register, done.get_json(), free, client_id=client).get_json()["code"] == "needs_approval"
    # Taken off and given again, it is what was agreed to.
    bare = put(register, done.get_json(), register.rows(line("ten")), client_id=client)
    assert put(register, bare.get_json(), rows, client_id=client).status_code == 200


def test_discount_approval_before_client_is_chosen_stays_valid(clinic: Clinic, register: Register) -> None:
    ticket, rows = register.ticket(line("foot_60")), register.rows(line("foot_60"))
    rows[0]["discount"] = FREE
    given = consent(register, put(register, ticket, rows).get_json(), clinic.manager.pin)
    done = put(register, ticket, rows, approval_id=given)
    assert put(register, done.get_json(), rows, client_id=str(clinic.ben)).status_code == 200


def behind_a_credit(clinic: Clinic, register: Register, percent: str) -> dict[str, Any]:
    """Ana's ticket of one visit with a discount, saved while her last credit paid it; the credit is gone now."""
    lot = clinic.buy("three", clinic.ana)
    clinic.sell(line("trigger_60"), line("trigger_60"), client=clinic.ana)
    ticket, rows = register.ticket(line("trigger_60"), client=clinic.ana), register.rows(line("trigger_60"))
    rows[0]["discount"] = {"percent": percent, "reason": "Friend of mine"}
    saved = put(register, ticket, rows, client_id=str(clinic.ana))
    assert saved.status_code == 200
    clinic.sell(line("trigger_60"), client=clinic.ana)
    assert clinic.lot(lot).remaining == 0
    found: dict[str, Any] = register.get(f"/tickets/{ticket['ticket_id']}").get_json()
    return found


def test_discount_behind_credit_needs_approval_at_sale(
    clinic: Clinic, register: Register, traces: Callable[[], tuple[int, ...]]
) -> None:
    now = behind_a_credit(clinic, register, "100")
    assert now["totals"]["due_minor"] == 0
    before, body = traces(), register.cash(now)
    asked = register.send("/sales", body)
    assert (asked.status_code, asked.get_json()["code"]) == (403, "needs_approval")
    assert (asked.get_json()["subject_id"], asked.get_json()["amount_minor"]) == (now["ticket_id"], 100_00)
    assert traces() == before
    given = consent(register, asked.get_json(), clinic.manager.pin)
    assert register.send("/sales", body | {"approval_id": given}).status_code == 201
    assert register.send("/sales", body).status_code == 200


def test_discount_behind_credit_within_limit_needs_no_approval(clinic: Clinic, register: Register) -> None:
    assert register.send("/sales", register.cash(behind_a_credit(clinic, register, "10"))).status_code == 201


def test_discount_behind_credit_sold_by_manager_needs_no_approval(
    clinic: Clinic, register: Register, sign_in: Callable[..., Register]
) -> None:
    now = behind_a_credit(clinic, register, "100")
    assert sign_in(clinic.manager).send("/sales", register.cash(now)).status_code == 201


def test_discount_share_raised_by_lower_price_needs_approval(clinic: Clinic, register: Register) -> None:
    """7.50 off 75.00 is 10 %; off 60.00 it is 12.5 %."""
    ticket, rows = register.ticket(line("foot_60")), register.rows(line("foot_60"))
    rows[0]["discount"] = {"amount_minor": 7_50, "reason": "Loyal"}
    assert put(register, ticket, rows).status_code == 200

    def lower(session: Session) -> None:
        for price in session.scalars(select(Price).where(Price.item_id == clinic.items["foot_60"])):
            price.price_minor = 60_00

    clinic.write(lower)
    now = register.get(f"/tickets/{ticket['ticket_id']}").get_json()
    assert register.send("/sales", register.cash(now)).get_json()["code"] == "needs_approval"


@CARDS
@pytest.mark.parametrize("by_code", [False, True])
def test_discount_behind_credit_needs_approval_before_card_payment(
    clinic: Clinic, till: Till, sign_in: Callable[..., Register], by_code: bool, traces: Callable[[], tuple[int, ...]]
) -> None:
    register = sign_in(clinic.receptionist)
    now = behind_a_credit(clinic, register, "50")
    body = register.cash(now, 0) | {"by_code": by_code}
    before = traces()
    asked = register.send("/payments", body)
    assert (asked.status_code, asked.get_json()["code"]) == (403, "needs_approval")
    assert traces() == before
    given = consent(register, asked.get_json(), clinic.manager.pin)
    assert register.send("/payments", body | {"approval_id": given}).status_code == 202
    assert register.send("/payments", body).status_code == 202
    # The ticket keeps the consent: the payment is given up, and the same is paid in cash.
    assert register.send(f"/payments/{body['sale_id']}/cancel").status_code == 200
    now = register.get(f"/tickets/{now['ticket_id']}").get_json()
    assert register.send("/sales", register.cash(now)).status_code == 201


def test_discount_absent_reads_no_limit(clinic: Clinic, register: Register) -> None:
    """The limit of the role is read where there is a discount by hand, and no sooner."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    plain = register.ticket(line("foot_60"))
    rows = register.rows(line("foot_60"))
    rows[0]["discount"] = {"percent": "10", "reason": "Loyal"}
    reduced = put(register, register.ticket(line("foot_60")), rows).get_json()
    with clinic.read() as session:
        engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    try:
        looked = []
        for ticket in (plain, reduced):
            asked.clear()
            assert register.send("/sales", register.cash(ticket)).status_code == 201
            looked.append(sum("role_limits" in statement for statement in asked))
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert looked == [0, 1]


def test_ticket_opened_with_a_discount_above_the_limit_exists_after_approval_and_once(
    clinic: Clinic, register: Register, traces: Callable[[], tuple[int, ...]]
) -> None:
    before = traces()
    body = {"ticket_id": str(new_id()), "lines": register.rows(line("foot_60")), "discount": FREE}
    asked = register.send("/tickets", body)
    assert (asked.status_code, asked.get_json()["code"]) == (403, "needs_approval")
    assert traces() == before, "a ticket without consent was opened"
    approval = consent(register, asked.get_json(), clinic.manager.pin)
    opened = register.send("/tickets", body | {"approval_id": approval})
    assert (opened.status_code, opened.get_json()["totals"]["due_minor"]) == (201, 0)
    again = register.send("/tickets", body | {"lines": []})
    assert again.get_json()["version"] == opened.get_json()["version"] == 1
    assert len(again.get_json()["lines"]) == 1
