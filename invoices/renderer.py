"""Where the application gets its PDFs: a pool of worker processes behind one call.

A worker is a plain `python -m invoices.worker` on two pipes rather than a multiprocessing child: spawn would run the host's
own main module again in each child, fork would carry its threads' locks and database connections along. The process that
serves the web never imports WeasyPrint, and the worker's environment holds no secret of it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from base64 import b64encode
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from invoices.availability import missing_sentence
from invoices.documents import Document
from invoices.errors import PaperUnavailable, RenderFailed, RenderTimedOut
from invoices.formats import sheet_for
from invoices.html import Renderer
from invoices.warm_up import WARM_UP
from invoices.wire import receive, send

START_SECONDS = 60.0
GRACE_SECONDS = 5.0
# Pango gives back all but a few kilobytes of each document; a worker retires long before that comes to matter.
DOCUMENTS_PER_WORKER = 5000
_HERE = Path(__file__).parent
_PASSED_ON = ("PATH", "HOME", "TMPDIR", "TEMP", "TMP", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH",
              "SYSTEMROOT", "WEASYPRINT_DLL_DIRECTORIES", "XDG_CACHE_HOME")  # fmt: skip


class RenderPool:
    """Renders documents in `workers` processes of their own, each one document at a time. Safe to share among threads.

    `tokens_css` is the text of the screens' token file (ValueError where a colour is missing). A document gets `seconds`,
    queueing not included, and `memory_bytes` of address space.
    """

    def __init__(
        self, workers: int = 1, *, tokens_css: str, seconds: float = 20.0, memory_bytes: int = 1024**3
    ) -> None:
        self._renderer = Renderer(tokens_css)
        self._opening = json.dumps({"tokens_css": tokens_css, "memory_bytes": memory_bytes, "warm": WARM_UP}).encode()
        self._seconds = seconds
        self._free = threading.Semaphore(workers)
        self._lock = threading.Lock()
        self._idle: list[_Worker] = []
        self._workers = workers
        self._owner = os.getpid()
        self._closed = False

    def render(self, document: Document, paper_format: str, logo: bytes = b"") -> bytes:
        """PDF bytes, the same for the same document, format and logo (a PNG or JPEG).

        Raises PaperUnavailable without Pango, RenderTimedOut, RenderFailed, and ValueError for a format that does not fit.
        """
        sheet_for(document, paper_format)
        # The worker's own alarm comes later than ours, which tells the caller what happened.
        request = {
            "document": document.to_json(),
            "format": paper_format,
            "seconds": self._seconds + GRACE_SECONDS,
            "logo": b64encode(logo).decode(),
        }
        message = json.dumps(request).encode()
        with self._free:
            worker = self._take()
            try:
                pdf = worker.ask(message, self._seconds)
            except BaseException:
                # A worker that failed is not trusted with the next client's receipt.
                worker.end()
                raise
            self._put_back(worker)
            return pdf

    def render_html(self, document: Document, paper_format: str, logo: bytes = b"") -> str:
        """The document as a self-contained web page, made here without a worker; ValueError as in `render`."""
        return self._renderer.render_html(document, paper_format, logo)

    def warm(self) -> None:
        """Start every worker in the background, so the first receipt of the day need not wait. Returns at once."""
        threading.Thread(target=self._warm, name="paper-warm-up", daemon=True).start()

    def close(self) -> None:
        """End the workers; `render` raises RenderFailed from now on. Documents under way fail."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for worker in idle:
            worker.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _warm(self) -> None:
        taken = []
        # A place that is not free is a worker being started by a request already.
        while self._free.acquire(blocking=False):
            try:
                taken.append(self._take())
            except (PaperUnavailable, RenderFailed):
                self._free.release()
                break
        for worker in taken:
            self._put_back(worker)
            self._free.release()

    def _take(self) -> _Worker:
        with self._lock:
            if self._closed:
                raise RenderFailed("the pool of paper workers is closed")
            if self._owner != os.getpid():
                # After a fork the pipes are shared with the parent: two voices on one pipe would swap clients' receipts.
                self._owner, self._idle = os.getpid(), []
            while self._idle:
                worker = self._idle.pop()
                if worker.alive:
                    return worker
                worker.end()
        return _Worker(self._opening)

    def _put_back(self, worker: _Worker) -> None:
        with self._lock:
            if not self._closed and worker.documents < DOCUMENTS_PER_WORKER:
                self._idle.append(worker)
                return
        worker.end()


class _Worker:
    """One process and its two pipes; started and ready when constructed."""

    def __init__(self, opening: bytes) -> None:
        self.documents = 0
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "invoices.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_environment(),
        )
        answer = self._exchange(opening, START_SECONDS)
        state: dict[str, Any] = json.loads(answer) if answer else {}
        if not state.get("ready"):
            self.end()
            if reason := state.get("unavailable"):
                raise PaperUnavailable(missing_sentence(reason))
            raise RenderFailed("the paper worker did not start")

    @property
    def alive(self) -> bool:
        """Whether the process is still there."""
        return self._process.poll() is None

    def ask(self, message: bytes, seconds: float) -> bytes:
        """The PDF for a request; raises RenderTimedOut or RenderFailed."""
        self.documents += 1
        started = time.monotonic()
        answer = self._exchange(message, seconds)
        if answer is None:
            if time.monotonic() - started >= seconds:
                raise RenderTimedOut(f"the document was not on paper within {seconds:g} seconds")
            raise RenderFailed("the paper worker ended in the middle of a document")
        if answer[:1] != b"P":
            raise RenderFailed(answer[1:].decode())
        return answer[1:]

    def end(self) -> None:
        """Kill the process and release its pipes; harmless when it is gone."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    continue

    def _exchange(self, message: bytes, seconds: float) -> bytes | None:
        """The answer to a message; None where the process ended or was killed at its deadline."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        # Killing the process closes its pipe and wakes the reader: the one timeout that works alike on every system.
        deadline = threading.Timer(seconds, self._process.kill)
        deadline.daemon = True
        deadline.start()
        try:
            send(self._process.stdin, message)
            return receive(self._process.stdout)
        except OSError:
            return None
        finally:
            deadline.cancel()


def _environment() -> dict[str, str]:
    passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return {
        **passed_on,
        "PYTHONPATH": os.pathsep.join([str(_HERE.parent), *(path for path in sys.path if path)]),
        "PYTHONUTF8": "1",
        "FONTCONFIG_FILE": str(_HERE / "fonts" / "fonts.conf"),
    }
