"""One world with cards, mail and every face for many tests, and a look at all that is kept in it.

`open_full_app(url, folder)` builds it; `kept(world)` is equal before and after whatever changed nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from invoices.renderer import RenderPool
from pos.app import create_app
from pos.core import clock
from pos.core.app_context import running
from pos.core.config import read_settings
from pos.core.database.base import db
from pos.domain.payments.models import Reader
from pos.models import metadata
from pos.services.documents.renderer import TOKENS
from pos.web.common.security import limiter
from tests.conftest import NOON, SECRET_KEY
from tests.support.books import book_floats
from tests.support.build_clinic import create_clinic
from tests.support.cards import CARDS, Till, take_cards
from tests.support.clinic import Clinic, Colleague

# Sign-ins, wrong attempts at doors, and the audit of them with its log, may change when a face is only looked at.
PASSING = {
    "staff_sessions",
    "client_sessions",
    "login_lockouts",
    "audit_events",
    "change_log",
    "change_log_head",
    "paired_devices",
}


class _QuickPaper(RenderPool):
    """Pages as usual, PDFs without the second each of them takes."""

    def render(self, *_: object, **__: object) -> bytes:
        return b"%PDF-1.7 quick"


@contextmanager
def open_full_app(url: str, folder: Path, **env: str) -> Iterator[Till]:
    """A world on an empty, migrated database: cards on, mailbox on, a reader at every desk of both locations."""
    told = {
        "DATABASE_URL": url,
        "SECRET_KEY": SECRET_KEY,
        "WORKER_THREAD": "off",
        "BASE_URL": "http://localhost",
        "MAILBOX": "on",
        **CARDS.kwargs,
        **env,
    }
    app = create_app(read_settings(told, instance_dir=folder))
    app.config["TESTING"] = True
    with app.app_context():
        running().helpers["own_pool"] = _QuickPaper
        running().helpers["render_pool"] = _QuickPaper(tokens_css=TOKENS.read_text(encoding="utf-8"))
    with clock.at(NOON):
        clinic = book_floats(create_clinic(app, SECRET_KEY))
    with take_cards(clinic) as till:
        there = till.stripe.reader("Empfang")
        clinic.write(lambda s: s.add(Reader(desk_id=clinic.eur.desk, stripe_reader_id=there, label="Reader")))
        yield till
    for path in [path for path in _watched if Path(path).parent == folder]:
        _watched.pop(path).connection.close()
    with app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


_TABLES = [
    (table.name, "SELECT * FROM {} ORDER BY {}".format(table.name, ", ".join(f'"{c.name}"' for c in table.primary_key)))
    for table in metadata.sorted_tables
    if table.name not in PASSING
]


class _Watched:
    """A connection of its own to a SQLite file, and what was seen there. Not from the pool: a test fails where a connection
    of the application is held while Stripe is asked. Triggers count what is written to each table, by whomever, so that only
    those are read again."""

    def __init__(self, connection: Any) -> None:
        self.connection, self.version = connection, -1
        self.counts: dict[str, int] = {}
        self.prints: dict[str, int] = {}
        cursor = connection.cursor()
        cursor.execute("BEGIN IMMEDIATE")
        cursor.execute("CREATE TABLE watched_writes (name TEXT PRIMARY KEY, times INTEGER NOT NULL) WITHOUT ROWID")
        for name, _ in _TABLES:
            cursor.execute("INSERT INTO watched_writes VALUES (?, 0)", (name,))
            for verb in ("INSERT", "UPDATE", "DELETE"):
                counting = f"UPDATE watched_writes SET times = times + 1 WHERE name = '{name}'"
                cursor.execute(f"CREATE TRIGGER watched_{name}_{verb} AFTER {verb} ON {name} BEGIN {counting}; END")
        cursor.execute("COMMIT")
        cursor.close()

    def look(self) -> dict[str, int]:
        """A print of every table. Nothing is read while nobody committed to the file."""
        cursor = self.connection.cursor()
        # A number that differs after every commit of another connection.
        version = cursor.execute("PRAGMA data_version").fetchone()[0]
        if version != self.version:
            cursor.execute("BEGIN")
            counts = dict(cursor.execute("SELECT name, times FROM watched_writes").fetchall())
            written = [table for table in _TABLES if counts[table[0]] != self.counts.get(table[0])]
            self.prints = self.prints | _prints(cursor, written)
            self.version, self.counts = version, counts
            cursor.execute("COMMIT")
        cursor.close()
        return self.prints


_watched: dict[str, _Watched] = {}


def _prints(cursor: Any, tables: list[tuple[str, str]]) -> dict[str, int]:
    found = {}
    for name, query in tables:
        cursor.execute(query)
        found[name] = hash(repr(cursor.fetchall()))
    return found


def kept(world: Clinic) -> dict[str, int]:
    """A print of every table but the PASSING ones."""
    with world.read() as session:
        if session.get_bind().dialect.name == "sqlite":
            return _kept_in_file(session)
        # Thousands of looks: each without SQLAlchemy's work on the rows.
        return _prints(session.connection().connection.cursor(), _TABLES)


def _kept_in_file(session: Session) -> dict[str, int]:
    engine = session.get_bind().engine
    path = str(engine.url.database)
    if path not in _watched:
        _watched[path] = _Watched(engine.dialect.loaded_dbapi.connect(path, isolation_level=None))
    return _watched[path].look()


def changed(before: dict[str, int], after: dict[str, int]) -> list[str]:
    """The names of tables that differ."""
    return [name for name in before if before[name] != after[name]]


def browser(
    world: Clinic, *, at: str | None = None, desk: Colleague | None = None, office: Colleague | None = None
) -> FlaskClient:
    """A browser with no rate left used up; `desk` and `office` are signed in there, whether their role may or not."""
    limiter.reset()
    web = world.app.test_client()
    if desk:
        web.set_cookie("tp_register", world.desk_cookie(desk), path="/register")
    if office:
        web.set_cookie("tp_office", world.office_cookie(office), path="/office")
    if at:
        web.set_cookie("tp_client", at)
    return web


def form_token(web: FlaskClient) -> str:
    """The form token of a browser."""
    return str(web.get("/register/api/token").get_json()["token"])
