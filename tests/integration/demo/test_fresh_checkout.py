"""`make demo` as a newcomer meets it: from a checkout of exactly the files that git holds, until it serves."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.support.paths import ROOT
from tests.support.serving import own_port


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the files that git tracks, or would track: none that it ignores."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    folder = tmp_path / "checkout"
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


@pytest.fixture
def demo(checkout: Path) -> Iterator[subprocess.Popen[str]]:
    """`pos demo` in that checkout, with the interpreter of this run and no settings of this environment."""
    clock = ("FAKETIME", "LD_PRELOAD", "TZ")  # a run whose machine's clock is set starts a demo with that clock
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME") or name.startswith(clock)}
    process = subprocess.Popen(
        [sys.executable, "-m", "pos.cli", "demo", "--port", str(own_port())],
        cwd=checkout, env=kept, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        # A run in the background of a shell is born with Ctrl-C ignored, and so would be what it starts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    yield process
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 0


@pytest.mark.long
def test_demo_of_a_fresh_checkout_builds_serves_and_verifies(demo: subprocess.Popen[str], checkout: Path) -> None:
    said = []
    assert demo.stdout is not None
    for line in demo.stdout:
        said.append(line)
        if "pos verify" in line:
            break
    text = "".join(said)
    assert "Traceback" not in text
    addresses = {
        words[0]: words[-1] for words in map(str.split, said) if words and words[0] in ("Register", "Shop", "Office")
    }
    assert addresses.keys() == {"Register", "Shop", "Office"}, text
    for address in addresses.values():
        with urlopen(address, timeout=30) as answer:
            assert answer.status == 200
    checked = subprocess.run(
        [sys.executable, "-m", "pos.cli", "verify"],
        cwd=checkout, env=os.environ | {"INSTANCE_DIR": str(checkout / "instance" / "demo")},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stdout + checked.stderr
