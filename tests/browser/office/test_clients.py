"""A client is added and changed in a real browser, in the office and at the desk: who is there already is shown first."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from pos.domain.clients.models import Client
from tests.browser.conftest import SIZES
from tests.browser.office.test_pages import base, enter
from tests.support.axe import flaws_at
from tests.support.clinic import Clinic

__all__ = ["base"]  # fixtures
pytestmark = [pytest.mark.parametrize("database", ["sqlite"], indirect=True), pytest.mark.usefixtures("looks")]


def look(page: Page, name: str, wrong: list[str]) -> None:
    """Axe and the width at three sizes."""
    wrong += flaws_at(page, f"clients-{name}", SIZES)


def test_office_client_like_another_is_shown_added_and_edited(books: Clinic, base: str, browser: Browser) -> None:
    page = enter(browser, base, books, *SIZES["desk"], "light")
    count = books.count(Client)
    wrong: list[str] = []
    page.goto(f"{base}/office/clients/{books.ana}")
    name = page.locator("h1").inner_text()
    given, _, family = name.partition(" ")
    page.goto(f"{base}/office/clients")
    look(page, "list", wrong)
    page.get_by_role("link", name="New client").click()
    page.get_by_label("Given name").fill(given.upper())
    page.get_by_label("Family name").fill(family)
    page.get_by_role("button", name="Add the client").click()
    page.wait_for_selector("text=Is it one of these?")
    look(page, "alike", wrong)
    assert page.get_by_label("Given name").input_value() == given.upper()
    page.get_by_label("None of them: it is another person").check()
    page.get_by_role("button", name="Add the client").click()
    page.wait_for_selector("text=The client is added.")
    assert books.count(Client) == count + 1
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_label("E-mail").fill("no address")
    page.get_by_label("Note for the desk").fill("Second floor, no lift.")
    page.get_by_label("Has an allergy").check()
    page.get_by_label("Allergic to").fill("nut oil")
    page.get_by_role("button", name="Save").click()
    page.wait_for_selector("text=One thing needs your attention")
    look(page, "refused", wrong)
    page.get_by_label("E-mail").fill("new@mail.example")
    page.get_by_role("button", name="Save").click()
    page.wait_for_selector("text=Saved.")
    assert page.locator("text=nut oil").count() == 1
    look(page, "saved", wrong)
    page.context.close()
    assert wrong == []
