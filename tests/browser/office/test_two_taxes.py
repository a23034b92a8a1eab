"""Two taxes of a location in a real browser: at the register, in the office and in the shop, each with its name."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.office.test_pages import SCREENS, enter
from tests.support.axe import flaws
from tests.support.books import book_floats
from tests.support.clinic import Clinic, TaxHabit, line
from tests.support.desk_user import DeskUser, first_desk
from tests.support.loopback import on_loopback
from tests.support.pictures import keep_picture

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.mark.parametrize(("width", "height", "scheme"), SCREENS)
def test_two_taxes_stand_by_name_in_office_and_shop_every_screen(
    build_clinic: Callable[..., Clinic], browser: Browser, width: int, height: int, scheme: str
) -> None:
    quebec = book_floats(build_clinic(usd=TaxHabit("5", second="9.975")))
    sold = quebec.sell(line("trigger_60"), line("oil", 2))
    wrong = []
    with on_loopback(quebec.app) as base:
        page = enter(browser, base, quebec, width, height, scheme)
        for name, path, words in (
            ("tax", "office/settings/tax", "QST"),
            ("location", f"office/settings/locations/{quebec.usd.location_id}", "A second tax is called"),
            ("sales", "office/sales?location=riverside&from=2026-06-16&to=2026-06-16", "QST 9.975 %"),
            ("sale", f"office/sales/{sold.sale_id}", "QST"),
            ("shop", f"shop/riverside/{quebec.items['ten']}", "QST 9.975 %"),
        ):
            page.goto(f"{base}/{path}", wait_until="networkidle")
            expect(page.locator("main")).to_contain_text(words)
            wrong += [f"{path}: {flaw}" for flaw in flaws(page)]
            keep_picture(page, f"two-taxes-{name}-{width}-{scheme}", whole=True)
        page.context.close()
    assert wrong == []


def test_two_taxes_stand_by_name_on_ticket(build_clinic: Callable[..., Clinic], browser: Browser) -> None:
    quebec = book_floats(build_clinic(usd=TaxHabit("5", second="9.975")))
    with first_desk(browser, quebec) as page:
        hands = DeskUser(page)
        hands.press("Massage oil")
        expect(page.locator("dl.sums")).to_contain_text("GST 5 % on 18.00")
        expect(page.locator("dl.sums")).to_contain_text("QST 9.975 % on 18.00")
        hands.due("20.70")
        assert hands.flaws() == []
        keep_picture(page, "two-taxes-register")
