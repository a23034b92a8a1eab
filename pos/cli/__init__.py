"""The `pos` command."""

from __future__ import annotations

from pos.cli import books, init, packages, run, staff  # they attach their commands to main
from pos.cli.common import main

__all__ = ["books", "init", "main", "packages", "run", "staff"]
