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
def desks_selling(world: Clinic, settings: Settings, folder: Path) -> Iterator[list[int]]:
    """Desks in processes of their own; the list holds how much each has sold when the block is over."""
    file, sold = folder / "world.pickle", list[int]()
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
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        yield sold
        for process in processes:
            out, errors = process.communicate("stop\n", timeout=60)
            assert process.returncode == 0, errors[-3000:]
            sold.append(int(out))
    finally:
        for process in processes:
            process.kill()
            process.wait()


def back_up_and_check(world: Clinic, settings: Settings, folder: Path, *, rounds: int) -> None:
    entries = []
    with desks_selling(world, settings, folder) as sold:
        for number in range(rounds):
            file = folder / f"{number}.backup"
            manifest = make_backup(settings, file)
            checked = verify_backup(settings, file, TABLES)
            assert checked.manifest == manifest
            entries.append(sum(head.entries for head in manifest.heads))
            file.unlink()
    assert entries == sorted(set(entries)), "the desks sold between any two backups"
    assert min(sold) > 0
    with world.read() as session:
        assert [result.first for result in verify(session) if not result.holds] == []


@pytest.mark.xdist_group("many-processes")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_backup_under_load_twice_restores_with_all_invariants(
    books: Clinic, installation: Settings, tmp_path: Path
) -> None:
    back_up_and_check(books, installation, tmp_path, rounds=2)


@pytest.mark.long
@pytest.mark.xdist_group("many-processes")
def test_backup_under_load_twenty_times_restores_with_all_invariants(
    books: Clinic, installation: Settings, tmp_path: Path
) -> None:
    back_up_and_check(books, installation, tmp_path, rounds=20)
