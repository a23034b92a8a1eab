"""A check that fails stops cards and credits, not cash; a manager or a clean look lifts it; nights run once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from pos.core import clock
from pos.core.audit import AuditEvent
from pos.core.errors import Conflict, Invalid
from pos.domain.ledger.models import Closing
from pos.domain.locations.queries import places
from pos.domain.operations.models import NightlyRun, SafetyStop
from pos.reports.nightly_runs import last_nightly_runs
from pos.services.integrity.run_checks import check_books, lift_stops
from pos.services.jobs import nightly
from pos.services.jobs.nightly import CLAIM_FOR, run_due
from tests.support.books import close_up, tamper
from tests.support.cards import CARDS, Till
from tests.support.clinic import Clinic, line

BREAK = "UPDATE ledger_chains SET seq = seq + 1"
MEND = "UPDATE ledger_chains SET seq = seq - 1"


def look(world: Clinic) -> list[str]:
    with world.app.app_context():
        return [result.key for result in check_books(world.usd.location_id) if not result.holds]


def stops(world: Clinic) -> list[SafetyStop]:
    with world.read() as session:
        return list(session.scalars(select(SafetyStop).order_by(SafetyStop.stopped_at, SafetyStop.check_key)))


def test_safety_stop_failed_check_refuses_credits_and_allows_cash(books: Clinic) -> None:
    tamper(books, BREAK)
    assert look(books) == ["chain"]
    with pytest.raises(Conflict, match="Cards and credits are stopped") as refused:
        books.sell(line("trigger_60"), client=books.ana)
    assert refused.value.extra["why"] == "stopped"
    with pytest.raises(Conflict, match="stopped"):
        books.buy("three", books.ben)
    books.sell(line("foot_60"))  # cash
    books.sell(line("trigger_60"), client=books.ben, site=books.eur)  # the other location's books were not looked at


@CARDS
def test_safety_stop_failed_check_refuses_card_payment(till: Till) -> None:
    tamper(till.clinic, BREAK)
    look(till.clinic)
    with pytest.raises(Conflict, match="stopped"):
        till.charge(till.command(till.ticket(line("foot_60"))))


def test_safety_stop_check_holds_again_lifts_it(books: Clinic) -> None:
    tamper(books, BREAK)
    look(books)
    tamper(books, MEND)
    assert look(books) == []
    assert [(stop.check_key, stop.lift_reason, stop.lifted_by) for stop in stops(books)] == [
        ("chain", "The check holds again.", None)
    ]
    books.sell(line("trigger_60"), client=books.ana)


def test_safety_stop_lifted_by_manager_with_reason_allows_sales_until_another_fault(books: Clinic) -> None:
    tamper(books, BREAK)
    look(books)
    here, mara = books.usd.location_id, books.manager.id
    with books.app.app_context():
        with pytest.raises(Invalid):
            lift_stops(location_id=here, staff_id=mara, reason="")
        lift_stops(location_id=here, staff_id=mara, reason="Support is restoring tonight")
        with pytest.raises(Conflict, match="Nothing is stopped"):
            lift_stops(location_id=here, staff_id=mara, reason="Again")
    assert look(books) == ["chain"]  # the same fault
    assert [stop.lift_reason for stop in stops(books)] == ["Support is restoring tonight"]
    books.sell(line("trigger_60"), client=books.ana)
    assert look(books) == ["chain"]
    assert len(stops(books)) == 2  # the sale moved the head on: it is another fault now
    with books.read() as session:
        steps = session.scalars(select(AuditEvent).where(AuditEvent.action == "books.stop_lifted")).all()
    assert [step.detail["reason"] for step in steps] == ["Support is restoring tonight"]


def test_safety_stop_same_fault_after_lift_does_not_stop_again(books: Clinic) -> None:
    tamper(books, "UPDATE sales SET tip_minor = tip_minor + 1 WHERE tip_minor > 0")
    look(books)
    with books.app.app_context():
        lift_stops(location_id=books.usd.location_id, staff_id=books.manager.id, reason="Known, one cent")
    look(books)
    assert all(stop.lifted_at for stop in stops(books))
    tamper(books, "UPDATE sales SET tip_minor = tip_minor + 1 WHERE tip_minor > 0")
    look(books)
    assert any(stop.lifted_at is None for stop in stops(books))


# ---- nights


def night(world: Clinic) -> list[tuple[str, str, str]]:
    with world.app.app_context():
        return run_due()


def test_nightly_jobs_run_once_per_night_and_location(books: Clinic) -> None:
    close_up(books)
    with clock.at(clock.now() + timedelta(days=1)):
        first = night(books)
        assert [(slug, job) for slug, job, _ in first] == [
            (slug, job)
            for slug in ("riverside", "altstadt")
            for job in ("expire", "breakage", "remind", "close", "totals", "verify")
        ]
        assert night(books) == []
        with books.read() as session:
            done = {(run.location_id, run.job): run.outcome for run in session.scalars(select(NightlyRun))}
        assert done[books.usd.location_id, "verify"] == "Every check holds."
        assert len(done) == 12
    with clock.at(clock.now() + timedelta(days=2)):
        assert len(night(books)) == 12


def test_nightly_close_waits_for_open_drawers(books: Clinic) -> None:
    with clock.at(clock.now() + timedelta(days=1)):
        waits = {(slug, job): outcome for slug, job, outcome in night(books)}
    assert waits["riverside", "close"].startswith("Waits: The drawer of")
    with books.read() as session:
        assert session.scalar(select(Closing.id)) is None


def test_nightly_jobs_wait_until_three_hours_after_midnight(books: Clinic) -> None:
    start = clock.now().replace(hour=4, minute=0) + timedelta(
        days=1
    )  # midnight in New York, six in the morning in Berlin
    with clock.at(start + timedelta(hours=2, minutes=59)):
        assert {slug for slug, _, _ in night(books)} == {"altstadt"}
    with clock.at(start + timedelta(hours=3)):
        assert {slug for slug, _, _ in night(books)} == {"riverside"}


def test_nightly_job_claimed_by_ended_process_runs_again_later(books: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(_: object) -> str:
        raise KeyboardInterrupt  # the process ends in the middle

    monkeypatch.setitem(nightly.JOBS, "expire", lost)
    with clock.at(clock.now() + timedelta(days=1)):
        with pytest.raises(KeyboardInterrupt):
            night(books)
        monkeypatch.undo()
        ran = night(books)
        assert ("riverside", "expire") not in {(slug, job) for slug, job, _ in ran}  # somebody may still be at it
    with clock.at(clock.now() + timedelta(days=1) + CLAIM_FOR + timedelta(seconds=1)):
        assert [(slug, job) for slug, job, _ in night(books)] == [("riverside", "expire")]


def test_nightly_job_fails_and_others_still_run(books: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: object) -> str:
        raise RuntimeError("no")

    monkeypatch.setitem(nightly.JOBS, "remind", fails)
    with clock.at(clock.now() + timedelta(days=1)):
        outcomes = {(slug, job): outcome for slug, job, outcome in night(books)}
    assert outcomes["riverside", "remind"] == "Failed: RuntimeError"
    assert outcomes["riverside", "verify"] == "Every check holds."


def test_nightly_verify_finds_fault_and_stops_locations(books: Clinic) -> None:
    tamper(books, BREAK)
    with clock.at(clock.now() + timedelta(days=1)):
        outcomes = {(slug, job): outcome for slug, job, outcome in night(books)}
    assert outcomes["riverside", "verify"] == "Checks that fail: chain."
    assert {stop.location_id for stop in stops(books)} == {books.usd.location_id, books.eur.location_id}
    with books.read() as session:
        runs = last_nightly_runs(session, places(session))
    assert {done.outcome for done in runs if done.job == "verify"} == {"Checks that fail: chain."}
    assert {done.failing for done in runs} == {(), ("The chain is linked and complete, and every hash fits",)}
