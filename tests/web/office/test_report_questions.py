"""Rows of reports open what they are about, for whoever may see it."""

from __future__ import annotations

import re
from html import unescape

from pos.reports.listed import GROUPS, reports
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


def test_report_list_groups_each_report_once_and_finds_it_by_its_words(books: Clinic) -> None:
    named = [name for _, names in GROUPS for name in names]
    assert sorted(named) == sorted(set(named)) == sorted(reports())
    web = browser_of(books, "manager")
    page = web.get("/office/reports").text
    heads = [unescape(head) for head in re.findall(r'<h2 id="group-\d+">([^<]*)</h2>', page)]
    assert heads == ["Sales", "Packages and credits", "People", "Till", "Books", "Clients"]
    found = web.get("/office/reports?search=TIPS+paid").text
    assert re.findall(r'<a class="open" href="/office/reports/([^"]+)">', found) == ["tips", "tips-paid-out"]
    assert "No report fits" in web.get("/office/reports?search=weather").text
