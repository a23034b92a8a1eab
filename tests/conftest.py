"""What every test may ask for. `tests/support/world.py` begins with a guide.

`database`      a fresh, migrated database URL; every test that asks for it runs on SQLite and on PostgreSQL
`app`           the application on that database; worker off, payments off, unless `@pytest.mark.settings(…)` says otherwise
`context`       the application with its context pushed, for tests below the faces (not together with a test client)
`clinic`        a small world of two clinics; `build_clinic(usd=…, eur=…)` for other taxes
`frozen`        the clock held at NOON; `with clock.at(…)` inside a test moves it
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask

from pos.app import create_app
from pos.kernel import clock
from pos.kernel.db import db
from pos.kernel.running import running
from pos.kernel.settings import Settings, read_settings
from pos.staff import service as staff_service
from tests.support import databases
from tests.support.network import only_loopback
from tests.support.world import EUR_TAX, USD_TAX, TaxHabit, World, build_world

# A Tuesday, noon in UTC: in business hours in both clinics of the world.
NOON = datetime(2026, 6, 16, 12, 0, tzinfo=UTC)
SECRET_KEY = "the-secret-of-this-test-installation-and-no-other"


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        os.environ[databases.FOLDER] = str(databases.make_folder())


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and (folder := os.environ.pop(databases.FOLDER, None)):
        databases.leave_postgres(Path(folder))


@pytest.fixture(scope="session", autouse=True)
def _stay_on_this_machine() -> Iterator[None]:
    with only_loopback():
        yield


@pytest.fixture(scope="session", autouse=True)
def _hash_quickly() -> Iterator[None]:
    """PINs and passwords cost 41 ms each on purpose; a test that builds a world has five of them."""
    real = staff_service._hasher
    staff_service._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    staff_service._nobody.cache_clear()
    yield
    staff_service._hasher = real
    staff_service._nobody.cache_clear()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    folder = tmp_path_factory.mktemp("sqlite-template")
    databases.migrate_fresh(f"sqlite:///{folder / 'template.sqlite3'}", folder)
    return folder / "template.sqlite3"


@pytest.fixture(scope="session")
def postgres_folder() -> Path:
    """The folder of this run's PostgreSQL server, started when the first test asks for it."""
    folder = Path(os.environ[databases.FOLDER])
    databases.join_postgres(folder)
    return folder


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh database with all tables and no rows."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            path = tmp_path / "tenderpoint.sqlite3"
            shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
            yield f"sqlite:///{path}"
        else:
            yield stack.enter_context(databases.postgres_database(request.getfixturevalue("postgres_folder")))


@pytest.fixture
def settings(request: pytest.FixtureRequest, database: str, tmp_path: Path) -> Settings:
    """Settings of a test installation; `@pytest.mark.settings(MAILBOX="on")` adds environment variables."""
    marked = request.node.get_closest_marker("settings")
    env = {
        "DATABASE_URL": database,
        "SECRET_KEY": SECRET_KEY,
        "WORKER_THREAD": "off",
        "BASE_URL": "http://localhost",
        **(marked.kwargs if marked else {}),
    }
    return read_settings(env, instance_dir=tmp_path)


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The application; every engine it opened is closed again."""
    app = create_app(settings)
    app.config["TESTING"] = True
    yield app
    with app.app_context():
        if printers := running().helpers.get("printers"):
            printers.close()
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture
def context(app: Flask) -> Iterator[Flask]:
    """The application with its context pushed."""
    with app.app_context():
        yield app


@pytest.fixture
def frozen() -> Iterator[datetime]:
    """The clock held at NOON."""
    with clock.at(NOON):
        yield NOON


@pytest.fixture
def build_clinic(app: Flask, frozen: datetime) -> Callable[..., World]:
    """Build the world with other tax habits: `build_clinic(usd=TaxHabit("10", inclusive=True))`."""

    def build(*, usd: TaxHabit = USD_TAX, eur: TaxHabit = EUR_TAX) -> World:
        return build_world(app, SECRET_KEY, usd=usd, eur=eur)

    return build


@pytest.fixture
def clinic(build_clinic: Callable[..., World]) -> World:
    """The world as usual: USD with 8 % on top, EUR with 19 % inside."""
    return build_clinic()
