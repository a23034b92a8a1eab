from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.integration.refunds.conftest import build_desk, desk
from tests.support.books import book_floats
from tests.support.cards import Till, take_cards
from tests.support.clinic import Clinic, TaxHabit, line

__all__ = ["build_desk", "desk"]


@pytest.fixture
def books(traded: Clinic) -> Clinic:
    """The world with complete books and a day of trade: a package, visits on it, singles, tips, a discount, two places."""
    return traded


@pytest.fixture
def a1(build_clinic: Callable[..., Clinic]) -> Clinic:
    """Example A1 of the domain paper: prices include 10 %, ten for 900.00, three used."""
    world = book_floats(build_clinic(usd=TaxHabit("10", inclusive=True)))
    world.sell(line("ten"), client=world.ana)
    for _ in range(3):
        world.sell(line("trigger_60", therapist=world.therapist), client=world.ana)
    return world


@pytest.fixture
def till(clinic: Clinic) -> Iterator[Till]:
    """The world with complete books and card readers."""
    with take_cards(book_floats(clinic)) as till:
        yield till
