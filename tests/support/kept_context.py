"""Browser contexts that are used again, each with its page: they have the application's files already, and nothing else of
earlier tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakKeyDictionary

from playwright.sync_api import Browser, BrowserContext, Page

from tests.support.loopback import beside

# What a page may leave behind, of what Chromium can clear; the cache of files is not among it.
_STORAGES = "file_systems,indexeddb,local_storage,cache_storage,service_workers,storage_buckets"
# Where a page waits for its next test: at the application's address, so that its process stays, with the files it has read.
_BLANK = "/script-of-the-tests/blank.js"
beside[_BLANK] = b""
_CLEARED = "() => { sessionStorage.clear(); window.name = ''; }"

# Of each browser, by whether it is touched.
_kept: WeakKeyDictionary[Browser, dict[bool, BrowserContext]] = WeakKeyDictionary()


def is_kept(context: BrowserContext) -> bool:
    """Whether a context is one that waits for its next test."""
    return any(context in kept.values() for kept in _kept.values())


def first_page(context: BrowserContext) -> Page:
    """The page that a context keeps, blank. Reading the register in a new one takes twice the processor time.

    It has its size, colours and timeouts of the test before. A test that listens to it takes its listener off; one that
    gives it an init script closes it.
    """
    return context.pages[0] if context.pages else context.new_page()


@contextmanager
def kept_context(browser: Browser, address: str, *, touch: bool = False) -> Iterator[BrowserContext]:
    """A context without cookies and storage, and with at most a blank page. Opening the register in a new one reads 80
    files, a third of the time.

    Sizes and colours are set on a page; an init script or another option needs a context of its own.
    """
    kept = _kept.setdefault(browser, {})
    context = kept.pop(touch, None) or browser.new_context(
        has_touch=touch, reduced_motion="reduce", service_workers="block"
    )
    try:
        yield context
        _clear(context, address)
    except BaseException:
        context.close()
        raise
    if touch in kept:  # two were open at once
        context.close()
    else:
        kept[touch] = context


def _clear(context: BrowserContext, address: str) -> None:
    context.unroute_all()
    page = next((one for one in context.pages if not one.opener()), None) or context.new_page()
    for other in context.pages:
        if other is not page:
            other.close()
    page.unroute_all()
    # What a page writes as it is left is cleared too.
    page.goto(address + _BLANK)
    page.evaluate(_CLEARED)
    page.mouse.move(0, 0)
    session = context.new_cdp_session(page)
    session.send("Storage.clearDataForOrigin", {"origin": address, "storageTypes": _STORAGES})
    session.send("Page.resetNavigationHistory")
    session.detach()
    context.clear_cookies()
    context.clear_permissions()
    context.set_offline(False)
