"""A disk that is full or read-only: reading goes on, and every write is refused with one sentence."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from pos.core import clock
from pos.core.database.base import db
from tests.support.cards import Till
from tests.web.permissions.asking import ask, browser_of, known_browser_of
from tests.web.permissions.full_app import browser, changed, kept
from tests.web.permissions.permission_fixtures import PermissionFixtures
from tests.web.permissions.permission_matrix import API, TABLE, Row
from tests.web.permissions.permission_requests import EVERYBODY

pytestmark = pytest.mark.xdist_group("permissions")

_READ_ONLY = {
    "sqlite": ("PRAGMA query_only = ON", "PRAGMA query_only = OFF"),
    "postgresql": ("SET default_transaction_read_only = on", "SET default_transaction_read_only = off"),
}
# SQLite counts a database that may not grow as a full disk.
_FULL = ("PRAGMA max_page_count = 1", "PRAGMA max_page_count = 1073741823")


@contextmanager
def refusing(fixtures: PermissionFixtures, statements: tuple[str, str] | None = None) -> Iterator[None]:
    """Let the database of the application take no writes while the block runs."""
    with fixtures.clinic.app.app_context():
        engine = db.engine
    refuse, allow = statements or _READ_ONLY[engine.dialect.name]
    touched: list[Any] = []

    def say(connection: Any, statement: str) -> None:
        cursor = connection.cursor()
        cursor.execute(statement)
        cursor.close()
        connection.commit()

    def refused(connection: Any, *_: object) -> None:
        if not any(connection is one for one in touched):
            touched.append(connection)
            say(connection, refuse)

    event.listen(engine, "checkout", refused)
    try:
        yield
    finally:
        event.remove(engine, "checkout", refused)
        for connection in touched:
            with suppress(engine.dialect.loaded_dbapi.Error):  # a preview has closed the connection of its own
                say(connection, allow)


def who(row: Row) -> str:
    return "ana" if row.rule.startswith("/account") else "owner"


@pytest.fixture(scope="module")
def on_sqlite(shared_till: Till) -> PermissionFixtures:
    """Every route is asked on SQLite; that both databases' refusals are understood, the cash sale shows."""
    return PermissionFixtures(shared_till)


# What is kept of a client is not shown where the log cannot say that it was.
LOGGED = re.compile(r"/office/clients/<uuid:client_id>/data\.(html|pdf)")
GETS = [row for row in TABLE if row.method == "GET" and not LOGGED.fullmatch(row.rule)]
UNSAFE = [row for row in TABLE if row.method != "GET" or LOGGED.fullmatch(row.rule)]


@pytest.mark.long
@pytest.mark.parametrize("row", GETS, ids=str)
def test_read_only_database_pages_are_still_shown(on_sqlite: PermissionFixtures, row: Row) -> None:
    on_sqlite.drawers(open_=True)
    asked, web = row.ready(on_sqlite), known_browser_of(on_sqlite.clinic, who(row))
    before = kept(on_sqlite.clinic)
    with refusing(on_sqlite), clock.at(clock.now() + timedelta(minutes=2)):  # long enough for presence to be noted
        refused = ask(web, on_sqlite.clinic, row, asked)
    assert changed(before, kept(on_sqlite.clinic)) == []
    usual = row.cells[EVERYBODY.index(who(row))]
    assert refused.status_code == usual, refused.get_data(as_text=True)[:500]


@pytest.mark.parametrize("row", UNSAFE, ids=str)
def test_read_only_database_writes_are_refused_with_message(on_sqlite: PermissionFixtures, row: Row) -> None:
    on_sqlite.drawers(open_=True)
    asked, web = row.ready(on_sqlite), known_browser_of(on_sqlite.clinic, who(row))
    before = kept(on_sqlite.clinic)
    with refusing(on_sqlite):
        answer = ask(web, on_sqlite.clinic, row, asked)
    assert changed(before, kept(on_sqlite.clinic)) == []
    assert answer.status_code == 503 or answer.status_code < 500, answer.get_data(as_text=True)[:500]
    if answer.status_code == 503 and b"read-only" in answer.data and row.rule.startswith(API):
        assert answer.get_json()["code"] == "storage_unavailable"


def test_cash_sale_disk_full_or_read_only_is_refused_and_changes_nothing(fixtures: PermissionFixtures) -> None:
    fixtures.drawers(open_=True)
    row = next(row for row in TABLE if (row.method, row.rule) == ("POST", f"{API}/sales"))
    has_full = fixtures.clinic.app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite")
    web = browser_of(fixtures.clinic, "owner")
    # A file that may not grow still has room within its pages: some sales fit before one is refused.
    for statements, words, most in [(None, "read-only", 1), (_FULL, "disk of this installation is full", 60)][
        : 1 + has_full
    ]:
        for _ in range(most):
            asked, before = row.ready(fixtures), kept(fixtures.clinic)
            with refusing(fixtures, statements):
                answer = ask(web, fixtures.clinic, row, asked)
            if answer.status_code != 201:
                break
        assert answer.status_code == 503, answer.get_data(as_text=True)[:500]
        assert answer.get_json()["code"] == "storage_unavailable"
        assert words in answer.get_json()["title"]
        assert changed(before, kept(fixtures.clinic)) == []
    assert ask(web, fixtures.clinic, row, asked).status_code == 201


def test_disk_full_public_pages_are_still_shown(fixtures: PermissionFixtures, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("tempfile.NamedTemporaryFile", full)
    fixtures.clinic.app.jinja_env.cache.clear()  # type: ignore[union-attr]  # each template is compiled anew
    cache = fixtures.clinic.app.jinja_env.bytecode_cache
    assert cache is not None
    cache.clear()
    for path in ("/", "/shop/riverside/", "/account/sign-in", "/register/sign-in", "/office/sign-in"):
        assert browser(fixtures.clinic).get(path).status_code == 200
