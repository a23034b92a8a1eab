"""The bookkeeper's pages: what is typed wrongly stays, nothing of another location is shown, exports ask the second time."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from zipfile import ZipFile

import pytest
from flask.testing import FlaskClient

from tests.support.books import close_drawer
from tests.support.clinic import Clinic, Colleague, line
from tests.web.permissions.full_app import form_token

PAGE = "/office/money/bookkeeping"
DAYS = "location=riverside&from=2026-06-01&to=2026-06-30"
Office = Callable[[Colleague | None], FlaskClient]


def text_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def post(web: FlaskClient, address: str, **fields: str) -> tuple[int, str, str]:
    answer = web.post(address, data={"csrf_token": form_token(web), **fields})
    return answer.status_code, answer.text, answer.headers.get("Location", "")


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("program=csv&from=yesterday&to=2026-06-30", 422, 'value="yesterday"'),
        ("program=csv&from=2026-06-30&to=2026-06-01", 422, 'value="2026-06-30"'),
        ("program=csv&period=never", 422, "never"),
        ("program=csv&exported=no-key", 200, "A month in one file"),
        ("program=csv&exported=019cf2a4-0000-7000-8000-00000000abcd", 200, "A month in one file"),
        ("program=sage", 404, ""),
        ("location=nowhere", 404, ""),
    ],
)
def test_bookkeeping_page_asked_wrongly_says_so_and_keeps_it(
    office: Office, books: Clinic, query: str, status: int, said: str
) -> None:
    answer = office(books.bookkeeper).get(f"{PAGE}?{query}")
    assert answer.status_code == status
    assert said in answer.text
    assert "The file is ready" not in answer.text


def test_bookkeeper_exports_and_is_asked_before_doing_it_again(office: Office, books: Clinic) -> None:
    web = office(books.bookkeeper)
    address = f"{PAGE}?{DAYS}&program=csv"
    status, page, _ = post(web, address)
    assert status == 409
    assert "not closed yet" in text_of(page)
    status, _, to = post(web, address, again="yes")
    assert status == 303
    page = web.get(to).text
    (link,) = set(re.findall(rf'href="({PAGE}/exports/[^"]+)"', page))
    first = web.get(link)
    assert first.headers["Content-Disposition"] == (
        'attachment; filename="journal-csv-riverside-2026-06-01-2026-06-30.csv"'
    )
    books.sell(line("oil"), site=books.usd)
    found = text_of(web.get(address).text)
    assert "Days of these were exported before:" in found
    assert f"{books.bookkeeper.name} · changed since: 16 Jun 2026" in found
    assert web.get(link).data == first.data
    status, page, _ = post(web, address)
    assert (status, "exported before. Say that" in text_of(page)) == (409, True)
    # Who has no access to the books gets no file.
    assert office(books.manager).get(link).status_code == 200
    assert office(books.eur_receptionist).get(link).status_code in (302, 303, 403)


def test_export_of_another_location_is_not_there(office: Office, books: Clinic) -> None:
    owner = office(books.owner)
    books.sell(line("oil"), site=books.eur)
    address = f"{PAGE}?{DAYS.replace('riverside', 'altstadt')}&program=csv"
    status, _, to = post(owner, address, again="yes")
    assert status == 303
    (link,) = set(re.findall(rf'href="({PAGE}/exports/[^"]+)"', owner.get(to).text))
    assert owner.get(link).status_code == 200
    assert office(books.manager).get(link).status_code == 404


def test_accounts_refused_keep_what_was_typed_and_bookkeeper_only_reads(office: Office, books: Clinic) -> None:
    address = f"{PAGE}/accounts?location=riverside&program=quickbooks-online"
    fields = {"account.bank": "House bank", "account.discounts": '=Say "x"'}
    status, page, _ = post(office(books.manager), address, **fields)
    assert status == 422
    assert 'value="House bank"' in page
    assert 'value="=Say &#34;x&#34;"' in page
    status, _, _ = post(office(books.manager), address, **{"account.bank": "House bank"})
    assert status == 303
    read = office(books.bookkeeper).get(address).text
    assert 'value="House bank"' in read
    assert "<span>Save</span>" not in read
    assert post(office(books.bookkeeper), address, **fields)[0] == 403


@pytest.mark.parametrize("month", ["", "2026-13", "June", "2026-06-01", "2027-01"])
def test_month_that_is_none_or_to_come_is_refused_with_a_sentence(office: Office, books: Clinic, month: str) -> None:
    status, page, _ = post(office(books.bookkeeper), f"{PAGE}/months?location=riverside", month=month)
    assert status == 422
    assert "month" in text_of(page)


def test_month_file_of_another_location_is_not_there(office: Office, books: Clinic) -> None:
    web = office(books.owner)
    assert post(web, f"{PAGE}/months?location=altstadt", month="2026-06")[0] == 303
    page = web.get(f"{PAGE}?location=altstadt").text
    (link,) = set(re.findall(rf'hx-get="({PAGE}/months/[^"]+)"', page))
    mine = office(books.manager)
    assert mine.get(link, headers={"HX-Request": "true"}).status_code == 404
    assert mine.get(f"{link}.zip").status_code == 404
    assert post(mine, f"{link}/cancel")[0] == 404
    part = web.get(link, headers={"HX-Request": "true"}).text
    assert part.lstrip().startswith("<li")
    assert web.get(f"{link}.zip").status_code == 409
    again = post(web, f"{PAGE}/months?location=altstadt", month="2026-06")
    assert (again[0], "being made already" in text_of(again[1])) == (409, True)


def test_cash_data_is_offered_in_germany_and_says_elsewhere_what_it_is_for(office: Office, books: Clinic) -> None:
    web = office(books.owner)
    assert "/cash-data?" in web.get(f"{PAGE}?location=altstadt").text
    assert "/cash-data?" not in web.get(f"{PAGE}?location=riverside").text
    there = web.get(f"{PAGE}/cash-data?location=riverside").text
    assert "This is for locations in Germany" in there
    assert "cash-data.zip" not in there
    days = "location=altstadt&from=2026-06-16&to=2026-06-16"
    page = text_of(web.get(f"{PAGE}/cash-data?{days}").text)
    assert "nothing in this file is signed" in page
    assert "No drawer was closed on these days" in page
    assert web.get(f"{PAGE}/cash-data.zip?{days}").status_code == 422
    close_drawer(books, books.eur.desk)
    assert "1 Z report: 16" in text_of(web.get(f"{PAGE}/cash-data?{days}").text).replace("Jun 16", "16")
    file = web.get(f"{PAGE}/cash-data.zip?{days}")
    assert file.headers["Content-Disposition"] == ('attachment; filename="dsfinvk-altstadt-2026-06-16-2026-06-16.zip"')
    with ZipFile(io.BytesIO(file.data)) as archive:
        assert archive.testzip() is None
        assert "index.xml" in archive.namelist()
    assert web.get(f"{PAGE}/cash-data?location=altstadt&from=yesterday&to=2026-06-16").status_code == 422
    assert "too many days for a page" in text_of(
        web.get(f"{PAGE}/cash-data?location=altstadt&from=2026-01-01&to=2026-06-16").text
    )
