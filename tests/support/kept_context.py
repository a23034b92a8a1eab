"""Browser contexts that are used again: they have the application's files already, and nothing else of earlier tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakKeyDictionary

from playwright.sync_api import Browser, BrowserContext

# What a page may leave behind, of what Chromium can clear; the cache of files is not among it.
_STORAGES = "file_systems,indexeddb,local_storage,cache_storage,service_workers,storage_buckets"

# Of each browser, by whether it is touched.
_kept: WeakKeyDictionary[Browser, dict[bool, BrowserContext]] = WeakKeyDictionary()


def is_kept(context: BrowserContext) -> bool:
    """Whether a context is one that waits for its next test."""
    return any(context in kept.values() for kept in _kept.values())


@contextmanager
def kept_context(browser: Browser, address: str, *, touch: bool = False) -> Iterator[BrowserContext]:
    """A context without pages, cookies and storage. Opening the register in a new one reads 80 files, a third of the time.

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
    page, *others = context.pages or [context.new_page()]
    for other in others:
        other.close()
    # What a page writes as it is left is cleared too.
    page.unroute_all()
    page.goto("about:blank")
    session = context.new_cdp_session(page)
    session.send("Storage.clearDataForOrigin", {"origin": address, "storageTypes": _STORAGES})
    page.close()
    context.clear_cookies()
    context.clear_permissions()
    context.set_offline(False)
