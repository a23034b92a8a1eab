"""The database: declarative base, column types, and how each engine is opened safely."""

from __future__ import annotations

import functools
import importlib
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from types import ModuleType
from typing import Any, TypeVar

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    Connection,
    DateTime,
    Dialect,
    Engine,
    Executable,
    MetaData,
    Result,
    String,
    TypeDecorator,
    create_engine,
    event,
)
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import DeclarativeBase, Session

from pos.core import clock
from pos.core.database import driver
from pos.core.database.address import normal_url
from pos.core.errors import NotConfigured
from pos.core.messages.installation import DATABASE_URL_MALFORMED

# A connection opened with this execution option takes SQLite's write lock at once instead of at its first write, where a
# second writer could no longer wait but only fail.
WRITE_INTENT = "pos_write"
# SQLite before this version can lose a WAL reset under concurrent checkpoints.
_SQLITE_SAFE_WAL = (3, 51, 3)
# A connection to PostgreSQL that rested longer is asked whether it is still there before it is used.
_ASKED_AFTER_SECONDS = 10


class Base(DeclarativeBase):
    """Every table of the application."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


M = TypeVar("M", bound=Base)
db = SQLAlchemy(metadata=Base.metadata)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC instant; SQLite keeps it as text without an offset. Naive values are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any] | None:
        """One step where SQLAlchemy takes three for each instant of a row on SQLite: the same text."""
        if dialect.name != "sqlite":
            return super().bind_processor(dialect)

        def text(value: datetime | None) -> str | None:
            found = self.process_bind_param(value, dialect)
            return None if found is None else found.isoformat(" ", "microseconds")

        return text

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or value.tzinfo is UTC:
            return value
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Percent(TypeDecorator[Decimal]):
    """A Decimal percentage, kept as text so that SQLite does not turn it into a float."""

    impl = String(16)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        return None if value is None else f"{value.normalize():f}"

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


def engine() -> Engine:
    """The engine of the running application."""
    return db.engine


def reading() -> Session:
    """The request's reading session: short snapshots, never committed; closed with the request."""
    session: Session = db.session()
    if engine().dialect.name == "postgresql" and not session.in_transaction():
        # Each statement sees its own moment there anyway (READ COMMITTED); a transaction around it is two round trips more.
        session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
    return session


@contextmanager
def reading_connection() -> Iterator[Connection]:
    """A connection for a query or two of `prepared.run`, in no transaction.

    Beginning and ending one cost a sale a thirtieth of its time. What changes something needs a unit of work.
    """
    with engine().connect() as connection:
        if connection.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        yield connection


def as_loaded(model: type[M], values: Mapping[str, Any]) -> M:
    """A row that was just written, as a query would load it: a mapped object of no session, that notes no changes.

    Setting its attributes one by one would cost a sale a thirtieth of its time.
    """
    loaded: M = model.__mapper__.class_manager.new_instance()
    loaded.__dict__.update(values)
    return loaded


def execute(session: Session, statement: Executable, /, **values: Any) -> Result[Any]:
    """Run a statement with named values in the session's transaction; mapped objects are not brought up to date by it."""
    return session.execute(statement, values, execution_options={"synchronize_session": False})


def is_one_of(column: str, values: Iterable[str]) -> str:
    """The SQL condition of a CHECK or a partial index that a column is one of these words of ours."""
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def sqlite_driver() -> ModuleType:
    """The driver for SQLite: one that brings a current SQLite, where it is installed."""
    try:
        return importlib.import_module("pysqlite3.dbapi2")
    except ImportError:
        return sqlite3


def engine_options(url: str, *, threads: int = 8) -> dict[str, Any]:
    """Options for `create_engine`: driver, pool and timeouts for SQLite or PostgreSQL."""
    if url.startswith("sqlite"):
        # Every thread may hold a reading and a writing connection at once.
        return {
            "module": sqlite_driver(),
            "pool_size": 2 * threads,
            "max_overflow": 8,
            # The one used last has the pages in its cache, and few connections keep one.
            "pool_use_lifo": True,
            # The driver's cache of compiled statements keeps the oldest. Once other pages had filled it, each statement of a
            # sale was compiled anew, and took twice as long.
            "connect_args": {"timeout": 15, "check_same_thread": False, "cached_statements": 1000},
        }
    if url.startswith("postgresql+psycopg"):
        return {"pool_size": 2 * threads, "max_overflow": 8}
    raise NotConfigured(DATABASE_URL_MALFORMED, field="DATABASE_URL")


