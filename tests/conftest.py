"""What every test may ask for. `tests/support/clinic.py` begins with a guide.

`database`      a fresh, migrated database URL; every test that asks for it runs on SQLite and on PostgreSQL
`app`           the application on that database; worker off, payments off, unless `@pytest.mark.settings(…)` says otherwise
`context`       the application with its context pushed, for tests below the faces (not together with a test client)
`traded`        the clinic with a day of trade
`clinic`        a small world of two clinics; `build_clinic(usd=…, eur=…)` for other taxes
`frozen`        the clock held at NOON; `with clock.at(…)` inside a test moves it
"""

from __future__ import annotations

import gc
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest
from argon2 import PasswordHasher
from flask import Flask

from pos.app import create_app
from pos.core import clock
from pos.core.config import Settings, read_settings
from pos.core.database.base import db
from pos.domain.staff import credentials as staff_service
from tests.support import databases, held_connections
from tests.support.build_clinic import create_clinic
from tests.support.clinic import (
    EUR_TAX,
    USD_TAX,
    Clinic,
    TaxHabit,
)
from tests.support.first_reader import one_first
from tests.support.network import only_loopback
from tests.support.order import waiting_between_working
from tests.support.shared_parts import shared_parts

# A Tuesday, noon in UTC: in business hours in both clinics of the world.
NOON = datetime(2026, 6, 16, 12, 0, tzinfo=UTC)
_WORLD = pytest.StashKey[Clinic | None]()
_IS_TRADED = pytest.StashKey[bool]()
# The worlds of `build_clinic` that this process has built: a file to copy, and what is in it.
_built: dict[tuple[Path, TaxHabit, TaxHabit], tuple[Path, Clinic]] = {}
SECRET_KEY = "the-secret-of-this-test-installation-and-no-other"


# Debian 12 ships Python 3.11.2, where a garbage collection in the middle of reading source may end in “AST constructor
# recursion depth mismatch” (mended in 3.11.5). Collecting tests reads thousands of lines, so nothing is collected meanwhile.
gc.disable()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[object]:
    with one_first(Path(os.environ[databases.FOLDER])):
        return (yield)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Collect again, without what is there by now: the application and all tests stay until the end, and looking through
    them again and again took a sixth of a run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()


# What the folders of a whole run take at most, with room to spare.
_ROOM_FOR_A_RUN = 6 << 30


def _keep_folders_in_memory() -> None:
    """Put test folders into the memory of the machine, where it has room and TMPDIR says nothing else.

    Test databases commit thousands of times, each time waiting for the disk: half of the time of a run.
    """
    memory = Path("/dev/shm")  # pytest makes folders of its own in it, for their owner alone
    if "TMPDIR" in os.environ or not os.access(memory, os.W_OK):
        return
    found = os.statvfs(memory)
    if found.f_bavail * found.f_frsize >= _ROOM_FOR_A_RUN and not found.f_flag & os.ST_NOEXEC:
        os.environ["TMPDIR"] = str(memory)
        tempfile.tempdir = None


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        _keep_folders_in_memory()
        os.environ[databases.FOLDER] = str(databases.make_folder())


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and (folder := os.environ.pop(databases.FOLDER, None)):
        databases.leave_postgres(Path(folder))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--stripe",
        choices=("simulated", "real"),
        default="simulated",
        help="real: only what the simulator and Stripe must answer alike, asked of Stripe's test mode (docs/stripe.md)",
    )


# Where PostgreSQL is asked in the short run too: statements, locks, triggers, history, a sale in cash and by card from end
# to end, and what it refuses that SQLite takes (characters it cannot keep, a database that may not be written). Elsewhere
# a test says on PostgreSQL what it says on SQLite; `make test-long` runs it there.
_BOTH_DATABASES = (
    "tests/concurrency",
    "tests/integration/checkout/test_a1_everywhere.py",
    "tests/integration/checkout/test_card_at_desk.py",
    "tests/integration/checkout/test_cash_sales.py",
    "tests/integration/checkout/test_worked_figures.py",
    "tests/integration/core",
    "tests/integration/ledger",
    "tests/integration/migrations",
    "tests/integration/packages/test_dry_run.py::test_a_preview_answers_while",
    "tests/properties",
    "tests/web/permissions/test_hostile.py::test_json_api_control_characters",
    "tests/web/permissions/test_lockout.py::test_form_wrong_value",
    "tests/web/permissions/test_storage.py::test_cash_sale",
    "tests/web/test_statement_counts.py",
)
_POSTGRESQL = ("postgresql", "shared_till_on_postgresql")


def _is_said_on_sqlite(item: pytest.Item) -> bool:
    called = getattr(item, "callspec", None)
    return (
        called is not None
        and any(value in _POSTGRESQL for value in called.params.values() if isinstance(value, str))
        and not item.nodeid.startswith(_BOTH_DATABASES)
    )


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Iterator[None]:
    for item in items:
        if _is_said_on_sqlite(item):
            item.add_marker(pytest.mark.long)
    if config.getoption("--stripe") == "real":
        kept = [item for item in items if item.get_closest_marker("stripe_alike")]
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = kept
    yield
    items[:] = waiting_between_working(items)


@pytest.fixture(scope="session", autouse=True)
def _stay_on_this_machine(pytestconfig: pytest.Config) -> Iterator[None]:
    if pytestconfig.getoption("--stripe") == "real":
        yield
        return
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


@pytest.fixture(scope="session", autouse=True)
def _share_between_applications() -> Iterator[None]:
    """What is the same in every application of a run is made once."""
    with shared_parts(Path(os.environ[databases.FOLDER])):
        yield


