"""The `pos` command."""

from __future__ import annotations

from pos.cli import (  # they attach their commands to main
    backup,
    bookkeeping,
    books,
    clients,
    doctor,
    files,
    init,
    packages,
    run,
    staff,
)
from pos.cli.common import main

__all__ = ["backup", "bookkeeping", "books", "clients", "doctor", "files", "init", "main", "packages", "run", "staff"]
