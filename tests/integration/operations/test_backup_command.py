"""`pos backup` and `pos restore` as whoever looks after the server runs them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pos.core.config import Settings
from tests.conftest import SECRET_KEY
from tests.integration.reports.test_reading_commands import pos
from tests.support.clinic import Clinic


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_backup_and_restore_commands_say_what_they_did(
    books: Clinic, installation: Settings, leave: Callable[[], None], tmp_path: Path
) -> None:
    leave()
    env = {"DATABASE_URL": installation.database_url, "INSTANCE_DIR": str(tmp_path), "SECRET_KEY": SECRET_KEY}
    where = f"Database: SQLite {tmp_path / 'tenderpoint.sqlite3'}\n"
    (tmp_path / "backups").mkdir()
    made = pos(tmp_path, "backup", "backups", **env)
    assert made.returncode == 0, made.stderr
    (file,) = (tmp_path / "backups").iterdir()
    assert made.stdout.splitlines()[-1].startswith(f"Backed up to {file} (")
    assert made.stderr.startswith(where)
    assert "SECRET_KEY comes from the environment" in made.stderr
    heads = [row for row in made.stdout.splitlines() if row.startswith("head ")]

    checked = pos(tmp_path, "restore", str(file), "--verify", **env)
    assert (checked.returncode, checked.stderr) == (0, where)
    assert checked.stdout.splitlines()[-1] == "Nothing was changed."
    assert [row for row in checked.stdout.splitlines() if row.startswith("head ")] == heads

    refused = pos(tmp_path, "restore", str(file), "--in-place", **env)
    assert refused.returncode == 1
    assert "With --replace it is kept beside as a copy" in refused.stderr
    done = pos(tmp_path, "restore", str(file), "--in-place", "--replace", **env)
    assert done.returncode == 0, done.stderr
    assert "What was here before is kept as" in done.stdout
    assert "Start the application, then: pos reconcile --since" in done.stdout.splitlines()[-1]
    assert "checks hold" in pos(tmp_path, "verify", **env).stdout


def test_restore_command_without_a_clear_wish_is_refused(tmp_path: Path) -> None:
    for arguments in ((), ("--verify", "--in-place"), ("--verify", "--replace")):
        done = pos(tmp_path, "restore", "x.backup", *arguments)
        assert (done.returncode, "Say either --verify or --in-place" in done.stderr) == (2, True), arguments


def test_backup_command_without_database_makes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    done = pos(folder, "backup")
    assert (done.returncode, done.stderr.startswith("DATABASE_URL: There is no database at")) == (2, True)
    assert list(folder.iterdir()) == []
