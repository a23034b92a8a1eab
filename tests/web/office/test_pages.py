"""What the pages say: figures that are the files, dates as they were typed, honest empty pages."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook

from pos.core.database.base import reading
from pos.core.ids import new_id
from pos.domain.clients.registration import register
from pos.domain.locations.queries import place, places
from pos.reports.books.rollforward import roll_forward
from pos.reports.period import Scope
from pos.reports.verify import CHECKS
from pos.services.jobs.nightly import JOBS, run_due
from pos.web.office.labels import job_labels
from pos.web.office.request_args import format_days
from tests.support.books import book_floats, failing, tamper
from tests.support.clinic import Clinic, Colleague, line
from tests.web.office.test_access import sale_of

Office = Callable[[Colleague | None], FlaskClient]


def text(page: str) -> str:
    """A page as it reads: no tags, single spaces."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


@pytest.fixture
def manager(books: Clinic, office: Office) -> FlaskClient:
    return office(books.manager)


@pytest.fixture
def owner(books: Clinic, office: Office) -> FlaskClient:
    return office(books.owner)


def test_today_page_shows_figures_of_day(manager: FlaskClient) -> None:
    page = text(manager.get("/office/").text)
    assert "Tuesday, 16 June 2026" in page
    assert "Takings $1,145.04" in page  # 972.00 + 45.60 + 75.60 + 51.84
    assert "Packages sold $900.00 1 package, 10 credits" in page
    assert "Credits used 1 worth $90.00" in page
    assert "Agrees with the ledger" in page
    assert "Nothing needs you." in page


def test_office_pages_without_data_explain_it(clinic: Clinic) -> None:
    client = clinic.app.test_client()
    client.set_cookie("tp_office", clinic.office_cookie(clinic.manager), path="/office")
    assert "Before the first sale" in client.get("/office/").text
    for path, words in (
        ("/office/sales", "No sales in these days"),
        ("/office/packages", "No live packages yet"),
        ("/office/money", "Nothing was booked on this day"),
        ("/office/money/payments", "Every card payment is accounted for"),
        ("/office/money/shifts?from=2026-01-01&to=2026-01-02", "No shifts on these days"),
        ("/office/clients?search=zzz", "Nobody fits “zzz”"),
        (f"/office/clients/{clinic.ana}", "No packages here"),
    ):
        assert words in html.unescape(client.get(path).text), path


def test_today_page_ledger_difference_is_shown_and_listed(books: Clinic, manager: FlaskClient) -> None:
    tamper(books, "UPDATE sales SET tip_minor = tip_minor + 1 WHERE tip_minor > 0")
    today = manager.get("/office/").text
    assert "Does not agree with the ledger" in today
    assert "Today&#39;s sales do not agree with the ledger." in today
    page = text(manager.get("/office/sales").text)
    assert "1 figure does not agree with the ledger" in page
    assert "16 Jun 2026 Riverside tips 24.01 24.00 -0.01" in page.replace("−", "-")


def test_sales_export_csv_and_xlsx_equal_page(owner: FlaskClient) -> None:
    for rows in ("", "items"):
        for narrowed in ("", "&location=riverside", "&tender=cash", "&what=credit", "&from=2026-01-01&to=2026-01-31"):
            query = f"?rows={rows}{narrowed}"
            page = owner.get(f"/office/sales{query}").text
            shown = re.findall(r'hx-swap="innerHTML">([A-Z]+-\d+)</a>', page)
            plain = owner.get(f"/office/sales.csv{query}")
            found = list(csv.DictReader(io.StringIO(plain.data.decode("utf-8-sig"), newline="")))
            book = load_workbook(io.BytesIO(owner.get(f"/office/sales.xlsx{query}").data))
            assert sorted(row["Receipt"] for row in found) == sorted(shown), query
            assert [row[3] for row in book.worksheets[0].iter_rows(min_row=2, values_only=True) if row[3]] == [
                row["Receipt"] for row in found
            ]
            links = re.findall(r'href="/office/sales\.csv\?([^"]*)"', page)
            assert len(links) == 1
            again = owner.get(f"/office/sales.csv?{html.unescape(links[0])}")
            assert again.data == plain.data, query


def test_report_download_has_plain_file_name_and_headers(owner: FlaskClient) -> None:
    answer = owner.get("/office/sales.csv?location=riverside&from=2026-06-01&to=2026-06-30")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="sales-riverside-2026-06-01-2026-06-30.csv"'
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert answer.data.startswith(b"\xef\xbb\xbf")
    book = owner.get("/office/sales.xlsx?rows=items")
    assert book.headers["Content-Disposition"] == 'attachment; filename="items-all-2026-06-01-2026-06-16.xlsx"'
    journal = owner.get("/office/reports/journal.csv?location=altstadt&from=2026-06-16&to=2026-06-16")
    assert journal.headers["Content-Disposition"] == 'attachment; filename="journal-altstadt-2026-06-16.csv"'
    assert journal.data.startswith(b"Date,")
    found = list(csv.DictReader(io.StringIO(journal.text, newline="")))
    assert sum(Decimal(r["Debit"] or 0) - Decimal(r["Credit"] or 0) for r in found) == 0
    assert {r["Currency"] for r in found} == {"EUR"}


