"""A change in words."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pos.core.i18n.translator import translator
from pos.core.money import Money
from pos.reports.comparison.words import change_words
from pos.reports.exporters import Cell


def usd(minor: int) -> Money:
    return Money(minor, "USD")


@pytest.mark.parametrize(
    ("now", "before", "words"),
    [
        (usd(112_00), usd(100_00), "12 % more"),
        (usd(1), usd(8), "88 % less"),  # 87.5
        (usd(300_00), usd(100_00), "200 % more"),
        (usd(395_20), usd(10_00), "385.20 more"),  # not 3,852 %
        (usd(100_01), usd(100_00), "about the same"),
        (usd(5_00), usd(5_00), "the same"),
        (usd(5_00), usd(0), "nothing before"),
        (usd(0), usd(5_00), "nothing now"),
        (usd(0), usd(0), ""),
        (usd(-30_00), usd(-20_00), "50 % more"),  # refunds
        (usd(-5_00), usd(20_00), "25.00 less"),
        (3, 2, "1 more"),
        (30, 20, "50 % more"),
        (Decimal("33.3"), Decimal("40.0"), "6.7 less"),
        (None, Decimal("40.0"), "nothing now"),  # an average of nothing
        (usd(40_00), None, "nothing before"),
        (None, usd(0), ""),
        (None, None, ""),
        ("Ana", "Ana", ""),
    ],
)
def test_change_is_said_in_words(now: Cell, before: Cell, words: str) -> None:
    assert change_words(translator("en"), now, before) == words
