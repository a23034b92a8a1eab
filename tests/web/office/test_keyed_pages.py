"""Lists by page: pages follow each other by the last row's key, there and back, also while rows are added in front."""

from __future__ import annotations

import html
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from pos.core import audit
from tests.support.clinic import Clinic, Colleague, line

_LISTS = {
    "sales": "/office/sales?location=riverside",
    "sales of all locations": "/office/sales",
    "sales paid in cash": "/office/sales?tender=cash",
    "items": "/office/sales?rows=items",
    "clients": "/office/clients",
    "clients found": "/office/clients?search=e",
    "packages": "/office/packages",
    "journal": "/office/money?view=entries",
    "an account": "/office/money?view=entries&account=tax_payable:8",
    "audit log": "/office/settings/audit-log",
}
_ID = '"019cf2a4-0000-7000-8000-000000000001"'
_NOT_KEYS = (
    "x",
    "W10=",
    "A" * 900,
    *(
        urlsafe_b64encode(words.encode()).decode()
        for words in (
            '["2026-06-16", "2026-06-16T12:00:00", "x", "y"]', '["2026-06-16", "2026-06-16T12:00:00+00:00", 5]',
            f'["2026-06-16", "0001-01-01T00:00:00+14:00", {_ID}]',
            f'["\\u0000", {_ID}]', f'["\\ud800", {_ID}]', '["a", 5]', "[Infinity, 1]", "[2147483648, 1]", "[5, 1e9]",
        )
    ),
)  # fmt: skip


@pytest.fixture
def few(books: Clinic, monkeypatch: pytest.MonkeyPatch) -> Clinic:
    monkeypatch.setattr("pos.web.office.request_args.PAGE_ROWS", 1)
    books.buy("five", books.ben)
    here = books.usd.location_id
    books.write(lambda session: [audit.note(session, f"thing.done_{n}", location_id=here) for n in range(3)])
    return books


@pytest.fixture
def owner(books: Clinic, office: Callable[[Colleague | None], FlaskClient]) -> FlaskClient:
    return office(books.owner)


def rows(page: str) -> list[str]:
    """The rows of a page's last table, without their markup."""
    body = page.rpartition("<tbody")[2].partition("</tbody>")[0]
    found = [" ".join(html.unescape(re.sub(r"<[^>]+>", " ", row)).split()) for row in body.split("</tr>")]
    return [row for row in found if row]


def link(page: str, rel: str) -> str | None:
    found = re.search(rf'<a [^>]*rel="{rel}"[^>]*>', page)
    if found is None:
        return None
    address = re.search(r'href="([^"]+)"', found[0])
    return html.unescape(address[1]) if address else None


@pytest.mark.parametrize("name", _LISTS)
def test_list_pages_follow_each_other_there_and_back(few: Clinic, owner: FlaskClient, name: str) -> None:
    address: str | None = _LISTS[name]
    there: list[list[str]] = []
    while address:
        page = owner.get(address).text
        there.append(rows(page))
        address = link(page, "next")
    assert len(there) > 1
    assert {len(one) for one in there} == {1}
    assert len({str(one) for one in there}) == len(there)
    back = [there[-1]]
    while address := link(page, "prev"):
        page = owner.get(address).text
        back.append(rows(page))
    assert back == there[::-1]


def test_list_row_added_in_front_moves_no_page(few: Clinic, owner: FlaskClient) -> None:
    first = owner.get("/office/sales").text
    second = owner.get(link(first, "next") or "").text
    few.sell(line("oil"))
    assert rows(owner.get(link(first, "next") or "").text) == rows(second)
    assert len(rows(owner.get("/office/sales").text)) == 1


@pytest.mark.parametrize("name", ["sales", "clients", "journal", "audit log"])
def test_list_what_is_no_key_gives_the_first_page(few: Clinic, owner: FlaskClient, name: str) -> None:
    address, mark = _LISTS[name], "&" if "?" in _LISTS[name] else "?"
    first = rows(owner.get(address).text)
    for text in _NOT_KEYS:
        for where in ("after", "before"):
            assert rows(owner.get(f"{address}{mark}{where}={text}&page=7").text) == first