@contextmanager
def engine_for_a_while(url: str) -> Iterator[Engine]:
    """An engine opened exactly as the application opens its own, closed with the block."""
    url = normal_url(url)
    opened = create_engine(url, **engine_options(url))
    prepare_engine(opened)
    try:
        yield opened
    finally:
        opened.dispose()


def prepare_engine(target: Engine) -> None:
    """Attach what each engine needs at connect and at begin."""
    if target.dialect.name == "sqlite":
        _prepare_sqlite(target)
    else:
        _prepare_postgresql(target)


def _prepare_postgresql(target: Engine) -> None:
    @event.listens_for(target, "connect")
    def _set_up(connection: Any, _record: object) -> None:
        # By itself PostgreSQL plans for a disk that turns: to add up the tenders of a day it read all of them (decision 51).
        # The driver makes an instant in UTC three times as fast as one in the zone of the server, which would be turned.
        with connection.cursor() as cursor:
            cursor.execute("SET random_page_cost = 1.1; SET TIME ZONE 'UTC'")
        connection.commit()

    @event.listens_for(target, "checkin")
    def _rests(_connection: object, record: Any) -> None:
        record.info["resting_since"] = time.monotonic()
        record.info.pop(driver.PENDING, None)

    @event.listens_for(target, "checkout")
    def _still_there(connection: Any, record: Any, _proxy: object) -> None:
        # Asking before every use would cost each sale two round trips; a connection in use a moment ago is there.
        since = record.info.get("resting_since")
        if since is None or time.monotonic() - since < _ASKED_AFTER_SECONDS:
            return
        try:
            target.dialect.do_ping(connection)
        except target.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error

    @event.listens_for(target, "before_cursor_execute")
    def _send_pending_first(
        connection: Connection, _cursor: object, _text: str, _values: object, context: object, _many: bool
    ) -> None:
        if context is not None:  # none comes with a statement that driver.py runs: it knows what it has put off
            driver.send(connection)

    event.listen(target, "commit", driver.finish)
    event.listen(target, "rollback", driver.forget)


@functools.lru_cache(maxsize=4096)
def _hour_by_clock(minute: str, time_zone: str) -> int:
    return datetime.fromisoformat(minute).replace(tzinfo=UTC).astimezone(clock.zone(time_zone)).hour


def _local_hour(instant: str | None, time_zone: str) -> int | None:
    """The hour by a clock of an instant as SQLite keeps it: SQLite knows no time zones."""
    return None if instant is None else _hour_by_clock(instant[:16], time_zone)


def _prepare_sqlite(target: Engine) -> None:
    reads_only = target.url.query.get("mode") == "ro"
    safe_wal = getattr(target.dialect.dbapi, "sqlite_version_info", (0,)) >= _SQLITE_SAFE_WAL

    @event.listens_for(target, "connect")
    def _connect(connection: Any, _record: object) -> None:
        connection.create_function("local_hour", 2, _local_hour, deterministic=True)
        connection.isolation_level = None  # the driver's own BEGIN comes too late: see _begin
        cursor = connection.cursor()
        if not reads_only:
            cursor.execute(f"PRAGMA journal_mode = {'WAL' if safe_wal else 'DELETE'}")
        cursor.execute("PRAGMA synchronous = FULL")  # NORMAL loses acknowledged commits in a power cut
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA cache_size = -2000")  # kB, of each connection; behind it the system keeps the file
        cursor.execute("PRAGMA wal_autocheckpoint = 4000")  # 16 MB: a checkpoint each forty sales was felt
        cursor.close()

    @event.listens_for(target, "begin")
    def _begin(connection: Any) -> None:
        write = connection.get_execution_options().get(WRITE_INTENT, False)
        begin = "BEGIN IMMEDIATE" if write else "BEGIN"
        try:
            connection.connection.cursor().execute(begin)  # SQLAlchemy's own way took a sale a sixtieth of its time
        except connection.dialect.loaded_dbapi.Error as error:
            raise driver.wrapped(connection, begin, None, error) from error
