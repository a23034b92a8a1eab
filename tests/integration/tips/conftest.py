"""A business whose books are complete, with a second therapist."""

from __future__ import annotations

from uuid import UUID

import pytest

from pos.domain.staff import credentials as staff
from pos.domain.staff.permissions import Role
from pos.domain.tips import repository as tips
from tests.conftest import SECRET_KEY
from tests.support.books import book_floats
from tests.support.clinic import Clinic, Colleague


@pytest.fixture
def books(clinic: Clinic) -> Clinic:
    """The world with complete books."""
    return book_floats(clinic)


@pytest.fixture
def vera(books: Clinic) -> Colleague:
    """A second therapist at Riverside."""
    made = books.write(
        lambda s: (
            staff.hire(
                s, name="Vera", role=Role.THERAPIST, locations=(books.usd.location_id,), secret=SECRET_KEY, treats=True
            ).id
        )
    )
    return Colleague(made, "Vera", Role.THERAPIST, "")


def owed(books: Clinic) -> dict[UUID, int]:
    """What each person is owed at Riverside."""
    with books.read() as session:
        return tips.owed(session, books.usd.location_id)


def pooled(books: Clinic) -> list[int]:
    """What is in the pools of Riverside, oldest date first."""
    with books.read() as session:
        return list(tips.pools(session, books.usd.location_id).values())
