"""Every address that a page or a view asks for by name is there, also on pages that no test opens."""

from __future__ import annotations

import re

from tests.support.clinic import Clinic
from tests.support.paths import ROOT

_NAMED = re.compile(r"""url_for\(\s*["']([\w.]+)["']""")


def test_url_for_names_existing_endpoints_only(clinic: Clinic) -> None:
    known = set(clinic.app.view_functions)
    missing = [
        f"{path.relative_to(ROOT)}: {name}"
        for top in ("templates", "web")
        for path in sorted((ROOT / "pos" / top).rglob("*"))
        if path.suffix in (".py", ".html", ".txt") and "dev_mailbox" not in path.parts
        for name in _NAMED.findall(path.read_text(encoding="utf-8"))
        if name not in known
    ]
    assert missing == []
