"""`pos doctor`: one sentence for each piece, what to do where it is not well, exit code 1 where something is broken."""

from __future__ import annotations

import json
import socket
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from pos.core import clock
from pos.core.config import Settings
from pos.migrations.runner import newest
from pos.services.backup.schedule import back_up_if_due
from pos.services.diagnosis import doctor, machine
from pos.services.diagnosis.findings import State
from pos.worker import _zone
from tests.conftest import SECRET_KEY
from tests.integration.operations.conftest import close
from tests.integration.reports.test_reading_commands import pos
from tests.support.cards import CARDS, take_cards
from tests.support.clinic import Clinic

on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def private(folder: Path) -> None:
    folder.chmod(0o700)
    for path in folder.iterdir():
        path.chmod(0o700 if path.is_dir() else 0o600)


@on_sqlite
def test_doctor_command_says_each_piece_and_ends_with_0(clinic: Clinic, installation: Settings, tmp_path: Path) -> None:
    close(clinic.app)
    private(tmp_path)
    env = {"DATABASE_URL": installation.database_url, "INSTANCE_DIR": str(tmp_path), "SECRET_KEY": SECRET_KEY}
    env["XDG_CACHE_HOME"] = str(tmp_path / "cache")  # of the fonts
    done = pos(tmp_path, "doctor", "--json", **env)
    found = {row["piece"]: (row["state"], row["sentence"]) for row in json.loads(done.stdout)}
    assert found.keys() >= {
        "settings", "instance folder", "database", "disk", "backups", "worker", "paper", "mail", "clock", "Stripe",
    }  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert found["paper"][0] == "ok"
    assert found["database"][1].startswith("SQLite 3.")
    assert SECRET_KEY not in done.stdout + done.stderr
    assert done.stderr == f"Database: SQLite {tmp_path / 'tenderpoint.sqlite3'}\n"


def test_doctor_command_without_database_says_what_is_broken_and_makes_nothing(tmp_path: Path) -> None:
    done = pos(tmp_path, "doctor", INSTANCE_DIR=str(tmp_path / "none"))
    assert done.returncode == 1
    assert "broken   instance folder: There is no folder" in done.stdout
    assert "broken   database: There is no database at" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_doctor_command_with_a_wrong_setting_says_it(tmp_path: Path) -> None:
    done = pos(tmp_path, "doctor", BACKUP_AT="25")
    assert (done.returncode, done.stdout) == (
        1,
        "broken   settings: BACKUP_AT: BACKUP_AT must be an hour from 0 to 23.\n",
    )


def test_doctor_database_of_another_version_is_broken(books: Clinic, installation: Settings) -> None:
    finding, _, found = doctor._database(installation, "9999")
    assert (finding.state, found) == (State.BROKEN, None)
    assert finding.sentence.endswith("those of this version at 9999: run pos migrate.")
    finding, at, found = doctor._database(installation, newest())
    assert finding.state is State.OK
    assert found is not None
    assert (at is None) is installation.database_url.startswith("sqlite")


@on_sqlite
def test_doctor_files_that_others_read_are_broken(books: Clinic, installation: Settings, tmp_path: Path) -> None:
    private(tmp_path)
    assert [one.state for one in machine.folder(installation)] == [State.OK]
    (tmp_path / "secret_key").chmod(0o644)
    (finding,) = machine.folder(installation)
    assert (finding.state, "may read secret_key in" in finding.sentence) == (State.BROKEN, True)


@on_sqlite
def test_doctor_backups_that_are_old_or_failed_are_broken(
    books: Clinic, installation: Settings, tmp_path: Path
) -> None:
    assert doctor.backups(installation).state is State.LOOK
    settings = replace(installation, backup_dir=tmp_path / "kept")
    assert doctor.backups(settings).state is State.BROKEN
    with books.app.app_context():
        assert back_up_if_due(settings, _zone())
    assert doctor.backups(settings).state is State.OK
    with clock.at(clock.now() + timedelta(hours=27)):
        assert doctor.backups(settings).state is State.BROKEN


@on_sqlite
def test_doctor_mail_server_that_does_not_answer_is_broken_within_its_limit(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "SECONDS", 0.3)
    assert machine.mail(settings).state is State.LOOK
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"smtp://127.0.0.1:{silent.getsockname()[1]}"
        finding = machine.mail(replace(settings, mail_url=url))
    assert (finding.state, "timed out" in finding.sentence) == (State.BROKEN, True)
    finding = machine.mail(replace(settings, mail_url=url))
    assert (finding.state, "127.0.0.1 does not answer" in finding.sentence) == (State.BROKEN, True)


@on_sqlite
def test_doctor_mail_server_that_answers_is_ok(settings: Settings) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()

        def answer() -> None:
            talk, _ = server.accept()
            with talk:
                talk.sendall(b"220 mail\r\n")
                while asked := talk.recv(1000):
                    talk.sendall(b"221 bye\r\n" if asked.upper().startswith(b"QUIT") else b"250 ok\r\n")

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        assert machine.mail(replace(settings, mail_url=f"smtp://127.0.0.1:{server.getsockname()[1]}")).state is State.OK
        thread.join(5)


@on_sqlite
def test_doctor_clock_is_compared(settings: Settings, frozen: object) -> None:
    now = clock.now()
    assert machine.times(settings, now - timedelta(seconds=5)).state is State.OK
    finding = machine.times(settings, now - timedelta(minutes=5))
    assert (finding.state, "differ by 300 seconds" in finding.sentence) == (State.BROKEN, True)
    assert machine.times(settings, None).state is State.LOOK


@on_sqlite
@CARDS
def test_doctor_stripe_key_works_and_the_endpoint_is_looked_for(clinic: Clinic) -> None:
    with take_cards(clinic), clinic.app.app_context():
        finding = doctor.stripe()
    assert finding.state is State.LOOK
    assert finding.sentence.startswith("The key works, and no webhook endpoint points to http://localhost/hooks/stripe")
