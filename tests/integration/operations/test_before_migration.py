"""A database with data is copied before its tables change; without room for the copy nothing is changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pos.core.config import Settings
from pos.core.database.base import engine as current_engine
from pos.core.errors import NotConfigured
from pos.migrations import runner
from pos.services.backup import before_migration
from pos.services.backup.before_migration import copy_before_migration
from pos.services.backup.sqlite_copy import damage
from tests.support.clinic import Clinic
from tests.support.databases import open_engine

Leave = Callable[[], None]


@pytest.fixture
def behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """This version knows a later revision than the database has."""
    monkeypatch.setattr(runner, "newest", lambda: "9999")


def test_migration_of_a_database_with_data_copies_it_first(
    books: Clinic, installation: Settings, behind: None, leave: Leave
) -> None:
    made: list[Path | None] = []
    engine = open_engine(installation.database_url)
    runner.migrate(
        engine, installation.instance_dir, lambda revision: made.append(copy_before_migration(installation, revision))
    )
    engine.dispose()
    (copy,) = made
    assert copy is not None
    assert copy.name.partition("before-migration-")[2].startswith(f"{runner.revisions()[-1]}-")
    assert copy.stat().st_mode & 0o077 == 0
    if installation.database_url.startswith("sqlite"):
        assert damage(copy) is None
    else:
        assert copy.read_bytes().startswith(b"PGDMP")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_migration_of_a_database_without_data_makes_no_copy(app: object, settings: Settings, behind: None) -> None:
    engine = open_engine(settings.database_url)
    runner.migrate(engine, settings.instance_dir, lambda _: pytest.fail("there is nothing to copy"))
    engine.dispose()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_migration_without_room_for_the_copy_changes_nothing(
    books: Clinic, installation: Settings, behind: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(before_migration, "copy_sqlite", full)
    with books.app.app_context(), pytest.raises(NotConfigured, match=r"No space left on device.*nothing was changed"):
        runner.migrate(
            current_engine(), installation.instance_dir, lambda revision: copy_before_migration(installation, revision)
        )


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_migration_where_pg_dump_is_missing_says_so_and_goes_on(
    books: Clinic, installation: Settings, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    assert copy_before_migration(replace(installation, pg_bin_dir=tmp_path / "none"), "1004") is None
    assert "There is no pg_dump here" in caplog.text
    assert not list(tmp_path.glob("before-migration*"))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_copies_before_migrations_the_newest_three_stay(books: Clinic, installation: Settings, tmp_path: Path) -> None:
    for number in range(5):
        copy_before_migration(installation, f"100{number}")
    names = {path.name.split("before-migration-")[1][:4] for path in tmp_path.glob("*.before-migration-*")}
    assert names == {"1002", "1003", "1004"}
