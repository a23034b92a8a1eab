"""The answers of docs/clinic.toml, for tests that set a clinic up."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def example() -> tuple[dict[str, str], list[dict[str, object]]]:
    """The answers of docs/clinic.toml as texts, and its people."""
    found = tomllib.loads((ROOT / "docs/clinic.toml").read_text(encoding="utf-8"))
    staff = found.pop("staff")
    texts = {
        name: "\n".join(value)
        if isinstance(value, list)
        else str(value).lower()
        if isinstance(value, bool)
        else str(value)
        for name, value in found.items()
    }
    return texts, staff
