"""Eight processes make five hundred attempts each on a hundred credits, over HTTP: exactly a hundred are used."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import func, select

from pos.core.ids import new_id
from pos.domain.credits.models import CreditLot, CreditMove, Redemption
from pos.domain.sales.models import Sale
from pos.reports.verify import verify
from tests.support.clinic import Clinic
from tests.support.serving import Served, call_at_once, serving

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("many-processes")]

PROCESSES = 8
ATTEMPTS = 500
PACKAGES = 10  # of ten credits
SEEDS = (11, 23, 37, 58, 91)


def callers(world: Clinic, served: Served, seed: int, attempts: int) -> list[dict[str, Any]]:
    """Desks that ask for a visit by credit again and again, sometimes with something free beside it."""
    chance = random.Random(seed)
    form, token = served.form_token("/register/sign-in")
    found = []
    for number in range(PROCESSES):
        desk = world.usd.desks[number % len(world.usd.desks)]
        cookie = world.desk_cookie(world.receptionist, desk)
        bodies = []
        for _ in range(attempts):
            items = ["trigger_60", *(["aromatherapy"] if chance.random() < 0.2 else [])]
            bodies.append(
                {
                    "sale_id": str(new_id()),
                    "client_id": str(world.ana),
                    "lines": [{"line_id": str(new_id()), "item_id": str(world.items[item])} for item in items],
                    "cash_tendered_minor": 0,
                    "expected_due_minor": 0,
                    "expected_credits": 1,
                }
            )
        headers = {"Cookie": f"tp_register={cookie}; {form}", "X-CSRFToken": token}
        found.append({"path": "/register/api/sales", "headers": headers, "bodies": bodies})
    return found


@pytest.fixture
def rich(world: Clinic) -> Clinic:
    """Ana owns a hundred credits."""
    for _ in range(PACKAGES):
        world.buy("ten", world.ana)
    return world


def used(world: Clinic) -> int:
    with world.read() as session:
        return session.scalar(select(func.count()).select_from(Redemption)) or 0


@pytest.mark.parametrize("seed", SEEDS)
def test_credit_redemption_eight_processes_over_http_use_hundred_credits(
    rich: Clinic, env: dict[str, str], seed: int
) -> None:
    world = rich
    with serving(env) as served:
        answers = call_at_once(served, callers(world, served, seed, ATTEMPTS))
    got = sum((Counter(one) for one in answers), Counter[str]())
    assert got["201"] == used(world) == PACKAGES * 10, got
    assert got["409 no_credit_left"] == PROCESSES * ATTEMPTS - PACKAGES * 10, got
    with world.read() as session:
        assert session.scalar(select(func.sum(CreditLot.remaining + CreditLot.held))) == 0
        assert session.scalar(select(func.count()).select_from(Sale)) == PACKAGES + PACKAGES * 10
        moves = session.scalar(select(func.count()).where(CreditMove.kind == "redeem"))
        assert moves == PACKAGES * 10
        assert [result.first for result in verify(session) if not result.holds] == []


def test_credit_redemption_over_http_without_guard_exceeds_credits(rich: Clinic, env: dict[str, str]) -> None:
    world = rich
    with serving(env, target="tests.concurrency.negative_controls:served_app") as served:
        call_at_once(served, callers(world, served, SEEDS[0], attempts=40))
    assert used(world) > PACKAGES * 10
