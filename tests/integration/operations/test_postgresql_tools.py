"""How PostgreSQL's programs are run: no password where others see it, a limit of time, sentences for what fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from pos.core.errors import Invalid
from pos.services.backup import postgresql_tools as tools

URL = "postgresql+psycopg://pos:top%20secret@db.example.org:5433/clinic?sslmode=require"


def program(folder: Path, script: str) -> Path:
    file = folder / "pg_dump"
    file.write_text(f"#!/bin/sh\n{script}\n", encoding="ascii")
    file.chmod(0o700)
    return folder


def test_dump_password_is_in_the_environment_not_on_the_command_line(tmp_path: Path) -> None:
    program(tmp_path, f'echo "$@" > {tmp_path}/arguments; echo "$PGPASSWORD" > {tmp_path}/password')
    tools.dump(URL, tmp_path / "out", folder=tmp_path, tables=1)
    arguments = (tmp_path / "arguments").read_text()
    assert "secret" not in arguments
    for word in ("user=pos", "host=db.example.org", "port=5433", "dbname=clinic", "sslmode=require", "--format=custom"):
        assert word in arguments
    assert (tmp_path / "password").read_text() == "top secret\n"


def test_dump_that_fails_says_what_the_program_said(tmp_path: Path) -> None:
    program(tmp_path, 'echo "pg_dump: last built-in OID is 16383" >&2; echo "pg_dump: error: no such host" >&2; exit 1')
    with pytest.raises(Invalid, match=r"^pg_dump failed: pg_dump: error: no such host$"):
        tools.dump(URL, tmp_path / "out", folder=tmp_path, tables=1)


def test_dump_that_hangs_is_stopped_at_its_limit(tmp_path: Path) -> None:
    program(tmp_path, "exec sleep 600")
    with pytest.raises(Invalid, match=r"pg_dump was not done within its limit of 0 min and was stopped\."):
        tools.dump(URL, tmp_path / "out", folder=tmp_path, tables=1, limit=0.2)


def test_dump_without_the_program_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"There is no pg_dump here.*postgresql-client.*PG_BIN_DIR"):
        tools.dump(URL, tmp_path / "out", folder=tmp_path / "empty", tables=1)
    assert not (tmp_path / "out").exists()


def test_dump_progress_counts_tables(tmp_path: Path) -> None:
    words = "pg_dump: dumping contents of table public.sales"
    program(tmp_path, f'echo "{words}" >&2; echo "{words}" >&2; echo "{words}" >&2')
    heard: list[tuple[int, int]] = []
    tools.dump(
        URL, tmp_path / "out", folder=tmp_path, tables=3, progress=lambda done, whole: heard.append((done, whole))
    )
    assert heard == [(0, 3), (1, 3), (2, 3)]
