"""Example A1 of the domain, told by everything that tells money: ten for 900.00 with 10 % inside, three used.

Receipt, account, ledger, liability, export and the checks must say the same figures, on both databases.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import pytest
from sqlalchemy import select

from pos.domain.clients import registration as clients
from pos.domain.receipts.models import Receipt
from pos.reports.verify import verify
from pos.services.till.shifts import close_shift, open_shift
from tests.support.books import book_floats
from tests.support.clinic import Clinic, TaxHabit, line


@dataclass
class A1:
    """The world after the package was sold and three sessions were used."""

    clinic: Clinic
    bought: UUID
    used: list[UUID]


@pytest.fixture
def a1(build_clinic: Callable[..., Clinic]) -> A1:
    clinic = book_floats(build_clinic(usd=TaxHabit("10", inclusive=True)))
    bought = clinic.sell(line("ten"), client=clinic.ana).sale_id
    used = [clinic.sell(line("trigger_60"), client=clinic.ana).sale_id for _ in range(3)]
    return A1(clinic, bought, used)


def receipt(a1: A1, sale_id: UUID) -> dict[str, object]:
    with a1.clinic.read() as session:
        document = session.scalars(select(Receipt.document).where(Receipt.sale_id == sale_id)).one()
    return dict(document)


def test_receipt_ten_for_900_shows_worked_figures(a1: A1) -> None:
    sold = receipt(a1, a1.bought)
    totals = {row["label"]: (row["amount"], row["base"]) for row in sold["totals"]}
    assert totals["incl. Sales tax 10 %"] == ("81.82", "818.18")
    assert totals["Total"] == ("$900.00", "")
    assert [p["credits"] for p in sold["packages_sold"]] == ["10 credits"]

    third = receipt(a1, a1.used[2])
    (credits,) = third["credits"]
    assert (credits["before"], credits["used"], credits["left"]) == ("8", "1", "7")
    assert third["totals"][-1]["amount"] == "$0.00"
    assert third["tenders"] == []


def test_ledger_ten_for_900_shows_worked_figures(a1: A1) -> None:
    clinic = a1.clinic
    assert clinic.postings(a1.bought) == {"cash_drawer": 900_00, "package_liability": -818_18, "tax_payable:10": -81_82}
    assert [clinic.postings(sale)["service_revenue"] for sale in a1.used] == [-81_82, -81_82, -81_81]
    assert clinic.balance(clinic.usd, "package_liability") == -572_73


def test_client_account_ten_for_900_shows_credits_left(a1: A1) -> None:
    browser = a1.clinic.app.test_client()
    browser.set_cookie("tp_client", a1.clinic.write(lambda s: clients.open_session(s, a1.clinic.ana)))
    page = browser.get("/account/")
    assert page.status_code == 200
    words = " ".join(page.text.split())
    assert '<strong class="balance-count">7</strong>' in words or ">7<" in words
    assert "RIV-000004" in words


def test_sales_and_journal_export_ten_for_900_agree_with_ledger(a1: A1) -> None:
    office = a1.clinic.app.test_client()
    office.set_cookie("tp_office", a1.clinic.office_cookie(a1.clinic.manager), path="/office")
    period = "location=riverside&from=2026-06-16&to=2026-06-16"
    rows = list(csv.DictReader(io.StringIO(office.get(f"/office/sales.csv?{period}").text.lstrip("\ufeff"))))
    sums = {
        name: sum(round(float(row[name] or 0) * 100) for row in rows)
        for name in ("Net sales", "Tax charged", "Total with tax")
    }
    assert sums == {"Net sales": 818_18, "Tax charged": 81_82, "Total with tax": 900_00}
    assert "Agrees with the ledger" in office.get(f"/office/sales?{period}").text

    journal = office.get("/office/reports/journal.csv?location=riverside&day=2026-06-16").text.lstrip("\ufeff")
    entries = list(csv.DictReader(io.StringIO(journal)))
    assert sum(round(float(r["Debit"] or 0) * 100) - round(float(r["Credit"] or 0) * 100) for r in entries) == 0
    assert entries


def test_checks_ten_for_900_shift_closed_and_opened_all_hold(a1: A1) -> None:
    clinic = a1.clinic
    with clinic.app.app_context():
        desk = clinic.usd.desks[1]
        close_shift(desk_id=desk, staff_id=clinic.receptionist.id, counted_minor=100_00)
        open_shift(desk_id=desk, staff_id=clinic.receptionist.id, float_minor=80_00)
    with clinic.read() as session:
        results = verify(session)
    assert [result.first for result in results if not result.holds] == []
    assert len(results) > 10
