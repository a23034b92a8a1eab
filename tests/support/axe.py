"""What axe finds on a page, asked once its colours have settled."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# A change of the colour scheme reaches the elements frame by frame, and runs through transitions even where they are short.
_SETTLED = """async () => {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const moving = () => document.getAnimations().filter((one) => one.effect.getComputedTiming().endTime !== Infinity);
  for (let still = 0; still < 3; still = moving().length ? 0 : still + 1) {
    await Promise.allSettled(moving().map((one) => one.finished));
    await frame();
  }
}"""


_SCRIPT = Axe().axe_script
_ALL = {"resultTypes": ["violations"]}
# What can break by another size of the window or another colour scheme alone.
_LOOKS = _ALL | {
    "runOnly": {"type": "rule", "values": ["color-contrast", "target-size", "scrollable-region-focusable"]}
}

# In a row that is a link as a whole, a control may lie beneath it: seen, reached by keyboard, but never by mouse or finger.
_COVERED = """() => {
  const found = [];
  const [x, y] = [scrollX, scrollY];
  const reached = document.querySelector("dialog:modal") ?? document;
  for (const row of reached.querySelectorAll("tbody > tr:first-child")) {
    const controls = ":is(a[href], button, input, select, summary, .grip):not([hidden], :disabled)";
    for (const control of row.querySelectorAll(controls)) {
      if (!control.checkVisibility() || control.type === "hidden") continue;
      control.scrollIntoView({ block: "center", inline: "center" });
      const [box] = control.getClientRects();  // of a link over two lines: the first
      const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
      const link = hit?.closest("a.open");
      if (link && !link.contains(control)) found.push([control, link].map((one) => one.outerHTML.slice(0, 99)).join(" by "));
    }
  }
  scrollTo(x, y);
  return found;
}"""


# A window that was made narrower is laid out anew frame by frame: wider is what stays so for a second.
_WIDER = """async () => {
  for (let frames = 0; frames < 60; frames += 1) {
    if (document.documentElement.scrollWidth <= innerWidth) return false;
    await new Promise((done) => requestAnimationFrame(done));
  }
  return true;
}"""
# Whether axe is asked about a page again in another size or colour scheme: not in the short run of tests with `looks`.
_is_asked_again = [True]


@contextmanager
def asked_again(again: bool) -> Iterator[None]:
    """Whether `known` pages are asked about while the block runs; their width always is."""
    before, _is_asked_again[0] = _is_asked_again[0], again
    yield
    _is_asked_again[0] = before


def is_asked_again() -> bool:
    """Whether a page is looked at in another size or colour scheme too."""
    return _is_asked_again[0]


def is_wider(page: Page) -> bool:
    """Whether a page is wider than its window, once it is there: a caller waits for the page it means first."""
    page.wait_for_load_state()
    return bool(page.evaluate(_WIDER))


def flaws(page: Page, *, known: bool = False) -> list[str]:
    """Each rule of axe that is broken, with the first element and why; covered controls; a page wider than its window.

    `known`: all rules have been asked about this page as it is, in another size or colour scheme.
    """
    if known and not is_asked_again():
        return ["wider than the window"] if is_wider(page) else []
    page.evaluate(_SETTLED)
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(_SCRIPT)
    found = []
    for broken in page.evaluate("(options) => axe.run(options)", _LOOKS if known else _ALL)["violations"]:
        node = broken["nodes"][0]
        found.append(f"{broken['id']} at {node['target']}: {node['html'][:120]} {node['failureSummary'][:240]}")
    if not known:
        found += [f"covered: {one}" for one in page.evaluate(_COVERED)]
    if is_wider(page):
        found.append("wider than the window")
    return found
