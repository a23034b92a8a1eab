"""Rows of reports open what they are about, for whoever may see it."""

from __future__ import annotations

import re

from tests.support.clinic import Clinic
from tests.web.permissions.permission_matrix import browser_of

DAYS = "from=2026-06-01&to=2027-06-30"


def test_report_rows_open_what_they_are_about(books: Clinic) -> None:
    manager = browser_of(books, "manager")
    page = manager.get(f"/office/reports/expiring-credits?{DAYS}").text
    opened = re.findall(r'<td[^>]*><a class="open" href="([^"]+)">', page)
    assert {address.split("/")[2] for address in opened} == {"clients", "packages"}
    assert {manager.get(address).status_code for address in opened} == {200}
    assert browser_of(books, "bookkeeper").get(f"/office/reports/expiring-credits?{DAYS}").status_code == 403
