"""Pictures of pages, for whoever wants to look at them: in the folder that TENDERPOINT_SHOTS names, else none."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Page

_FOLDER = os.environ.get("TENDERPOINT_SHOTS")


def are_kept() -> bool:
    """Whether somebody wants pictures."""
    return bool(_FOLDER)


def keep_picture(page: Page, name: str, *, whole: bool = False) -> None:
    """Keep a picture of the window, or of the whole page."""
    if _FOLDER:
        Path(_FOLDER).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(_FOLDER) / f"{name}.png", full_page=whole)
