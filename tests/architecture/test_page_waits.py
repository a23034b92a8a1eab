"""A browser test waits for the page it means before it looks at it: after a press, the old page stands for a while."""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).parents[1]
# A statement that ends in a press, and the next one, which looks at the page as it stands.
_TOO_SOON = re.compile(r"\.click\(\)\n +(?:assert )?(?:\w+\.)?(?:look|flaws|flaws_at|is_wider|keep_picture)\(")


def too_soon(text: str) -> list[str]:
    """Where a page is looked at right after a press, as texts of two lines."""
    return _TOO_SOON.findall(text)


def test_pages_are_looked_at_once_what_a_press_leads_to_is_there() -> None:
    files = sorted(FOLDER.glob("browser/**/*.py"))
    assert files
    assert {file.name: found for file in files if (found := too_soon(file.read_text()))} == {}


def test_page_looked_at_right_after_a_press_is_found() -> None:
    assert too_soon('    link.click()\n    look(page, "next")\n')
    assert too_soon("    link.click()\n    assert hands.flaws() == []\n")
    assert too_soon("    link.click()\n    assert flaws_at(page, 'next', SIZES) == []\n")
    assert not too_soon('    link.click()\n    page.get_by_role("heading").wait_for()\n    look(page, "next")\n')
