"""A kind of tender added to the table alone is taken, posted, printed, reported and given back."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.long  # a run of tests within the run; the kinds there are, the short run sells with
def test_kind_added_to_the_table_is_taken_at_the_desk() -> None:
    plugins = (
        "-p",
        "tests.support.bank_transfer",
        "-p",
        "no:inline_snapshot",
        "-p",
        "no:xdist",
        "-p",
        "no:cacheprovider",
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *plugins, "tests/web/register/bank_transfer.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
