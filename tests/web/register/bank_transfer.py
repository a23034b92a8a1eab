"""What a desk does with a kind of tender that exists in the table alone; `test_tender_kinds.py` runs it with the plugin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.schema import CreateTable

from pos.core.ids import new_id
from pos.domain.locations.queries import place
from pos.domain.payments.models import Tender
from pos.domain.refunds.models import RefundPart
from pos.reports.period import Scope
from pos.reports.sales.sales_export import SALE_COLUMNS, sales_report
from tests.browser.conftest import browser
from tests.support.agreeing import disagreements
from tests.support.books import book_floats, close_drawer
from tests.support.cards import CARDS
from tests.support.cash_data_agree import cash_data, tables
from tests.support.clinic import Clinic, line
from tests.support.desk_user import DeskUser
from tests.support.remembered_checks import broken_checks
from tests.web.register.conftest import Register

__all__ = ["browser"]  # a fixture of the one test that is done in Chromium

REFERENCE = "Invoice 4711, Ana"


@pytest.fixture
def clinic(clinic: Clinic) -> Clinic:
    """The world with complete books."""
    return book_floats(clinic)


def _stored(**more: Any) -> list[dict[str, Any]]:
    return [{"kind": "bank_transfer", "card_id": None, "amount_minor": None, "reference": REFERENCE, **more}]


def _paid(register: Register, **more: Any) -> dict[str, Any]:
    ticket = register.ticket(line("trigger_60"), stored=_stored(**more))
    sale = register.send("/sales", register.cash(ticket, tendered=ticket["totals"]["rest_minor"]))
    assert sale.status_code == 201, sale.get_json()
    found: dict[str, Any] = sale.get_json()
    return found


def test_new_kind_is_allowed_by_the_tables_and_listed_for_the_page(register: Register) -> None:
    assert all("'bank_transfer'" in str(CreateTable(table.__table__)) for table in (Tender, RefundPart))
    assert register.get("/state").get_json()["tenders"]["bank_transfer"] == {
        "label": "Bank transfer",
        "refund_label": "By bank transfer",
        "has_reference": True,
    }


def test_new_kind_without_its_reference_is_refused(register: Register) -> None:
    ticket = register.ticket(line("trigger_60"))
    body = {"lines": register.rows(line("trigger_60")), "version": ticket["version"], "stored": _stored(reference=" ")}
    refused = register.send(f"/tickets/{ticket['ticket_id']}", body, method="PUT")
    assert (refused.status_code, refused.get_json()["field"]) == (422, "reference")


def test_new_kind_is_posted_printed_and_reported(clinic: Clinic, register: Register) -> None:
    sale = _paid(register)
    total = sale["total_minor"]
    assert clinic.postings(UUID(sale["sale_id"]))["bank_transfers"] == total
    paper = register.http.get(sale["html"]).text
    assert "Bank transfer" in paper
    assert REFERENCE in paper
    with clinic.read() as session:
        (row,) = session.query(Tender)
        assert (row.kind, row.amount_minor, row.reference) == ("bank_transfer", total, REFERENCE)
        scope = Scope((place(session, clinic.usd.location_id),), *[place(session, clinic.usd.location_id).today()] * 2)
        (cells,) = sales_report(session, scope)
    assert str(cells[SALE_COLUMNS.index("Bank transfer")]) == str(cells[SALE_COLUMNS.index("Total with tax")])
    _paid(register, amount_minor=50_00)  # the rest in cash
    closed = register.send("/shift/close", {"counted_minor": 100_00 + total - 50_00, "left_minor": 0}).get_json()
    assert closed["over_short_minor"] == 0
    assert "Bank transfer" in register.http.get(closed["z_html"]).text


def test_new_kind_gives_back_and_everything_agrees(
    clinic: Clinic, register: Register, sign_in: Callable[..., Register]
) -> None:
    sale, manager = _paid(register), sign_in(clinic.manager)
    body = {
        "refund_id": str(new_id()),
        "reason": "Wrong client",
        "expected_total_minor": sale["total_minor"],
    }
    done = manager.send(f"/sales/{sale['sale_id']}/void", body)
    assert done.status_code == 201, done.get_json()
    assert [(part["kind"], part["state"]) for part in done.get_json()["parts"]] == [("bank_transfer", "paid_back")]
    _paid(register)
    with clinic.read() as session:
        assert disagreements(session, place(session, clinic.usd.location_id)) == []
        assert broken_checks(session) == {}


def test_new_kind_is_a_payment_of_its_own_in_cash_data(clinic: Clinic, register: Register) -> None:
    total = _paid(register)["total_minor"]
    _paid(register, amount_minor=50_00)  # the rest in cash
    close_drawer(clinic, clinic.usd.desk)
    with clinic.read() as session:
        here = place(session, clinic.usd.location_id)
        rows = tables(cash_data(session, Scope((here,), here.today(), here.today())))["payment.csv"]
    amounts = {(row["ZAHLART_TYP"], row["ZAHLART_NAME"]): row["Z_ZAHLART_BETRAG"] for row in rows}
    assert amounts == {
        ("Bar", ""): "0,00",
        ("Unbar", "Bank transfer"): f"{(total + 50_00) / 100:.2f}".replace(".", ","),
    }


@CARDS
def test_new_kind_has_a_key_and_a_form_at_the_desk(clinic: Clinic, open_register: Callable[..., DeskUser]) -> None:
    hands = open_register()
    hands.press("Trigger point therapy, 60 minutes")
    hands.due("108.00")
    hands.press("Bank transfer")
    form = hands.page.locator("#record-tender-dialog form")
    form.get_by_role("button", name="Put it on the ticket").click()
    form.get_by_text("Enter the reference of this payment.").wait_for()
    form.get_by_label("Reference").fill(REFERENCE)
    form.get_by_role("button", name="Put it on the ticket").click()
    hands.press("Complete: 108.00 is paid")
    hands.state("paid")
    hands.page.get_by_text(f"108.00: Bank transfer · {REFERENCE}.").wait_for()
    with clinic.read() as session:
        (row,) = session.query(Tender)
        assert (row.kind, row.reference) == ("bank_transfer", REFERENCE)
