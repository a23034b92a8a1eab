"""A filter of an address that cannot be chosen: the page names it, keeps the rest, and offers itself without it."""

from __future__ import annotations

import re
from html import unescape

import pytest

from pos.core.ids import new_id
from tests.support.clinic import Clinic
from tests.web.permissions.asking import browser_of
from tests.web.permissions.full_app import form_token

DAYS = "from=2026-06-02&to=2026-06-20"
GONE = "What the filter “{}” asks for is not here, or not any more."


def told(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def way_out(page: str) -> str:
    (href,) = re.findall(r'<a[^>]*href="([^"]+)"[^>]*>(?:<span>)?Show it without', page)
    return unescape(href)


@pytest.mark.parametrize(
    ("page", "wrong", "said"),
    [
        ("reports/items", "therapist=nonsense", "The filter “Therapist” has no “nonsense”."),
        ("reports/items", "category=x", "The filter “Category” has no “x”."),
        ("reports/sales-by-item", "compare=then", "The filter “Compared with” has no “then”."),
        ("sales", "tender=gold", "The filter “Paid by” has no “gold”."),
        ("sales", "shift=x", "The filter “Shift” has no “x”."),
        ("sales", "rows=items&what=x", "The filter “What” has no “x”."),
        ("sales", "rows=x", "The filter “Rows” has no “x”."),
        ("money/refunds", "state=x", "The filter “State” has no “x”."),
        ("settings/audit-log", "person=x", "The filter “Person” has no “x”."),
        ("settings/audit-log", "person={key}", GONE.format("Person")),
        *[(f"{page}", f"{name}={{key}}", GONE.format(label))
          for page in ("reports/items", "sales")
          for name, label in (("desk", "Desk"), ("staff", "Rung up by"))],
        ("reports/items", "item={key}", GONE.format("Item")),
    ],
)  # fmt: skip
def test_wrong_filter_is_named_and_the_rest_stays(books: Clinic, page: str, wrong: str, said: str) -> None:
    web, wrong = browser_of(books, "owner"), wrong.format(key=new_id())
    asked = f"{wrong}&{DAYS}&location=riverside&channel=register"
    refused = web.get(f"/office/{page}?{asked}")
    assert (refused.status_code, said in told(refused.text)) == (422, True)
    assert 'aria-describedby="filters-error"' in refused.text or "shift" in wrong or "rows=x" in wrong
    kept = re.findall(r'<option value="([^"]*)" selected', refused.text)
    assert "riverside" in kept
    # Of the others some have no channel, and sales-by-item shows none chosen without its own.
    assert "register" in kept or page not in ("reports/items", "sales")
    assert ('value="2026-06-02"' in refused.text, 'value="2026-06-20"' in refused.text) == (True, True)
    without = way_out(refused.text)
    assert {*DAYS.split("&"), "location=riverside"} <= {*without.partition("?")[2].split("&")}
    assert wrong.rpartition("&")[2] not in without
    assert web.get(without).status_code == 200
    other_days = [href for href in map(unescape, re.findall(r'<a href="([^"]+)"', refused.text)) if "period=" in href]
    assert {web.get(href).status_code for href in (other_days[0], other_days[-1])} == {200}
    if page == "money/refunds":  # which has no files
        return
    for ending in (".csv", ".xlsx"):
        file = web.get(f"/office/{page}{ending}?{asked}", headers={"Accept": "text/html"})
        assert (file.status_code, said in told(file.text)) == (422, True), ending
        assert way_out(file.text) == without
    told_program = web.get(f"/office/{page}.csv?{asked}", headers={"Accept": "application/json"}).get_json()
    assert told_program["field"] == wrong.rpartition("&")[2].partition("=")[0]
    assert said in told_program["title"]


def test_two_wrong_filters_and_a_wrong_day_are_all_said(books: Clinic) -> None:
    refused = browser_of(books, "owner").get("/office/reports/items?from=x&to=2026-06-20&hour=99&desk=1&tender=cash")
    for words in ("“x” is not a date", "The filter “Hour” has no “99”.", "The filter “Desk” has no “1”."):
        assert words in told(refused.text)
    assert "tender=cash" in way_out(refused.text)
    assert not {"hour", "desk"} & set(re.findall(r"[?&](\w+)=", way_out(refused.text)))


@pytest.mark.parametrize(
    ("page", "wrong", "said"),
    [
        ("money/gift-cards", "state=x", "The filter “State” has no “x”."),
        ("money", "view=x", "The filter “How” has no “x”."),
        ("money", "account=nowhere", GONE.format("Account")),
        ("settings/messages", "kind=x", "The filter “About” has no “x”."),
        ("settings/messages", "became=x", "The filter “What became of it” has no “x”."),
    ],
)
def test_wrong_filter_of_a_list_without_days_shows_no_rows(books: Clinic, page: str, wrong: str, said: str) -> None:
    web = browser_of(books, "owner")
    refused = web.get(f"/office/{page}?{wrong}&location=riverside&ends=42")
    assert (refused.status_code, said in told(refused.text)) == (422, True)
    assert {*way_out(refused.text).partition("?")[2].split("&")} == {"location=riverside", "ends=42"}
    assert web.get(way_out(refused.text)).status_code == 200


@pytest.mark.parametrize(
    ("page", "narrowed"),
    [
        ("reports/items", "category=gift_card"),
        ("reports/items", "category=gift_card&channel=shop"),
        ("sales", "tender=account_credit"),
        ("sales", "rows=items&what=gift_card"),
        ("money/refunds", "state=failed"),
        ("settings/audit-log", "text=never-written"),
        ("money/gift-cards", "state=blocked"),
        ("settings/messages", "became=dead"),
    ],
)
def test_filter_that_leaves_nothing_is_said_and_the_list_offered_without_it(
    books: Clinic, page: str, narrowed: str
) -> None:
    web = browser_of(books, "owner")
    empty = web.get(f"/office/{page}?{narrowed}&location=riverside")
    assert ("Nothing here fits the filter" in told(empty.text), empty.status_code) == (True, 200)
    without = web.get(way_out(empty.text))
    assert "Nothing here fits the filter" not in told(without.text)
    assert "location=riverside" in way_out(empty.text)
    assert ("rows=items" in way_out(empty.text)) == ("rows=items" in narrowed)
    assert not any(word in way_out(empty.text) for word in narrowed.removeprefix("rows=items&").split("&"))


@pytest.mark.parametrize("wrong", ["item={key}", "staff={key}", "category=x", "compare=then"])
def test_wrong_filter_is_not_saved_in_a_view(books: Clinic, wrong: str) -> None:
    web, wrong = browser_of(books, "owner"), wrong.format(key=new_id())
    page = "/office/reports/views/new"
    asked = f"{page}?report=sales-by-item&location=riverside&period=last-month&{wrong}"
    said = told(web.get(f"/office/reports/sales-by-item?{wrong}").text)
    for refused in (web.get(asked), web.post(asked, data={"csrf_token": form_token(web), "name": "A view"})):
        assert refused.status_code == 422
        sentence = re.findall(r"(?:The filter|What the filter) “.*?”.*?\.", told(refused.text))[0]
        assert sentence in said
        assert web.get(way_out(refused.text)).status_code == 200
    assert "A view" not in web.get("/office/reports").text
