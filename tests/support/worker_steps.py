"""The worker, a message at a time."""

from __future__ import annotations

from pos.worker import work_once
from tests.support.clinic import Clinic


def work(world: Clinic, steps: int = 10_000) -> None:
    """Let the worker take so many messages, or all that are due."""
    with world.app.app_context():
        for _ in range(steps):
            if not work_once():
                return
