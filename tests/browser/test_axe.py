"""What was good once is not asked about again, and what became bad is found all the same."""

from __future__ import annotations

from playwright.sync_api import Browser, Page

from tests.support.axe import flaws

PAGE = """<!doctype html><html lang="en"><title>Page</title><style>p { color: #111 } .dark p { background: #333 }</style>
<main><h1>Head</h1><p class="note">A note</p><p class="note">Another</p></main></html>"""


def broken(page: Page) -> list[str]:
    return [flaw.split(" at ")[0] for flaw in flaws(page)]


def test_contrast_of_text_that_was_good_before_is_found_in_another_colour(browser: Browser) -> None:
    page = browser.new_page()
    for spoil in (
        "document.querySelectorAll('p')[1].style.color = '#ccc'",
        "document.querySelector('main').className = 'dark'",
        "document.querySelector('main').style.backgroundColor = '#333'",
    ):
        page.set_content(PAGE)
        assert broken(page) == []
        page.evaluate(spoil)
        assert broken(page) == broken(page) == ["color-contrast"]
    page.close()


def test_contrast_of_text_that_was_out_of_sight_before_is_found_once_it_is_shown(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(
        PAGE.replace(
            "</main>", '<p class="late" style="color: #ccc; position: absolute; left: -9999px">Late</p></main>'
        )
    )
    assert broken(page) == []
    page.locator(".late").evaluate("(one) => { one.style.left = '9px' }")
    assert broken(page) == ["color-contrast"]
    page.close()