@pytest.mark.parametrize(
    ("path", "query", "sentence", "kept"),
    [
        ("sales", "from=2026-06-31&to=2026-07-01", "“2026-06-31” is not a date.", ["2026-06-31", "2026-07-01"]),
        ("sales", "from=2026-06-02&to=2026-06-01", "The last day is before the first.", ["2026-06-02", "2026-06-01"]),
        ("sales", "from=yesterday&to=", "“yesterday” is not a date.", ["yesterday"]),
        ("money/shifts", "from=1.6.2026&to=2026-06-01", "“1.6.2026” is not a date.", ["1.6.2026"]),
        ("money", "on=16/06/2026", "“16/06/2026” is not a date.", ["16/06/2026"]),
        ("sales", "from=1066-10-14&to=2026-06-01", "Choose a date between 2000 and 2099.", ["1066-10-14"]),
    ],
)
def test_report_page_wrong_date_is_refused_and_kept(
    manager: FlaskClient, path: str, query: str, sentence: str, kept: list[str]
) -> None:
    answer = manager.get(f"/office/{path}?{query}")
    assert answer.status_code == 422
    assert sentence in html.unescape(answer.text)
    for typed in kept:
        assert f'value="{typed}"' in answer.text
    assert ".csv?" not in answer.text
    if path == "sales":
        assert manager.get(f"/office/sales.csv?{query}").status_code == 422
        assert manager.get(f"/office/reports/journal.csv?{query}").status_code == 422


