"""The order of a run: tests that wait, between tests that work."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import pytest

# Where a test waits for a browser about as long as it works. A page that all tests of a module share is opened once.
_WAITING = ("tests/browser/office", "tests/browser/register", "tests/browser/shop", "tests/browser/test_setup.py")
# The last tests of a run are short, so that its processes end together.
_BEFORE_THE_LAST = 0.9


def waiting_between_working(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """Deal the tests that wait out among the modules of the others: all processes of a run waited at once where they came
    one after another, and a core was idle. What the tests of a module share is built once, as before.
    """
    waiting = [item for item in items if item.nodeid.startswith(_WAITING)]
    known = set(waiting)
    modules = [list(own) for _, own in groupby((item for item in items if item not in known), key=_module)]
    ordered: list[pytest.Item] = []
    places, dealt = max(1, round(len(modules) * _BEFORE_THE_LAST)), 0
    for number, module in enumerate(modules, start=1):
        ordered += module
        until = min(len(waiting), len(waiting) * number // places)
        ordered += waiting[dealt:until]
        dealt = until
    return ordered + waiting[dealt:]


def _module(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]
