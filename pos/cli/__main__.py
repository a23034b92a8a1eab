"""`python -m pos.cli`."""

from __future__ import annotations

from pos.cli import main

main(prog_name="pos")
