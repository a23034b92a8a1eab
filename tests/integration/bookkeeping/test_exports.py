"""Journals from the ledger, exported once, asked about the second time, and made again byte for byte."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from pos import cli
from pos.core import clock
from pos.core.audit import AuditEvent
from pos.core.database.base import reading
from pos.core.errors import Conflict, Invalid
from pos.core.hashing import sha256_hex
from pos.domain.bookkeeping.models import BookkeepingProgram, JournalExport
from pos.domain.bookkeeping.queries import export_of, exports
from pos.domain.ledger.chart_of_accounts import chart
from pos.domain.ledger.models import JournalEntry, Posting
from pos.domain.locations.queries import place
from pos.reports.bookkeeping.journals import changed_days, day_journals
from pos.reports.bookkeeping.programs import PROGRAMS
from pos.reports.bookkeeping.readiness import readiness
from pos.reports.period import Scope
from pos.services.bookkeeping.export_journal import Exported, _keep, export_journal, exported_file
from pos.services.bookkeeping.program_accounts import set_program_accounts
from pos.services.catalogue.location_settings import rename_account
from tests.conftest import NOON
from tests.support.books import book_floats
from tests.support.clinic import Clinic, Site, line
from tests.support.history import make_history
from tests.support.journals_agree import journal_differences

TODAY = NOON.date()


def days_before(world: Clinic, site: Site) -> None:
    """A sale on each of two days before, so that there are three days in the books."""
    for back in (2, 1):
        with clock.at(NOON - timedelta(days=back)):
            world.sell(line("trigger_60"), site=site)


def export(world: Clinic, site: Site, program: str, *, again: bool = False, back: int = 2) -> Exported:
    with world.app.app_context():
        return export_journal(
            location_id=site.location_id, staff_id=world.manager.id, program_key=program,
            from_on=TODAY - timedelta(days=back), to_on=TODAY, again=again,
        )  # fmt: skip


def file_again(world: Clinic, export_id: UUID) -> bytes:
    with world.app.app_context():
        row = export_of(reading(), export_id, frozenset({world.usd.location_id, world.eur.location_id}))
        return exported_file(row).content


def write_down(world: Clinic, site: Site, program: str, accounts: dict[str, str], **settings: str) -> bool:
    with world.app.app_context():
        return set_program_accounts(
            location_id=site.location_id, staff_id=world.manager.id, program_key=program, accounts=accounts,
            settings=settings,
        )  # fmt: skip


def test_journal_of_each_day_is_the_sum_of_its_postings(traded: Clinic) -> None:
    world = traded
    days_before(world, world.usd)
    with world.app.app_context():
        session, here = reading(), world.usd.location_id
        raw: dict[tuple[object, str, bool], int] = defaultdict(int)
        for entry, posting in session.execute(
            select(JournalEntry, Posting).join(Posting, Posting.entry_id == JournalEntry.id)
        ):
            if entry.location_id == here:
                raw[entry.business_on, posting.account_key, posting.amount_minor > 0] += posting.amount_minor
        days = day_journals(session, here, TODAY - timedelta(days=9), TODAY)
        found = {
            (day.on, line.account_key, line.amount_minor > 0): line.amount_minor for day in days for line in day.lines
        }
        assert found == dict(raw)
        assert [day.on for day in days] == [TODAY - timedelta(days=2), TODAY - timedelta(days=1), TODAY]
        rows = list(csv.DictReader(io.StringIO(export_bytes(world).decode(), newline="")))
        debits = sum(line.debit_minor for day in days for line in day.lines)
    assert sum(round(float(row["Debit"] or 0) * 100) for row in rows) == debits
    assert sum(round(float(row["Credit"] or 0) * 100) for row in rows) == debits


def export_bytes(world: Clinic) -> bytes:
    return export(world, world.usd, "csv", again=True).file.content


def test_export_without_accounts_names_each_that_moved_and_goes_on_when_they_are_written(traded: Clinic) -> None:
    world, datev = traded, PROGRAMS["datev"]
    with world.app.app_context():
        where = place(reading(), world.eur.location_id)
        moved = {
            entry.key: entry
            for day in day_journals(reading(), where.id, TODAY, TODAY)
            for entry in chart(reading(), where.id)
            if entry.key in {one.account_key for one in day.lines}
        }
        missing = readiness(reading(), where, datev, TODAY, TODAY).missing
    named = {one.what for one in missing}
    assert {f"{entry.code} {entry.name}" for entry in moved.values()} <= named
    assert {"Consultant number", "Client number", "Clearing account"} <= named
    with pytest.raises(Conflict, match="missing before"):
        export(world, world.eur, "datev", again=True)
    with pytest.raises(Invalid) as refused:
        write_down(world, world.eur, "datev", {"bank": "12000"}, clearing="1370", account_length="4")
    assert refused.value.field == "account.bank"
    numbers = {key: str(4000 + number) for number, key in enumerate(sorted(moved))}
    with pytest.raises(Invalid) as refused:
        write_down(world, world.eur, "datev", numbers, consultant="12", client="1", clearing="1370")
    assert refused.value.field == "setting.consultant"
    # The clearing account stands in every line, so the header's account length holds for it as for any other.
    with pytest.raises(Invalid) as refused:
        write_down(world, world.eur, "datev", numbers, consultant="29098", client="1", clearing="13700")
    assert refused.value.field == "setting.clearing"
    assert write_down(world, world.eur, "datev", numbers, consultant="29098", client="1", clearing="1370")
    before = {"consultant": "29098", "client": "1", "clearing": "13700"}
    key = world.eur.location_id, "datev"
    world.write(lambda session: setattr(session.get_one(BookkeepingProgram, key), "settings", before))
    with world.app.app_context():
        (wrong,) = readiness(reading(), where, datev, TODAY, TODAY).missing
        assert (wrong.what, "4 digits" in str(wrong.sentence)) == ("Clearing account", True)
    write_down(world, world.eur, "datev", numbers, consultant="29098", client="1", clearing="1370")
    done = export(world, world.eur, "datev", again=True)
    assert done.file.name == f"EXTF_Buchungsstapel_altstadt_{TODAY - timedelta(days=2)}_{TODAY}.csv"
    assert done.file.content.count(b"\r\n") > 2
    with world.read() as session:
        noted = session.scalars(select(AuditEvent).where(AuditEvent.action == "bookkeeping.datev")).all()
        assert [(event.detail["before"], event.detail["after"]["clearing"]) for event in noted] == [
            ({}, "1370"), ({"clearing": "13700"}, "1370"),
        ]  # fmt: skip
        event = session.scalars(select(AuditEvent).where(AuditEvent.action == "bookkeeping.exported")).one()
        assert (event.actor_id, event.detail["sha256"]) == (world.manager.id, sha256_hex(done.file.content))
    # The currency of the other location is none that DATEV takes.
    with pytest.raises(Conflict):
        export(world, world.usd, "datev", again=True)


def test_export_of_exported_days_asks_first_and_old_file_stays_byte_for_byte(traded: Clinic) -> None:
    world = traded
    days_before(world, world.usd)
    with pytest.raises(Conflict) as refused:
        export(world, world.usd, "hledger")
    assert "not closed" in str(refused.value.sentence)
    first = export(world, world.usd, "hledger", again=True)
    with pytest.raises(Conflict) as refused:
        export(world, world.usd, "hledger", back=0)
    assert (refused.value.extra["why"], "exported before" in str(refused.value.sentence)) == ("asks", True)
    # Another program knows nothing of it.
    assert export(world, world.usd, "beancount", again=True).file.content
    again = export(world, world.usd, "hledger", again=True)
    assert again.file.content == first.file.content
    # A sale comes later, and accounts are called something else: what was exported is made again as it was.
    world.sell(line("oil"), site=world.usd)
    write_down(world, world.usd, "hledger", {"bank": "assets:house bank"})
    with world.app.app_context():
        rename_account(
            location_id=world.usd.location_id,
            staff_id=world.manager.id,
            key="service_revenue",
            code="8400",
            name="Erlöse",
        )
    assert file_again(world, first.export_id) == first.file.content
    changed = export(world, world.usd, "hledger", again=True)
    assert changed.file.content != first.file.content
    assert b"assets:house bank" in changed.file.content
    with world.app.app_context():
        row = reading().get_one(JournalExport, first.export_id)
        assert changed_days(reading(), row.location_id, row.from_on, row.to_on, row.ledger_seq) == [TODAY]
        found = readiness(reading(), place(reading(), row.location_id), PROGRAMS["hledger"], TODAY, TODAY)
        assert [one.id for one in found.before] == [changed.export_id, again.export_id, first.export_id]
        assert found.before[0].exported_by == world.manager.id


def test_export_of_days_without_entries_is_refused(clinic: Clinic) -> None:
    with pytest.raises(Invalid) as refused:
        export(clinic, clinic.usd, "csv", again=True)
    assert refused.value.field == "from"


@pytest.fixture
def run(traded: Clinic, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Result]:
    """Run `pos` on the world's application."""
    monkeypatch.setattr("pos.installation.command_app", lambda *_, **__: traded.app)
    monkeypatch.setenv("INSTANCE_DIR", str(tmp_path))
    return lambda *arguments: CliRunner().invoke(cli.main, arguments)


