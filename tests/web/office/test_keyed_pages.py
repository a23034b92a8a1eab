"""Lists by page: pages follow each other by the last row's key, there and back, also while rows are added in front."""

from __future__ import annotations

import html
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from pos.core import audit, clock
from pos.core.database.base import reading
from pos.core.ids import new_id
from pos.domain.clients import registration as clients
from pos.domain.payments.models import WebhookEvent
from pos.domain.payouts.models import StripePayout
from pos.domain.sales.carts import Tip
from pos.domain.sales.pricing import Discount
from pos.domain.staff.models import CommissionRule
from pos.domain.staff.queries import by_key
from pos.domain.till.shifts import MovementRequest
from pos.services.catalogue.stock import StockEntry, move_stock
from pos.services.refunds.void_sale import VoidSale, void_sale
from pos.services.till.cash_movements import record_movement
from tests.support.clinic import Clinic, Colleague, line
from tests.support.gift_card_desk import sell_card

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
    "report of an account": "/office/reports/journal?from=2026-06-01&to=2026-06-30&account=tax_payable:8",
    "report of tips": "/office/reports/tip-lines?from=2026-06-01&to=2026-06-30",
    "report of visits": "/office/reports/visit-lines?from=2026-06-01&to=2026-06-30",
    "report of refunds": "/office/reports/refunds?from=2026-06-01&to=2026-06-30",
    "report of discounts": "/office/reports/discounts?from=2026-06-01&to=2026-06-30",
    "report of cash moved": "/office/reports/cash-movements?from=2026-06-01&to=2026-06-30",
    "report of commissions": "/office/reports/commission-lines?from=2026-06-01&to=2026-06-30",
    "report of credits": "/office/reports/credit-moves?from=2026-06-01&to=2026-06-30",
    "audit log": "/office/settings/audit-log",
    "gift cards": "/office/money/gift-cards?location=riverside",
    "payouts": "/office/money/payouts",
    "messages of Stripe": "/office/settings/messages",
    "moves of stock": "/office/settings/stock/{oil}?location=riverside",
    "refunds": "/office/money/refunds",
    "receipts": "/office/reports/receipts",
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
    monkeypatch.setattr("pos.web.office.request_args.PAGE_ROWS", 2)
    books.buy("five", books.ben)
    here = books.usd.location_id
    sell_card(books, 20_00)
    sell_card(books, 30_00)
    sell_card(books, 40_00)

    def rest(session: Session) -> None:
        clients.register(
            session, given_name="Vera", family_name="Lee", email="vera@mail.example", phone=None, country="US"
        )
        for n in range(3):
            at = clock.now() + timedelta(minutes=n)
            audit.note(session, f"thing.done_{n}", location_id=here)
            session.add(
                StripePayout(
                    stripe_payout_id=f"po_{n}", status="paid", amount_minor=100, currency="USD", automatic=True,
                    reconciled=True, arrives_on=at.date(), created_at=at, changed_at=at,
                )
            )  # fmt: skip
            session.add(
                WebhookEvent(
                    event_id=f"evt_{n}", type="payout.paid", object_id=f"po_{n}", livemode=False, received_at=at,
                    created_at=at,
                )
            )  # fmt: skip

        rule = {"from_on": date(2026, 1, 1), "visit_percent": Decimal(40), "sale_percent": Decimal(10)}
        session.add(CommissionRule(staff_id=books.receptionist.id, **rule))

    books.write(rest)
    for n in (1, 2, 3):
        with books.app.app_context():
            move_stock(
                action_id=new_id(), location_id=here, kind="received", entries=[StockEntry(books.items["oil"], n)],
                reason="", person=by_key(reading(), books.owner.id),
            )  # fmt: skip
            movement = MovementRequest(new_id(), "paid_in", n, "Change")
            record_movement(desk_id=books.usd.desk, staff_id=books.manager.id, wanted=movement)
            off = Discount(amount_minor=n, reason="Spring")
            sold = books.sell(line("ball", discount=off), tip=Tip(amount_minor=n)).sale_id
            void_sale(VoidSale(new_id(), sold, "A mistake", books.owner, books.usd.desk))
    return books


def address_of(books: Clinic, name: str) -> str:
    """The list's address; moves of stock are those of an article."""
    return _LISTS[name].format(oil=books.items["oil"])


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
    address: str | None = address_of(few, name)
    there: list[list[str]] = []
    while address:
        page = owner.get(address).text
        there.append(rows(page))
        address = link(page, "next")
    assert len(there) > 1
    assert {len(one) for one in there[:-1]} == {2}
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
    assert len(rows(owner.get("/office/sales").text)) == 2


@pytest.mark.parametrize(
    "name",
    ["sales", "receipts", "clients", "journal", "audit log", "gift cards", "messages of Stripe", "moves of stock"],
)
def test_list_what_is_no_key_gives_the_first_page(few: Clinic, owner: FlaskClient, name: str) -> None:
    address = address_of(few, name)
    mark = "&" if "?" in address else "?"
    first = rows(owner.get(address).text)
    for text in _NOT_KEYS:
        for where in ("after", "before"):
            assert rows(owner.get(f"{address}{mark}{where}={text}&page=7").text) == first
