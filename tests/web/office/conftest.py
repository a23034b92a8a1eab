from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.support.clinic import Clinic, Colleague


@pytest.fixture
def books(traded: Clinic) -> Clinic:
    """The world with complete books and a day of trade at both places."""
    return traded


@pytest.fixture
def office(books: Clinic) -> Callable[[Colleague | None], FlaskClient]:
    """A browser with somebody signed in to the office, or nobody."""

    def sign_in(person: Colleague | None) -> FlaskClient:
        client = books.app.test_client()
        if person is not None:
            client.set_cookie("tp_office", books.office_cookie(person), path="/office")
        return client

    return sign_in
