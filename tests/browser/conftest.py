"""The whole application for the browser: the app on a port with its worker, the simulated Stripe as a process, Chromium.

`running_app` is built once for all journeys (SQLite; rules a database keeps are tested on both elsewhere).
`running_app.page(size)` opens a page in a fresh browser context; `running_app.look(page, name)` keeps, with
TENDERPOINT_SHOTS=folder, a picture at three sizes in both colour schemes, and asks axe about what is seen here alone.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from pos.app import create_app
from pos.core import clock
from pos.core.app_context import running
from pos.core.config import read_settings
from pos.core.database.base import db
from pos.domain.payments.models import Reader
from tests.conftest import NOON, SECRET_KEY
from tests.support.axe import AXE, asked_again, flaws
from tests.support.books import book_floats
from tests.support.clinic import Clinic
from tests.support.kept_context import is_kept
from tests.support.loopback import with_scripts_beside
from tests.support.pictures import are_kept, keep_picture

SIZES = {"desk": (1366, 768), "tablet": (1024, 768), "phone": (390, 844)}
SHOTS = Path(__file__).parent / "shots"
# Without windows where the system has it so: what it draws is the same.
CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing."""


def _is_refused(said: str) -> bool:
    """Whether a browser says that a page may not load something of its own: the script of axe is the tests'."""
    return "Content Security Policy" in said and AXE not in said


@dataclass
class RunningApp:
    """Addresses, the world inside, and the hands of the people in it."""

    url: str
    stripe_url: str
    world: Clinic
    readers: list[str]
    browser: Browser
    complaints: list[str] = field(default_factory=list)

    @contextmanager
    def page(self, size: str = "desk", *, service_worker: bool = True) -> Iterator[Page]:
        """A page in a browser of its own; anything the browser complains about fails the test."""
        width, height = SIZES[size]
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            has_touch=size != "desk",
            base_url=self.url,
            locale="en-US",
            reduced_motion="reduce",
            service_workers="allow" if service_worker else "block",
        )
        context.set_default_timeout(10_000)
        page = context.new_page()
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(f"script: {error}"))
        page.on("console", lambda m: wrong.append(m.text) if _is_refused(m.text) else None)
        try:
            yield page
            assert wrong == []
        except BaseException:
            page.screenshot(path=SHOTS / f"failed-{size}.png")
            raise
        finally:
            context.close()

    def look(self, page: Page, name: str, *, seen_here_alone: bool = False) -> None:
        """Keep pictures of the page as it stands, if they are wanted: three sizes, light and dark. Ask axe about what no
        other test looks at, in both colour schemes."""
        before = page.viewport_size
        page.mouse.move(0, 0)
        for scheme in ("light", "dark") if seen_here_alone or are_kept() else ():
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
            with asked_again(True):
                found = flaws(page, known=scheme == "dark") if seen_here_alone else []
            assert found == [], f"{name}, {scheme}"
            for size, (width, height) in SIZES.items() if are_kept() else ():
                page.set_viewport_size({"width": width, "height": height})
                keep_picture(page, f"{name}-{size}-{scheme}")
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        if before:
            page.set_viewport_size(before)

    def stripe(self, path: str, **given: object) -> dict[str, object]:
        """Press a button of the simulated Stripe."""
        body = json.dumps(given).encode()
        request = Request(f"{self.stripe_url}/_sim/{path}", body, {"Content-Type": "application/json"}, method="POST")
        with urlopen(request, timeout=10) as answer:
            found: dict[str, object] = json.load(answer)
            return found

    def tap(self, desk: int = 0) -> None:
        """Hold a good card to a desk's reader."""
        self.stripe(f"readers/{self.readers[desk]}/tap")

    def decline(self, desk: int = 0, code: str = "card_declined") -> None:
        """Hold a card to the reader that the bank refuses."""
        self.stripe(f"readers/{self.readers[desk]}/decline", code=code)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, one for all tests of a process: its start takes a second. A context holds what a visitor keeps."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(autouse=True)
def _no_window_is_left_open(browser: Browser) -> Iterator[None]:
    """The next test finds the browser without the windows of this one, also where this one failed."""
    yield
    for context in browser.contexts:
        if not is_kept(context):
            context.close()


@pytest.fixture(params=[pytest.param("one look"), pytest.param("every look", marks=pytest.mark.long)])
def looks() -> None:
    """For tests that look at one page in several sizes and colour schemes: the long run plays them again."""


@pytest.fixture(autouse=True)
def _every_look_is_taken_in_the_long_run(request: pytest.FixtureRequest) -> Iterator[None]:
    """The short run asks axe once about a page as it is, and the width at each size; the long run asks axe each time."""
    with asked_again(request.node.get_closest_marker("long") is not None):
        yield


@contextmanager
def _simulator(folder: Path, hook: str, ahead: timedelta) -> Iterator[str]:
    command = [
        sys.executable,
        "-m",
        "pos.dev.stripe_simulator",
        "--port",
        "0",
        "--state",
        str(folder / "stripe.sqlite3"),
    ]
    command += [
        "--webhook-url",
        hook,
        "--webhook-secret",
        "whsec_of_the_house",
        "--secret-key",
        "sk_test_simulator_house",
        "--ahead",
        str(ahead.total_seconds()),
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().split()[3]
    finally:
        process.terminate()
        process.wait(10)
        assert process.stdout is not None
        process.stdout.close()


@pytest.fixture(scope="module")
def running_app(
    browser: Browser, sqlite_world: tuple[Path, Clinic], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningApp]:
    """The clinic, open for business on a Tuesday at noon, whatever day and hour it is here."""
    ahead = NOON - datetime.now(UTC)
    SHOTS.mkdir(exist_ok=True)
    folder = tmp_path_factory.mktemp("running_app")
    prepared, built = sqlite_world
    shutil.copyfile(prepared, folder / "running_app.sqlite3")
    gate = make_server("127.0.0.1", 0, lambda _environ, _start: [], threaded=True, request_handler=_Quiet)
    url = f"http://127.0.0.1:{gate.server_port}"
    with clock.ahead(ahead), _simulator(folder, f"{url}/hooks/stripe", ahead) as stripe_url:
        app = create_app(
            read_settings(
                {
                    "DATABASE_URL": f"sqlite:///{folder / 'running_app.sqlite3'}",
                    "SECRET_KEY": SECRET_KEY,
                    "BASE_URL": url,
                    "PAYMENTS_MODE": "simulator",
                    "STRIPE_API_BASE": stripe_url,
                    "STRIPE_SECRET_KEY": "sk_test_simulator_house",
                    "STRIPE_WEBHOOK_SECRET": "whsec_of_the_house",
                    "MAILBOX": "on",
                },
                instance_dir=folder,
            )
        )
        gate.app = with_scripts_beside(app)
        threading.Thread(target=gate.serve_forever, daemon=True).start()
        world = book_floats(replace(deepcopy(built), app=app))
        running_app = RunningApp(url, stripe_url, world, [], browser)
        for number, desk_id in enumerate(world.usd.desks, start=1):
            reader_id = str(running_app.stripe("readers", label=f"Desk {number}")["id"])
            running_app.readers.append(reader_id)
            reader = Reader(desk_id=desk_id, stripe_reader_id=reader_id, label=f"Desk {number}")
            world.write(lambda session, row=reader: session.add(row))
        yield running_app
        gate.shutdown()
        gate.server_close()
        with app.app_context():
            running().helpers["worker"].set()
            db.session.remove()
            for engine in db.engines.values():
                engine.dispose()
