from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

import pos.models  # noqa: F401  (every table, for the checks)
from pos.app import create_app
from pos.core.config import Settings
from pos.core.database.base import db
from pos.migrations.runner import migrate, revisions
from pos.services.backup.make_backup import make_backup
from pos.services.backup.restore_backup import Tables
from tests.support import databases
from tests.support.clinic import Clinic

TABLES = Tables(tuple(revisions()), migrate)


@pytest.fixture
def books(traded: Clinic) -> Clinic:
    """The world with complete books and a day of trade."""
    return traded


@pytest.fixture
def installation(settings: Settings, tmp_path: Path, database: str) -> Settings:
    """The settings of the test's installation, with a key in its folder and the programs of the run's PostgreSQL."""
    key = tmp_path / "secret_key"
    key.write_text(settings.secret_key, encoding="ascii")
    key.chmod(0o600)
    tools = None
    if database.startswith("postgresql"):
        tools = databases.postgres_programs(Path(os.environ[databases.FOLDER]))
    return replace(settings, pg_bin_dir=tools, secret_key_given=False)


def close(app: Flask) -> None:
    """Close every connection of an application, as a server that is stopped does."""
    with app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture
def leave(books: Clinic) -> Callable[[], None]:
    """Stop the test's application."""
    return lambda: close(books.app)


@pytest.fixture
def started(books: Clinic) -> Iterator[Callable[[Settings], Clinic]]:
    """Start the application anew with these settings; stopped when the test ends."""
    apps = []

    def start(settings: Settings) -> Clinic:
        apps.append(create_app(settings))
        return replace(books, app=apps[-1])

    yield start
    for app in apps:
        close(app)


@pytest.fixture
def backed_up(books: Clinic, installation: Settings, tmp_path: Path) -> Path:
    """A backup of the world after its day of trade."""
    file = tmp_path / "day.backup"
    make_backup(installation, file)
    return file
