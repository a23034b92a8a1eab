"""The `pos` command."""

from __future__ import annotations

from pos.cli import backup, books, clients, doctor, init, packages, run, staff  # they attach their commands to main
from pos.cli.common import main

__all__ = ["backup", "books", "clients", "doctor", "init", "main", "packages", "run", "staff"]
