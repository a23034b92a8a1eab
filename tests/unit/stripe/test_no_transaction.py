"""Stripe is called outside transactions only: inside a unit of work the call is refused before anything is sent."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from pos.core.database.base import db, reading
from pos.core.database.unit_of_work import no_transaction, unit_of_work
from pos.integrations.stripe.client import StripeGateway
from pos.integrations.stripe.types import Unknown


def test_stripe_call_inside_a_unit_of_work_is_refused(context: Flask, gateway: StripeGateway) -> None:
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


def test_no_transaction_ends_the_reading_transaction(context: Flask) -> None:
    reading().execute(text("SELECT 1"))
    assert db.session.registry().in_transaction()
    with no_transaction():
        assert not db.session.registry().in_transaction()
