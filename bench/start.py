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
from pathlib import Path
from urllib.request import urlopen

from bench.sales import free_port


def resident_kb(pid: int) -> int:
    """Resident memory of a process in kB."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def family(pid: int) -> list[tuple[str, int]]:
    """Command and resident kB of a process and all below it."""
    found = [(Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8").replace("\0", " ")[:60], resident_kb(pid))]
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split():
        found += family(int(child))
    return found


def start_once(folder: Path) -> tuple[float, list[tuple[str, int]]]:
    """Seconds from the command to the first answer, and the processes a moment later."""
    port = free_port()
    env = os.environ | {"INSTANCE_DIR": str(folder), "BASE_URL": f"http://127.0.0.1:{port}"}
    begin = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "pos.cli", "serve", "--port", str(port)],
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        while True:
            try:
                with urlopen(f"http://127.0.0.1:{port}/register/sign-in", timeout=5):
                    break
            except OSError:
                if process.poll() is not None:
                    raise RuntimeError("the server stopped at once") from None
                time.sleep(0.01)
        took = time.perf_counter() - begin
        for _ in range(20):
            with urlopen(f"http://127.0.0.1:{port}/register/sign-in", timeout=5):
                pass
        time.sleep(2)
        return took, family(process.pid)
    finally:
        process.terminate()
        process.wait(10)


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
    for command, kilobytes in processes:
        print(f"  {kilobytes / 1024:6.1f} MB  {command}")


if __name__ == "__main__":
    main()
