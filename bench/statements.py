"""SQL statements of a cash sale, a ticket change, the dashboard and the sales page, on both databases.

BEGIN, COMMIT and ROLLBACK count as statements where the database sees one: not on a connection in autocommit.

    .venv/bin/python -m bench.statements [--show]
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import Session

from bench.sales import SECRET, Shop, log, postgres
from pos.app import create_app
from pos.core.config import read_settings
from pos.core.database.base import engine
from pos.core.database.unit_of_work import unit_of_work
from pos.core.ids import new_id
from pos.domain.locations.models import Location
from pos.domain.staff import credentials
from pos.domain.staff.permissions import Role
from pos.services.checkout.ring_up import ring_up

# The most that each may ask; tests/web/test_statement_counts.py holds them on both databases.
MOST = {"cash sale": 20, "ticket change": 10, "dashboard": 20, "sales page": 17}


def _is_autocommit(connection: Connection) -> bool:
    return connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT"


@contextmanager
def recorded(target: Engine) -> Iterator[list[str]]:
    """The statements that an engine sends while the block runs, in their order."""
    seen: list[str] = []

    def sent(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    def transaction(word: str) -> Callable[[Connection], None]:
        def note(connection: Connection) -> None:
            if not _is_autocommit(connection):
                seen.append(word)

        return note

    listeners: dict[str, Callable[..., None]] = {
        "before_cursor_execute": sent,
        **{name: transaction(name.upper()) for name in ("begin", "commit", "rollback")},
    }
    for name, listener in listeners.items():
        event.listen(target, name, listener)
    try:
        yield seen
    finally:
        for name, listener in listeners.items():
            event.remove(target, name, listener)


class Pages:
    """What is counted, in the clinic of the bench: each verb does one thing once."""

    def __init__(self, app: Flask, shop: Shop) -> None:
        self.app, self.shop = app, shop
        self.register: FlaskClient = app.test_client()
        self.office: FlaskClient = app.test_client()
        self.ticket_id, self.version = new_id(), 0

        @unit_of_work
        def sign_in(session: Session) -> str:
            place = session.query(Location.id).scalar()
            person = credentials.hire(session, name="Mona", role=Role.MANAGER, locations=(place,), secret=SECRET)
            return credentials.open_session(session, staff_id=person.id, face="office")

        with app.app_context():
            self.office.set_cookie("tp_office", sign_in(), path="/office")
        self.register.set_cookie("tp_register", shop.cookie, path="/register")
        answer = self.register.post("/register/api/tickets", json={"ticket_id": str(self.ticket_id)})
        assert answer.status_code == 201, answer.get_json()
        self.version = answer.get_json()["version"]

    def cash_sale(self) -> None:
        """Ring up a visit paid by a credit and an add-on paid in cash."""
        with self.app.app_context():
            ring_up(self.shop.command(0))

    def ticket_change(self) -> None:
        """Put the same two lines on a ticket."""
        body = self.shop.body(0) | {"version": self.version}
        answer = self.register.put(f"/register/api/tickets/{self.ticket_id}", json=body)
        assert answer.status_code == 200, answer.get_json()
        self.version = answer.get_json()["version"]

    def dashboard(self) -> None:
        """Look at the day of the location."""
        assert self.office.get("/office/").status_code == 200

    def sales_page(self) -> None:
        """Look at the sales of the month."""
        assert self.office.get("/office/sales").status_code == 200

    def verbs(self) -> dict[str, Callable[[], None]]:
        """What is counted, by its name in MOST."""
        return {
            "cash sale": self.cash_sale,
            "ticket change": self.ticket_change,
            "dashboard": self.dashboard,
            "sales page": self.sales_page,
        }


def count_all(url: str, folder: Path) -> dict[str, list[str]]:
    """The statements of each, the third time it is done.

    The first makes accounts; the second reads them, which the process then remembers.
    """
    env = {
        "DATABASE_URL": url, "SECRET_KEY": SECRET, "INSTANCE_DIR": str(folder),
        "WORKER_THREAD": "off", "BASE_URL": "http://localhost",
    }  # fmt: skip
    app = create_app(read_settings(env, instance_dir=folder))
    app.config["WTF_CSRF_ENABLED"] = False
    shop = Shop(1)
    with app.app_context():
        shop.build()
        target = engine()
    try:
        found = {}
        for name, verb in Pages(app, shop).verbs().items():
            verb()
            verb()
            with recorded(target) as seen:
                verb()
            found[name] = seen
        return found
    finally:
        target.dispose()


def main() -> None:
    """Print the counts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--show", action="store_true", help="print the statements too")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, postgres() as server:
        for database, url in (("sqlite", f"sqlite:///{folder}/tenderpoint.sqlite3"), ("postgresql", server)):
            for name, seen in count_all(url, Path(folder)).items():
                log(f"{database}, {name}: {len(seen)} statements, at most {MOST[name]}")
                for statement in seen if told.show else ():
                    log("    " + " ".join(statement.split())[:240])


if __name__ == "__main__":
    main()
