"""Tests of one group share a process, and with it a world, a server or the machine's cores."""

from __future__ import annotations

import pytest


@pytest.mark.xdist_group("together")
def test_group_is_kept_together_by_several_processes(request: pytest.FixtureRequest) -> None:
    """pytest-xdist tells groups by what it adds to the id of a test, and with pytest 9.2 nothing was added."""
    together = request.config.getoption("loadgroup", default=False)
    assert request.node.nodeid.endswith("@together") == bool(together)
