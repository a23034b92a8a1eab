"""Translation, and names, amounts and dates as a locale writes them."""

from __future__ import annotations

from pathlib import Path

TRANSLATIONS = Path(__file__).parents[2] / "translations"
