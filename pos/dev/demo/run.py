"""`pos demo`: a throwaway clinic with its simulator, on this machine only, until Ctrl-C."""

from __future__ import annotations

import ctypes
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from pos.app import create_app
from pos.core.config import read_settings
from pos.dev.demo import clinic, history
from pos.dev.demo.people import STAFF

HOST = "127.0.0.1"
_PR_SET_PDEATHSIG = 1


def _free_port(wanted: int) -> int:
    """`wanted`, or the next port nobody listens on."""
    for port in range(wanted, wanted + 200):
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) != 0:
                return port
    raise RuntimeError("no free port")


def _end_with_us() -> None:
    """In a child of Linux: be ended when the demo dies in a way it cannot tidy up after."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class Demo:
    """The processes of a demo and where they live."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.keys = self._keys()
        self.port = _free_port(port)
        self.simulator_port = _free_port(self.port + 1)
        self.base_url = f"http://{HOST}:{self.port}"
        self.api_base = f"http://{HOST}:{self.simulator_port}"
        self._processes: list[subprocess.Popen[bytes]] = []

    def _keys(self) -> dict[str, str]:
        path = self.folder / "keys.json"
        if not path.exists():
            made = {"secret": f"sk_test_simulator_{secrets.token_hex(12)}", "hook": f"whsec_{secrets.token_hex(16)}"}
            path.write_text(json.dumps(made), encoding="utf-8")
            path.chmod(0o600)
        found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
        return found

    def environment(self) -> dict[str, str]:
        """What the web process is told."""
        return {
            "INSTANCE_DIR": str(self.folder),
            "BASE_URL": self.base_url,
            "PAYMENTS_MODE": "simulator",
            "STRIPE_SECRET_KEY": self.keys["secret"],
            "STRIPE_WEBHOOK_SECRET": self.keys["hook"],
            "STRIPE_API_BASE": self.api_base,
            "MAILBOX": "on",
        }

    def _start(self, *command: str, log: str) -> subprocess.Popen[bytes]:
        with (self.folder / log).open("ab") as output:
            process = subprocess.Popen(  # noqa: S603  (our own interpreter and modules)
                [sys.executable, *command],
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                env=os.environ | self.environment(),
                start_new_session=True,  # Ctrl-C reaches us alone; we end them in order
                preexec_fn=_end_with_us,
            )
        self._processes.append(process)
        return process

    def start_simulator(self, *, webhooks: bool) -> subprocess.Popen[bytes]:
        """Start the simulated Stripe; without webhooks while history is written."""
        command = [
            "-m",
            "pos.dev.stripe_simulator",
            "--port",
            str(self.simulator_port),
            "--state",
            str(self.folder / "stripe.sqlite3"),
        ]
        command += ["--secret-key", self.keys["secret"], "--webhook-secret", self.keys["hook"]]
        for label in (*clinic.READERS, "Empfang reader"):
            command += ["--reader", label]
        if webhooks:
            command += ["--webhook-url", f"{self.base_url}/hooks/stripe"]
        process = self._start(*command, log="simulator.log")
        self._await(f"{self.api_base}/_sim/state", process)
        return process

    def start_web(self) -> None:
        """Start the app with its outbox thread."""
        process = self._start("-m", "pos.cli", "serve", "--port", str(self.port), log="web.log")
        self._await(f"{self.base_url}/register/sign-in", process)

    def _await(self, url: str, process: subprocess.Popen[bytes]) -> None:
        end = time.monotonic() + 30
        while time.monotonic() < end:
            if process.poll() is not None:
                raise RuntimeError(f"a process of the demo stopped at once; see the logs in {self.folder}")
            try:
                with urlopen(url, timeout=2):  # noqa: S310  (our own address)
                    return
            except (URLError, OSError):
                time.sleep(0.05)
        raise RuntimeError(f"{url} did not answer; see the logs in {self.folder}")

    def readers(self) -> dict[str, str]:
        """Stripe's keys of the simulated readers by label."""
        with urlopen(f"{self.api_base}/_sim/state", timeout=5) as answer:  # noqa: S310 - our own address
            state = json.load(answer)
        return {reader["label"]: reader["id"] for reader in state["readers"]}

    def build(self, progress: Callable[[int, int], None], *, weeks: int = history.WEEKS) -> None:
        """Make the clinic and its history, once; a build that was interrupted starts anew."""
        if (self.folder / "built").exists():
            return
        for name in ("tenderpoint.sqlite3", "tenderpoint.sqlite3-wal", "tenderpoint.sqlite3-shm", "stripe.sqlite3"):
            (self.folder / name).unlink(missing_ok=True)
        simulator = self.start_simulator(webhooks=False)
        settings = read_settings(self.environment() | {"WORKER_THREAD": "off"}, instance_dir=self.folder)
        app = create_app(settings)
        with app.app_context():
            made = clinic.build(secret=settings.secret_key, readers=self.readers())
            history.live(made, api_base=self.api_base, progress=progress, weeks=weeks)
        self.stop(simulator)
        (self.folder / "built").write_text("1", encoding="utf-8")

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        """End one process, kindly first."""
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(8)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._processes.remove(process)

    def watch(self) -> None:
        """Wait until a process stops or somebody presses Ctrl-C."""
        while all(process.poll() is None for process in self._processes):
            time.sleep(0.3)

    def close(self) -> None:
        """End everything that was started."""
        for process in reversed(self._processes.copy()):
            self.stop(process)


