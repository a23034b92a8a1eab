"""The file of a month: everything in it, the same bytes again, and what becomes of one that is stopped or fails."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID
from zipfile import ZipFile

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from invoices.errors import PaperUnavailable
from pos import cli
from pos.core import clock
from pos.core.database.base import reading
from pos.core.errors import Conflict, Invalid
from pos.domain.bookkeeping.models import MonthFile
from pos.domain.ledger.models import Closing
from pos.domain.receipts.credit_note_models import CreditNote
from pos.domain.receipts.models import Receipt, ReceiptFile
from pos.domain.till.models import ZReport
from pos.reports.bookkeeping.journals import day_journals
from pos.services.bookkeeping import month_files
from pos.services.bookkeeping.month_contents import TABLES
from pos.services.bookkeeping.month_files import cancel_month_file, make_month_file, ready_file
from pos.services.till.close_period import close_periods
from tests.conftest import NOON
from tests.integration.refunds.conftest import Desk
from tests.integration.reports.test_counted_once import close_desk
from tests.support.clinic import Clinic, line
from tests.support.worker_steps import work

MONTH = NOON.date().replace(day=1)
Step = Callable[[], bool]


def ask(world: Clinic) -> UUID:
    with world.app.app_context():
        return make_month_file(location_id=world.usd.location_id, staff_id=world.bookkeeper.id, month_on=MONTH)


def state(world: Clinic, file_id: UUID) -> MonthFile:
    with world.read() as session:
        return session.get_one(MonthFile, file_id)


def content(world: Clinic, file_id: UUID) -> bytes:
    with world.app.app_context():
        return ready_file(reading().get_one(MonthFile, file_id)).read_bytes()


def left_behind(world: Clinic) -> list[str]:
    with world.app.app_context():
        return sorted(path.suffix for path in month_files._folder().iterdir())


@pytest.fixture
def quiet(traded: Clinic) -> Clinic:
    """The world with a day of trade, and nothing that waits for the worker."""
    work(traded)
    return traded


def test_month_file_holds_everything_and_is_the_same_again(desk: Desk) -> None:
    world = desk.clinic
    sale = world.sell(line("trigger_60"), client=world.ana)
    desk.refund(sale.sale_id, by=world.owner)
    for number in (0, 1):
        close_desk(world, number)
    with clock.at(NOON + timedelta(days=20)):
        with world.app.app_context():
            close_periods(world.usd.location_id)
        work(world)
        first = ask(world)
        with pytest.raises(Conflict):
            ask(world)
        work(world)
        row = state(world, first)
        assert (row.state, row.failure, row.asked_by) == ("ready", "", world.bookkeeper.id)
        whole = content(world, first)
        again = ask(world)
        work(world)
        assert content(world, again) == whole
        assert state(world, again).sha256 == row.sha256
    assert left_behind(world) == [".zip", ".zip"]
    with ZipFile(io.BytesIO(whole)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert len(set(names)) == len(names)
        tables = {name.removesuffix(".csv") for name in names if name.endswith(".csv")}
        assert {"journal", "journal-by-day", "sales", "items", "tax", "tax-by-rate", "liability"} <= tables
        assert tables <= {*TABLES, "journal-by-day"}
        with world.read() as session:
            here = Receipt.location_id == world.usd.location_id
            receipts = session.scalars(select(Receipt.label).where(here)).all()
            notes = session.scalars(select(CreditNote.label)).all()
            closings = session.scalars(select(Closing).where(Closing.location_id == world.usd.location_id)).all()
            shifts = session.scalars(select(ZReport)).all()
            kept = session.scalars(select(ReceiptFile.content)).all()
            days = day_journals(session, world.usd.location_id, MONTH, NOON.date())
        assert {f"receipts/{label}.pdf" for label in receipts} == {n for n in names if n.startswith("receipts/")}
        assert {f"credit-notes/{label}.pdf" for label in notes} == {n for n in names if n.startswith("credit-notes/")}
        assert sum(name.startswith("z-reports/") for name in names) == len(shifts) == 2
        assert {n for n in names if n.startswith("closings/")} >= {f"closings/month-{MONTH:%Y-%m}.pdf"}
        assert sum(name.startswith("closings/") for name in names) == len(closings)
        papers = [archive.read(name) for name in names if name.endswith(".pdf")]
        assert all(paper.startswith(b"%PDF") for paper in papers)
        # What was set for the desk is what the bookkeeper gets.
        assert set(kept) <= set(papers)
        rows = list(csv.DictReader(io.StringIO(archive.read("journal-by-day.csv").decode(), newline="")))
        entries = list(csv.DictReader(io.StringIO(archive.read("journal.csv").decode(), newline="")))
    debits = sum(one.debit_minor for day in days for one in day.lines)
    for found in (rows, entries):
        assert sum(round(float(row["Debit"] or 0) * 100) for row in found) == debits
    assert row.total == len(papers)


def test_month_file_is_made_in_steps_and_stops_when_cancelled(quiet: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(month_files, "STEP_SECONDS", 0)
    stopped = ask(quiet)
    work(quiet, steps=2)
    row = state(quiet, stopped)
    assert (row.state, row.done) == ("making", 2)
    assert row.total > 2
    with quiet.app.app_context(), pytest.raises(Conflict):
        ready_file(reading().get_one(MonthFile, stopped))
    with quiet.app.app_context():
        asked = {"file_id": stopped, "staff_id": quiet.bookkeeper.id, "location_id": quiet.usd.location_id}
        assert cancel_month_file(**asked)
        assert not cancel_month_file(**asked)
    work(quiet)
    assert state(quiet, stopped).state == "cancelled"
    assert left_behind(quiet) == []
    # Step by step it comes to the same file as at once.
    slow = ask(quiet)
    work(quiet)
    monkeypatch.setattr(month_files, "STEP_SECONDS", 60)
    fast = ask(quiet)
    work(quiet)
    assert content(quiet, slow) == content(quiet, fast)


def test_month_file_that_was_interrupted_is_begun_anew(quiet: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(month_files, "STEP_SECONDS", 0)
    file_id = ask(quiet)
    work(quiet, steps=2)
    with quiet.app.app_context():
        part = month_files._part(file_id)
    part.write_bytes(part.read_bytes()[:500])
    work(quiet)
    assert state(quiet, file_id).state == "ready"
    with ZipFile(io.BytesIO(content(quiet, file_id))) as archive:
        assert archive.testzip() is None


def test_month_file_cut_off_after_its_last_document_is_ended_by_the_next_try(
    quiet: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(_: UUID, *__: object) -> None:
        raise SystemExit

    with monkeypatch.context() as broken:
        broken.setattr(month_files, "_finish", killed)
        file_id = ask(quiet)
        with pytest.raises(SystemExit):
            work(quiet)
    with clock.at(NOON + timedelta(hours=1)):  # whoever takes up what a worker left
        work(quiet)
        assert state(quiet, file_id).state == "ready"
        assert ZipFile(io.BytesIO(content(quiet, file_id))).testzip() is None


def test_month_file_that_fails_says_why_and_can_be_made_again(quiet: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_paper(*_: object) -> None:
        raise PaperUnavailable("This host makes no PDFs.")

    with monkeypatch.context() as broken:
        broken.setattr(month_files, "add_paper", no_paper)
        failed = ask(quiet)
        work(quiet)
    row = state(quiet, failed)
    assert (row.state, row.failure) == ("failed", "This host makes no PDFs.")
    assert left_behind(quiet) == []
    again = ask(quiet)
    work(quiet)
    assert state(quiet, again).state == "ready"
    with clock.at(NOON + month_files.KEPT + timedelta(minutes=1)):
        work(quiet)
        assert state(quiet, again).state == "removed"
        with quiet.app.app_context(), pytest.raises(Conflict, match="removed"):
            ready_file(reading().get_one(MonthFile, again))
    assert left_behind(quiet) == []


def test_month_to_come_is_refused(clinic: Clinic) -> None:
    with clinic.app.app_context(), pytest.raises(Invalid):
        make_month_file(
            location_id=clinic.usd.location_id, staff_id=None, month_on=MONTH.replace(month=MONTH.month + 1)
        )


def test_export_month_command_writes_the_same_file(
    quiet: Clinic, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file_id = ask(quiet)
    work(quiet)
    monkeypatch.setattr("pos.installation.command_app", lambda *_, **__: quiet.app)
    asked = ["export", "month", f"{MONTH:%Y-%m}", "--location", "riverside", "--output", str(tmp_path)]
    done = CliRunner().invoke(cli.main, asked)
    assert done.exit_code == 0, done.output
    assert re.search(r"[0-9]+ documents", done.output)
    assert (tmp_path / f"month-riverside-{MONTH:%Y-%m}.zip").read_bytes() == content(quiet, file_id)
    assert [path.name for path in tmp_path.glob("*.part")] == []
