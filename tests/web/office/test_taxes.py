"""Tax rates and breakage in the office: each from a day on, with clear refusals and nothing typed lost."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from pos.core.audit import AuditEvent
from tests.support.clinic import Clinic, Colleague, line
from tests.web.office.test_pages import text
from tests.web.office.test_places import send, values

Office = Callable[[Colleague | None], FlaskClient]
TAX = {"category": "service", "from_on": "2026-06-16", "percent": "6", "tax_point": "redemption"}
BREAKAGE = {"method": "proportional", "from_on": "2026-07-01", "expected_percent": "12.5", "remote_months": ""}

RIVERSIDE = values(
    name="Riverside", slug="riverside", country="US", locale="en_US", currency="USD", time_zone="America/New_York",
    phone="", cutoff_hour="0", tax_inclusive="no", receipt_prefix="RIV", tax_label="GST",
)  # fmt: skip


def post(web: FlaskClient, path: str, form: dict[str, str]) -> tuple[int, str]:
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', web.get("/office/settings/tax?location=riverside").text)
    assert token is not None
    answer = web.post(f"/office/settings/{path}?location=riverside", data=form | {"csrf_token": token.group(1)})
    return answer.status_code, answer.text


def test_tax_rate_applies_to_sales_from_its_day(books: Clinic, office: Office) -> None:
    web = office(books.manager)
    assert post(web, "tax", TAX)[0] == 303
    page = text(web.get("/office/settings/tax?location=riverside").text)
    assert "Services 16 Jun 2026 6% session by session" in page.replace("6 %", "6%").replace(
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
        ("tax", {"category": "gold"}, "There is no such tax category in use."),
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


CATEGORIES = "tax/categories"


def test_tax_categories_stand_by_name_before_anything_is_sold(books: Clinic, office: Office) -> None:
    page = text(office(books.owner).get("/office/settings/tax?location=riverside").text)
    for name in ("Services", "Add-ons", "Retail"):
        assert name in page
    assert "Add_on" not in page
    # No item has this category yet; its rate can be set all the same.
    assert post(office(books.manager), "tax", TAX | {"category": "add_on", "percent": "5"})[0] == 303


def test_tax_rate_to_come_is_taken_back_and_the_present_stays(books: Clinic, office: Office) -> None:
    web = office(books.manager)
    assert post(web, "tax", TAX | {"from_on": "2026-07-01", "percent": "9"})[0] == 303
    assert "Take back" in text(web.get("/office/settings/tax?location=riverside").text)
    gone = {"category": "service", "from_on": "2026-07-01"}
    assert post(web, "tax/take-back", gone)[0] == 303
    assert "9%" not in text(web.get("/office/settings/tax?location=riverside").text).replace("9 %", "9%")
    status, page = post(web, "tax/take-back", gone)
    assert (status, "There is no such rate, or its day has come" in text(page)) == (404, True)
    status, page = post(web, "tax/take-back", {"category": "service", "from_on": "2026-01-01"})
    assert (status, "8%" in text(page).replace("8 %", "8%")) == (404, True)


def test_tax_category_added_renamed_retired_and_brought_back(books: Clinic, office: Office) -> None:
    web = office(books.owner)
    assert post(web, f"{CATEGORIES}/add", {"name": "Home visits"})[0] == 303
    home = TAX | {"category": "home_visits"}
    assert post(web, "tax", home)[0] == 303
    assert post(web, f"{CATEGORIES}/rename", {"key": "home_visits", "name": "Visits at home"})[0] == 303
    assert "Visits at home 16" in text(web.get("/office/settings/tax?location=riverside").text)
    assert post(web, f"{CATEGORIES}/retire", {"key": "home_visits"})[0] == 303
    assert post(web, "tax", home)[0] == 422
    assert post(web, f"{CATEGORIES}/restore", {"key": "home_visits"})[0] == 303
    assert post(web, "tax", home)[0] == 303
    for action, form, status, says in (
        ("add", {"name": "services"}, 422, "Another tax category is called that."),
        ("add", {"name": " "}, 422, "Write a name for the category"),
        ("rename", {"key": "retail", "name": "Add-ons"}, 422, "Another tax category is called that."),
        ("retire", {"key": "service"}, 409, "items on sale are taxed by it"),
        ("retire", {"key": "none"}, 404, "There is no such tax category"),
    ):
        answer = post(web, f"{CATEGORIES}/{action}", form)
        assert (answer[0], says in text(answer[1])) == (status, True), (action, form)
    assert post(office(books.manager), f"{CATEGORIES}/add", {"name": "Mine"})[0] == 403
    with books.read() as session:
        found = session.scalars(select(AuditEvent).where(AuditEvent.action.startswith("tax_category."))).all()
    assert sorted(one.action.partition(".")[2] for one in found) == ["added", "brought_back", "renamed", "retired"]


def test_second_tax_named_at_location_is_set_by_day_and_charged(books: Clinic, office: Office) -> None:
    """Quebec's taxes: named with their numbers among the facts of the location, then a column each; both on a receipt."""
    web, where = office(books.owner), f"/office/settings/locations/{books.usd.location_id}"
    assert post(web, "tax", TAX | {"second_percent": "9.975"})[0] == 303
    assert "9.975" not in web.get("/office/settings/tax?location=riverside").text  # the second tax has no name yet
    number = {"second_tax_id": "1234567890 TQ0001"}
    assert "Give the two taxes different names." in text(
        send(web, where, RIVERSIDE | number | {"second_tax_label": "gst"})[1]
    )
    assert "Name the second tax this number belongs to." in text(send(web, where, RIVERSIDE | number)[1])
    assert send(web, where, RIVERSIDE | number | {"second_tax_label": "QST"})[0] == 303

    status, page = post(web, "tax", TAX | {"percent": "5"})
    assert (status, 'id="second-percent-error"' in page) == (422, True)
    quebec = TAX | {"percent": "5", "second_percent": "9.975", "tax_point": "sale"}
    assert post(web, "tax", quebec)[0] == 303
    page = text(web.get("/office/settings/tax?location=riverside").text)
    assert "Services Jun 16, 2026 5 % 9.975 % when it is sold" in page.replace("16 Jun 2026", "Jun 16, 2026")
    assert "GST QST Tax of a package is due" in page
    assert "5 % + 9.975 %" in text(web.get("/office/settings?location=riverside").text)
    sold = books.postings(books.sell(line("trigger_60")).sale_id)
    assert sold == {
        "cash_drawer": 114_98, "service_revenue": -100_00, "tax_payable:5": -5_00, "tax_payable:second:9.975": -9_98,
    }  # fmt: skip
    assert "The second tax has a rate here, so it keeps a name." in text(
        send(web, where, RIVERSIDE | {"second_tax_label": "", "second_tax_id": ""})[1]
    )
    with books.read() as session:
        noted = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "books.tax").order_by(AuditEvent.at)
        ).all()
        assert (noted[-1].detail["second_percent"], noted[-1].detail["before"]) == ("9.975", "6 at redemption")
