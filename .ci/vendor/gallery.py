"""Serve the pattern pages of `.ci/vendor/gallery/`, photograph them at desk, tablet and phone size, and let axe look.

`python .ci/vendor/gallery.py OUT [--axe] [--only NAME …]` writes `OUT/<page>-<size>-<theme>.png`. Exits 1 when axe finds
anything, when the browser reports an error, or when a page is wider than its window. The pages are rendered with plain
Jinja and stubbed globals under the product's Content-Security-Policy.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import threading
from collections.abc import Sequence
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from playwright.sync_api import Browser, sync_playwright
from wtforms import BooleanField, DateField, Form, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

HERE = Path(__file__).resolve().parent
POS = HERE.parents[1] / "pos"
SIZES = {"desk": (1366, 768), "tablet": (1024, 768), "phone": (390, 844)}
LOOKS = [(size, theme) for size in SIZES for theme in ("light", "dark")]
POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-gallery'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class ClientForm(Form):
    """A form with one of each field, for the parts page."""

    name = StringField("Name", [InputRequired("Write the client's name.")])
    email = StringField("E-mail", description="Receipts and credit reminders go here.")
    born = DateField("Date of birth")
    location = SelectField("Location", choices=[SelectChoice("m", "Maple St"), SelectChoice("r", "Riverside")])
    minutes = RadioField(
        "Length", choices=[SelectChoice(minutes, f"{minutes} min") for minutes in ("30", "60", "90")], default="60"
    )
    price = StringField("Price", [InputRequired()])
    note = TextAreaField("Note for the desk")
    reminders = BooleanField("Remind 30, 7 and 1 days before credits expire", default=True)


def plural(one: str, many: str, num: int) -> str:
    """gettext's choice, English only."""
    return (one if num == 1 else many) % {"num": num}


def environment() -> Environment:
    """Jinja as the application sets it up, with stubs for what the application provides."""
    jinja = Environment(
        loader=FileSystemLoader([HERE / "gallery", POS / "templates"]), undefined=StrictUndefined, autoescape=True
    )
    jinja.globals.update(
        _=lambda text, **values: text % values if values else text,
        ngettext=plural,
        asset=lambda path: f"/static/{path}",
        csrf_token=lambda: "gallery",
        csp_nonce=lambda: "gallery",
        page_lang="en-US",
        script_messages=None,
        site_name="Maple Street Clinic",
        payments_mode="simulated",
    )
    jinja.filters.update(translated=str)
    refused = ClientForm(data={"email": "maria@example"})
    refused.validate()
    jinja.globals.update(form=ClientForm(), refused=refused, home_href="/", without_href="/", reference="7f3a-22c1")
    jinja.globals.update(
        happened="This page could not be found",
        kept="Nothing was changed.",
        todo="The link may be old, or it belongs to somebody else.",
    )
    return jinja


class Pages(SimpleHTTPRequestHandler):
    """`/static/…` from the product, `/<page>` rendered from the gallery."""

    jinja: Environment

    def do_GET(self) -> None:
        if self.path.startswith("/static/"):
            super().do_GET()
            return
        body = self.jinja.get_template(self.path.strip("/").split("?")[0] + ".html").render().encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Quiet."""


def judge(
    browser: Browser, base: str, name: str, out: Path, axe: bool, looks: Sequence[tuple[str, str]] = LOOKS
) -> list[str]:
    """Photograph one page in each look (size, theme); return what is wrong with it, one sentence each."""
    wrong: list[str] = []
    for size, theme in looks:
        width, height = SIZES[size]
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=theme, reduced_motion="reduce"
        )
        page = context.new_page()
        where = f"{name} {size} {theme}"
        page.on("console", lambda message, where=where: wrong.append(f"{where}: {message.text}"))
        page.on("pageerror", lambda error, where=where: wrong.append(f"{where}: {error}"))
        page.goto(f"{base}/{name}", wait_until="networkidle")
        page.screenshot(path=out / f"{name}-{size}-{theme}.png", full_page=not name.startswith("register"))
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wrong.append(f"{where}: wider than the window")
        if axe:
            for found in Axe().run(page).response["violations"]:
                nodes = "; ".join(f"{node['target']} {node['failureSummary']}" for node in found["nodes"][:4])
                wrong.append(f"{where}: axe {found['id']}: {nodes}")
        context.close()
    return wrong


def main() -> int:
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("out", type=Path)
    ask.add_argument("--axe", action="store_true")
    ask.add_argument("--only", nargs="*")
    given = ask.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    Pages.jinja = environment()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Pages, directory=str(POS)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}"
    names = given.only or sorted(path.stem for path in (HERE / "gallery").glob("[!_]*.html"))
    wrong: list[str] = []
    program = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        for name in names:
            wrong += judge(browser, base, name, given.out, given.axe)
        browser.close()
    server.shutdown()
    for line in wrong:
        sys.stdout.write(line + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