def test_sales_page_is_paged_and_odd_page_numbers_are_accepted(
    books: Clinic, manager: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pos.web.office.request_args.PAGE_ROWS", 3)
    first = manager.get("/office/sales?tender=cash")
    assert "1–3" in first.text
    assert re.search(r"tender=cash&amp;after=[\w%=-]+&amp;page=2", first.text)
    for page in ("2", "0", "-1", "x", "9" * 50):
        assert manager.get(f"/office/sales?page={page}").status_code == 200


def test_sale_page_opens_as_sheet_or_full_page(books: Clinic, manager: FlaskClient) -> None:
    path = f"/office/sales/{sale_of(books, 'RIV-000002')}"
    page, sheet = manager.get(path).text, manager.get(path, headers={"HX-Request": "true"}).text
    assert page.startswith("<!doctype html>")
    assert sheet.lstrip().startswith("<dialog")
    for found in (page, sheet):
        words = text(found)
        assert "Trigger point therapy, 60 min Theo · paid by credit" in words
        assert "1 credit was used; it was worth $90.00." in words
        assert "Package liability 2000 90.00" in words
        assert "Total $45.60" in words


def test_sale_page_without_journal_entry_explains_it(books: Clinic, manager: FlaskClient) -> None:
    tamper(books, "UPDATE credit_lots SET net_minor = 0, recognised_minor = 0")
    done = books.sell(line("trigger_60"), client=books.ana)
    assert "has no entry in the books" in manager.get(f"/office/sales/{done.sale_id}").text


def test_journal_page_shows_accounts_and_entries(manager: FlaskClient) -> None:
    accounts = text(manager.get("/office/money").text)
    assert "Debits and credits are equal" in accounts
    assert "Package liability 2000 2 90.00 900.00 -810.00" in accounts.replace("−", "-")
    entries = text(manager.get("/office/money?view=entries").text)
    assert "RIV-J000003" in entries
    one = manager.get("/office/money?view=entries&account=tips_payable").text
    assert "one account only" in one
    assert one.count("RIV-J") == 1 + one.count('hx-target="#sheet"') - 1
    assert manager.get("/office/money?view=entries&account=nothing").status_code == 422


def test_shifts_page_links_to_sales_of_shift(books: Clinic, manager: FlaskClient) -> None:
    page = manager.get("/office/money/shifts").text
    links = re.findall(r'href="(/office/sales\?[^"]*shift=[^"]*)"', page)
    assert len(links) == 2
    counts = [len(set(re.findall(r"RIV-\d{6}", manager.get(html.unescape(link)).text))) for link in links]
    assert sorted(counts) == [1, 3]
    assert "in one shift" in manager.get(html.unescape(links[0])).text


def test_client_page_shows_packages_and_moves(books: Clinic, manager: FlaskClient, owner: FlaskClient) -> None:
    assert "Ana Núñez" in manager.get("/office/clients?search=nunez").text
    page = text(manager.get(f"/office/clients/{books.ana}").text).replace("−", "-")
    assert "Active 9 of 10 $810.00" in page
    assert "used 10 × 60 min Trigger point therapy, 60 min, Theo Ana Núñez Rita -1 9 -90.00" in page
    assert "granted 10 × 60 min – Rita +10 10 900.00" in page
    assert manager.get(f"/office/clients/{new_id()}").status_code == 404
    assert "Active 2 of 3" in text(owner.get(f"/office/clients/{books.ben}").text)


def test_checks_page_runs_checks_and_shows_faults(books: Clinic, manager: FlaskClient) -> None:
    assert 'hx-get="/office/checks/run"' in manager.get("/office/checks").text
    done = manager.get("/office/checks/run", headers={"HX-Request": "true"})
    assert f"Every one of {len(CHECKS)} checks holds" in done.text
    assert "<!doctype" not in done.text
    assert f"Every one of {len(CHECKS)} checks holds" in manager.get("/office/checks/run").text
    tamper(books, "UPDATE sales SET tip_minor = tip_minor + 1 WHERE tip_minor > 0")
    broken = text(manager.get("/office/checks/run").text)
    assert f"{len(failing(books))} checks fail" in broken
    assert "riverside: tips given are 2401, paid out 0, tips owed 2400 (minor units)." in broken


def test_checks_page_names_each_job_of_the_night(books: Clinic, manager: FlaskClient) -> None:
    with books.app.app_context():
        run_due()
    page = text(manager.get("/office/checks").text)
    assert [words in page for words in ("Expire credits", "Sum past days", "Check the books")] == [True] * 3
    with books.app.test_request_context():
        assert job_labels().keys() == JOBS.keys()


def test_office_pages_and_exports_escape_typed_text(books: Clinic, manager: FlaskClient) -> None:
    canary = '=HYPERLINK("x")'
    markup = "<script>alert(1)</script>"
    client = books.write(
        lambda s: register(s, given_name=canary, family_name=markup, email=None, phone=None, country="US").id
    )
    books.sell(line("oil"), client=client)
    for path in ("/office/sales", f"/office/clients/{client}", "/office/clients?search=%3Cscript%3E"):
        page = manager.get(path).text
        assert markup not in page
        assert "&lt;script&gt;" in page
    plain = list(csv.DictReader(io.StringIO(manager.get("/office/sales.csv").data.decode("utf-8-sig"), newline="")))
    assert plain[-1]["Client"] == f"'{canary} {markup}"
    book = load_workbook(io.BytesIO(manager.get("/office/sales.xlsx").data))
    for row in book.worksheets[0].iter_rows():
        assert all(cell.data_type != "f" for cell in row)
    search = manager.get('/office/clients?search="><img src=x>').text
    assert "<img" not in search


def test_settings_page_shows_taxes_and_changes_payment_methods(manager: FlaskClient, clinic: Clinic) -> None:
    page = manager.get("/office/settings").text
    words = text(page)
    assert "Riverside" in words
    assert "Goods 1 Jan 2026 8 %" in words
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    sent = {
        "csrf_token": token[1],
        "reader_tips": "on",
        "bank_debit": "on",
        "offline_minutes": "30",
        "offline_sales": "20",
    }
    assert manager.post("/office/settings/ways-to-pay", data=sent).status_code == 303
    with clinic.read() as session:
        kept = place(session, clinic.usd.location_id)
    assert (kept.reader_tips, kept.online_methods) == (True, ("card", "us_bank_account"))
    assert manager.get("/office/settings").text.count(" checked") == 2


def test_period_label_over_years_shows_both_years(clinic: Clinic) -> None:
    with clinic.read() as session:
        here = places(session)
    with clinic.app.test_request_context():
        assert format_days(Scope(here, date(2026, 11, 1), date(2026, 11, 22))) == "1 Nov – 22 Nov 2026"
        assert format_days(Scope(here, date(2025, 11, 1), date(2026, 11, 22))) == "1 Nov 2025 – 22 Nov 2026"
        assert format_days(Scope(here, date(2026, 11, 1), date(2026, 11, 1))) == "1 Nov 2026"


@pytest.mark.parametrize(("to", "agrees"), [("2026-06-16", True), ("2026-06-30", False)])
def test_liability_page_of_future_day_does_not_claim_agreement(clinic: Clinic, to: str, agrees: bool) -> None:
    """A day that has not come: figures of today, named so, on the page as by the command."""
    book_floats(clinic).buy("ten", clinic.ana)
    office = clinic.app.test_client()
    office.set_cookie("tp_office", clinic.office_cookie(clinic.manager), path="/office")
    page = office.get(f"/office/money/owed?location=riverside&from=2026-06-01&to={to}").text
    assert ("Agrees with the ledger" in page) is agrees
    assert ("has not come yet" in page) is not agrees
    with clinic.app.app_context():
        scope = Scope(places(reading())[:1], date(2026, 6, 1), date.fromisoformat(to))
        (roll,) = roll_forward(reading(), scope)
    assert roll.recognised_early is not agrees
