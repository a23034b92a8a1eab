"""PostgreSQL's own programs, run without a password on their command line, and databases made to try a backup in.

The driver is imported where it is needed: it is 8 MB in each process, and a clinic on SQLite needs none of it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy.engine import make_url

from pos.core.errors import Invalid
from pos.core.files import sync
from pos.core.messages.installation import SCRATCH_NOT_ALLOWED, TARGET_IN_USE, TOOL_FAILED, TOOL_MISSING, TOOL_TOO_SLOW

if TYPE_CHECKING:
    import psycopg
    from psycopg import sql

LIMIT_SECONDS = 6 * 3600
_DUMPING = b"dumping contents of table"
_RESTORING = b"processing data for table"


def plain_url(url: str) -> str:
    """The URL as PostgreSQL's library reads it."""
    return "postgresql://" + url.partition("://")[2]


def _without_secrets(url: str, **changed: str) -> tuple[str, dict[str, str]]:
    """Connection words for a command line, and the environment that holds the password beside them."""
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    words = {
        name: str(value) for name, value in conninfo_to_dict(plain_url(url)).items() if value is not None
    } | changed
    words.pop("sslpassword", None)
    env = {"PGCONNECT_TIMEOUT": "15"} | os.environ | {"LC_ALL": "C"}  # its words are read
    if password := words.pop("password", None):
        env["PGPASSWORD"] = password
    return make_conninfo("", **words), env


def tool(name: str, folder: Path | None) -> str:
    """The path of pg_dump or pg_restore; raises Invalid where it is not installed."""
    found = shutil.which(name, path=str(folder) if folder else None)
    if found is None:
        raise Invalid(TOOL_MISSING(tool=name), field="PG_BIN_DIR")
    return found


def _run(command: list[str], env: dict[str, str], hears: Callable[[bytes], None], limit: float) -> None:
    name = Path(command[0]).name
    process = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)  # noqa: S603  (a program found by `tool`, no shell)
    stopped = threading.Event()

    def stop() -> None:
        stopped.set()
        process.kill()

    timer = threading.Timer(limit, stop)
    timer.daemon = True
    timer.start()
    last: list[str] = []
    try:
        with process:
            assert process.stderr is not None
            for line in process.stderr:
                hears(line)
                if b"error:" in line or b"detail:" in line.lower():
                    last = [*last[-2:], line.decode(errors="replace").strip()]
    finally:
        timer.cancel()
        process.kill()  # nothing where it has ended
    if stopped.is_set():
        raise Invalid(TOOL_TOO_SLOW(tool=name, limit=f"{limit / 60:.0f} min"))
    if process.returncode:
        raise Invalid(TOOL_FAILED(tool=name, why=" ".join(last)[:500] or f"exit code {process.returncode}"))


def _counting(word: bytes, whole: int, progress: Callable[[int, int], None] | None) -> Callable[[bytes], None]:
    seen = 0

    def hears(line: bytes) -> None:
        nonlocal seen
        if word in line and progress is not None:
            progress(min(seen, whole), whole)
            seen += 1

    return hears


def dump(
    url: str, target: Path, *, folder: Path | None, tables: int, snapshot: str | None = None,
    progress: Callable[[int, int], None] | None = None, limit: float = LIMIT_SECONDS,
) -> None:  # fmt: skip
    """Write a database into a file with pg_dump, at a snapshot that another connection holds; `limit` in seconds."""
    program = tool("pg_dump", folder)
    words, env = _without_secrets(url)
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    at = [f"--snapshot={snapshot}"] if snapshot else []
    command = [program, "--format=custom", "--no-owner", "--no-acl", "--verbose", "--no-password", *at]
    _run([*command, f"--file={target}", f"--dbname={words}"], env, _counting(_DUMPING, tables, progress), limit)
    sync(target)


def restore(
    url: str, database: str, source: Path, *, folder: Path | None, tables: int,
    progress: Callable[[int, int], None] | None = None, limit: float = LIMIT_SECONDS,
) -> None:  # fmt: skip
    """Fill an empty database of the same server with what `dump` wrote; the whole or nothing."""
    program = tool("pg_restore", folder)
    words, env = _without_secrets(url, dbname=database)
    command = [
        program,
        "--single-transaction",
        "--exit-on-error",
        "--no-owner",
        "--no-acl",
        "--verbose",
        "--no-password",
    ]
    _run([*command, f"--dbname={words}", str(source)], env, _counting(_RESTORING, tables, progress), limit)


def url_of(url: str, database: str) -> str:
    """The URL of another database on the same server; the password stays in it."""
    return make_url(url).set(database=database).render_as_string(hide_password=False)


def name_of(url: str) -> str:
    """The name of a URL's database."""
    from psycopg.conninfo import conninfo_to_dict

    return str(conninfo_to_dict(plain_url(url)).get("dbname") or "")


@contextmanager
def _server(url: str) -> Iterator[psycopg.Connection]:
    """A connection to the server that is in none of the databases concerned."""
    import psycopg
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    words = {k: v for k, v in conninfo_to_dict(plain_url(url)).items() if v is not None} | {"dbname": "postgres"}
    with psycopg.connect(make_conninfo("", **words), autocommit=True, connect_timeout=15) as connection:
        yield connection


@contextmanager
def scratch_database(url: str) -> Iterator[str]:
    """The name of an empty database on the same server; dropped afterwards, unless it has another name by then."""
    import psycopg
    from psycopg import sql

    name = f"tenderpoint_restore_{uuid4().hex[:12]}"
    try:
        with _server(url) as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(sql.Identifier(name))
            )
    except psycopg.Error as error:
        raise Invalid(SCRATCH_NOT_ALLOWED(why=str(error).strip().splitlines()[0])) from error
    try:
        yield name
    finally:
        with suppress(psycopg.Error), _server(url) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


def is_in_use(url: str) -> bool:
    """Whether anybody is connected to the database."""
    with _server(url) as connection:
        row = connection.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = %s", (name_of(url),)).fetchone()
    return bool(row and row[0])


def swap(url: str, scratch: str, keep_as: str) -> None:
    """Let a scratch database take the place of the one in use, which is kept under another name.

    Raises Invalid where somebody is connected. Where the second step fails, the first is taken back.
    """
    import psycopg
    from psycopg import sql

    name = name_of(url)

    def renamed(before: str, after: str) -> sql.Composed:
        return sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(before), sql.Identifier(after))

    with _server(url) as connection:
        try:
            connection.execute(renamed(name, keep_as))
        except psycopg.errors.ObjectInUse as error:
            raise Invalid(TARGET_IN_USE) from error
        except psycopg.Error as error:
            raise Invalid(SCRATCH_NOT_ALLOWED(why=str(error).strip().splitlines()[0])) from error
        try:
            connection.execute(renamed(scratch, name))
        except psycopg.Error as error:
            connection.execute(renamed(keep_as, name))
            raise Invalid(TOOL_FAILED(tool="PostgreSQL", why=str(error).strip())) from error


def drop(url: str, database: str) -> None:
    """Drop a database of the server."""
    from psycopg import sql

    with _server(url) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(database)))
