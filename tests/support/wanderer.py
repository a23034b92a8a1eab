"""Somebody who presses whatever a page offers, and remembers every text that it showed."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import suppress
from typing import Any

from playwright.sync_api import Error, Page

# Texts that are shown or read aloud, from now on.
_RECORD = """() => {
  if (window.seenTexts) return;
  const seen = (window.seenTexts = new Set());
  const names = ["title", "aria-label", "placeholder", "alt"];
  const look = (root) => {
    const walk = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let node = walk.currentNode; node; node = walk.nextNode()) {
      if (node instanceof Element) for (const name of names) seen.add(node.getAttribute(name) ?? "");
      else if (!node.parentElement?.closest("script, style, template, noscript, kbd")) seen.add(node.textContent);
    }
  };
  look(document.body);
  new MutationObserver((changes) => {
    for (const { type, target, addedNodes } of changes) type === "childList" ? addedNodes.forEach(look) : look(target);
  }).observe(document.body, {
    subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: names,
  });
}"""
# What can be pressed or filled in where it stands, numbered: number, element, kind, what it says, its dialog.
_OFFERED = """() => {
  const inSight = (one) => {
    const box = one.getBoundingClientRect();
    const top = box.width ? document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2) : null;
    return top && (one.contains(top) || top.contains(one)) && !one.disabled;
  };
  const all = [...document.querySelectorAll("button, summary, input:not([type=hidden]), select, textarea")];
  all.forEach((one, at) => { one.dataset.offered = String(at); });
  return all.filter(inSight).map((one) => [
    one.dataset.offered, one.tagName, one.type ?? "", one.dataset.focus ?? one.name ?? one.textContent,
    one.closest("dialog")?.id ?? "",
  ]);
}"""
_SAID = "() => [...(window.seenTexts ?? [])]"
TYPED = ("nunez", "nobody", "7", "12.50", "99999", "0", "-5", "2026-01-01")
_OF_KIND = {"date": "2026-11-23", "time": "10:00", "number": "7"}


class Wanderer:
    """Presses what was pressed least. Never the same way twice: what is next depends on how fast the page answers."""

    def __init__(self, page: Page, seed: int) -> None:
        self.page, self.home = page, page.url
        self.choose = random.Random(seed)
        self.pressed: Counter[tuple[str, str]] = Counter()
        self.texts: set[str] = set()
        page.evaluate(_RECORD)

    def step(self) -> None:
        """Press or fill in one thing; a page that was left is opened again."""
        with suppress(Error):  # what was there a moment ago may be gone
            self._press()
        with suppress(Error):
            self.texts.update(self.page.evaluate(_SAID))
        if not self.page.url.startswith(self.home):
            self.page.goto(self.home)
        with suppress(Error):
            self.page.evaluate(_RECORD)

    def _press(self) -> None:
        offered: list[list[Any]] = self.page.evaluate(_OFFERED)
        if not offered or self.choose.random() < 0.05:
            self.page.keyboard.press("Escape")
            return
        often = [self.pressed[said, dialog] for *_, said, dialog in offered]
        number, element, kind, said, dialog = self.choose.choices(offered, [1 / (1 + count) ** 2 for count in often])[0]
        self.pressed[said, dialog] += 1
        found = self.page.locator(f"[data-offered='{number}']")
        if element == "SELECT":
            found.select_option(index=self.choose.randrange(3), timeout=500)
        elif element in ("INPUT", "TEXTAREA") and kind not in ("checkbox", "radio", "submit"):
            found.fill(_OF_KIND.get(kind) or self.choose.choice(TYPED), timeout=500)
            if self.choose.random() < 0.5:
                found.press("Enter", timeout=500)
        else:
            found.click(timeout=500)
