"""The filters of the Sales page: its rows, its sums and its files keep to the same ones."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Callable
from decimal import Decimal
from urllib.parse import parse_qsl

import pytest
from flask.testing import FlaskClient

from tests.support.clinic import Clinic, Colleague

Office = Callable[[Colleague | None], FlaskClient]


def rows_of(web: FlaskClient, query: str) -> list[dict[str, str]]:
    answer = web.get(f"/office/sales.csv?{query}")
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))


def summed_at_the_foot(page: str, column: int) -> Decimal:
    """What the rows of sums say in one of the columns of amounts, all of them together."""
    foot = page.rpartition("<tfoot>")[2].partition("</tfoot>")[0]
    rows = [re.findall(r'class="money">([^<]*)<', row) for row in foot.split("<tr>")[1:]]
    return sum(
        (Decimal(html.unescape(row[column]).strip().replace("−", "-").replace(",", "")) for row in rows), Decimal()
    )


@pytest.mark.parametrize("rows", ["", "items"])
def test_sales_page_filter_keeps_rows_sums_and_files_together(books: Clinic, office: Office, rows: str) -> None:
    web, seller, whose = office(books.manager), books.receptionist, books.therapist
    everything = rows_of(web, f"location=riverside&rows={rows}")
    wanted = {
        "channel": ("Channel", "register", "At the desk"),
        "staff": ("Rung up by", str(seller.id), seller.name),
        "desk": ("Channel", str(books.usd.desk), "At the desk"),
    }
    if rows == "items":
        wanted |= {"therapist": ("Therapist", str(whose.id), whose.name)}
    for name, (column, value, words) in wanted.items():
        query = f"location=riverside&rows={rows}&{name}={value}"
        kept, page = rows_of(web, query), web.get(f"/office/sales?{query}").text
        # Without the items of a sale its refunds stand on other days and are left out, as with a tender.
        sold = [row for row in everything if rows or not row["Items"].startswith(("Refund of", "Void of"))]
        assert {row[column] for row in kept} == {words}, name
        assert len(kept) <= len(sold)
        assert all(row in sold for row in kept)
        assert f'<option value="{value}" selected>' in page
        assert summed_at_the_foot(page, 3 if rows else 0) == sum(Decimal(row["Net sales"]) for row in kept)
    assert len(kept) < len(everything)


@pytest.mark.parametrize(
    "what", ["therapist=x&rows=items", "channel=1", "desk=-1", "staff='", "tender=none&rows=items"]
)
def test_sales_page_unknown_filter_is_refused(books: Clinic, office: Office, what: str) -> None:
    assert office(books.manager).get(f"/office/sales?{what}").status_code == 422


def test_sales_page_figures_and_tabs_open_items_of_the_same_sales(books: Clinic, office: Office) -> None:
    web, seller = office(books.manager), str(books.receptionist.id)

    def opened(query: str, words: str) -> set[tuple[str, ...]]:
        links = re.findall(r'href="/office/sales\?([^"]*)"', web.get(f"/office/sales?{query}").text)
        found = (dict(parse_qsl(html.unescape(one))) for one in links)
        return {tuple(one.get(name, "") for name in ("staff", "tender")) for one in found if words in one.values()}

    assert opened(f"staff={seller}&tender=cash", "items") == {(seller, "cash")}
    assert opened("tender=none", "items") == {("", "")}
    back = web.get(f"/office/sales?rows=items&staff={seller}&tender=cash&therapist={books.therapist.id}").text
    (tab,) = re.findall(r'href="(/office/sales\?[^"]*)"[^>]*>\s*By sale', back)
    assert dict(parse_qsl(html.unescape(tab).partition("?")[2])).keys() == {"from", "to", "staff", "tender"}
    assert web.get(html.unescape(tab)).status_code == 200