def guide(demo: Demo) -> str:
    """Where to go and what to try first."""
    pins = "\n".join(f"      {w.pin}  {w.name} ({w.role.value})" for w in STAFF if w.pin)
    offices = "\n".join(f"      {w.email}  {w.password}  ({w.role.value})" for w in STAFF if w.password)
    return f"""
Tenderpoint demo: simulated payments, no money moves. Ctrl-C stops everything.

  Register   {demo.base_url}/register/
    PINs
{pins}
  Shop       {demo.base_url}/
  Office     {demo.base_url}/office/
    Sign-ins
{offices}
  Mailbox    {demo.base_url}/mailbox/
  Card readers and Stripe console   {demo.api_base}/

  Try first
    1. Register, Desk 1, PIN 246810. Type “lopes”, Enter, press a Trigger point 60, then Alt+A, then Enter.
       Open the reader “Desk 1 reader” on the console and tap the card.
    2. Sell a package of 10 for cash. Then use one credit with hot stones and pay those by card.
    3. Shop: buy a package as a guest; the mail with the receipt is in the mailbox.
    4. Account: {demo.base_url}/account/ with maria@mail.example; the link comes to the mailbox.
    5. Register: “Add a visit” on the empty ticket, then ring it up with one tap.
    6. Customer display: {demo.base_url}/register/display/ in a second window; its code: Office, Settings, Customer displays.
    7. Office: see today, export sales and the journal.
    8. In another terminal: INSTANCE_DIR={demo.folder} .venv/bin/pos verify
"""


def run_demo(
    folder: Path, port: int, *, reset: bool, progress: Callable[[int, int], None], say: Callable[[str], None]
) -> None:
    """Build what is missing, start everything, print the guide, and stop it all at the end."""
    if reset and folder.exists():
        shutil.rmtree(folder)
    demo = Demo(folder, port)

    def _interrupted(_signal: int, _frame: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, _interrupted)
    try:
        if not (folder / "built").exists():
            say("Building the demo clinic: seven weeks of trade through the real sales code. Once only.")
        demo.build(progress)
        demo.start_simulator(webhooks=True)
        demo.start_web()
        say(guide(demo))
        demo.watch()
    except KeyboardInterrupt:
        say("Stopping.")
    finally:
        demo.close()
