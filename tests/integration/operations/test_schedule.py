"""The backups the worker keeps: when one is due, which stay, what is said when there is none."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from pos.core import clock
from pos.core.config import Settings
from pos.services.backup import schedule
from pos.services.backup.retention import kept, moment_of
from pos.services.backup.schedule import LastBackup, back_up_if_due, backup_problem, is_due, last_backup, start_if_due
from tests.conftest import NOON
from tests.support.clinic import Clinic

BERLIN = ZoneInfo("Europe/Berlin")
on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def name(moment: datetime) -> str:
    return f"tenderpoint-{moment:%Y%m%dT%H%M%SZ}.backup"


def test_retention_over_two_years_keeps_seven_days_four_weeks_twelve_months() -> None:
    names: set[str] = set()
    start = datetime(2024, 1, 1, 3, tzinfo=UTC)
    for number in range(730):
        moment = start + timedelta(days=number)
        names = kept({*names, name(moment)}, moment.date())
    days = sorted((found.date() for one in names if (found := moment_of(one))), reverse=True)
    assert days[:7] == [date(2025, 12, 30) - timedelta(days=number) for number in range(7)]
    assert {day.strftime("%Y-%m") for day in days} == {f"2025-{month:02}" for month in range(1, 13)}
    assert len(names) <= 7 + 4 + 12
    assert date(2025, 1, 31) in days, "of a month its last backup stays"


def test_retention_after_a_long_pause_keeps_the_last_ones() -> None:
    names = {name(datetime(2025, 3, day, 3, tzinfo=UTC)) for day in range(1, 8)}
    assert kept(names, date(2027, 1, 1)) == names


def test_retention_several_of_one_day_keeps_the_newest() -> None:
    names = {name(datetime(2025, 3, 1, hour, tzinfo=UTC)) for hour in (3, 9, 15)}
    assert kept(names, date(2025, 3, 1)) == {name(datetime(2025, 3, 1, 15, tzinfo=UTC))}


def test_retention_backup_dated_after_today_is_kept_and_other_files_are_not_named() -> None:
    later = name(datetime(2030, 1, 1, tzinfo=UTC))
    assert kept([later, "by hand.backup", "tenderpoint-20259999T000000Z.backup"], date(2025, 3, 1)) == {later}


@pytest.mark.parametrize(
    ("now", "last", "due"),
    [
        ("2026-06-16T00:59:00", "2026-06-15T01:00:00", False),  # 02:59 in Berlin
        ("2026-06-16T01:00:00", "2026-06-15T01:00:00", True),  # 03:00
        ("2026-06-16T01:05:00", "2026-06-16T01:00:30", False),
        ("2026-06-16T12:00:00", "2026-06-14T01:00:00", True),  # the server was off at three
        ("2026-03-29T01:30:00", "2026-03-28T02:00:00", True),  # the night in which three o'clock comes early
        ("2026-10-25T02:00:30", "2026-10-25T00:59:00", True),  # the night in which it comes late
    ],
)
def test_backup_is_due_at_its_hour_once(now: str, last: str, due: bool) -> None:
    before = LastBackup(datetime.fromisoformat(last).replace(tzinfo=UTC))
    assert is_due(datetime.fromisoformat(now).replace(tzinfo=UTC), 3, BERLIN, before) is due


def test_backup_that_failed_is_due_again_in_an_hour() -> None:
    failed = LastBackup(NOON, error="no room")
    assert not is_due(NOON + timedelta(minutes=59), 3, BERLIN, failed)
    assert is_due(NOON + timedelta(minutes=60), 3, BERLIN, failed)


@on_sqlite
def test_schedule_makes_one_backup_a_day_and_removes_old_ones(
    books: Clinic, installation: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "kept"
    settings = replace(installation, backup_dir=folder)
    assert backup_problem(installation) is None
    assert "No backup was made yet" in str(backup_problem(settings))
    for day in range(9):
        with clock.at(NOON + timedelta(days=day)):
            assert back_up_if_due(settings, BERLIN)
            assert back_up_if_due(settings, BERLIN) is None
            assert backup_problem(settings) is None
    (folder / "by hand").touch()
    made = sorted(path.name for path in folder.glob("*.backup"))
    assert made[-1] == name(NOON + timedelta(days=8))
    assert len(made) == 7
    with clock.at(NOON + timedelta(days=9, hours=3)):
        assert "The last backup is of 24 Jun 2026, 12:00 UTC" in str(backup_problem(settings))


@on_sqlite
def test_schedule_backup_that_fails_is_noted_and_said(
    books: Clinic, installation: Settings, tmp_path: Path, frozen: datetime
) -> None:
    (tmp_path / "a file").touch()
    settings = replace(installation, backup_dir=tmp_path / "a file")
    failed = back_up_if_due(settings, BERLIN)
    assert failed is not None
    assert failed == last_backup(settings)
    assert "The backup of 16 Jun 2026, 12:00 UTC failed: " in str(backup_problem(settings))
    assert back_up_if_due(settings, BERLIN) is None


@on_sqlite
def test_schedule_two_processes_at_once_make_one_backup(
    books: Clinic, installation: Settings, tmp_path: Path, frozen: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = replace(installation, backup_dir=tmp_path / "kept")
    real, others = schedule.make_backup, []

    def meanwhile(*given: object) -> object:
        others.append(back_up_if_due(settings, BERLIN))
        return real(*given)  # type: ignore[arg-type]  # handed through

    monkeypatch.setattr(schedule, "make_backup", meanwhile)
    assert back_up_if_due(settings, BERLIN)
    assert others == [None]


@on_sqlite
def test_schedule_works_in_a_thread_of_its_own(books: Clinic, installation: Settings, tmp_path: Path) -> None:
    settings = replace(installation, backup_dir=tmp_path / "kept")
    thread = start_if_due(settings, BERLIN)
    assert thread is not None
    thread.join(60)
    assert last_backup(settings) is not None
    assert start_if_due(settings, BERLIN) is None
    assert start_if_due(installation, BERLIN) is None


def checks_page(world: Clinic) -> str:
    web = world.app.test_client()
    web.set_cookie("tp_office", world.office_cookie(world.manager))
    return web.get("/office/checks").text


@on_sqlite
@pytest.mark.settings(BACKUP_DIR="/nowhere/backups")
def test_checks_page_says_that_there_is_no_backup(books: Clinic) -> None:
    assert "No backup was made yet" in checks_page(books)


@on_sqlite
def test_checks_page_without_backups_says_how_to_have_them(books: Clinic) -> None:
    assert "BACKUP_DIR" in checks_page(books)
