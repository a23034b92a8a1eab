"""The pattern pages in a real browser, under the product's policy: no error, no violation of axe, nothing too wide."""

from __future__ import annotations

import importlib.util
import json
import threading
from collections.abc import Iterator
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from babel.core import Locale
from playwright.sync_api import Browser, Page, Route, expect

from pos.core.i18n.money_format import currency_pattern, plain_pattern
from pos.core.money import exponent
from tests.support.axe import is_asked_again
from tests.support.paths import ROOT
from tests.unit.core.test_money_format import LOCALES


def load_gallery() -> ModuleType:
    spec = importlib.util.spec_from_file_location("gallery", ROOT / ".ci/vendor/gallery.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


gallery = load_gallery()


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    gallery.Pages.jinja = gallery.environment()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(gallery.Pages, directory=str(ROOT / "pos"))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def parts(browser: Browser, base: str) -> Iterator[Page]:
    page = browser.new_page()
    page.goto(f"{base}/parts")
    page.wait_for_selector("[data-theme-choice='system'][aria-pressed='true']")
    yield page
    page.close()


@pytest.mark.usefixtures("looks")
@pytest.mark.parametrize(
    "name",
    [
        *("parts", "register", "shop", "office"),
        *(
            pytest.param(name, marks=pytest.mark.long)
            for name in ("register-waiting", "register-paid", "account", "error")
        ),
    ],
)
def test_pattern_page_at_desk_and_phone_has_no_flaw(browser: Browser, base: str, tmp_path: Path, name: str) -> None:
    looks = [("desk", "light"), *([("phone", "dark")] if is_asked_again() else [])]
    assert gallery.judge(browser, base, name, tmp_path, axe=True, looks=looks) == []


def module(page: Page, name: str, body: str) -> Any:
    """Evaluate `body` with the named module as `m`."""
    return page.evaluate(f"async () => {{ const m = await import('/static/js/{name}.js'); {body} }}")


def test_money_text_every_exponent_is_exact(parts: Page) -> None:
    assert module(
        parts,
        "money",
        "return [m.decimalText(1234, 2), m.decimalText(-5, 2), m.decimalText(7, 0), m.decimalText(1, 3)]",
    ) == [
        "12.34",
        "-0.05",
        "7",
        "0.001",
    ]


def test_money_text_every_locale_matches_server(parts: Page) -> None:
    """A browser's own tables differ: four-digit groups, decimal marks, signs, halves of a yen, locales it lacks."""
    minors = (0, 1, -1, 99, 1_234, -1_234, 123_456, -1_234_567, 10_000_000_00, 900_719_925_474_099)
    cases = [
        (minor, exponent(currency), pattern.facts(), pattern.text(minor, exponent(currency)))
        for locale in LOCALES
        for currency in ("USD", "EUR", "CHF", "JPY", "KWD", "HUF", "INR", "ISK")
        for pattern in (plain_pattern(Locale.parse(locale)), currency_pattern(Locale.parse(locale), currency))
        for minor in minors
    ]
    shown = module(
        parts, "money", f"return {json.dumps(cases)}.map(([minor, digits, p]) => m.moneyText(minor, digits, p))"
    )
    assert shown == [case[-1] for case in cases]


def test_amount_typed_becomes_minor_units_or_nothing(parts: Page) -> None:
    typed = {
        ("24.16", 2): 2416, ("24,16", 2): 2416, ("24.1", 2): 2410, (" 1 200 ", 2): 120000, ("1,200", 2): 120000,
        ("1,200.50", 2): 120050, ("1.200,50", 2): 120050, ("−3", 2): -300, ("5.", 2): 500, ("0.001", 3): 1,
        ("1200", 0): 1200, ("1.200", 0): 1200, ("", 2): None, ("abc", 2): None, ("1.2.3", 2): None, ("12,3456", 2): None,
        (".5", 2): None, ("1e3", 2): None,
    }  # fmt: skip
    cases = [[text, exponent] for text, exponent in typed]
    got = module(parts, "money", f"return {json.dumps(cases)}.map(([text, exponent]) => m.parseAmount(text, exponent))")
    assert dict(zip(typed, got, strict=True)) == typed


def test_idempotency_key_is_uuid7_and_sorts_by_time(parts: Page) -> None:
    key, early, late = module(
        parts, "http", "return [m.newKey(0x0123456789ab, new Uint8Array(10).fill(255)), m.newKey(1), m.newKey(2)]"
    )
    assert key == "01234567-89ab-7fff-bfff-ffffffffffff"
    assert early < late


def test_request_without_answer_is_repeated_with_same_key_refusal_is_not(parts: Page) -> None:
    keys, answer = module(
        parts,
        "http",
        """const keys = [];
        const failAt = [0, 503];
        const answer = await m.untilKnown((key) => {
          keys.push(key);
          if (keys.length < 3) throw new m.Problem({status: failAt[keys.length - 1]});
          return "done";
        }, {pause: () => Promise.resolve()});
        return [keys, answer];""",
    )
    assert answer == "done"
    assert len(keys) == 3
    assert len(set(keys)) == 1
    code, calls = module(
        parts,
        "http",
        """let calls = 0;
        const refuse = () => {
          calls += 1;
          throw new m.Problem({status: 409, code: "no_credit_left"});
        };
        try {
          await m.untilKnown(refuse, {pause: () => Promise.resolve()});
        } catch (error) {
          return [error.code, calls];
        }""",
    )
    assert (code, calls) == ("no_credit_left", 1)


def test_request_refused_with_problem_raises_its_message(parts: Page) -> None:
    refusal = {"code": "conflict", "detail": "Desk 2 was first.", "field": "lot"}
    parts.route(
        "**/api-refuses",
        lambda route: route.fulfill(status=409, content_type="application/problem+json", body=json.dumps(refusal)),
    )
    got = module(
        parts,
        "http",
        """try {
          await m.post("/api-refuses", {a: 1}, {key: m.newKey()});
        } catch (error) {
          return [error.message, error.code, error.field, error.outcomeUnknown];
        }""",
    )
    assert got == ["Desk 2 was first.", "conflict", "lot", False]
    parts.route("**/api-silent", lambda route: route.abort())
    unknown = module(
        parts, "http", "try { await m.get('/api-silent'); } catch (e) { return [e.status, e.outcomeUnknown]; }"
    )
    assert unknown == [0, True]


def test_request_carries_csrf_token_and_idempotency_key(parts: Page) -> None:
    seen: dict[str, str] = {}
    parts.route("**/api-takes", lambda route: (seen.update(route.request.headers), route.fulfill(status=204)))
    assert module(parts, "http", "return m.post('/api-takes', {}, {key: 'k-1'})") is None
    assert seen["x-csrftoken"] == "gallery"
    assert seen["idempotency-key"] == "k-1"


def test_dialog_opens_with_focus_and_returns_it_on_close(parts: Page) -> None:
    opener = parts.get_by_role("button", name="Open a dialog")
    opener.click()
    expect(parts.get_by_role("dialog", name="Refund 630.00?")).to_be_visible()
    parts.keyboard.press("Escape")
    parts.wait_for_selector("#refund", state="hidden")
    assert opener.evaluate("node => node === document.activeElement")
    opener.click()
    parts.get_by_role("button", name="Keep the package").click()
    parts.wait_for_selector("#refund", state="hidden")


def test_theme_chosen_is_kept_after_reload(parts: Page) -> None:
    parts.get_by_role("button", name="Dark", exact=True).click()
    parts.reload()
    assert parts.evaluate("document.documentElement.dataset.theme") == "dark"
    assert parts.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(20, 23, 26)"


def test_form_submitted_twice_is_sent_once_and_shows_busy(parts: Page) -> None:
    sent: list[str] = []

    def swallow(route: Route) -> None:
        sent.append(route.request.url)
        route.fulfill(status=204)

    parts.route(lambda url: "/parts?" in url, swallow)
    parts.evaluate("document.querySelector('form[data-repeatable]').removeAttribute('data-repeatable')")
    parts.get_by_role("button", name="Save client").click()
    parts.wait_for_selector("button[data-busy][aria-busy='true']:has-text('Saving…')")
    parts.evaluate("document.querySelector('form.card').requestSubmit()")
    parts.wait_for_load_state("networkidle")
    assert len(sent) == 1


def test_form_refused_focuses_error_summary(parts: Page) -> None:
    assert parts.evaluate("document.activeElement.className") == "error-summary"
    described = parts.locator("[aria-invalid='true']").first.get_attribute("aria-describedby")
    assert parts.locator(f"#{described}").inner_text() == "Write the client's name."


HTMX_FORM = """async () => {
  const form = document.createElement("form");
  form.id = "try";
  form.setAttribute("hx-post", "/api-htmx");
  form.setAttribute("hx-target", "this");
  form.setAttribute("hx-swap", "outerHTML");
  form.innerHTML = '<button data-busy="Sending…"><span>Send</span></button>';
  document.getElementById("main").append(form);
  htmx.process(form);
}"""


def test_htmx_form_sends_token_shows_refusal_and_keeps_page_on_failure(parts: Page) -> None:
    answers = [(500, "<p>trace</p>"), (422, '<form id="try"><div tabindex="-1" data-takes-focus>Refused</div></form>')]
    seen: list[dict[str, str]] = []

    def answer(route: Route) -> None:
        seen.append(route.request.headers)
        status, body = answers[len(seen) - 1]
        route.fulfill(status=status, content_type="text/html", body=body)

    parts.route("**/api-htmx", answer)
    parts.evaluate(HTMX_FORM)
    parts.locator("#try button").click()
    parts.wait_for_selector(".toast:has-text('Nothing was lost')")
    parts.wait_for_selector("#try button:not([aria-busy]):has-text('Send')")
    parts.locator("#try button").click()
    parts.wait_for_selector("#try:has-text('Refused')")
    assert [headers["x-csrftoken"] for headers in seen] == ["gallery", "gallery"]
    parts.wait_for_function("() => document.activeElement.textContent === 'Refused'")
