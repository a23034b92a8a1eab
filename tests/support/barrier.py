"""Actions done at the same moment by several threads, released together by a barrier."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

PATIENCE = 60.0


def race(*actions: Callable[[], Any]) -> list[Any]:
    """Start all actions at once; returns what each returned or raised, in their order."""
    barrier = threading.Barrier(len(actions))
    outcomes: list[Any] = [None] * len(actions)

    def run(index: int, action: Callable[[], Any]) -> None:
        barrier.wait(PATIENCE)
        try:
            outcomes[index] = action()
        except Exception as error:
            outcomes[index] = error

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(actions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def meeting(parties: int) -> Callable[[], None]:
    """A point where each thread waits for the others once; passing it again (a retry) costs nothing."""
    barrier = threading.Barrier(parties)
    passed = threading.local()

    def meet() -> None:
        if not getattr(passed, "by", False):
            passed.by = True
            barrier.wait(PATIENCE)

    return meet
