"""A receipt printer that keeps what it is sent: a socket on one of the ports of raw printing."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

PORTS = range(9100, 9110)


def _bound() -> tuple[socket.socket, int]:
    """The first free port, and what holds it: tests beside this one have printers too."""
    for port in PORTS:
        found = socket.socket()
        try:
            found.bind(("127.0.0.1", port))
        except OSError:
            found.close()
            continue
        return found, port
    raise AssertionError("every port of raw printing is taken")


class RollPrinter:
    """Listens on loopback; each connection is one job, read to its end."""

    def __init__(self) -> None:
        self._socket, self.port = _bound()
        self._socket.listen()
        self._jobs: list[bytes] = []
        self._done = threading.Condition()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @staticmethod
    def _read(connection: socket.socket) -> bytes:
        found = b""
        while part := connection.recv(65536):
            found += part
        return found

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                found = self._read(connection)
            with self._done:
                self._jobs.append(found)
                self._done.notify_all()

    def jobs(self, count: int) -> list[bytes]:
        """The jobs so far, once there are `count`."""
        with self._done:
            assert self._done.wait_for(lambda: len(self._jobs) >= count, timeout=20), (
                f"{len(self._jobs)} of {count} jobs"
            )
            return list(self._jobs)

    def close(self) -> None:
        # Closing alone does not wake who waits for a connection.
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()


@contextmanager
def roll_printer() -> Iterator[RollPrinter]:
    printer = RollPrinter()
    try:
        yield printer
    finally:
        printer.close()


@contextmanager
def printer_switched_off() -> Iterator[int]:
    """The port of a printer that refuses a connection. The port is held, so that no printer of another test gets it."""
    held, port = _bound()
    with held:
        yield port
