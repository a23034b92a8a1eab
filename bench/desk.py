"""What a receptionist waits for, in Chromium, at a small clinic and at one with three years behind it: p50 and p95 in ms.

search     from the last key of a name, an item or a number to the list that answers it, the pause of the search included
tap        from the press of an item to the line on the ticket that is painted
priced     from the same press to the due amount that the server has priced
cash sale  from the press of the key that takes the cash to the paid ticket

Each is also given as a ratio of the larger clinic to the smaller one, in the same run. The server is a process of its own on
the same machine; its clock is held on the day after the last one of the history.

    .venv/bin/python -m bench.desk [--sizes 10000/1000 1000000/100000] [--times 60] [--database postgresql://…]…
"""

from __future__ import annotations

import json
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from sqlalchemy.orm import Session
from werkzeug.serving import WSGIRequestHandler, make_server

from bench.history import LAST, Built, application, asked, build, built_before, moment
from pos.core import clock
from pos.core.database.address import normal_url
from pos.core.database.base import reading
from pos.core.database.unit_of_work import unit_of_work
from pos.domain.staff.credentials import open_session
from pos.domain.till.shifts import current_shift
from pos.services.till.shifts import open_shift

# Frequent and rare names, an item, a number, nobody: each is typed as a whole, its last key by itself.
TYPED = ("maria lopes", "smith ana", "garcía", "o'brien", "aromatherapy", "+1503010", "c999@exam", "zzzz")
CHROMIUM = {
    "executable_path": shutil.which("chromium") or shutil.which("chromium-headless-shell"),
    "args": ["--no-sandbox", "--disable-gpu"],
}
NOW = moment(LAST + timedelta(days=1), 10)
_READY_SECONDS = 60

# From an event to the frame that shows what `holds` says, by the page's clock.
_WATCH = """() => {
  window.watchFrames = (event, holds) => new Promise((resolve) => {
    document.addEventListener(event, ({ timeStamp }) => {
      const look = () => holds() ? resolve(performance.now() - timeStamp) : requestAnimationFrame(look);
      requestAnimationFrame(look);
    }, { capture: true, once: true });
  });
}"""
# When the first key with a price is there.
_USABLE = """new MutationObserver((_, observer) => {
  if (!document.querySelector('.price-key')) return;
  observer.disconnect();
  window.usableAt = performance.now();
}).observe(document, { childList: true, subtree: true })"""
_FOUND = "() => document.querySelector('.found').childElementCount > 0"
_LINES = "() => document.querySelectorAll('.ticket-line').length === {lines}"
_PAID = "() => document.querySelector('.ticket')?.dataset.state === 'paid'"


def _priced(before: str) -> str:
    """Whether the due amount is priced and another one than before."""
    due = "document.querySelector('.ticket-due output:not(.old)')"
    return f"() => {due} && {due}.textContent.trim() !== {json.dumps(before)}"


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing."""


def serve(url: str, folder: Path, port: int) -> None:
    """Serve a database with the clock held, until the process is ended."""
    with clock.at(NOW):
        app = application(url, folder)
        make_server("127.0.0.1", port, app, threaded=True, request_handler=_Quiet).serve_forever()


@contextmanager
def served(url: str, folder: Path) -> Iterator[str]:
    """The same in a process of its own; gives its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-m", "bench.desk", "--serve", url, str(folder), str(port)])
    try:
        end = time.monotonic() + _READY_SECONDS
        while time.monotonic() < end:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


