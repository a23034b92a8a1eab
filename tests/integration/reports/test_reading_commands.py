"""Commands that only read: in a folder without a database, and on a copy that cannot be written."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pos.core.database.address import reading_url
from pos.core.database.base import db
from pos.reports.verify import CHECKS
from tests.conftest import SECRET_KEY
from tests.support.clinic import Clinic
from tests.support.paths import ROOT

DAYS = ("--from", "2026-06-01", "--to", "2026-06-30")


def pos(folder: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run `pos` as a process of its own, in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "pos.cli", *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", **env},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


COMMANDS = (
    ("verify",),
    ("reconcile", "--since", "2026-06-01"),
    ("report", "sales", *DAYS),
    ("report", "liability", *DAYS),
    ("report", "journal", *DAYS),
    ("expire", "--dry-run"),
    ("breakage", "--dry-run"),
    ("remind", "--dry-run"),
)


# Commands open the database in two ways, to read and to work on what is there. The short run starts both, the long run all.
@pytest.mark.parametrize(
    "arguments",
    [*COMMANDS[:2], *(pytest.param(one, marks=pytest.mark.long) for one in COMMANDS[2:])],
    ids=lambda arguments: " ".join(arguments[:2]),
)
def test_reading_command_without_database_creates_nothing(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = pos(tmp_path, *arguments)
    assert done.returncode == 2
    assert "checks hold" not in done.stdout
    assert done.stderr.startswith("DATABASE_URL: There is no database at ")
    assert len(done.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_verify_command_foreign_or_other_version_database_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "other.sqlite3"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
    connection.close()
    done = pos(tmp_path, "verify", DATABASE_URL=f"sqlite:///{file}", INSTANCE_DIR=str(tmp_path / "none"))
    assert (done.returncode, done.stderr) == (2, "DATABASE_URL: This database has no tables of Tenderpoint.\n")
    with sqlite3.connect(file) as connection:
        connection.execute("INSERT INTO alembic_version VALUES ('0001')")
    connection.close()
    done = pos(tmp_path, "verify", DATABASE_URL=f"sqlite:///{file}", INSTANCE_DIR=str(tmp_path / "none"))
    assert done.returncode == 2
    assert "is of another version of Tenderpoint" in done.stderr
    assert not (tmp_path / "none").exists()


@pytest.fixture
def copy(books: Clinic, database: str) -> Iterator[Path]:
    """A copy of a database in a folder of its own, neither of which can be written."""
    with books.app.app_context():
        db.session.remove()
        for one in db.engines.values():
            one.dispose()
    folder = Path(tempfile.mkdtemp(prefix="tp-copy-"))
    file = folder / "copy.sqlite3"
    with sqlite3.connect(database.removeprefix("sqlite:///")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    shutil.copyfile(database.removeprefix("sqlite:///"), file)
    file.chmod(0o444)
    folder.chmod(0o555)
    yield file
    folder.chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_verify_command_on_read_only_copy_succeeds(copy: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # Whoever runs the tests may be allowed everything; what is asked of the system here is whether writing is allowed.
    real = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: real(path, mode) and not (mode & os.W_OK))
    url = reading_url(f"sqlite:///{copy}")
    assert url == f"sqlite:///file:{copy}?mode=ro&immutable=1&uri=true"
    script = "import os; os.access = lambda *_: False\nfrom pos.cli import main\nmain(['verify'])"
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={
            "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "DATABASE_URL": f"sqlite:///{copy}",
            "SECRET_KEY": SECRET_KEY, "INSTANCE_DIR": str(tmp_path / "none"),
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )  # fmt: skip
    assert f"All {len(CHECKS)} checks hold." in done.stdout, done.stderr
    assert done.returncode == 0
    assert [path.name for path in copy.parent.iterdir()] == ["copy.sqlite3"]
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_reading_command_on_copy_with_wal_file_reads_it(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy.parent.chmod(0o755)
    (copy.parent / "copy.sqlite3-wal").write_bytes(b"x")
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert reading_url(f"sqlite:///{copy}") == f"sqlite:///file:{copy}?mode=ro&uri=true"
    assert reading_url("postgresql+psycopg://localhost/x") == "postgresql+psycopg://localhost/x"
