"""A page whose timers stand still while keys with times of their own are handed to it, however long that takes here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Page

# A held timer keeps its number after it is let go: `clearTimeout` must still find it.
_HOLD = """() => {
  if (!window.heldTimers) {
    const [start, stop] = [window.setTimeout, window.clearTimeout];
    const [waiting, started] = [new Map(), new Map()];
    let [isHolding, last] = [false, 0];
    window.setTimeout = (run, after = 0, ...rest) => {
      if (!isHolding) return start(run, after, ...rest);
      waiting.set(--last, { run: () => run(...rest), after });
      return last;
    };
    window.clearTimeout = (id) => {
      waiting.delete(id);
      stop(started.get(id) ?? id);
    };
    window.heldTimers = {
      hold: () => { isHolding = true; },
      pass: (millis) => {
        for (const one of waiting.values()) one.after -= millis;
        for (const [id, one] of [...waiting]) if (one.after <= 0 && waiting.delete(id)) one.run();
      },
      release: () => {
        isHolding = false;
        for (const [id, one] of waiting) started.set(id, start(one.run, one.after));
        waiting.clear();
      },
    };
  }
  window.heldTimers.hold();
}"""


@contextmanager
def held_timers(page: Page) -> Iterator[Callable[[int], None]]:
    """Hold the timers that the page starts; gives what lets so many milliseconds pass for them."""
    page.evaluate(_HOLD)
    try:
        yield lambda millis: page.evaluate("(millis) => window.heldTimers.pass(millis)", millis)
    finally:
        page.evaluate("window.heldTimers.release()")