def _settled(url: str, folder: Path, build: Callable[[Flask], Clinic]) -> Clinic:
    """Build a world in a database; what comes back belongs to no application."""
    env = {"DATABASE_URL": url, "SECRET_KEY": SECRET_KEY, "WORKER_THREAD": "off", "BASE_URL": "http://localhost"}
    app = create_app(read_settings(env, instance_dir=folder))
    with clock.at(NOON):
        world = build(app)
    _close(app)
    return _of_nobody(world)


def _close(app: Flask) -> None:
    """Close every connection of an application; a SQLite file is whole then, without its log."""
    with app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


def _of_nobody(world: Clinic) -> Clinic:
    """The world without its application, and nothing in it that a test changes."""
    return deepcopy(replace(world, app=cast(Flask, None)))


@pytest.fixture(autouse=True)
def _stripe_is_called_without_a_connection() -> Iterator[None]:
    """While Stripe is slow, no connection may wait with it, and no snapshot of the database may grow old."""
    held_connections.calls.clear()
    yield
    assert held_connections.calls == []


@pytest.fixture(scope="session")
def sqlite_world(sqlite_template: Path) -> tuple[Path, Clinic]:
    """A SQLite file with the world in it, to copy."""
    return _extended(sqlite_template, "world", _build_usual)


@pytest.fixture(scope="session")
def sqlite_traded(sqlite_world: tuple[Path, Clinic]) -> tuple[Path, Clinic]:
    """The same with a day of trade."""
    path, world = sqlite_world
    return _extended(path, "traded", lambda app: _trade(replace(deepcopy(world), app=app)))


def _extended(base: Path, name: str, build: Callable[[Flask], Clinic]) -> tuple[Path, Clinic]:
    path = base.with_name(f"{name}.sqlite3")
    shutil.copyfile(base, path)
    world = _settled(f"sqlite:///{path}", path.parent, build)
    with sqlite3.connect(path) as connection:  # a copy takes the file alone
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return path, world


def _build_usual(app: Flask) -> Clinic:
    return create_clinic(app, SECRET_KEY)


def _trade(world: Clinic) -> Clinic:
    from tests.support.books import book_floats, trade  # it asks this module for NOON

    return trade(book_floats(world))


@pytest.fixture(scope="session")
def postgres_world(postgres_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Clinic:
    """The world that PostgreSQL's databases of this run are copied with."""
    folder = tmp_path_factory.mktemp("postgres-world")
    return cast(Clinic, databases.postgres_world(postgres_folder, lambda url: _settled(url, folder, _build_usual)))


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


def _asks_for_usual_world(request: pytest.FixtureRequest) -> bool:
    marked = request.node.get_closest_marker("settings")
    return "clinic" in request.fixturenames and not (marked and marked.kwargs.keys() & {"SECRET_KEY", "DATABASE_URL"})


@pytest.fixture
def sqlite_database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """`database` on SQLite; a module whose own `database` is this one runs on SQLite alone."""
    path, template, world = tmp_path / "tenderpoint.sqlite3", request.getfixturevalue("sqlite_template"), None
    if _asks_for_usual_world(request):
        traded = "traded" in request.fixturenames
        template, world = request.getfixturevalue("sqlite_traded" if traded else "sqlite_world")
        request.node.stash[_IS_TRADED] = traded
    shutil.copyfile(template, path)
    request.node.stash[_WORLD] = world
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a fresh database with all tables and no rows but those of the world, where a test asks for `clinic`."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_database")
        return
    folder, usual = request.getfixturevalue("postgres_folder"), _asks_for_usual_world(request)
    request.node.stash[_WORLD] = request.getfixturevalue("postgres_world") if usual else None
    with databases.postgres_database(folder, with_world=usual) as url:
        yield url


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
    _close(app)


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
def build_clinic(app: Flask, frozen: datetime, sqlite_template: Path) -> Callable[..., Clinic]:
    """Build the world with other tax habits: `build_clinic(usd=TaxHabit("10", inclusive=True))`.

    A SQLite world with the same habits is built once and copied afterwards.
    """
    with app.app_context():
        url = db.engine.url
    own = Path(url.database or "")
    is_usual = url.get_backend_name() == "sqlite" and app.secret_key == SECRET_KEY

    def build(*, usd: TaxHabit = USD_TAX, eur: TaxHabit = EUR_TAX) -> Clinic:
        if not is_usual:
            return create_clinic(app, SECRET_KEY, usd=usd, eur=eur)
        kept = sqlite_template.with_name(f"built-{len(_built)}.sqlite3")
        _close(app)
        if known := _built.get((sqlite_template, usd, eur)):
            shutil.copyfile(known[0], own)
            return replace(deepcopy(known[1]), app=app)
        world = create_clinic(app, SECRET_KEY, usd=usd, eur=eur)
        _close(app)
        shutil.copyfile(own, kept)
        _built[sqlite_template, usd, eur] = kept, _of_nobody(world)
        return world

    return build


@pytest.fixture
def clinic(request: pytest.FixtureRequest, app: Flask, build_clinic: Callable[..., Clinic]) -> Clinic:
    """The world as usual: USD with 8 % on top, EUR with 19 % inside."""
    copied = request.node.stash.get(_WORLD, None)
    return replace(deepcopy(copied), app=app) if copied else build_clinic()


@pytest.fixture
def traded(request: pytest.FixtureRequest, clinic: Clinic) -> Clinic:
    """The world with complete books and a day of trade: a package, visits on it, singles, tips, a discount, two places."""
    return clinic if request.node.stash.get(_IS_TRADED, False) else _trade(clinic)
