"""A browser context that is used again has nothing of the test before, what a page wrote as it was left included."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from playwright.sync_api import Browser

from tests.support.kept_context import first_page, kept_context
from tests.support.loopback import at_one_address

WRITE = """() => {
  const write = (text) => {
    for (const storage of [localStorage, sessionStorage]) storage.setItem(text, text);
    document.cookie = `${text}=1`;
    window.name = text;
  };
  write("then");
  addEventListener("pagehide", () => write("late"));
  return caches.open("files").then(() => new Promise((done) => { indexedDB.open("base").onsuccess = done; })).then(() => 1);
}"""
READ = """async () => [
  [localStorage, sessionStorage].map((storage) => Object.keys(storage)), document.cookie, window.name,
  await caches.keys(), (await indexedDB.databases()).map((one) => one.name),
]"""


def _page(environ: dict[str, str], start: Callable[..., object]) -> Iterable[bytes]:
    start("200 OK", [("Content-Type", "text/html"), ("Cache-Control", "no-store")])
    return [b"<!doctype html><title>page</title>"]


def test_kept_context_has_nothing_of_the_test_before(browser: Browser) -> None:
    addresses, contexts, pages = set(), set(), set()
    for _ in range(2):
        with at_one_address(_page) as address, kept_context(browser, address) as context:
            addresses.add(address)
            contexts.add(id(context))
            page = first_page(context)
            pages.add(page)
            page.goto(address)
            assert page.evaluate(READ) == [[[], []], "", "", [], []]
            assert page.evaluate(WRITE) == 1
            assert page.evaluate(READ) == [[["then"], ["then"]], "then=1", "then", ["files"], ["base"]]
            with page.expect_popup() as opened:
                page.evaluate("open('/other')")
            opened.value.wait_for_load_state()
    assert (len(addresses), len(contexts), len(pages)) == (1, 1, 1)
