"""A real browser at a desk: the application served on a loopback port, hands that count what they do."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from playwright.sync_api import Browser, Error, Page
from sqlalchemy.orm import Session

from pos.domain.catalogue.models import Item
from tests.support.axe import flaws
from tests.support.cards import Till
from tests.support.clinic import Clinic
from tests.support.held_timers import held_timers
from tests.support.kept_context import first_page, kept_context
from tests.support.loopback import at_one_address

# The shortest timer that the page starts at a key (END of key_meaning.js), milliseconds.
SCAN_ENDS = 300


@contextmanager
def served(clinic: Clinic) -> Iterator[str]:
    """The application of a world on a free port; gives its address. The add-ons get their single keys."""

    def give_keys(session: Session) -> None:
        for name, key in (("aromatherapy", "A"), ("cupping", "C"), ("hot_compress", "H")):
            session.get_one(Item, clinic.items[name]).key = key

    clinic.write(give_keys)
    with at_one_address(clinic.app) as address:
        yield address


@contextmanager
def desk_page(
    browser: Browser,
    base: str,
    clinic: Clinic,
    *,
    desk: int = 0,
    size: tuple[int, int] = (1366, 768),
    theme: Literal["light", "dark"] = "light",
    touch: bool = False,
) -> Iterator[Page]:
    """The register at a desk of the first location, signed in as the receptionist; an error of the page fails the test.

    Its service worker is blocked, as in every test of the register but `test_offline.py` and the journeys: it takes over the
    page whenever the machine finds the time, a route of Playwright then misses requests, and it fetches every file again.
    """
    errors: list[str] = []

    def note(error: Error) -> None:
        errors.append(error.stack or str(error))

    with kept_context(browser, base, touch=touch) as context:
        for name, value in (
            ("tp_register", clinic.desk_cookie(clinic.receptionist, clinic.usd.desks[desk])),
            ("tp_desk", str(clinic.usd.desks[desk])),
        ):
            context.add_cookies([{"name": name, "value": value, "url": f"{base}/register"}])
        page = first_page(context)
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        page.set_default_timeout(10_000)
        page.on("pageerror", note)
        page.goto(f"{base}/register/")
        page.wait_for_selector(".price-key, .ticket[data-state=waiting]")
        yield page
        # Before the page is left, which interrupts what it is at.
        assert errors == [], errors
        page.remove_listener("pageerror", note)


@contextmanager
def first_desk(browser: Browser, clinic: Clinic) -> Iterator[Page]:
    """`desk_page` at the first desk of a clinic that is not served yet."""
    with served(clinic) as base, desk_page(browser, base, clinic) as page:
        yield page


def to_ticket(page: Page) -> None:
    """Bring the ticket to the front, where the window is too narrow for both and it is behind a tab."""
    tab = page.locator("[data-pane-choice=ticket]")
    if tab.is_visible():
        tab.click()


class DeskUser:
    """Somebody at the desk. `actions` counts what a person does: finding a client, one press, one key."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.actions = 0

    def find(self, typed: str, shown: str) -> None:
        """Type a name and choose the first one found."""
        self.page.keyboard.type(typed)
        self.page.keyboard.press("Enter")
        self.page.wait_for_selector(f".ticket h2:text-is('{shown}')")
        self.actions += 1

    def press(self, name: str) -> None:
        """Press a key of the shelf or the ticket by what it says."""
        self.page.get_by_role("button", name=name).first.click()
        self.actions += 1

    def rest(self, millis: int = 400) -> None:
        """Let so much time pass by the page's clock: two presses of one key sooner than 350 ms are one."""
        began = self.page.evaluate("performance.now()")
        self.page.wait_for_function("([began, millis]) => performance.now() - began > millis", arg=[began, millis])

    def key(self, key: str) -> None:
        """Press one key of the keyboard: a letter with the modifier of commands."""
        self.page.keyboard.press(f"Alt+{key}" if len(key) == 1 and key.isalpha() else key)
        self.actions += 1

    def scan(self, text: str, *, enter: bool = True) -> None:
        """Scan a code: keys 10 ms apart."""
        keys = [*text, *(["Enter"] if enter else [])]
        self.replay(keys, [10] * len(keys))

    def replay(self, keys: list[str], gaps: list[int]) -> None:
        """Press keys by their own time stamps, milliseconds apart, however slowly this machine hands them over."""
        browser, at = self.page.context.new_cdp_session(self.page), time.time()
        with held_timers(self.page) as pass_time:
            for key, gap in zip(keys, gaps, strict=True):
                at += gap / 1000
                if gap >= SCAN_ENDS:
                    pass_time(gap)
                text, code = ("\r", 13) if key == "Enter" else (key, ord(key.upper()))
                shared = {"key": key, "windowsVirtualKeyCode": code, "timestamp": at}
                browser.send("Input.dispatchKeyEvent", {"type": "keyDown", "text": text, **shared})
                browser.send("Input.dispatchKeyEvent", {"type": "keyUp", **shared})
        browser.detach()

    def state(self, name: str) -> None:
        """Wait until the ticket is in a state."""
        self.page.wait_for_selector(f".ticket[data-state={name}]")

    def card_is_held(self, till: Till) -> None:
        """Hold a card to the reader when the page asks for it, and wait until it is paid."""
        self.page.wait_for_selector("text=hold the card to the reader")
        till.tap()
        self.state("paid")

    def due(self, text: str) -> None:
        """Wait until the due amount is `text` and settled."""
        self.page.wait_for_selector(f".ticket-due output:not(.old):text-is('{text}')")

    def flaws(self, *, known: bool = False) -> list[str]:
        """What axe finds, and whether the page is wider than its window; `known`: as in `axe.flaws`."""
        return flaws(self.page, known=known)