class Desk:
    """A receptionist at the first desk whose waiting is measured."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.times: dict[str, list[float]] = {"search": [], "tap": [], "priced": [], "cash sale": []}

    def _measured(self, event: str, holds: str, act: Callable[[], None]) -> float:
        self.page.evaluate(f"() => {{ window.measured = window.watchFrames('{event}', {holds}); }}")
        act()
        return float(self.page.evaluate("window.measured"))

    def search(self, text: str) -> None:
        """Type something; the last key is measured."""
        page = self.page
        page.keyboard.press("/")
        page.keyboard.insert_text(text[:-1])
        page.wait_for_selector(".found:not([hidden])")
        page.evaluate("document.querySelector('.found').replaceChildren()")
        self.times["search"].append(self._measured("keydown", _FOUND, lambda: page.keyboard.press(text[-1])))
        page.keyboard.press("Escape")
        page.wait_for_selector(".found", state="hidden")

    def sale(self, items: tuple[str, ...]) -> None:
        """Ring items up, each press measured twice in turn, and take the exact cash."""
        page = self.page
        for number, name in enumerate(items, start=1):
            due = page.evaluate("document.querySelector('.ticket-due output')?.textContent.trim() ?? ''")
            line, priced = _LINES.format(lines=number), _priced(due)
            key = page.get_by_role("button", name=name).first
            page.evaluate(
                f"() => {{ window.both = Promise.all([window.watchFrames('click', {line}),"
                f" window.watchFrames('click', {priced})]); }}"
            )
            key.click()
            tap, until_priced = page.evaluate("window.both")
            self.times["tap"].append(tap)
            self.times["priced"].append(until_priced)
            page.wait_for_timeout(400)  # two presses sooner than 350 ms are one
        page.keyboard.press("Alt+k")
        exact = page.locator(".notes-paid button").first
        exact.wait_for()
        self.times["cash sale"].append(self._measured("click", _PAID, exact.click))
        page.keyboard.press("Enter")
        page.wait_for_selector(".ticket:not([data-state=paid])")


def measure(url: str, folder: Path, built: Built, times: int) -> tuple[dict[str, list[float]], int]:
    """The times of a clinic, and the bytes from the first byte to the usable page with nothing cached."""
    app = application(url, folder)
    with app.app_context(), clock.at(NOW):
        if current_shift(reading(), built.desks[0]) is None:
            open_shift(desk_id=built.desks[0], staff_id=built.receptionist, float_minor=100_00)

        @unit_of_work
        def sign_in(session: Session) -> str:
            return open_session(session, staff_id=built.receptionist, face="register", desk_id=built.desks[0])

        cookie = sign_in()
    with served(url, folder) as base, sync_playwright() as player, player.chromium.launch(**CHROMIUM) as browser:
        context = browser.new_context(viewport={"width": 1366, "height": 768}, reduced_motion="reduce")
        for name, value in (("tp_register", cookie), ("tp_desk", str(built.desks[0]))):
            context.add_cookies([{"name": name, "value": value, "url": f"{base}/register"}])
        page = context.new_page()
        page.add_init_script(_USABLE)
        page.goto(f"{base}/register/")
        page.wait_for_selector(".price-key")
        size = page.evaluate(
            "['navigation', 'resource'].flatMap((kind) => performance.getEntriesByType(kind))"
            ".filter((one) => one.startTime <= window.usableAt).reduce((sum, one) => sum + one.transferSize, 0)"
        )
        page.evaluate(_WATCH)
        desk = Desk(page)
        for number in range(times):
            desk.search(TYPED[number % len(TYPED)])
            desk.sale(("Trigger point therapy, 60 minutes", "Aromatherapy"))
        context.close()
    return desk.times, int(size)


def p95(times: list[float]) -> float:
    """The time that 95 of 100 stay within."""
    return statistics.quantiles(times, n=20)[-1]


def main() -> None:
    if sys.argv[1:2] == ["--serve"]:
        serve(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))
        return
    given = asked(__doc__, times=60)
    found: list[dict[str, list[float]]] = []
    for number, (line_count, client_count) in enumerate(given.sizes):
        with tempfile.TemporaryDirectory(prefix="tp-desk-") as name:
            folder = Path(name)
            url = normal_url(given.database[number] if given.database else f"sqlite:///{folder}/desk.sqlite3")
            with application(url, folder).app_context():
                built = built_before() or build(line_count, client_count)
            times, size_bytes = measure(url, folder, built, given.times)
        found.append(times)
        print(
            f"{built.sale_lines:,} sale lines, {built.client_count:,} clients; to the usable page: {size_bytes:,} bytes"
        )
        for step, row in times.items():
            ratio = f"{p95(row) / p95(found[0][step]):6.2f}" if number else ""
            print(f"  {step:10} {statistics.median(row):7.1f} {p95(row):7.1f} {ratio}", flush=True)


if __name__ == "__main__":
    main()
