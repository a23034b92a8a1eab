"""Tax rates and breakage in the office: each from a day on, with clear refusals and nothing typed lost."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.support.clinic import Clinic, Colleague, line
from tests.web.office.test_pages import text

Office = Callable[[Colleague | None], FlaskClient]
TAX = {"category": "service", "from_on": "2026-06-16", "percent": "6", "tax_point": "redemption"}
BREAKAGE = {"method": "proportional", "from_on": "2026-07-01", "expected_percent": "12.5", "remote_months": ""}


def post(web: FlaskClient, path: str, form: dict[str, str]) -> tuple[int, str]:
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', web.get("/office/settings/tax?location=riverside").text)
    assert token is not None
    answer = web.post(f"/office/settings/{path}?location=riverside", data=form | {"csrf_token": token.group(1)})
    return answer.status_code, answer.text


def test_tax_rate_applies_to_sales_from_its_day(books: Clinic, office: Office) -> None:
    web = office(books.manager)
    assert post(web, "tax", TAX)[0] == 303
    page = text(web.get("/office/settings/tax?location=riverside").text)
    assert "Service 16 Jun 2026 6% session by session" in page.replace("6 %", "6%").replace(
        "Jun 16, 2026", "16 Jun 2026"
    )
    sold = books.postings(books.sell(line("ten"), client=books.ana).sale_id)
    assert (sold["tax_not_due:6"], sold["package_liability"]) == (-54_00, -900_00)
    assert post(web, "tax", TAX | {"percent": "7", "from_on": "2026-06-17"})[0] == 303
    assert "tax_not_due:6" in books.postings(books.sell(line("ten"), client=books.ana).sale_id)


def test_breakage_rule_set_in_office_is_shown(books: Clinic, office: Office) -> None:
    web = office(books.manager)
    assert "No rule is set" in text(web.get("/office/settings/tax").text)
    assert post(web, "breakage", BREAKAGE)[0] == 303
    assert "in proportion to use 12.5" in text(web.get("/office/settings/tax?location=riverside").text)


@pytest.mark.parametrize(
    ("path", "wrong", "says"),
    [
        ("tax", {"percent": "lots"}, "Write a percentage, like 8 or 7.5."),
        ("tax", {"percent": "101"}, "A rate is between 0 and 100"),
        ("tax", {"percent": "NaN"}, "Write a percentage, like 8 or 7.5."),
        ("tax", {"category": "gold"}, "Nothing is sold in this category."),
        ("tax", {"tax_point": "never"}, "Choose when the tax"),
        ("tax", {"from_on": "2026-06-15"}, "stays as it was"),
        ("tax", {"from_on": "soon"}, "is not a date"),
        ("breakage", {"method": "guess"}, "Choose how breakage"),
        ("breakage", {"expected_percent": "100"}, "less than 100"),
        ("breakage", {"expected_percent": "NaN"}, "Write a percentage"),
        ("breakage", {"method": "remote"}, "Write a whole number of months."),
        ("breakage", {"method": "remote", "remote_months": "999"}, "Months are between 1 and 240."),
        ("breakage", {"from_on": "2026-06-15"}, "stays as it was"),
    ],
)
def test_tax_and_breakage_form_invalid_is_refused_in_place(
    books: Clinic, office: Office, path: str, wrong: dict[str, str], says: str
) -> None:
    typed = (TAX if path == "tax" else BREAKAGE) | wrong
    status, page = post(office(books.manager), path, typed)
    assert (status, says in text(page)) == (422, True)
    for name, value in wrong.items():
        assert name in ("category", "tax_point", "method") or f'value="{value}"' in page
