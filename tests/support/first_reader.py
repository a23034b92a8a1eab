"""One worker reads all tests before the others do, where none has read them since they were checked out.

Reading compiles the tests and the application, which takes eight seconds of processor time, and what one has compiled the
others take as it is. At once each of them would compile it all.
"""

from __future__ import annotations

import fcntl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Read late, so it is compiled where all are.
_LATE = Path(__file__).parents[1] / "web" / "webhooks" / "__pycache__"


@contextmanager
def one_first(folder: Path) -> Iterator[None]:
    """Hold the others up, or wait for the first; `folder` is the one of the run."""
    if sys.dont_write_bytecode or any(_LATE.glob("*-pytest-*.pyc")):
        yield
        return
    with (folder / "read").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fcntl.flock(lock, fcntl.LOCK_SH)
            fcntl.flock(lock, fcntl.LOCK_UN)
        yield
