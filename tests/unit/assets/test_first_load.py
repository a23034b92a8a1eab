"""What a tablet loads before the desk can be used: no more than it was found to be quick with, over a slow line too."""

from __future__ import annotations

import re
from pathlib import Path

from pos.web.common.compression import compressed
from tests.support.paths import ROOT

STATIC = ROOT / "pos/static"
# Of 200 kB in all; the page itself, the state of the desk and the headers of each answer take the rest.
MOST_BYTES = 165_000
_IMPORT = re.compile(r'^(?:import|export)\b[^;]*?"(\.[^"]+)"', re.MULTILINE)


def loaded_with(script: Path, seen: set[Path]) -> set[Path]:
    """A script and all that it names in an `import` of its own; not what it loads later, by `import()`."""
    if script not in seen:
        seen.add(script)
        for name in _IMPORT.findall(script.read_text(encoding="utf-8")):
            loaded_with((script.parent / name).resolve(), seen)
    return seen


def test_register_first_load_stays_small_and_leaves_dialogs_for_later() -> None:
    files = loaded_with(STATIC / "js/register/desk.js", set())
    assert {"cart.js", "ticket.js", "search.js"} <= {path.name for path in files}
    assert not {"sales.js", "refund.js", "shift.js", "client_sheet.js"} & {path.name for path in files}
    files |= {STATIC / "css" / f"{name}.css" for name in ("tokens", "base", "components", "register")}
    files.add(STATIC / "icons.svg")
    [font] = STATIC.glob("vendor/inter-*/inter-latin.woff2")
    assert font.stat().st_size + sum(len(compressed(path.read_bytes(), "br")) for path in files) <= MOST_BYTES
