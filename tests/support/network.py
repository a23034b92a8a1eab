"""No test reaches beyond this machine: connecting a socket anywhere else raises."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class BeyondLoopback(AssertionError):
    """A test tried to talk to another machine."""


def _refuse_far(sock: socket.socket, address: Any) -> None:
    if sock.family not in (socket.AF_INET, socket.AF_INET6):
        return
    host = str(address[0])
    try:
        near = host == "localhost" or ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        near = False
    if not near:
        raise BeyondLoopback(f"a test tried to connect to {host}")


@contextmanager
def only_loopback() -> Iterator[None]:
    """Refuse `connect` to anything but this machine while the block runs."""
    real = {name: getattr(socket.socket, name) for name in ("connect", "connect_ex")}

    def guarded(name: str) -> Any:
        def connect(sock: socket.socket, address: Any) -> Any:
            _refuse_far(sock, address)
            return real[name](sock, address)

        return connect

    for name in real:
        setattr(socket.socket, name, guarded(name))
    try:
        yield
    finally:
        for name, method in real.items():
            setattr(socket.socket, name, method)
