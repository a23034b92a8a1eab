"""Two drawers pay the same tips out at once: one of them does. Beside it the control with the guard off."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core.database.base import engine
from pos.core.errors import Invalid
from pos.core.ids import new_id
from pos.domain.sales.carts import Tip
from pos.domain.till.models import CashMovement
from pos.domain.till.shifts import MovementRequest
from pos.domain.tips import repository as tips
from pos.services.till import cash_movements as use_case
from pos.services.till.cash_movements import record_movement
from tests.integration.tips.conftest import owed
from tests.support.barrier import meeting, race
from tests.support.clinic import Clinic, line


def pay_at_both(books: Clinic) -> list[Any]:
    books.sell(line("trigger_60", therapist=books.therapist), tip=Tip(amount_minor=15_00))

    def pay(desk: int) -> None:
        wanted = MovementRequest(new_id(), "tip_paid_out", 15_00, "Friday", books.therapist.id)
        with books.app.app_context():
            record_movement(desk_id=books.usd.desks[desk], staff_id=books.manager.id, wanted=wanted)

    return race(lambda: pay(0), lambda: pay(1))


def paid(books: Clinic) -> int:
    with books.read() as session:
        return sum(session.scalars(select(CashMovement.amount_minor)))


def test_tip_payout_from_two_drawers_one_wins(books: Clinic) -> None:
    outcomes = pay_at_both(books)
    assert [type(outcome) for outcome in outcomes if outcome is not None] == [Invalid]
    assert (paid(books), owed(books)) == (15_00, {})


def test_tip_payout_without_lock_is_paid_twice(books: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control. A SQLite file has one writer at a time, whatever the lock does."""
    with books.app.app_context():
        several = engine().dialect.name == "postgresql"
    meet = meeting(2)
    real = tips.owed_to

    def read_then_wait(session: Session, *given: Any) -> int:
        found = real(session, *given)
        if several:
            meet()
        return found

    monkeypatch.setattr(use_case, "hold_still", lambda *_: None)
    monkeypatch.setattr(use_case.tips, "owed_to", read_then_wait)
    pay_at_both(books)
    assert paid(books) == (30_00 if several else 15_00)
