"""Two records of one person are compared and merged, and a person is erased, in a real browser at three sizes."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import SIZES
from tests.browser.office.test_clients import look
from tests.browser.office.test_pages import base, enter
from tests.integration.clients.test_edit import add, edit
from tests.support.client_actions import goodwill
from tests.support.clinic import Clinic

__all__ = ["base"]  # fixtures
pytestmark = [pytest.mark.parametrize("database", ["sqlite"], indirect=True), pytest.mark.usefixtures("looks")]


def test_office_clients_are_merged_and_one_is_erased(books: Clinic, base: str, browser: Browser) -> None:
    other = add(books, "Ana", "Núñez", email="ana@other.example", phone="503 555 0177", is_another=True)
    edit(books, other, note="Second floor, no lift.", has_allergy=True, allergy="nut oil")
    books.buy("three", other)
    goodwill(books, other, 20_00)
    gone = add(books, "Zelda", "Quix", email="zelda@mail.example")
    page = enter(browser, base, books, *SIZES["desk"], "light")
    wrong: list[str] = []
    page.goto(f"{base}/office/clients/{books.ana}")
    look(page, "like-another", wrong)
    page.get_by_role("link", name="Merge", exact=True).click()
    page.wait_for_selector("text=The same name, phone or e-mail")
    look(page, "merge-with", wrong)
    page.get_by_role("link", name="Compare with Ana Núñez").click()
    page.wait_for_selector("text=One client stays")
    page.get_by_role("button", name="Merge them").click()
    page.wait_for_selector("text=One thing needs your attention")
    look(page, "merge", wrong)
    page.get_by_role("radio", name="Phone: +15035550177").check()
    page.get_by_label("Why they are the same person").fill("Asked at the desk")
    page.get_by_role("button", name="Merge them").click()
    page.wait_for_selector("text=They are one client now.")
    assert page.locator("text=nut oil").count() == 1
    look(page, "merged", wrong)
    page.get_by_role("link", name="Take back").click()
    page.wait_for_selector("text=become two clients again")
    look(page, "take-back", wrong)
    page.goto(f"{base}/office/clients/{books.ana}/personal-data")
    page.wait_for_selector("text=Settle this first")
    look(page, "owed", wrong)
    page.goto(f"{base}/office/clients/{gone}/personal-data")
    look(page, "erase", wrong)
    page.get_by_label("The client’s name").fill("Zelda Quix")
    page.get_by_role("button", name="Erase for good").click()
    page.wait_for_selector("text=The client is erased. Papers that were issued keep the name.")
    look(page, "erased", wrong)
    page.context.close()
    assert wrong == []
