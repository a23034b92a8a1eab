"""A backup: one private file, checked whole before anything in it is believed, restored beside before it is put in place."""

from __future__ import annotations

import fcntl
import json
import os
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import func, select

from pos.core.config import Settings
from pos.core.database.in_use import _path as lock_path
from pos.core.database.in_use import alone
from pos.core.errors import Invalid
from pos.domain.sales.models import Sale
from pos.reports.verify import CHECKS, verify
from pos.services.backup import archive
from pos.services.backup.archive import read_archive, write_archive
from pos.services.backup.make_backup import make_backup
from pos.services.backup.manifest import Described, Manifest, Member
from pos.services.backup.restore_backup import restore_in_place, verify_backup
from pos.services.integrity.restored_copy import note_heads
from pos.services.integrity.stops import active_stops
from tests.integration.operations.conftest import TABLES
from tests.support.books import tamper
from tests.support.clinic import Clinic, line
from tests.support.paths import ROOT

Leave = Callable[[], None]
Started = Callable[[Settings], Clinic]


def sales(world: Clinic) -> int:
    with world.read() as session:
        return session.scalar(select(func.count()).select_from(Sale)) or 0


def files(folder: Path) -> dict[str, bytes]:
    """What lies in the installation's folder; SQLite's shared memory is no content."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file() and path.suffix != ".lock"
            and not path.name.endswith(("-shm", "-wal", "-inuse", "-turn"))}  # fmt: skip


def test_backup_is_one_private_file_with_key_and_heads(books: Clinic, backed_up: Path, installation: Settings) -> None:
    assert stat.S_IMODE(backed_up.stat().st_mode) == 0o600
    with zipfile.ZipFile(backed_up) as packed:
        assert packed.testzip() is None
        assert set(packed.namelist()) == {"database", "secret_key", "manifest.json"}
        manifest = json.loads(packed.read("manifest.json"))
    assert manifest["database"] == installation.database_url.partition(":")[0]
    assert {head["location"] for head in manifest["heads"]} == {books.usd.slug, books.eur.slug}
    assert not [path for path in backed_up.parent.iterdir() if "partial" in path.name or path.name.startswith(".")]


def test_backup_verified_prints_what_it_holds_and_changes_nothing(
    books: Clinic, backed_up: Path, installation: Settings, tmp_path: Path
) -> None:
    before, sold = files(tmp_path), sales(books)
    checked = verify_backup(installation, backed_up, TABLES)
    assert (checked.checks, checked.migrated) == (len(CHECKS), False)
    assert (files(tmp_path), sales(books)) == (before, sold)


def test_backup_onto_an_existing_file_is_refused(backed_up: Path, installation: Settings) -> None:
    before = backed_up.read_bytes()
    with pytest.raises(Invalid, match="There is a file at"):
        make_backup(installation, backed_up)
    assert backed_up.read_bytes() == before


def test_backup_into_a_missing_folder_is_refused(books: Clinic, installation: Settings, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="cannot be written: No such file or directory"):
        make_backup(installation, tmp_path / "nowhere" / "x.backup")


def test_restore_in_place_keeps_the_present_database_and_stops_cards_and_credits(
    books: Clinic, backed_up: Path, installation: Settings, leave: Leave, started: Started
) -> None:
    before = sales(books)
    receipt = books.sell(line("oil")).receipt_label
    with books.app.app_context():
        note_heads()
    leave()
    with pytest.raises(Invalid, match="is not empty"):
        restore_in_place(installation, backed_up, TABLES)
    done = restore_in_place(installation, backed_up, TABLES, replace=True)
    assert done.kept is not None
    assert done.key == "the same"
    world = started(installation)
    assert sales(world) == before
    with world.read() as session:
        assert [result.first for result in verify(session) if not result.holds] == []
        assert active_stops(session, (world.usd.location_id,))
        assert not active_stops(session, (world.eur.location_id,))
    assert world.sell(line("oil")).receipt_label.startswith(f"{receipt.partition('-')[0]}.2-")


def test_restore_on_a_new_machine_stops_each_location_and_puts_the_key_back(
    books: Clinic, backed_up: Path, installation: Settings, leave: Leave, tmp_path: Path, started: Started
) -> None:
    leave()
    folder = tmp_path / "new machine"
    there = replace(installation, instance_dir=folder, secret_key="another")
    if installation.database_url.startswith("sqlite"):
        there = replace(there, database_url=f"sqlite:///{folder / 'tenderpoint.sqlite3'}")
    done = restore_in_place(there, backed_up, TABLES, replace=True)
    assert (done.key, stat.S_IMODE((folder / "secret_key").stat().st_mode)) == ("put back", 0o600)
    assert (folder / "secret_key").read_text(encoding="ascii") == installation.secret_key
    world = started(replace(there, secret_key=installation.secret_key))
    with world.read() as session:
        for site in (world.usd, world.eur):
            (stop,) = active_stops(session, (site.location_id,))
            assert "was restored from a backup of 16 Jun 2026, 12:00 UTC" in stop.sentence
    assert ".2-" in world.sell(line("oil")).receipt_label
    again = started(there)
    assert ".2-" in again.sell(line("oil")).receipt_label


def test_restore_while_a_server_runs_is_refused(
    books: Clinic, backed_up: Path, installation: Settings, leave: Leave, tmp_path: Path
) -> None:
    leave()
    with alone(installation) as nobody:
        assert nobody
    with lock_path(installation).open("r+") as server:
        fcntl.flock(server, fcntl.LOCK_SH)
        before = files(tmp_path)
        with pytest.raises(Invalid, match="in use: stop pos serve"):
            restore_in_place(installation, backed_up, TABLES, replace=True)
        assert files(tmp_path) == before


def test_restore_while_wsgi_py_is_served_is_refused(
    books: Clinic, backed_up: Path, installation: Settings, leave: Leave
) -> None:
    leave()
    env = os.environ | {
        "DATABASE_URL": installation.database_url,
        "INSTANCE_DIR": str(installation.instance_dir),
        "WORKER_THREAD": "off",
    }
    command = [sys.executable, "-c", "import wsgi; print(wsgi.app.name, flush=True); input()"]
    with subprocess.Popen(
        command, cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == "pos\n"
        with pytest.raises(Invalid, match="in use: stop pos serve"):
            restore_in_place(installation, backed_up, TABLES, replace=True)
        server.communicate("\n")
    with alone(installation) as nobody:
        assert nobody


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_restore_while_somebody_is_connected_is_refused(
    books: Clinic, backed_up: Path, installation: Settings, leave: Leave
) -> None:
    leave()
    with books.read() as session:
        session.scalar(select(1))
        with pytest.raises(Invalid, match="in use"):
            restore_in_place(installation, backed_up, TABLES, replace=True)
    assert sales(books)


def is_refused(installation: Settings, file: Path, sentence: str) -> None:
    """Verifying and restoring are both refused with the sentence, and nothing of the installation has changed."""
    before = files(installation.instance_dir)
    for action in (verify_backup, lambda *given: restore_in_place(*given, replace=True)):
        with pytest.raises(Invalid, match=sentence) as caught:
            action(installation, file, TABLES)
        assert "Nothing was changed" in str(caught.value.sentence)
    assert files(installation.instance_dir) == before
    assert not [path for path in installation.instance_dir.iterdir() if path.name.startswith(".tenderpoint")]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_restore_of_a_cut_file_is_refused_wherever_it_was_cut(
    backed_up: Path, installation: Settings, leave: Leave
) -> None:
    leave()
    whole, cut = backed_up.read_bytes(), backed_up.with_name("cut.backup")
    for length in {0, 1, 50, 89, 90, 200, *range(1000, len(whole), len(whole) // 25), len(whole) - 64, len(whole) - 1}:
        cut.write_bytes(whole[:length])
        is_refused(installation, cut, "is not a whole backup")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_restore_of_a_file_with_one_altered_byte_is_refused(
    backed_up: Path, installation: Settings, leave: Leave
) -> None:
    leave()
    whole, altered = backed_up.read_bytes(), backed_up.with_name("altered.backup")
    with zipfile.ZipFile(backed_up) as packed:
        places = [one.header_offset + 60 for one in packed.infolist()]
        places += [one.header_offset + 60 + one.compress_size // 2 for one in packed.infolist()]
    for at in (*places, len(whole) - archive._TRAILER - 30, len(whole) - 3):
        altered.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        is_refused(installation, altered, "is damaged")


def repacked(backed_up: Path, folder: Path, **changed: Any) -> Path:
    """A backup with a right seal and another description."""
    folder.mkdir()
    manifest = read_archive(backed_up, folder)
    said = {name: getattr(manifest, name) for name in ("version", "revision", "database", "made_at", "heads")}
    file = folder / "repacked.backup"
    write_archive(file, Described(**said | changed), {name: folder / name for name in manifest.members})
    return file


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_restore_of_a_newer_version_or_of_another_kind_of_database_is_refused(
    backed_up: Path, installation: Settings, leave: Leave, tmp_path: Path
) -> None:
    leave()
    newer = repacked(backed_up, tmp_path / "a", revision="9999", version="7.0")
    is_refused(installation, newer, r"made by Tenderpoint 7.0, whose tables \(9999\) this version does not know")
    other = repacked(backed_up, tmp_path / "b", database="postgresql")
    is_refused(installation, other, "holds a PostgreSQL database and DATABASE_URL names a SQLite database")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_restore_of_a_member_that_does_not_fit_its_checksum_is_refused(
    backed_up: Path, installation: Settings, leave: Leave, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The seal of the whole file is right, as somebody could make it: the checksums inside still speak."""
    leave()
    real = archive.encode
    for member in ("database", "secret_key"):

        def lies(manifest: Manifest, member: str = member) -> bytes:
            said = manifest.members | {member: Member(manifest.members[member].size, "0" * 64)}
            return real(msgspec.structs.replace(manifest, members=said))

        with monkeypatch.context() as patched:
            patched.setattr(archive, "encode", lies)
            file = repacked(backed_up, tmp_path / f"lies about {member}")
        is_refused(installation, file, f"“{member}” in it is missing or does not have its checksum")


def test_restore_of_books_that_do_not_hold_is_refused(
    books: Clinic, installation: Settings, leave: Leave, tmp_path: Path
) -> None:
    tamper(books, "UPDATE postings SET amount_minor = amount_minor + 1 WHERE amount_minor > 100")
    leave()
    file = tmp_path / "bad.backup"
    make_backup(installation, file)
    is_refused(installation, file, "checks of the books in this backup fail, the first one: ")


@pytest.mark.parametrize("wrong", ["a letter", "a picture" * 500])
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_restore_of_another_file_is_refused(
    books: Clinic, installation: Settings, leave: Leave, tmp_path: Path, wrong: str
) -> None:
    leave()
    (tmp_path / "wrong.backup").write_text(wrong)
    is_refused(installation, tmp_path / "wrong.backup", "is not a whole backup")
    is_refused(installation, tmp_path / "none.backup", "cannot be read: No such file")
