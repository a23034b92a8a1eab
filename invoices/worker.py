"""The process that owns WeasyPrint: `python -m invoices.worker`, spoken to by `invoices.renderer` over stdin and stdout.

A message is four bytes of length (big endian) and that many bytes. The first is {"tokens_css", "memory_bytes", "warm"};
the answer is {"ready": true} or {"unavailable": "why"}. Each following message is {"document", "format", "seconds",
"logo"} (the logo in base64),
each answer one byte, P for PDF or E for error, before the bytes of the PDF or of a sentence.
"""

from __future__ import annotations

import base64
import gc
import json
import os
import signal
import sys
import threading
import time
from typing import IO, Any

from invoices.documents import document_from_json
from invoices.wire import receive, send

PARENT_CHECK_SECONDS = 5


def main() -> None:
    """Serve until the parent closes the pipe or is gone."""
    requests, answers = _take_pipes()
    threading.Thread(target=_leave_with_parent, args=(os.getppid(),), daemon=True).start()
    opening = receive(requests)
    if opening is None:
        return
    start = json.loads(opening)
    try:
        from invoices.engine import Engine
    except (ImportError, OSError) as missing:
        send(answers, json.dumps({"unavailable": str(missing).splitlines()[0]}).encode())
        return
    _limit_memory(start["memory_bytes"])
    engine = Engine(start["tokens_css"])
    for warm in start["warm"]:
        engine.render(document_from_json(warm["document"]), warm["format"])
    gc.collect()
    # What is loaded now lives as long as the process: the collector need not walk it during receipts.
    gc.freeze()
    send(answers, json.dumps({"ready": True}).encode())
    while (message := receive(requests)) is not None:
        send(answers, _answer(engine, json.loads(message)))


def _answer(engine: Any, request: dict[str, Any]) -> bytes:
    _alarm(request["seconds"])
    try:
        document = document_from_json(request["document"])
        return b"P" + engine.render(document, request["format"], base64.b64decode(request["logo"]))  # type: ignore[no-any-return]  # from untyped weasyprint
    except MemoryError:
        return b"E" + b"the document needs more memory than paper is given"
    except Exception as failure:
        return b"E" + f"{type(failure).__name__}: {failure}".encode()
    finally:
        _alarm(0)


def _alarm(seconds: float) -> None:
    # The parent ends a slow worker too; this holds when the parent itself is gone or stuck.
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _take_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """The two pipes, kept for ourselves: whatever a library prints goes to stderr and cannot spoil an answer."""
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return requests, answers


def _leave_with_parent(parent: int) -> None:
    # The end of stdin usually says it; a fork of the parent may hold the pipe open for longer.
    while os.getppid() == parent:
        time.sleep(PARENT_CHECK_SECONDS)
    os._exit(0)


def _limit_memory(memory_bytes: int) -> None:
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
