"""Each question a manager or bookkeeper asks is answered three clicks from the front page, and the page holds together."""

from __future__ import annotations

import re
from html import escape
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.office.test_pages import base, enter
from tests.support.axe import flaws, is_wider
from tests.support.clinic import Clinic
from tests.support.pictures import keep_picture

__all__ = ["base"]  # fixtures
pytestmark = [pytest.mark.parametrize("database", ["sqlite"], indirect=True)]
# What is asked, and the report whose page answers it, by its name on the page of reports.
QUESTIONS = {
    "What did we sell, item by item, with discounts and tax?": "Sales by item",
    "What does each therapist bring?": "Sales by therapist",
    "Which hours and weekdays sell?": "Sales by hour",
    "How were sales paid?": "Sales by tender",
    "What is an average ticket, with and without credits?": "Average ticket",
    "How often are add-ons bought?": "Add-ons",
    "Who took what off prices, and who approved it?": "Discounts",
    "What was refunded and voided, and by whom?": "Refunds and voids",
    "Which packages are sold, used and live?": "Packages",
    "What do we owe in sessions, gift cards and account credit?": "Owed to clients",
    "How did what is owed in sessions change?": "Owed in sessions",
    "How old are the credits?": "Credits by age",
    "Whose credits expire, and how do I reach them?": "Credits that expire",
    "What was never used?": "Breakage",
    "Who buys again?": "Renewals",
    "What do we owe in tips, and who was paid?": "Tips",
    "What does each person earn in commission?": "Commissions",
    "How did the drawers close?": "Drawers and Z reports",
    "What tax is due, by rate?": "Tax by rate",
    "What are the balances of the accounts?": "Trial balance",
    "Which receipts were written?": "Receipts and credit notes",
    "What do cards cost?": "Card fees",
    "What did Stripe pay out?": "Payouts",
    "Which clients are new?": "New and returning clients",
    "What does a client bring?": "Client value",
}


def test_report_questions_are_answered_in_three_clicks(books: Clinic, base: str, browser: Browser) -> None:
    page = enter(browser, base, books, 1366, 900, "light")
    page.goto(f"{base}/office/")
    page.get_by_role("navigation", name="Office").get_by_role("link", name="Money").click()  # one
    page.get_by_role("link", name="Reports", exact=True).click()  # two
    expect(page.get_by_role("heading", name="Reports", exact=True)).to_be_visible()
    assert flaws(page) == []
    keep_picture(page, "report-list-1366-light", whole=True)
    links = page.locator(".report-groups").get_by_role("link")
    for title in QUESTIONS.values():
        link = links.and_(page.get_by_role("link", name=title, exact=True))
        expect(link).to_be_visible()
        answer = page.request.get(urljoin(base, str(link.get_attribute("href"))))
        assert re.search(rf"<h1[^>]*>\s*{escape(title)}\s*<", answer.text()), title
    links.and_(page.get_by_role("link", name="Tips", exact=True)).click()  # three
    expect(page.get_by_role("heading", name="Tips", exact=True, level=1)).to_be_visible()
    page.goto(f"{base}/office/reports")
    box = page.get_by_role("searchbox", name="Find a report")
    box.fill("tips paid")
    expect(page.locator(".report-groups").get_by_role("link")).to_have_text(
        ["Tips", "Tips, one by one", "Tips paid out"]
    )
    box.fill("weather")
    expect(page.get_by_text("No report fits")).to_be_visible()
    box.fill("")
    for width in (390, 1024):
        page.set_viewport_size({"width": width, "height": 844})
        expect(page.get_by_role("heading", name="Clients", exact=True)).to_be_visible()
        assert not is_wider(page)
    page.context.close()
