"""The world of the house with a reader at each desk."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.cards import Till, take_cards
from tests.support.clinic import Clinic


@pytest.fixture
def till(clinic: Clinic) -> Iterator[Till]:
    """The clinic with a reader at each desk; mark the test `@CARDS`."""
    with take_cards(clinic) as till:
        yield till
