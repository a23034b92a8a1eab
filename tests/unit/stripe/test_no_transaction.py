"""Other systems are called outside transactions: a call ends the caller's reading transaction, and refuses a unit of work.

What every call site does is seen by `tests/support/held_connections.py`, in each test that calls Stripe at all.
"""

from __future__ import annotations

import ast
from contextlib import nullcontext
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from pos.core.database.base import db, reading
from pos.core.database.unit_of_work import no_transaction, unit_of_work
from pos.core.mail import Mail
from pos.integrations.stripe import connection
from pos.integrations.stripe.client import StripeGateway
from pos.integrations.stripe.types import Unknown
from pos.services import mailer
from tests.support import held_connections


def test_stripe_call_inside_unit_of_work_is_refused(context: Flask, gateway: StripeGateway) -> None:
    @unit_of_work
    def calls(session: Session) -> None:
        gateway.list_readers()

    with pytest.raises(RuntimeError, match="inside a unit of work"):
        calls()
    assert not isinstance(gateway.list_readers(), Unknown)


def test_no_transaction_inside_a_unit_of_work_is_refused(context: Flask) -> None:
    @unit_of_work
    def enters(session: Session) -> None:
        with no_transaction():
            pytest.fail("entered")

    with pytest.raises(RuntimeError, match="inside a unit of work"):
        enters()


def test_no_transaction_ends_reading_transaction(context: Flask) -> None:
    reading().execute(text("SELECT 1"))
    assert db.session.registry().in_transaction()
    with no_transaction():
        assert not db.session.registry().in_transaction()


def test_stripe_call_gives_the_callers_connection_back(context: Flask, gateway: StripeGateway) -> None:
    reading().execute(text("SELECT 1"))
    gateway.list_readers()
    assert not db.session.registry().in_transaction()
    assert held_connections.calls == []


def test_a_call_that_keeps_the_callers_connection_is_seen(
    context: Flask, gateway: StripeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control of what every test says of its calls."""
    monkeypatch.setattr(connection, "no_transaction", nullcontext)
    reading().execute(text("SELECT 1"))
    gateway.list_readers()
    assert [call.partition(" by ")[0] for call in held_connections.calls] == ["get /v1/terminal/readers"]
    held_connections.calls.clear()


def test_every_request_of_the_client_goes_through_the_one_method_that_ends_it() -> None:
    """The SDK is called in a function handed to `doing`, `reading` or `reading_all`, never beside them."""
    for path in Path(connection.__file__).parent.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        handed_on = {id(part) for node in ast.walk(tree) if isinstance(node, ast.Lambda) for part in ast.walk(node)}
        for node in ast.walk(tree):
            is_api = isinstance(node, ast.Attribute) and ast.unparse(node) == "self._stripe.api"
            assert not is_api or id(node) in handed_on, f"{path.name}:{getattr(node, 'lineno', 0)}"


@pytest.mark.settings(MAIL_URL="smtp://127.0.0.1:2525", MAIL_FROM="clinic@mail.example")
def test_mail_is_sent_without_a_connection(context: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    open_transactions: list[bool] = []

    def sent(*_: object) -> None:
        open_transactions.append(db.session.registry().in_transaction())

    monkeypatch.setattr(mailer, "send_smtp", sent)
    reading().execute(text("SELECT 1"))
    mailer.post_letter(Mail("ana@mail.example", "News", "Hello.", "<p>Hello.</p>"))
    assert open_transactions == [False]
