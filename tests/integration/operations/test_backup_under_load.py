"""Backups taken while desks in other processes ring up sales: each restores with every invariant, and no desk fails."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from pos.core.config import Settings
from pos.reports.verify import verify
from pos.services.backup.make_backup import make_backup
from pos.services.backup.restore_backup import verify_backup
from tests.integration.operations.conftest import TABLES
from tests.support.clinic import Clinic
from tests.support.paths import ROOT

DESKS = 3


@contextmanager
def desks_of(world: Clinic, settings: Settings, folder: Path) -> Iterator[list[subprocess.Popen[str]]]:
    """Desks in processes of their own, at rest."""
    file = folder / "world.pickle"
    file.write_bytes(pickle.dumps(replace(world, app=None)))  # type: ignore[arg-type]  # each process has its own
    command = [
        sys.executable,
        "-m",
        "tests.integration.operations.selling",
        settings.database_url,
        str(folder),
        str(file),
    ]
    processes = [
        subprocess.Popen(
            [*command, str(number % len(world.usd.desks))], cwd=ROOT,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for number in range(DESKS)
    ]  # fmt: skip
    try:
        assert [_said(process) for process in processes] == ["ready"] * DESKS
        yield processes
        for process in processes:
            _, errors = process.communicate(timeout=60)
            assert process.returncode == 0, errors[-3000:]
    finally:
        for process in processes:
            process.kill()
            process.wait()


def _said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def _tell(processes: list[subprocess.Popen[str]], word: str) -> None:
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(f"{word}\n")
        process.stdin.flush()


def back_up_and_check(world: Clinic, settings: Settings, folder: Path, *, rounds: int) -> None:
    entries = []
    with desks_of(world, settings, folder) as desks:
        for number in range(rounds):
            file = folder / f"{number}.backup"
            _tell(desks, "go")
            begun = [int(_said(desk)) for desk in desks]
            manifest = make_backup(settings, file)
            _tell(desks, "rest")
            sold = [int(_said(desk)) for desk in desks]
            assert all(now > then for now, then in zip(sold, begun, strict=True)), "a desk waited for the backup"
            checked = verify_backup(settings, file, TABLES)
            assert checked.manifest == manifest
            entries.append(sum(head.entries for head in manifest.heads))
            file.unlink()
    assert entries == sorted(set(entries)), "the desks sold between any two backups"
    with world.read() as session:
        assert [result.first for result in verify(session) if not result.holds] == []


@pytest.mark.long
@pytest.mark.xdist_group("many-processes")
def test_backup_under_load_ten_times_restores_with_all_invariants(
    books: Clinic, installation: Settings, tmp_path: Path
) -> None:
    back_up_and_check(books, installation, tmp_path, rounds=10)
