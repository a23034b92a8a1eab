"""The application in processes of its own, as it is served, and many callers at once, each a process too."""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

READY_WITHIN = 60.0
_ATTEMPTS = Path(__file__).with_name("attempts.py")


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def own_port() -> int:
    """Where this worker of a run begins to look for two free ports: below those that the system gives to others."""
    return 21_000 + 500 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


@dataclass(frozen=True)
class Served:
    """A running application."""

    port: int

    def form_token(self, path: str) -> tuple[str, str]:
        """The cookie and the token of a page's form."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", path)
        answer = connection.getresponse()
        found = re.search(rb'name="csrf-token" content="([^"]+)"', answer.read())
        cookie = (answer.headers.get_all("Set-Cookie") or [""])[0].partition(";")[0]
        connection.close()
        assert found, f"{path} has no form token"
        return cookie, found.group(1).decode()


@contextmanager
def serving(env: dict[str, str], *, workers: int = 2, target: str = "pos.serve:served_app") -> Iterator[Served]:
    """Serve the application with these settings; `target` names another factory (a guard taken off)."""
    port = free_port()
    log = Path(env["INSTANCE_DIR"]) / f"served-{port}.log"
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "--blocking-threads", "4", "--no-ws",
        "--log-level", "warning", "--workers", str(workers), "--port", str(port), target,
    ]  # fmt: skip
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            env=os.environ | env | {"WORKER_THREAD": "off"},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            until = time.monotonic() + READY_WITHIN
            while True:
                try:
                    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
                    connection.request("GET", "/register/sign-in")
                    connection.getresponse().read()
                    connection.close()
                    break
                except OSError:
                    if process.poll() is not None or time.monotonic() > until:
                        raise AssertionError(log.read_text(encoding="utf-8")[-3000:]) from None
            yield Served(port)
        finally:
            process.terminate()
            process.wait(30)


def call_at_once(served: Served, callers: list[dict[str, Any]]) -> list[dict[str, int]]:
    """Let every caller make its attempts from a process of its own, released together; each answers how often it got what.

    A caller names `path`, `headers`, `bodies` (one for each attempt); with another Content-Type than JSON a body is a form.
    """
    processes = [
        subprocess.Popen(
            [sys.executable, "-S", str(_ATTEMPTS), str(served.port)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for _ in callers
    ]  # fmt: skip
    for process, caller in zip(processes, callers, strict=True):
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(caller) + "\n")
        process.stdin.flush()
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    answers = [json.loads(process.communicate()[0]) for process in processes]
    assert all(process.returncode == 0 for process in processes)
    return answers