def test_export_journal_command_writes_file_and_asks_first(
    run: Callable[..., Result], traded: Clinic, tmp_path: Path
) -> None:
    asked = (
        "export",
        "journal",
        "--format",
        "beancount",
        "--location",
        "riverside",
        "--from",
        str(TODAY),
        "--to",
        str(TODAY),
    )
    assert "Give --again" in run(*asked).stderr
    done = run(*asked, "--again", "--output", str(tmp_path))
    assert done.exit_code == 0
    (file,) = tmp_path.glob("*.beancount")
    with traded.read() as session:
        row = session.scalars(select(JournalExport)).one()
        assert (row.sha256, row.exported_by) == (sha256_hex(file.read_bytes()), None)
    refused = run(*asked)
    assert refused.exit_code == 1
    assert "exported before" in refused.stderr
    missing = run(*asked[:3], "xero", *asked[4:])
    assert missing.exit_code == 1
    assert "no account yet" in missing.stderr or "Write a name" in missing.stderr
    assert run(*asked[:3], "sage", *asked[4:]).exit_code == 2


def test_books_in_which_everything_happened_once_are_accepted_by_the_programs(clinic: Clinic, tmp_path: Path) -> None:
    world = make_history(book_floats(clinic))
    with world.app.app_context():
        scope = Scope(
            (place(reading(), world.usd.location_id),), TODAY - timedelta(days=40), TODAY + timedelta(days=40)
        )
        assert list(journal_differences(reading(), scope)) == []
        found = {
            program: export_journal(
                location_id=world.usd.location_id, staff_id=None, program_key=program, from_on=scope.from_on,
                to_on=scope.to_on, again=True,
            ).file
            for program in ("beancount", "hledger")
        }  # fmt: skip
    checks = {
        "beancount": (sys.executable, "-m", "beancount.scripts.check"),
        "hledger": ("hledger", "check", "--strict", "--file"),
    }
    for program, command in checks.items():
        file = tmp_path / found[program].name
        file.write_bytes(found[program].content)
        ran = subprocess.run(
            [*command, str(file)], capture_output=True, text=True, env={**os.environ, "LC_ALL": "C.UTF-8"}, timeout=60
        )
        assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", ""), program


def test_export_that_somebody_else_made_meanwhile_is_asked_about(traded: Clinic) -> None:
    """Smallest input: two people export the same days; both have looked before either was written down."""
    first = export(traded, traded.usd, "csv", again=True)
    with traded.app.app_context():
        row = reading().get_one(JournalExport, first.export_id)
        names = [column.key for column in JournalExport.__table__.columns if column.key != "id"]
        facts = {name: getattr(row, name) for name in names}
        with pytest.raises(Conflict, match="exported before"):
            _keep(JournalExport(**facts), known=frozenset(), again=False)
        _keep(JournalExport(**facts), known=frozenset({first.export_id}), again=False)
        assert len(exports(reading(), traded.usd.location_id, "csv")) == 2
