"""Cold start to first answer, and the memory of the web process, as served by `pos serve`.

.venv/bin/python -m bench.start [--rounds 5]
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from bench.sales import free_port


def memory(pid: int, what: str = "VmRSS") -> float:
    """MB of a process: `VmRSS` now, `VmHWM` the most it ever had."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{what}:"):
            return int(line.split()[1]) / 1024
    return 0.0


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


def family(pid: int) -> list[tuple[str, float]]:
    """Command and resident MB of a process and all below it."""
    found = [(Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8").replace("\0", " ")[:60], memory(pid))]
    for child in children(pid):
        found += family(child)
    return found


@contextmanager
def served(folder: Path, **told: str) -> Iterator[tuple[str, int, float]]:
    """Address and process of `pos serve` with these settings, and the seconds from the command to its first answer."""
    base = f"http://127.0.0.1:{free_port()}"
    begin = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "pos.cli", "serve", "--port", base.rpartition(":")[2]],
        env=os.environ | {"INSTANCE_DIR": str(folder), "BASE_URL": base} | told,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        while True:
            try:
                with urlopen(f"{base}/healthz", timeout=5):
                    break
            except OSError:
                if process.poll() is not None:
                    raise RuntimeError("the server stopped at once") from None
                time.sleep(0.01)
        yield base, process.pid, time.perf_counter() - begin
    finally:
        process.terminate()
        process.wait(20)


def start_once(folder: Path) -> tuple[float, list[tuple[str, float]]]:
    """Seconds from the command to the first answer, and the processes a moment later."""
    with served(folder) as (base, pid, took):
        for _ in range(20):
            with urlopen(f"{base}/healthz", timeout=5):
                pass
        time.sleep(2)
        return took, family(pid)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        start_once(Path(folder))  # makes the database
        times = []
        for _ in range(told.rounds):
            took, processes = start_once(Path(folder))
            times.append(took)
    print(
        f"first answer after {statistics.median(times):.2f} s ({min(times):.2f}–{max(times):.2f}, {told.rounds} starts)"
    )
    for command, megabytes in processes:
        print(f"  {megabytes:6.1f} MB  {command}")


if __name__ == "__main__":
    main()
