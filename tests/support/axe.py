"""What axe finds on a page, asked once its colours have settled."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.support.loopback import beside
from tests.support.pictures import are_kept, keep_picture

# A change of the colour scheme reaches the elements frame by frame, and runs through transitions even where they are short.
# Five seconds at most, then the page is looked at as it is: an animation without an end, or a window that is not drawn, must
# not hold a test.
_SETTLED = """async () => {
  const until = performance.now() + 5000;
  const rest = (millis) => new Promise((done) => setTimeout(done, millis));
  const frame = () => Promise.race([new Promise((done) => requestAnimationFrame(done)), rest(500)]);
  const moving = () => document.getAnimations().filter((one) => one.effect.getComputedTiming().endTime !== Infinity);
  for (let still = 0; still < 3 && performance.now() < until; still = moving().length ? 0 : still + 1) {
    await Promise.race([Promise.allSettled(moving().map((one) => one.finished)), rest(1000)]);
    await frame();
  }
}"""


# Contrast is more than half of what axe costs, and it follows from colours, backgrounds and the size of the text. What was
# good once in this process is not asked about again: an element of the same classes with the same of these, in elements of
# which that holds too. What is hidden, and what axe cannot tell because something lies over it, is asked each time. Text
# that is laid over an element it is not in looks as it does elsewhere: its contrast there is not asked.
_ONCE_FOR_EACH_COLOUR = """
(() => {
  const rule = axe._audit.rules.find((one) => one.id === "color-contrast");
  const check = axe._audit.checks["color-contrast"];
  const [matches, evaluate] = [rule.matches, check.evaluate];
  let [known, good, looks] = [new Set(), new Set(), new Map()];
  const hash = (text) => {
    let [one, other] = [1, 2];
    for (let at = 0; at < text.length; at += 1) {
      one = Math.imul(one ^ text.charCodeAt(at), 2654435761);
      other = Math.imul(other ^ text.charCodeAt(at), 1597334677);
    }
    return (one >>> 0).toString(36) + (other >>> 0).toString(36);
  };
  const look = (node) => {
    if (!(node instanceof Element)) return "";
    if (!looks.has(node)) {
      const { color, backgroundColor, backgroundImage, opacity, fontSize, fontWeight, textShadow } = getComputedStyle(node);
      const own = [color, backgroundColor, backgroundImage, opacity, fontSize, fontWeight, textShadow];
      looks.set(node, hash([look(node.parentNode), node.localName, node.className, ...own].join()));
    }
    return looks.get(node);
  };
  const shows = (node) =>
    node.shadowRoot || node.matches("input, select, textarea") || [...node.childNodes].some((one) => one.data?.trim());
  rule.matches = (node, ...rest) => shows(node) && !known.has(look(node)) && matches(node, ...rest);
  check.evaluate = function (node, ...rest) {
    const found = evaluate.call(this, node, ...rest);
    if (found && axe.commons.dom.isVisibleOnScreen(node)) good.add(look(node));
    return found;
  };
  axe.ask = async (options, before) => {
    [known, good, looks] = [new Set(before.split(" ")), new Set(), new Map()];
    const { violations } = await axe.run(options);
    return [violations, [...good]];
  };
})();
"""
_SCRIPT = Axe().axe_script + _ONCE_FOR_EACH_COLOUR
AXE = "/script-of-the-tests/axe.js"
beside[AXE] = _SCRIPT.encode()
# False where the page may not load scripts, or its server does not have this one.
_IMPORTED = f"() => typeof axe !== 'undefined' || import('{AXE}').then(() => true, () => false)"
_good_colours: set[str] = set()
_ALL = {"resultTypes": ["violations"]}
# What can break by another colour scheme alone, and what by another size of the window.
_BY_SCHEME = ["color-contrast"]
_BY_SIZE = [*_BY_SCHEME, "target-size", "scrollable-region-focusable"]

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


# A window that was made narrower is laid out anew frame by frame: wider is what stays so for a second. One that is not drawn
# has no frames.
_WIDER = """async () => {
  for (let frames = 0; frames < 60; frames += 1) {
    if (document.documentElement.scrollWidth <= innerWidth) return false;
    await new Promise((done) => { requestAnimationFrame(done); setTimeout(done, 100); });
  }
  return true;
}"""
# Whether axe is asked about a page again in another size or colour scheme: in the long run.
_is_asked_again = [False]


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
    found = _broken(page, _BY_SIZE if known else None)
    if not known:
        found += [f"covered: {one}" for one in page.evaluate(_COVERED)]
    if is_wider(page):
        found.append("wider than the window")
    return found


def flaws_at(
    page: Page,
    name: str,
    sizes: Mapping[str, tuple[int, int]],
    *,
    arrange: Callable[[Page], object] = lambda page: None,
    whole: bool = False,
) -> list[str]:
    """The flaws of a page at each size: all of them at the first, then what another size can break, and what dark colours
    can at the last. Where the page is not asked about again, its width is. It is left as it was at the first.

    `arrange` brings to the front what is looked at. Pictures are kept where they are wanted, of the window or `whole`.
    """
    first, last = next(iter(sizes)), [*sizes][-1]
    found = []
    for size, (width, height) in sizes.items():
        page.set_viewport_size({"width": width, "height": height})
        arrange(page)
        found += [f"{name}, {size}: {flaw}" for flaw in flaws(page, known=size != first)]
        keep_picture(page, f"{name}-{size}-light", whole=whole)
        if are_kept() or (is_asked_again() and size == last):
            page.emulate_media(color_scheme="dark", reduced_motion="reduce")
            found += [f"{name}, {size}, dark: {flaw}" for flaw in _broken(page, _BY_SCHEME)]
            keep_picture(page, f"{name}-{size}-dark", whole=whole)
            page.emulate_media(color_scheme="light", reduced_motion="reduce")
    width, height = sizes[first]
    page.set_viewport_size({"width": width, "height": height})
    return found


def _broken(page: Page, rules: list[str] | None) -> list[str]:
    """What these rules of axe, or all, find once colours have settled."""
    page.evaluate(_SETTLED)
    if not page.evaluate(_IMPORTED):
        page.evaluate(_SCRIPT)
    options = _ALL | ({"runOnly": {"type": "rule", "values": rules}} if rules else {})
    violations, good = page.evaluate("([options, good]) => axe.ask(options, good)", [options, " ".join(_good_colours)])
    _good_colours.update(good)
    found = []
    for broken in violations:
        node = broken["nodes"][0]
        found.append(f"{broken['id']} at {node['target']}: {node['html'][:120]} {node['failureSummary'][:240]}")
    return found
