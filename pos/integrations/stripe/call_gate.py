"""How long a caller waits for Stripe, and how many may wait at once.

A request of a person asks once, for at most about five seconds, and only some of them wait at the same time: when Stripe
does not answer, the other threads of the process go on selling for cash. After a call without an answer nobody's request
asks for a moment. The worker and commands are patient: they wait longer and try again, and close the gate to nobody.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

# Of the eight threads of a web process. A reader's answer takes a second at most, so three serve many desks.
PLACES = 3
# How long a request that begins something waits for a place; one that only looks is answered from the database at once.
DOING_WAIT_SECONDS = 0.5
# How long no request asks after one had no answer; the next one finds out whether Stripe is back.
REST_SECONDS = 5.0

_brief: ContextVar[bool] = ContextVar("brief_stripe_calls", default=False)


@contextmanager
def brief_calls() -> Iterator[None]:
    """Calls to Stripe in this block are a person's: asked once, briefly, and not at all when too many wait already."""
    before = _brief.set(True)
    try:
        yield
    finally:
        _brief.reset(before)


def is_brief() -> bool:
    """Whether the calls of this context are a person's."""
    return _brief.get()


class CallGate:
    """A few places for brief calls, closed for a moment after one had no answer. `now` counts seconds."""

    def __init__(self, rest_seconds: float = REST_SECONDS, now: Callable[[], float] = time.monotonic) -> None:
        self._places = threading.BoundedSemaphore(PLACES)
        self._rest_seconds, self._now = rest_seconds, now
        self._closed_until = 0.0

    def closed(self) -> bool:
        """Whether a brief call would not be made now, because one before had no answer."""
        return is_brief() and self._now() < self._closed_until

    @contextmanager
    def place(self, *, wait_seconds: float = 0.0) -> Iterator[bool]:
        """Take a place for one call, waiting for it if need be; False: the call must not be made."""
        if not is_brief():
            yield True
            return
        if self.closed() or not self._places.acquire(timeout=wait_seconds):
            yield False
            return
        try:
            yield not self.closed()  # another one may have had no answer while this one waited
        finally:
            self._places.release()

    def answered(self) -> None:
        """Stripe answered somebody: the gate opens."""
        self._closed_until = 0.0

    def unanswered(self) -> None:
        """A call had no answer."""
        self._closed_until = self._now() + self._rest_seconds
