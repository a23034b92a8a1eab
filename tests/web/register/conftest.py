"""A signed-in desk as its scripts see it: JSON in, JSON out, with the form token every page carries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from pos.core.ids import new_id
from pos.domain.ledger.models import JournalEntry
from pos.domain.sales.models import Order, Sale, Ticket
from tests.support.cards import Till, take_cards
from tests.support.clinic import Clinic, Colleague, LineRequest
from tests.support.desk_user import DeskUser, desk_page, served


@pytest.fixture
def database(sqlite_database: str) -> str:
    """SQLite alone: what differs between the databases lies below the face and is tested there."""
    return sqlite_database


class Register:
    """One browser at a desk."""

    def __init__(self, clinic: Clinic, person: Colleague | None, desk: UUID | None = None) -> None:
        self.clinic = clinic
        self.http: FlaskClient = clinic.app.test_client()
        if person is not None:
            self.http.set_cookie("tp_register", clinic.desk_cookie(person, desk), path="/register")
        self.token = self.http.get("/register/api/token").get_json()["token"]

    def get(self, path: str) -> TestResponse:
        """GET below the JSON face."""
        return self.http.get(f"/register/api{path}")

    def send(self, path: str, body: Any = None, *, method: str = "POST", token: bool = True) -> TestResponse:
        """Send a body with the form token."""
        headers = {"X-CSRFToken": self.token} if token else {}
        return self.http.open(f"/register/api{path}", method=method, json={} if body is None else body, headers=headers)

    def rows(self, *asked: LineRequest) -> list[dict[str, Any]]:
        """Lines as the desk sends them."""
        return list(self.clinic.wanted(*asked).to_json()["lines"])

    def ticket(self, *asked: LineRequest, client: UUID | None = None, **more: Any) -> dict[str, Any]:
        """An open ticket with these lines, as JSON."""
        body = {"client_id": str(client) if client else None, "lines": self.rows(*asked), **more}
        answer = self.send("/tickets", body | {"ticket_id": str(new_id())})
        assert answer.status_code == 201, answer.get_json()
        found: dict[str, Any] = answer.get_json()
        return found

    def cash(self, ticket: dict[str, Any], tendered: int | None = None, **more: Any) -> dict[str, Any]:
        """The body that rings a ticket up."""
        due = ticket["totals"]["due_minor"]
        return {
            "sale_id": str(new_id()),
            "ticket_id": ticket["ticket_id"],
            "ticket_version": ticket["version"],
            "cash_tendered_minor": due if tendered is None else tendered,
            "expected_due_minor": due,
            "expected_credits": ticket["totals"]["credits_used"],
            **more,
        }


@pytest.fixture
def sign_in(clinic: Clinic) -> Callable[..., Register]:
    """Sign somebody in at a desk: `sign_in(clinic.manager)`; nobody: `sign_in(None)`."""

    def at(person: Colleague | None, desk: UUID | None = None) -> Register:
        return Register(clinic, person, desk)

    return at


@pytest.fixture
def register(clinic: Clinic, sign_in: Callable[..., Register]) -> Register:
    """The receptionist at the first desk."""
    return sign_in(clinic.receptionist)


@pytest.fixture
def traces(clinic: Clinic) -> Callable[[], tuple[int, ...]]:
    """What exists: tickets, orders, sales, journal entries. Equal before and after means that nothing happened."""

    def count() -> tuple[int, ...]:
        with clinic.read() as session:
            kinds = (Ticket, Order, Sale, JournalEntry)
            return tuple(session.scalar(select(func.count()).select_from(kind)) or 0 for kind in kinds)

    return count


@pytest.fixture
def till(clinic: Clinic) -> Iterator[Till]:
    """The clinic with a reader at each desk of its first site; mark the test `@CARDS`."""
    with take_cards(clinic) as till:
        yield till


# ---- the desk in Chromium

SIZES = {"desk": (1366, 768), "tablet": (1024, 768), "phone": (390, 844)}


@pytest.fixture
def base(till: Till) -> Iterator[str]:
    with served(till.clinic) as address:
        yield address


@pytest.fixture
def open_register(browser: Browser, base: str, clinic: Clinic) -> Iterator[Callable[..., DeskUser]]:
    """Open the register signed in: `open_register(size="phone", theme="dark")`. Errors of the page fail the test."""
    with ExitStack() as opened:

        def open_desk(*, size: str = "desk", theme: Any = "light", desk: int = 0, touch: bool = False) -> DeskUser:
            page = desk_page(browser, base, clinic, desk=desk, size=SIZES[size], theme=theme, touch=touch)
            return DeskUser(opened.enter_context(page))

        yield open_desk
