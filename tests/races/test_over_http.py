"""What may happen once, or only as often as there is money for it, asked for by eight processes at once over HTTP.

The negative controls of these guards stand beside the rooms: tests/stored_value, tests/refunds, tests/staff.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import func, select

from pos.checkout.doors import give_approval
from pos.clients import service as clients
from pos.kernel.ids import new_id
from pos.payments.refund_models import Refund
from pos.receipts.models import Receipt
from pos.reports.verify import verify
from pos.stored_value.models import GiftCard
from tests.stored_value.desk import sell_card
from tests.support.serving import Served, call_at_once, serving
from tests.support.world import Colleague, World, line

pytestmark = pytest.mark.xdist_group("many-processes")

PROCESSES = 8
Body = dict[str, Any]


def headers(world: World, served: Served, person: Colleague, number: int = 0) -> dict[str, str]:
    """A desk's cookies and form token."""
    form, token = served.form_token("/register/sign-in")
    cookie = world.desk_cookie(person, world.usd.desks[number % len(world.usd.desks)])
    return {"Cookie": f"tp_register={cookie}; {form}", "X-CSRFToken": token}


def total(answers: list[dict[str, int]]) -> Counter[str]:
    """How often what was answered, over all processes."""
    return sum((Counter(one) for one in answers), Counter[str]())


def books_hold(world: World) -> None:
    with world.read() as session:
        assert [result.first for result in verify(session) if not result.holds] == []


def test_a_gift_card_pays_as_often_as_it_can_and_the_numbers_have_no_gap(world: World, env: dict[str, str]) -> None:
    price = world.due(world.wanted(line("foot_30")))
    card = sell_card(world, 20 * price)

    def body() -> Body:
        return {
            "sale_id": str(new_id()),
            "lines": [{"line_id": str(new_id()), "item_id": str(world.items["foot_30"])}],
            "stored": [{"kind": "gift_card", "card_id": str(card.card_id)}],
            "cash_tendered_minor": 0,
            "expected_stored_minor": price,
        }

    with serving(env) as served:
        callers = [
            {
                "path": "/register/api/sales",
                "headers": headers(world, served, world.receptionist, number),
                "bodies": [body() for _ in range(50)],
            }
            for number in range(PROCESSES)
        ]
        got = total(call_at_once(served, callers))
    assert got["201"] == 20, got
    assert set(got) <= {"201", "409 conflict", "409 not_enough_value"}, got
    with world.read() as session:
        assert session.get_one(GiftCard, card.card_id).balance_minor == 0
        numbers = session.scalars(select(Receipt.number).order_by(Receipt.number)).all()
    assert numbers[0] == 1
    assert all(after == before + 1 for before, after in pairwise(numbers))
    books_hold(world)


def test_no_more_is_given_back_than_was_paid(world: World, env: dict[str, str]) -> None:
    sale = world.sell(line("foot_30"))
    times = sale.total_minor // 2_00

    with serving(env) as served:
        callers = [
            {
                "path": f"/register/api/sales/{sale.sale_id}/refunds",
                "headers": headers(world, served, world.manager),
                "bodies": [
                    {
                        "refund_id": str(new_id()),
                        "amount_minor": 2_00,
                        "expected_total_minor": 2_00,
                        "reason": "Too loud",
                    }
                    for _ in range(20)
                ],
            }
            for _ in range(PROCESSES)
        ]
        got = total(call_at_once(served, callers))
    assert got["201"] == times, got
    assert not [code for code in got if code.startswith("5")], got
    with world.read() as session:
        assert session.scalar(select(func.count()).select_from(Refund)) == times
    books_hold(world)


def test_one_approval_lets_one_refund_through(world: World, env: dict[str, str]) -> None:
    sale = world.sell(line("foot_30"))
    with world.app.app_context():
        approval = give_approval(
            desk_id=world.usd.desk,
            asked_by=world.receptionist.id,
            action="refund",
            subject_id=sale.sale_id,
            amount_minor=2_00,
            pin=world.manager.pin,
        )
    with serving(env) as served:
        signed_in = headers(world, served, world.receptionist)
        callers = [
            {
                "path": f"/register/api/sales/{sale.sale_id}/refunds",
                "headers": signed_in,
                "bodies": [
                    {
                        "refund_id": str(new_id()),
                        "amount_minor": 2_00,
                        "expected_total_minor": 2_00,
                        "reason": "Too loud",
                        "approval_id": str(approval),
                    }
                    for _ in range(10)
                ],
            }
            for _ in range(PROCESSES)
        ]
        got = total(call_at_once(served, callers))
    assert got == {"201": 1, "403 needs_approval": PROCESSES * 10 - 1}
    books_hold(world)


def test_a_mailed_link_signs_one_browser_in(world: World, env: dict[str, str]) -> None:
    token = world.write(lambda session: clients.make_link(session, world.ana))
    with serving(env) as served:
        callers = []
        for _ in range(PROCESSES):
            form, csrf = served.form_token("/account/sign-in")
            sent = {"Cookie": form, "Content-Type": "application/x-www-form-urlencoded"}
            callers.append({"path": f"/account/enter/{token}", "headers": sent, "bodies": [{"csrf_token": csrf}] * 5})
        got = total(call_at_once(served, callers))
    assert got["303"] == 1, got
    assert not [code for code in got if code.startswith("5")], got
