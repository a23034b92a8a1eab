"""Rows of reports open what they are about, for whoever may see it."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from pos.domain.locations.models import ReviewLimit
from pos.reports.listed import GROUPS, reports
from tests.support.clinic import Clinic
from tests.web.permissions.asking import browser_of

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
    assert re.findall(r'<a class="open" href="/office/reports/([^"]+)">', found) == [
        "tips",
        "tip-lines",
        "tips-paid-out",
    ]
    assert "No report fits" in web.get("/office/reports?search=weather").text


LIMITS = {
    "void_minor": "5.00", "cash_refund_minor": "0", "discount_percent": "12.5", "no_sale_minutes": "30", "shortages": "2",
    "extension_days": "7",
}  # fmt: skip
SETTING = "/office/settings/events-to-review?location=riverside"


def send(web: FlaskClient, form: dict[str, str], page: str = SETTING) -> TestResponse:
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', web.get(SETTING).text)
    assert token
    return web.post(page, data={"csrf_token": token[1], **form})


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("void_minor", "five", "is not an amount"),
        ("discount_percent", "101", "Write a percentage"),
        ("shortages", "0", "whole number from 1 to 100"),
        ("no_sale_minutes", "1e3", "whole number from 0 to 240"),
    ],
)
def test_review_limits_refused_say_why_and_keep_what_was_typed(
    books: Clinic, field: str, typed: str, said: str
) -> None:
    web = browser_of(books, "manager")
    page = send(web, LIMITS | {field: typed})
    assert page.status_code == 422
    text = unescape(page.text)
    assert f'value="{typed}"' in text
    assert 'value="12.5"' in text or field == "discount_percent"
    assert f'id="{field}-error"' in text
    assert said in text
    assert books.count(ReviewLimit) == 0


def test_review_limits_are_of_one_location_and_are_shown_again(books: Clinic) -> None:
    web = browser_of(books, "manager")
    assert send(web, LIMITS).status_code == 303
    page = web.get(SETTING).text
    assert all(f'value="{text}"' in page for text in ("5.00", "12.5", "30", "7"))
    other = send(web, LIMITS, SETTING.replace("riverside", "altstadt"))
    assert (other.status_code, books.count(ReviewLimit)) == (404, 1)
    assert "is set under Settings, Events to review" in web.get("/office/reports/events-to-review").text
