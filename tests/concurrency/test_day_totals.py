"""A day is summed while something is written into it: its totals are right or gone. The control has no guard."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.database import day_totals
from pos.core.database.base import engine, reading
from pos.core.database.unit_of_work import unit_of_work
from pos.core.ids import new_id
from pos.domain.ledger import posting
from pos.domain.ledger.entries import Draft
from pos.domain.locations.queries import place
from pos.reports.totals.summing import differing
from pos.services import day_totals as use_case
from tests.support.actions import action
from tests.support.barrier import PATIENCE, race
from tests.support.clinic import Clinic, line

# How long one of two that would meet waits for the other, which the guard keeps away.
_GUARDED = 0.5


def sum_and_write(books: Clinic, monkeypatch: pytest.MonkeyPatch, *, late_first: bool, patience: float) -> list[date]:
    """Sum a day and post into it at the same moment; returns the days whose totals are wrong afterwards.

    `late_first`: the posting looks for totals to drop before the day is summed, and commits after; otherwise the day is
    read before the posting, whose drop comes before the totals are kept.
    """
    here, on = books.usd.location_id, clock.now().date()
    books.sell(line("oil"))
    has_dropped, has_read = threading.Event(), threading.Event()
    real_drop, real_sum = day_totals.drop_written, use_case.sum_stretch

    def drop(session: Session) -> None:
        if session.info.get("late") and not late_first:
            has_read.wait(patience)
        real_drop(session)
        if session.info.get("late"):
            has_dropped.set()
            if late_first:
                has_read.wait(patience)

    def read(session: Session, *given: Any) -> Any:
        if late_first:
            has_dropped.wait(patience)
        found = real_sum(session, *given)
        has_read.set()
        if not late_first:
            has_dropped.wait(patience)
        return found

    monkeypatch.setattr(day_totals, "drop_written", drop)
    monkeypatch.setattr(use_case, "sum_stretch", read)

    @unit_of_work
    def write(session: Session) -> None:
        session.info["late"] = True
        draft = Draft("float", new_id(), "USD")
        draft.debit("bank", 1_00)
        draft.credit("stripe_clearing", 1_00)
        posting.post(session, draft, action(session, here, on=on), reference="late")

    def sum_it() -> None:
        with books.app.app_context():
            use_case.sum_days(place(reading(), here))

    def write_it() -> None:
        with books.app.app_context():
            write()

    with clock.at(clock.now() + timedelta(days=4)):
        outcomes = race(sum_it, write_it)
        assert outcomes == [None, None]
        with books.read() as session:
            return list(differing(session, place(session, here)))


@pytest.mark.parametrize("late_first", [True, False])
def test_day_summed_while_it_is_written_into_has_no_wrong_totals(
    books: Clinic, monkeypatch: pytest.MonkeyPatch, *, late_first: bool
) -> None:
    assert sum_and_write(books, monkeypatch, late_first=late_first, patience=_GUARDED) == []


def test_day_summed_without_lock_while_it_is_written_into_has_wrong_totals(
    books: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control. A SQLite file has one writer at a time, whatever the lock does."""
    with books.app.app_context():
        several = engine().dialect.name == "postgresql"
    monkeypatch.setattr(day_totals, "hold", lambda _session: None)
    monkeypatch.setattr(use_case, "hold", lambda _session: None)
    wrong = sum_and_write(books, monkeypatch, late_first=True, patience=PATIENCE if several else _GUARDED)
    assert (wrong != []) is several
