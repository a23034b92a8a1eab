"""What may happen once, or only as often as there is money for it, asked for by eight processes at once over HTTP.

Each process asks a hundred times for what thirty of all eight hundred can get at most, and twenty-five times for what one
can get. The races share one clinic and its processes: starting those costs as much as a race.
The negative controls of these guards stand beside the rooms (tests/integration/stored_value, test_refunds.py), in
test_desks.py and in
test_guards_off.py; that so many processes oversell without a guard is shown in test_hundred_credits.py.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import func, select

from pos.core.ids import new_id
from pos.domain.clients import registration as clients
from pos.domain.receipts.credit_note_models import CreditNote
from pos.domain.receipts.models import Receipt
from pos.domain.refunds.models import Refund
from pos.domain.stored_value.models import GiftCard
from pos.reports.verify import verify
from pos.services.auth import give_approval
from tests.support.clinic import Clinic, Colleague, line
from tests.support.gift_card_desk import sell_card
from tests.support.serving import Served, call_at_once, serving

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("many-processes")]

PROCESSES = 8
ATTEMPTS = 100
FOR_ONE = 25
Body = dict[str, Any]


def headers(world: Clinic, served: Served, person: Colleague, number: int = 0) -> dict[str, str]:
    """A desk's cookies and form token."""
    form, token = served.form_token("/register/sign-in")
    cookie = world.desk_cookie(person, world.usd.desks[number % len(world.usd.desks)])
    return {"Cookie": f"tp_register={cookie}; {form}", "X-CSRFToken": token}


def total(answers: list[dict[str, int]]) -> Counter[str]:
    """How often what was answered, over all processes."""
    return sum((Counter(one) for one in answers), Counter[str]())


def ask(served: Served, callers: list[Body]) -> Counter[str]:
    """All answers of all processes; none of them an error of ours."""
    got = total(call_at_once(served, callers))
    assert not [code for code in got if code.startswith("5")], got
    assert got.total() == sum(len(caller["bodies"]) for caller in callers)
    return got


def a_gift_card_pays_as_often_as_it_can(world: Clinic, served: Served) -> None:
    price = world.due(world.wanted(line("foot_30")))
    card = sell_card(world, 20 * price)

    def body() -> Body:
        return {
            "sale_id": str(new_id()),
            "lines": [{"line_id": str(new_id()), "item_id": str(world.items["foot_30"])}],
            "stored": [{"kind": "gift_card", "card_id": str(card.card_id)}],
            "cash_tendered_minor": 0,
            "expected_due_minor": price,
            "expected_credits": 0,
            "expected_stored_minor": price,
        }

    callers = [
        {
            "path": "/register/api/sales",
            "headers": headers(world, served, world.receptionist, number),
            "bodies": [body() for _ in range(ATTEMPTS)],
        }
        for number in range(PROCESSES)
    ]
    got = ask(served, callers)
    assert got["201"] == 20, got
    assert set(got) <= {"201", "409 conflict", "409 not_enough_value"}, got
    with world.read() as session:
        assert session.get_one(GiftCard, card.card_id).balance_minor == 0


def two_units(**more: str) -> Body:
    """A refund of 2.00."""
    return {
        "refund_id": str(new_id()), "amount_minor": 2_00, "expected_total_minor": 2_00, "reason": "Too loud", **more,
    }  # fmt: skip


def no_more_is_given_back_than_was_paid(world: Clinic, served: Served) -> None:
    sale = world.sell(line("foot_30"))
    signed_in = headers(world, served, world.manager)
    callers = [
        {
            "path": f"/register/api/sales/{sale.sale_id}/refunds",
            "headers": signed_in,
            "bodies": [two_units() for _ in range(ATTEMPTS)],
        }
        for _ in range(PROCESSES)
    ]
    times = sale.total_minor // 2_00
    assert ask(served, callers)["201"] == times
    with world.read() as session:
        assert session.scalar(select(func.count()).where(Refund.sale_id == sale.sale_id)) == times


def one_approval_lets_one_refund_through(world: Clinic, served: Served) -> None:
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
    signed_in = headers(world, served, world.receptionist)
    callers = [
        {
            "path": f"/register/api/sales/{sale.sale_id}/refunds",
            "headers": signed_in,
            "bodies": [two_units(approval_id=str(approval)) for _ in range(FOR_ONE)],
        }
        for _ in range(PROCESSES)
    ]
    assert ask(served, callers) == {"201": 1, "403 needs_approval": PROCESSES * FOR_ONE - 1}


def a_mailed_link_signs_one_browser_in(world: Clinic, served: Served) -> None:
    token = world.write(lambda session: clients.make_link(session, world.ana))
    callers = []
    for _ in range(PROCESSES):
        form, csrf = served.form_token("/account/sign-in")
        sent = {"Cookie": form, "Content-Type": "application/x-www-form-urlencoded"}
        callers.append({"path": f"/account/enter/{token}", "headers": sent, "bodies": [{"csrf_token": csrf}] * FOR_ONE})
    assert ask(served, callers)["303"] == 1


def test_gift_card_refund_approval_and_link_over_http_stay_within_limits(world: Clinic, env: dict[str, str]) -> None:
    """Gift card, refund, approval, mailed link; through all of it receipts and credit notes are numbered without a gap."""
    with serving(env) as served:
        a_gift_card_pays_as_often_as_it_can(world, served)
        no_more_is_given_back_than_was_paid(world, served)
        one_approval_lets_one_refund_through(world, served)
        a_mailed_link_signs_one_browser_in(world, served)
    with world.read() as session:
        for model in (Receipt, CreditNote):
            numbers = session.scalars(select(model.number).order_by(model.number)).all()
            assert numbers[0] == 1
            assert all(after == before + 1 for before, after in pairwise(numbers))
        assert [result.first for result in verify(session) if not result.holds] == []
