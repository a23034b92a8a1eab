from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.books import book_floats
from tests.support.cards import Till, take_cards
from tests.support.clinic import Clinic


@pytest.fixture
def books(clinic: Clinic) -> Clinic:
    """The world with complete books, so that `pos verify` may be asked."""
    return book_floats(clinic)


@pytest.fixture
def till(books: Clinic) -> Iterator[Till]:
    """The same with card readers."""
    with take_cards(books) as till:
        yield till
