"""Two who give the same money back at once: one wins, on both databases. Beside it the control with the guard off."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from pos.core.errors import Conflict, Invalid
from pos.domain.refunds import repository as refunds
from pos.domain.refunds.models import Refund
from pos.services.refunds import issue_refund as use_case
from pos.services.refunds.issue_refund import RefundCommand
from pos.services.refunds.refundable import Refundable, refundable
from pos.services.refunds.status import RefundState
from tests.integration.refunds.conftest import Desk
from tests.support.barrier import race
from tests.support.books import failing
from tests.support.clinic import line


@pytest.fixture
def seen_before(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> tuple[Desk, UUID]:
    """A sale whose refund two desks have on their screens: both decide by what they saw before the race."""
    sale_id = desk.clinic.sell(line("trigger_60")).sale_id
    desk.clinic.sell(line("oil"), desk=desk.clinic.usd.desks[1])  # so that either drawer could give 108.00 back
    shown: Refundable = desk.found(sale_id)
    monkeypatch.setattr(
        use_case, "refundable", lambda session, key: shown if key == sale_id else refundable(session, key)
    )
    return desk, sale_id


def given_back(desk: Desk, sale_id: UUID) -> int:
    with desk.clinic.read() as session:
        total = func.coalesce(func.sum(Refund.total_minor), 0)
        return int(session.scalar(select(total).where(Refund.sale_id == sale_id)) or 0)


def both(desk: Desk, *commands: RefundCommand) -> list[Any]:
    return race(*(lambda command=command: desk.run(command) for command in commands))


def test_refund_of_one_sale_at_two_desks_one_wins(seen_before: tuple[Desk, UUID]) -> None:
    desk, sale_id = seen_before
    outcomes = both(desk, *(desk.command(sale_id, desk=at) for at in desk.clinic.usd.desks))
    assert [type(outcome) for outcome in outcomes if isinstance(outcome, Exception)] == [Conflict]
    assert given_back(desk, sale_id) == 108_00
    assert desk.notes() == ["RIV-CN-000001"]
    assert failing(desk.clinic) == {}


def test_refund_without_conditional_update_is_made_twice(
    seen_before: tuple[Desk, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: amounts read first and written without a condition."""
    desk, sale_id = seen_before
    monkeypatch.setattr(refunds, "take", lambda *_: None)
    monkeypatch.setattr(refunds, "take_of_tenders", lambda *_: None)
    monkeypatch.setattr(use_case, "_require_lines_left", lambda *_: None)
    outcomes = both(desk, *(desk.command(sale_id, desk=at) for at in desk.clinic.usd.desks))
    assert [type(outcome) for outcome in outcomes] == [RefundState, RefundState]
    assert given_back(desk, sale_id) == 216_00
    assert "refunded" in failing(desk.clinic)


def test_refund_sent_twice_at_once_is_one_refund(seen_before: tuple[Desk, UUID]) -> None:
    desk, sale_id = seen_before
    command = desk.command(sale_id)
    first, second = both(desk, command, command)
    assert isinstance(first, RefundState)
    assert first == second
    assert given_back(desk, sale_id) == 108_00


def test_refund_of_halves_at_two_desks_are_both_made(desk: Desk) -> None:
    sale_id = desk.clinic.sell(line("trigger_60"), line("oil")).sale_id
    commands = [
        desk.command(sale_id, desk=at, positions=(position,))
        for at, position in zip(desk.clinic.usd.desks, (1, 2), strict=True)
    ]
    outcomes = both(desk, *commands)
    assert [type(outcome) for outcome in outcomes] == [RefundState, RefundState]
    assert given_back(desk, sale_id) == 127_44
    assert desk.notes() == ["RIV-CN-000001", "RIV-CN-000002"]
    assert failing(desk.clinic) == {}


def test_refund_of_tenths_sixteen_at_once_returns_only_what_was_paid(desk: Desk) -> None:
    """Sixteen refunds of 10.80 against 108.00: ten are made, six are refused."""
    sale_id = desk.clinic.sell(line("trigger_60")).sale_id
    commands = [desk.command(sale_id, amount_minor=10_80) for _ in range(16)]
    outcomes = both(desk, *commands)
    made = [outcome for outcome in outcomes if isinstance(outcome, RefundState)]
    # Who lost a race for the sale twice is told to try again; nothing of theirs was done.
    for command, outcome in zip(commands, outcomes, strict=True):
        if isinstance(outcome, Conflict) and given_back(desk, sale_id) < 108_00:
            with suppress(Conflict, Invalid):
                made.append(desk.run(command))
    assert len(made) == 10
    assert given_back(desk, sale_id) == 108_00
    assert len(desk.notes()) == 10
    assert failing(desk.clinic) == {}


def test_refund_and_void_at_once_one_wins(desk: Desk) -> None:
    sale_id = desk.clinic.sell(line("trigger_60")).sale_id
    command = desk.command(sale_id)
    outcomes = race(lambda: desk.run(command), lambda: desk.void(sale_id))
    assert len([outcome for outcome in outcomes if isinstance(outcome, RefundState)]) == 1
    assert given_back(desk, sale_id) == 108_00
    with desk.clinic.read() as session:
        assert session.execute(text("SELECT count(*) FROM refunds")).scalar() == 1
    assert failing(desk.clinic) == {}


def test_package_refund_and_redemption_at_once_keep_checks_holding(desk: Desk) -> None:
    clinic = desk.clinic
    sale_id = clinic.sell(line("three"), client=clinic.ana).sale_id
    command = desk.command(sale_id, package_id=desk.package(sale_id))
    visit = clinic.command(line("trigger_60"), client=clinic.ana, desk=clinic.usd.desks[1])
    race(lambda: desk.run(command), lambda: clinic.ring_up(visit))
    assert failing(clinic) == {}
