"""A report's page: figures beside those of other days, bars that open their rows, and names that open what they sum."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import timedelta
from decimal import Decimal
from html import unescape
from pathlib import Path

import pytest
from click.testing import CliRunner

from pos import cli
from pos.core import clock
from pos.core.money import Money
from pos.domain.sales.pricing import Discount
from pos.reports.analysis.opens import Behind
from pos.reports.comparison.compared import in_comparison
from pos.reports.exporters import Cell
from pos.reports.listed import reports
from pos.web.office.report_pages.cells import opens_nothing, shown_row
from pos.web.office.report_pages.picture import Pictured
from tests.support.clinic import Clinic, line
from tests.web.office.test_saved_views import opened, post
from tests.web.permissions.asking import browser_of

JUNE = "from=2026-06-01&to=2026-06-30"


@pytest.fixture
def two_months(books: Clinic) -> Clinic:
    """What the office shows, and oil sold in the month before; no treatment was."""
    with clock.at(clock.now() - timedelta(days=31)):
        books.sell(line("oil", 4))
    return books


def hrefs(page: str, name: str) -> list[str]:
    found = re.findall(rf'<td[^>]*><a class="open" href="([^"]+)">{re.escape(name)}</a>', page)
    return [unescape(address) for address in found]


def test_report_compared_says_changes_in_words_on_the_page_and_as_numbers_in_files(
    two_months: Clinic, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    web = browser_of(two_months, "owner")
    asked = f"/office/reports/sales-by-item?{JUNE}&location=riverside&compare=before"
    page = unescape(web.get(asked).text)
    assert "Compared with 1 May 2026 to 31 May 2026." in page
    assert "nothing before" in page
    assert re.search(r"less\s*</small>", page)
    assert "Net sales, before" not in page  # no column of its own
    (to_csv,) = re.findall(r'href="([^"]*sales-by-item\.csv[^"]*)"', page)
    assert "compare=before" in to_csv
    rows = {row["Item"]: row for row in csv.DictReader(io.StringIO(web.get(to_csv).text.removeprefix("\ufeff")))}
    oil = next(row for name, row in rows.items() if row["Quantity, before"] == "4")
    assert float(oil["Net sales"]) - float(oil["Net sales, before"]) == float(oil["Net sales, change"])
    told = json.loads(web.get(asked.replace("sales-by-item?", "sales-by-item.json?")).text)
    assert told["compared_with"] == {"from": "2026-05-01", "to": "2026-05-31"}
    assert "Net sales, change" in told["columns"]
    assert len(told["totals"][0]) == len(told["columns"])
    assert web.get(asked.replace("compare=before", "compare=then")).status_code == 422
    assert "Compared with" not in web.get(f"/office/reports/receipts?{JUNE}&compare=before").text
    # Saved, and opened again.
    save = unescape(re.findall(r'href="(/office/reports/views/new[^"]+)"', page)[0])
    assert post(web, save, name="Items beside May", days="given")[0] == 303
    assert "compare=before" in opened(web, "Items beside May")
    monkeypatch.setattr("pos.installation.command_app", lambda *_, **__: two_months.app)
    monkeypatch.setenv("INSTANCE_DIR", str(tmp_path))
    command = "report sales-by-item --from 2026-06-01 --to 2026-06-30 --location riverside --compare before"
    done = CliRunner().invoke(cli.main, command.split())
    assert done.exit_code == 0
    assert done.stdout.splitlines() == web.get(to_csv).text.removeprefix("\ufeff").splitlines()


def test_report_compared_with_one_day_names_it_and_says_what_an_average_was(two_months: Clinic) -> None:
    web = browser_of(two_months, "owner")
    day = unescape(web.get("/office/reports/sales-by-item?from=2026-06-02&to=2026-06-02&compare=before").text)
    assert "Compared with 1 Jun 2026." in day
    both = in_comparison(reports()["card-fees"], "before")
    rate = [both.columns.index("Fees in percent") + more for more in range(3)]
    with two_months.app.test_request_context():
        cells = [
            shown_row([both.columns[at] for at in rate], values, opens_nothing)[0]
            for values in ((None, Decimal("2.9"), None), (Decimal("2.9"), None, None), (None, None, None))
        ]
    assert [(one.text, one.before, one.change, one.is_number) for one in cells] == [
        ("", "2.9", "nothing now", True), ("2.9", "", "nothing before", True), ("", "", "", False)
    ]  # fmt: skip


def test_report_names_and_bars_open_the_rows_they_sum_and_those_open_the_sale(books: Clinic) -> None:
    web = browser_of(books, "bookkeeper")
    page = web.get(f"/office/reports/sales-by-therapist?{JUNE}&location=riverside&channel=register").text
    (address,) = hrefs(page, books.therapist.name)
    assert address.startswith("/office/reports/items?")
    assert {f"therapist={books.therapist.id}", "channel=register", "location=riverside"} <= {
        *address.partition("?")[2].split("&")
    }
    (nobody,) = hrefs(page, "No therapist")
    rows = web.get(nobody).text
    assert '<option value="00000000-0000-0000-0000-000000000000" selected>No therapist</option>' in rows
    sales = re.findall(r'<td[^>]*><a class="open" href="(/office/(?:sales|money/refunds)/[^"]+)">', rows)
    assert sales
    assert {web.get(sale).status_code for sale in sales} == {200}
    page = web.get(f"/office/reports/sales-by-category?{JUNE}&location=riverside").text
    picture = page.partition('<figure class="card bars" aria-hidden="true">')[2].partition("</figure>")[0]
    bars = {unescape(one) for one in re.findall(r'<a href="([^"]+)" tabindex="-1">', picture)}
    assert len(bars) > 1
    assert bars <= {unescape(one) for one in re.findall(r'<td[^>]*><a class="open" href="([^"]+)">', page)}


def test_report_of_many_rows_is_paged_by_its_rows(books: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pos.web.office.request_args.PAGE_ROWS", 2)
    monkeypatch.setattr("pos.web.office.reports.PAGE_ROWS", 2)
    web, address, seen = browser_of(books, "owner"), f"/office/reports/items?{JUNE}", list[str]()
    for _ in range(20):
        page = web.get(address).text
        seen += re.findall(r"<tr>\s*<td.*?</tr>", page.partition("<tbody>")[2].partition("</tbody>")[0], re.DOTALL)
        nexts = [unescape(one) for one in re.findall(r'<a[^>]*href="([^"]*after=[^"]*)"', page)]
        if not nexts:
            break
        address = nexts[0]
    lines = web.get(f"/office/reports/items.csv?{JUNE}").text.splitlines()
    assert len(seen) == len(lines) - 1 > 4


def test_client_value_ends_with_its_sums(books: Clinic) -> None:
    web = browser_of(books, "owner")
    page = web.get(f"/office/reports/clients?{JUNE}&location=riverside").text
    foot = re.findall(r"<td[^>]*>([^<]*)<", page.partition("<tfoot>")[2].partition("</tfoot>")[0])
    told = json.loads(web.get(f"/office/reports/clients.json?{JUNE}&location=riverside").text)
    assert foot[0] == "Total"
    assert [text.replace(",", "") for text in foot[1:6]] == told["totals"][0][1:6]
    assert float(told["totals"][0][2]) == sum(float(row[2]) for row in told["rows"]) > 0


def test_report_opened_of_somebody_who_works_elsewhere_says_of_whom_it_is(books: Clinic) -> None:
    web, gone = browser_of(books, "owner"), books.eur_receptionist
    page = web.get(f"/office/reports/items?{JUNE}&location=riverside&staff={gone.id}").text
    assert f'<option value="{gone.id}" selected>{gone.name}</option>' in page
    assert gone.name not in web.get(f"/office/reports/items?{JUNE}&location=riverside").text


def test_bar_of_a_name_adds_the_location_that_sold_it_before_alone(books: Clinic) -> None:
    both = in_comparison(reports()["sales-by-item"], "before")
    at = both.columns.index("Net after refunds")
    oil = {"item": "1", "category": "retail"}
    before = {"from": "2026-05-01", "to": "2026-05-31"}
    rows = []
    for name, now, was in (
        (Behind("Oil", location="lakeside", **oil, **before), 0, 30_00),
        (Behind("Oil", location="riverside", **oil), 20_00, 0),
        (Behind("Balm", location="riverside", item="2", category="retail"), 10_00, 0),
    ):
        row: list[Cell] = [None] * len(both.columns)
        row[both.columns.index("Item")], row[at], row[at + 1] = name, Money(now, "USD"), Money(was, "USD")
        rows.append(row)
    pictured = Pictured(both)
    assert len(list(pictured.counted(rows))) == 3
    with books.app.test_request_context("/office/"):
        (picture,) = pictured.pictures(lambda name: name.args.get("from", "the days shown"), ("USD",))
    assert [(bar.label, bar.length, bar.was, bar.href) for bar in picture.bars] == [
        ("Oil", "66.67%", "100.00%", "the days shown"), ("Balm", "33.33%", "0.00%", "the days shown"),
    ]  # fmt: skip


def test_report_gives_a_long_text_room_and_a_short_one_none(clinic: Clinic) -> None:
    for reason in ("Spring", "A neighbour of the clinic, as agreed in May"):
        clinic.sell(line("ball", discount=Discount(amount_minor=1, reason=reason)))
    page = browser_of(clinic, "owner").get("/office/reports/discounts?from=2026-06-01&to=2026-06-30").text
    assert '<td class="long">A neighbour of the clinic, as agreed in May' in page
    assert "<td>Spring" in page
