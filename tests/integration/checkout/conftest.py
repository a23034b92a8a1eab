from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.cards import Till, take_cards
from tests.support.clinic import Clinic


@pytest.fixture
def till(clinic: Clinic) -> Iterator[Till]:
    """The world with card readers."""
    with take_cards(clinic) as till:
        yield till
