"""A report declared once gets a page, a CSV, a workbook, a command and a permission; the list shows whoever may see it."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from pos import cli
from pos.core.i18n.message import Message
from pos.core.money import Money
from pos.domain.locations.models import Location
from pos.domain.sales.models import Sale
from pos.domain.staff.permissions import Permission
from pos.reports.analysis.narrowing import CHANNEL_WORDS
from pos.reports.books.entry_words import EVENTS
from pos.reports.exporters import Cell
from pos.reports.listed import reports
from pos.reports.period import Scope
from pos.reports.registry import DECLARED, Remark, report
from pos.web.common.permissions import guard_of
from pos.web.office.request_args import PAGE_ROWS
from tests.support.books import tamper
from tests.support.clinic import Clinic, line
from tests.web.permissions.asking import browser_of
from tests.web.permissions.permission_matrix import report_rows
from tests.web.permissions.permission_requests import DOOR, EVERYBODY

READ = Message("locations_read", "%(count)s location was read.", "%(count)s locations were read.")
DAYS = "from=2026-06-01&to=2026-06-30"


def _remarks(session: Session, scope: Scope) -> list[Remark]:
    return [Remark(READ(count=len(scope.places)))]


@pytest.fixture(autouse=True)
def _declared() -> Iterator[None]:
    """A report that only managers and owners may see, for as long as the test runs."""

    @report(
        "throw-away",
        title="Sales by day",
        about="How many sales a day had.",
        columns=("Date", "Location", "Sales", "Gross"),
        permission=Permission.MANAGE_BOOKS,
        remarks=_remarks,
        summed=("Sales", "Gross"),
    )
    def rows(session: Session, scope: Scope) -> Iterator[tuple[Cell, ...]]:
        query = (
            select(Sale.business_on, Sale.location_id, func.count(), func.sum(Sale.total_minor))
            .where(Sale.location_id.in_(scope.location_ids), Sale.business_on.between(scope.from_on, scope.to_on))
            .group_by(Sale.business_on, Sale.location_id)
        )
        for on, where, sales, gross in session.execute(query):
            place = scope.place(where)
            yield on, place.name, sales, Money(int(gross), place.currency)

    yield
    del DECLARED["throw-away"]


def test_report_declared_has_page_with_rows_and_remarks(books: Clinic) -> None:
    page = browser_of(books, "owner").get(f"/office/reports/throw-away?{DAYS}")
    assert page.status_code == 200
    for text in ("Sales by day", "How many sales a day had.", "16 Jun 2026", "Riverside", "2 locations were read."):
        assert text in page.text
    wrong = browser_of(books, "owner").get("/office/reports/throw-away?from=2026-06-31&to=2026-06-30")
    assert wrong.status_code == 422
    assert "is not a date" in wrong.text
    assert 'value="2026-06-31"' in wrong.text
    empty = browser_of(books, "owner").get("/office/reports/throw-away?from=2020-01-01&to=2020-01-02")
    assert "Nothing in these days" in empty.text


def test_report_period_by_name_shows_its_days_and_keeps_the_rest(books: Clinic) -> None:
    web = browser_of(books, "owner")
    page = web.get("/office/reports/throw-away?period=last-month&location=riverside&endpoint=x&_anchor=y").text
    assert 'value="2026-05-01"' in page
    assert 'value="2026-05-31"' in page
    assert re.search(r'href="[^"]*period=last-month" aria-current="true"', page)
    before = re.search(r'href="([^"]*)">Same period before', page)
    assert before is not None
    assert "from=2026-04-01&amp;to=2026-04-30" in before[1]
    assert "location=riverside" in before[1]
    assert "throw-away.csv?location=riverside&amp;from=2026-05-01&amp;to=2026-05-31" in page
    wrong = web.get("/office/reports/throw-away?period=next-week")
    assert wrong.status_code == 422
    assert "“next-week” names no days." in wrong.text


def test_report_declared_has_csv_and_workbook(books: Clinic) -> None:
    web = browser_of(books, "owner")
    csv = web.get(f"/office/reports/throw-away.csv?{DAYS}")
    assert csv.headers["Content-Disposition"] == 'attachment; filename="throw-away-all-2026-06-01-2026-06-30.csv"'
    head, *rows = csv.text.removeprefix("\ufeff").splitlines()
    assert head == "Date,Location,Sales,Gross"
    assert len(rows) == 2
    book = load_workbook(io.BytesIO(web.get(f"/office/reports/throw-away.xlsx?{DAYS}").data))
    assert [cell.value for cell in book["Sales by day"][1]] == ["Date", "Location", "Sales", "Gross"]
    sheet = book["Sales by day"]
    assert sheet.max_row == 1 + 2 + 2  # sums of two currencies
    rows, sums = list(sheet.iter_rows(2, 3, values_only=True)), list(sheet.iter_rows(4, 5))
    assert [[cell.value for cell in row] for row in sums] == [["Total", None, *row[2:]] for row in rows]
    assert all(row[3].font.bold and row[3].number_format == "#,##0.00" for row in sums)
    assert sheet.auto_filter.ref == "A1:D3"
    assert 10 < sheet.column_dimensions["A"].width < 20


def test_report_page_ends_with_sums_of_all_pages_for_each_currency(
    books: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    web = browser_of(books, "owner")
    monkeypatch.setattr("pos.web.office.reports.PAGE_ROWS", 1)
    last = web.get(f"/office/reports/throw-away?{DAYS}&page=2").text
    (foot,) = re.findall(r"<tfoot>.*?</tfoot>", last, re.DOTALL)
    csv_rows = [row.split(",") for row in web.get(f"/office/reports/throw-away.csv?{DAYS}").text.splitlines()[1:]]
    assert foot.count("Total") == len(csv_rows) == 2
    digits = re.findall(r"\d+", re.sub(r"(?<=\d)[.,](?=\d)", "", foot))
    assert {row[3].replace(".", "") for row in csv_rows} <= set(digits)
    assert last.count("<td>Total</td>") == 2
    monkeypatch.setattr("pos.web.office.reports.MOST_SUMMED", 1)
    more = web.get(f"/office/reports/throw-away?{DAYS}").text
    assert "<tfoot>" not in more
    assert "There are more than 1 rows: their sums stand at the end of the workbook." in more


def test_report_of_amounts_says_which_columns_are_summed() -> None:
    # Two have rows of their sums themselves, and events of several kinds have no sum.
    without = {found.name for found in reports().values() if "Currency" in found.columns and not found.summed}
    assert without == {"liability", "tax", "events-to-review"}


def test_report_declared_has_command(books: Clinic, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("pos.installation.command_app", lambda *_, **__: books.app)
    monkeypatch.setenv("INSTANCE_DIR", str(tmp_path))
    told = " ".join(CliRunner().invoke(cli.main, ["report", "--help"]).stdout.split())
    assert "throw-away How many sales a day had." in told
    done = CliRunner().invoke(
        cli.main, ["report", "throw-away", "--from", "2026-06-01", "--to", "2026-06-30", "--location", "riverside"]
    )
    assert done.exit_code == 0
    assert done.stderr.strip().endswith("1 location was read.")
    assert [row.split(",")[:2] for row in done.stdout.splitlines()[1:]] == [["2026-06-16", "Riverside"]]
    same = CliRunner().invoke(cli.main, ["report", "throw-away", "--period", "today", "--location", "riverside"])
    assert same.stdout == done.stdout
    for days in ([], ["--period", "today", "--to", "2026-06-30"], ["--from", "2026-06-30"]):
        asked = CliRunner().invoke(cli.main, ["report", "throw-away", *days])
        assert (asked.exit_code, "Say which days" in asked.stderr) == (2, True)


def test_report_declared_is_guarded_by_its_permission(books: Clinic) -> None:
    rows = report_rows(DECLARED["throw-away"])
    assert [row.rule.removeprefix("/office/reports/") for row in rows] == [
        "throw-away", "throw-away.csv", "throw-away.xlsx", "throw-away.pdf", "throw-away.json"
    ]  # fmt: skip
    views = books.app.view_functions
    assert {guard_of(views[f"office.report_throw_away_{kind}"]) for kind in ("page", "csv", "xlsx", "pdf", "json")} == {
        "manage_books"
    }
    for row in rows:
        for who, cell in zip(EVERYBODY, row.cells, strict=True):
            answer = browser_of(books, who).get(f"{row.rule}?{DAYS}")
            assert answer.status_code == (303 if cell == DOOR else cell), f"{who}: {row}"


def test_report_as_pdf_has_head_rows_sums_and_page_numbers(
    books: Clinic, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    web = browser_of(books, "owner")
    answer = web.get(f"/office/reports/throw-away.pdf?{DAYS}")
    assert answer.content_type == "application/pdf"
    assert 'filename="throw-away-all-2026-06-01-2026-06-30.pdf"' in answer.headers["Content-Disposition"]
    (page,) = PdfReader(io.BytesIO(answer.data)).pages
    told = " ".join(page.extract_text().split())
    for text in ("Sales by day", "1 Jun 2026 – 30 Jun 2026 · Riverside, Altstadt", "Made ", "Gross", "Total", "1 / 1"):
        assert text in told, told
    assert "2 locations were read." in told
    assert page.mediabox.width < page.mediabox.height
    # A report of many columns lies on its side, without those in which nothing stands.
    wide = PdfReader(io.BytesIO(web.get(f"/office/reports/sales.pdf?{DAYS}&location=riverside").data)).pages[0]
    assert wide.mediabox.width > wide.mediabox.height
    assert "so they are left out: " in wide.extract_text()
    monkeypatch.setattr("pos.services.documents.declared_reports.MOST_CELLS", 7)
    refused = web.get(f"/office/reports/throw-away.pdf?{DAYS}")
    assert refused.status_code == 422
    assert "more than 1 rows, which is too long for a PDF. Take the workbook or the CSV" in refused.text
    monkeypatch.setattr("pos.installation.command_app", lambda *_, **__: books.app)
    monkeypatch.setenv("INSTANCE_DIR", str(tmp_path))
    asked = ["report", "throw-away", "--from", "2026-06-01", "--to", "2026-06-30", "--output", str(tmp_path / "r")]
    done = CliRunner().invoke(cli.main, [*asked, "--format", "pdf"])
    assert (done.exit_code, "too long for a PDF" in done.stderr, (tmp_path / "r").exists()) == (1, True, False)
    assert CliRunner().invoke(cli.main, [*asked, "--format", "json"]).exit_code == 0
    assert (tmp_path / "r").read_bytes() == web.get(f"/office/reports/throw-away.json?{DAYS}").data


def test_report_as_json_says_what_the_csv_says_and_keys_for_events_and_channels(books: Clinic) -> None:
    web = browser_of(books, "owner")
    words = {word.key: word for word in (*EVENTS.values(), *CHANNEL_WORDS.values())}
    for name in ("throw-away", "sales", "journal"):
        found = json.loads(web.get(f"/office/reports/{name}.json?{DAYS}").data)
        head, *rows = csv.reader(io.StringIO(web.get(f"/office/reports/{name}.csv?{DAYS}").text.removeprefix("\ufeff")))
        assert found["columns"] == head
        told = [
            [words[cell] if name in ("Event", "Channel") else cell or "" for name, cell in zip(head, row, strict=True)]
            for row in found["rows"]
        ]
        assert told == rows
        assert (found["report"], found["from"], found["to"]) == (name, "2026-06-01", "2026-06-30")
        assert found["locations"] == ["riverside", "altstadt"]
        assert {row[0] for row in found["totals"]} == {"Total"}
    assert found["totals"][0][6] == found["totals"][0][7]  # debits and credits


def test_report_list_shows_reports_by_permission(books: Clinic) -> None:
    assert "Sales by day" in browser_of(books, "owner").get("/office/reports").text
    seen = browser_of(books, "bookkeeper").get("/office/reports").text
    assert "Sales by day" not in seen
    assert "Owed in sessions" in seen


@pytest.mark.parametrize("name", ["sales", "items", "tax", "liability", "journal", "tips"])
def test_report_listed_page_equals_its_file(books: Clinic, name: str) -> None:
    web = browser_of(books, "owner")
    page = web.get(f"/office/reports/{name}?{DAYS}")
    rows = web.get(f"/office/reports/{name}.csv?{DAYS}").text.splitlines()
    assert page.status_code == 200
    assert page.text.partition("<tfoot>")[0].count("<tr>") == min(len(rows), 1 + PAGE_ROWS)
    assert "agree with the ledger" not in page.text
    assert re.search(r'href="/office/money"[^>]* aria-current="page"', page.text)


def test_report_disagreeing_with_ledger_warns_on_page(books: Clinic) -> None:
    tamper(books, "UPDATE tenders SET amount_minor = amount_minor + 1 WHERE change_minor > 0")
    page = browser_of(books, "owner").get(f"/office/reports/sales?{DAYS}").text
    assert "1 figure does not agree with the ledger." in page


def amounts_of(web: FlaskClient, address: str, column: str) -> list[str]:
    return [row[column] for row in csv.DictReader(io.StringIO(web.get(address).text.removeprefix("\ufeff")))]


def test_report_narrowed_keeps_to_filters_on_page_in_files_and_command(
    books: Clinic, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    web, whose = browser_of(books, "owner"), books.therapist
    books.sell(line("oil"), client=books.ana)
    everything = amounts_of(web, f"/office/reports/items.csv?{DAYS}", "Therapist")
    wanted = f"{DAYS}&therapist={whose.id}&category=variant&channel=register&tender=cash"
    narrowed = amounts_of(web, f"/office/reports/items.csv?{wanted}", "Therapist")
    assert {*narrowed} == {whose.name}
    assert 0 < len(narrowed) < everything.count(whose.name) + 1 < len(everything)
    page = web.get(f"/office/reports/items?{wanted}").text
    assert page.partition("<tfoot>")[0].count("<tr>") == 1 + len(narrowed)
    assert f'<option value="{whose.id}" selected>{whose.name}</option>' in page
    assert "so they are not compared with the ledger" in page
    assert f"therapist={whose.id}" in re.findall(r'href="([^"]*items.csv[^"]*)"', page)[0]
    sales = amounts_of(web, f"/office/reports/sales.csv?{wanted}", "Therapist")
    assert sales
    assert all(whose.name in one for one in sales)
    book = load_workbook(io.BytesIO(web.get(f"/office/reports/sales.xlsx?{wanted}").data))
    assert (book.sheetnames, book["Sales"].max_row) == (["Sales"], 1 + len(sales) + 1)
    monkeypatch.setattr("pos.installation.command_app", lambda *_, **__: books.app)
    monkeypatch.setenv("INSTANCE_DIR", str(tmp_path))
    told = ["report", "items", "--from", "2026-06-01", "--to", "2026-06-30", "--channel", "At the desk"]
    done = CliRunner().invoke(
        cli.main, [*told, "--category", "treatment", "--tender", "cash", "--therapist", whose.name.upper()]
    )
    assert len(done.stdout.splitlines()) == 1 + len(narrowed)
    refused = CliRunner().invoke(cli.main, [*told, "--therapist", "Nobody"])
    assert (refused.exit_code, "there is no “Nobody” here" in refused.stderr) == (2, True)


@pytest.mark.parametrize(
    "what",
    "therapist=x category=x tender=none channel=1 desk=-1 staff=' weekday=7 hour=24 hour=-1".split(),
)
def test_report_filter_unknown_is_refused(books: Clinic, what: str) -> None:
    for ending in ("", ".csv", ".xlsx"):
        assert browser_of(books, "owner").get(f"/office/reports/items{ending}?{DAYS}&{what}").status_code == 422


def test_report_name_taken_or_invalid_is_refused() -> None:
    for name in ("throw-away", "Sales", "a b", ""):
        with pytest.raises(ValueError, match="taken or is not"):
            report(name, title="", about="", columns=())


@pytest.mark.parametrize("name", ["sales", "items", "receipts", "sales-by-category"])
def test_sums_of_two_currencies_stand_in_the_order_of_the_locations_everywhere(books: Clinic, name: str) -> None:
    # The first rows are of Riverside, which the list of locations names last.
    books.write(
        lambda session: session.execute(update(Location).where(Location.slug == "riverside").values(position=9))
    )
    books.sell(line("oil"), line("trigger_60"), site=books.eur)
    web = browser_of(books, "owner")
    page = web.get(f"/office/reports/{name}?{DAYS}").text
    assert re.findall(r"EUR|USD", page.partition("<tfoot>")[2]) == ["EUR", "USD"]
    totals = web.get(f"/office/reports/{name}.json?{DAYS}").json["totals"]
    assert [code for row in totals for code in row if code in ("EUR", "USD")] == ["EUR", "USD"]
    book = load_workbook(io.BytesIO(web.get(f"/office/reports/{name}.xlsx?{DAYS}").data))
    rows = [[cell for cell in row if cell in ("EUR", "USD")] for row in book.worksheets[0].iter_rows(values_only=True)]
    assert rows[-2:] == [["EUR"], ["USD"]]
