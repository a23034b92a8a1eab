"""The register's own modules, called in a page: drafts and how often a payment is asked about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

from tests.support.cards import CARDS
from tests.support.clinic import Clinic
from tests.support.desk_user import DeskUser

pytestmark = CARDS


def in_page(page: Page, module: str, body: str) -> Any:
    """Evaluate `body` with a module of the register as `m`."""
    address = "document.querySelector(\"script[src*='register/desk.js']\").src.replace('desk.js', '" + module + ".js')"
    return page.evaluate(f"async () => {{ const m = await import({address}); {body} }}")


def test_drafts_change_without_losing_anything(sit_down: Callable[..., DeskUser], clinic: Clinic) -> None:
    page = sit_down().page
    assert in_page(
        page,
        "cart_draft",
        """const oil = {item_id: "o", kind: "retail"}, foot = {item_id: "f", kind: "variant"};
        let draft = m.addItem(m.emptyDraft(), oil, "1");
        draft = m.addItem(m.addItem(m.addItem(draft, oil, "2"), foot, "3"), foot, "4");
        const counts = draft.lines.map((line) => [line.line_id, line.quantity]);
        const named = m.addItem(m.changeLine(draft, "3", {therapist_id: "jo"}), foot, "5").lines.at(-1).therapist_id;
        const refused = m.toggleCredits(draft, new Set(["3"])).lines.map((line) => line.credit);
        const back = m.toggleCredits(m.toggleCredits(draft, new Set(["3"])), new Set()).lines.map((line) => line.credit);
        const tipped = m.toggleTip(draft, "10");
        const bare = ["1", "3", "4"].reduce((rest, id) => m.removeLine(rest, id), tipped);
        return [counts, named, refused, back, m.toggleTip(tipped, "10").tip, bare.tip, m.sameContent(draft, tipped)];""",
    ) == [
        [["1", 2], ["3", 1], ["4", 1]],
        "jo",
        ["auto", "none", "auto"],
        ["auto", "auto", "auto"],
        None,
        None,
        False,
    ]
    assert in_page(
        page, "card_payment", "return [m.pace('pending', 0), m.pace('pending', 30), m.pace('declined', 0)]"
    ) == [
        1000,
        2000,
        5000,
    ]
