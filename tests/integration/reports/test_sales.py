"""Sales as rows and files: to the cent, equal to the ledger, never one currency with another."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from openpyxl import load_workbook
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.ids import new_id
from pos.core.money import Rate
from pos.core.paging.window import Window
from pos.domain.ledger import posting as ledger
from pos.domain.ledger.entries import Draft
from pos.domain.locations.queries import places
from pos.reports.books.ledger_agreement import Agreement, compare, measure_label
from pos.reports.exporters import write_csv, write_xlsx
from pos.reports.listed import reports
from pos.reports.period import Scope
from pos.reports.sales.sale_lines import line_rows, line_sums
from pos.reports.sales.sales_export import totals_sheet
from pos.reports.sales.sales_rows import SaleRow, key_of, paid_by, paid_in, sale_rows
from pos.reports.sales.sales_totals import by_day, totals
from pos.reports.sales.sums import Figures
from tests.support.actions import action
from tests.support.books import tamper
from tests.support.cards import CARDS, Till
from tests.support.clinic import Clinic, Site, line

DAY = date(2026, 6, 16)


def scope_of(session: Session, *sites: Site, from_on: date = DAY, to_on: date = DAY) -> Scope:
    ids = {site.location_id for site in sites}
    return Scope(tuple(place for place in places(session) if not ids or place.id in ids), from_on, to_on)


def figures(world: Clinic, *sites: Site) -> tuple[Figures, ...]:
    with world.read() as session:
        scope = scope_of(session, *sites)
        return totals(scope, by_day(session, scope))


def agreement(world: Clinic) -> Agreement:
    with world.read() as session:
        scope = scope_of(session)
        return compare(session, scope, by_day(session, scope))


def exported(world: Clinic, kind: str, *, items: bool = False) -> list[dict[str, object]]:
    """The rows of a file as a program reads them: CSV as text, XLSX as values."""
    out = io.BytesIO()
    with world.read() as session:
        scope = scope_of(session)
        sheet = reports()["items" if items else "sales"].sheet(session, scope)
        if kind == "csv":
            write_csv(sheet, out)
            return list(csv.DictReader(io.StringIO(out.getvalue().decode(), newline="")))
        write_xlsx([sheet, totals_sheet(totals(scope, by_day(session, scope)))], out)
    book = load_workbook(io.BytesIO(out.getvalue()))
    head, *rows = book.worksheets[0].iter_rows(values_only=True)
    book.close()
    return [dict(zip(map(str, head), row, strict=True)) for row in rows if row[0] != "Total"]


def column(rows: list[dict[str, object]], name: str, currency: str = "USD") -> int:
    """The sum of a money column in cents."""
    cells = [row[name] for row in rows if row["Currency"] == currency]
    return int(sum((Decimal(str(cell)) for cell in cells), Decimal(0)) * 100)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("items", [False, True], ids=["sales", "items"])
def test_sales_export_ten_for_900_equals_ledger(a1: Clinic, kind: str, items: bool) -> None:
    rows = exported(a1, kind, items=items)
    assert len(rows) == 4
    assert column(rows, "Net sales") == 818_18
    assert column(rows, "Tax charged") == 81_82 == -a1.balance(a1.usd, "tax_payable")
    assert column(rows, "Total with tax") == 900_00
    assert column(rows, "Credits used") == 81_82 + 81_82 + 81_81 == -a1.balance(a1.usd, "service_revenue")
    assert (
        column(rows, "Net sales") - column(rows, "Credits used") == 572_73 == -a1.balance(a1.usd, "package_liability")
    )
    assert column(rows, "Covered by package") == 300_00
    if not items:
        assert column(rows, "Cash") == 900_00
        assert column(rows, "Card") == 0


def test_sales_figures_ten_for_900_equal_worked_figures(a1: Clinic) -> None:
    (usd,) = figures(a1, a1.usd)
    assert (usd.sales, usd.total_minor, usd.net_minor, usd.tax_minor) == (4, 900_00, 818_18, 81_82)
    assert (usd.packages_sold, usd.credits_sold, usd.packages_minor) == (1, 10, 818_18)
    assert (usd.redeemed, usd.redeemed_minor, usd.revenue_minor) == (3, 245_45, 245_45)
    assert usd.tenders == {"cash": (1, 900_00)}
    assert usd.taxes.due == {Rate(Decimal(10)): (818_18, 81_82)}
    assert agreement(a1).holds


def test_sales_report_two_currencies_are_never_summed(books: Clinic) -> None:
    usd, eur = figures(books)
    assert (usd.currency, eur.currency) == ("USD", "EUR")
    assert usd.takings_minor == usd.tender_minor("cash")
    assert eur.takings_minor == eur.tender_minor("cash") == 285_00 + 140_00
    with pytest.raises(ValueError, match="cannot mix USD and EUR"):
        usd.add(eur)
    rows = exported(books, "csv")
    assert {row["Currency"] for row in rows} == {"USD", "EUR"}
    assert column(rows, "Total with tax", "EUR") == 425_00
    assert column(rows, "Total with tax") == usd.total_minor
    with books.read() as session:
        sums = line_sums(session, scope_of(session), "")
    assert [(currency, sum_.net_minor) for currency, _, sum_, *_ in sums] == [
        ("USD", usd.net_minor),
        ("EUR", eur.net_minor),
    ]


@pytest.mark.parametrize("items", [False, True], ids=["sales", "items"])
def test_sales_export_rows_sum_to_figures_in_csv_and_xlsx(books: Clinic, items: bool) -> None:
    plain, book = exported(books, "csv", items=items), exported(books, "xlsx", items=items)
    usd, eur = figures(books)
    for found in (usd, eur):
        for name, minor in (
            ("List price", found.list_minor),
            ("Covered by package", found.covered_minor),
            ("Discounts", found.discount_minor),
            ("Net sales", found.net_sales_minor),
            ("Gift cards sold", found.gift_minor),
            ("Tax charged", found.tax_minor),
            ("Total with tax", found.total_minor),
            ("Credits used", found.redeemed_minor),
        ):
            assert column(plain, name, found.currency) == column(book, name, found.currency) == minor, name
    assert [row["Receipt"] for row in plain] == [row["Receipt"] for row in book]


def test_sales_export_row_names_client_staff_items_and_amounts(books: Clinic) -> None:
    (row,) = (row for row in exported(books, "csv") if row["Receipt"] == "RIV-000002")
    assert row == {
        "Date": "2026-06-16",
        "Time": "08:00",
        "Location": "Riverside",
        "Receipt": "RIV-000002",
        "Client": "Ana Núñez",
        "Rung up by": "Rita",
        "Therapist": "Theo",
        "Items": "Trigger point therapy, 60 min, Cupping",
        "Channel": "At the desk",
        "Currency": "USD",
        "List price": "120.00",
        "Covered by package": "100.00",
        "Discounts": "0.00",
        "Net sales": "20.00",
        "Tax charged": "1.60",
        "Gift cards sold": "0.00",
        "Total with tax": "21.60",
        "Tips": "24.00",
        "Cash": "45.60",
        "Card": "0.00",
        "Gift card": "0.00",
        "Account credit": "0.00",
        "Credits used": "90.00",
        "Of the tax, second tax": "0.00",
        "Cash rounding": "0.00",
    }


@CARDS
def test_sales_report_split_payment_is_one_row_with_two_tenders(till: Till) -> None:
    world = till.clinic
    state = till.charge(till.command(till.ticket(line("trigger_60")), cash=40_00))
    till.tap()
    till.look(state.order_id)
    with world.read() as session:
        day = clock.now().date()
        scope = scope_of(session, world.usd, from_on=day, to_on=day)
        (row,) = sale_rows(session, scope)
        assert (row.tenders, row.total_minor) == ({"cash": 40_00, "card": 68_00}, 108_00)
        (usd,) = totals(scope, by_day(session, scope))
        assert usd.tenders == {"cash": (1, 40_00), "card": (1, 68_00)}
        for tender in ("cash", "card"):
            assert [r.receipt for r in sale_rows(session, scope, which=paid_by(tender))] == [row.receipt]
        assert list(sale_rows(session, scope, which=paid_by("none"))) == []
        assert compare(session, scope, by_day(session, scope)).holds


def test_sales_report_filtered_rows_agree_with_their_figures(books: Clinic) -> None:
    with books.read() as session:
        scope = scope_of(session)
        for which, count in ((paid_by("cash"), 6), (paid_by("none"), 1), (paid_in(books.usd.shift_ids[1]), 1)):
            rows = list(sale_rows(session, scope, which=which))
            days = by_day(session, scope, which=which)
            assert len(rows) == count == sum(day.sales for day in days.values())
            assert compare(session, scope, days, which=which).holds
        for what, count in (("", 9), ("variant", 4), ("package", 2), ("credit", 2), ("discounted", 1), ("nonsense", 0)):
            assert len(list(line_rows(session, scope, what=what))) == count, what


def test_sales_report_rows_paged_equal_whole_list(books: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pos.reports.period._ROWS_AT_ONCE", 2)  # a stretch is a day
    with books.read() as session:
        scope = scope_of(session)
        whole = [row.receipt for row in sale_rows(session, scope)]
        assert len(whole) == 7
        paged: list[SaleRow] = []
        while found := list(sale_rows(session, scope, window=Window(2, key_of(paged[-1]) if paged else None))):
            paged += found
        assert sorted(row.receipt for row in paged) == sorted(whole)
        assert len(list(line_rows(session, scope))) == 9


def test_sales_report_excludes_other_days_and_locations(books: Clinic) -> None:
    with books.read() as session:
        before = scope_of(session, from_on=date(2026, 6, 1), to_on=date(2026, 6, 15))
        assert by_day(session, before) == {}
        assert [f.sales for f in totals(before, {})] == [0, 0]
        only = scope_of(session, books.eur)
        assert {row.place.slug for row in sale_rows(session, only)} == {"altstadt"}


# ---- the comparison with the ledger


def test_sales_report_agrees_with_ledger(books: Clinic) -> None:
    found = agreement(books)
    assert found.holds
    assert found.compared == 22  # eleven measures at each of two places


@pytest.mark.parametrize(
    ("statement", "measure"),
    [
        ("UPDATE sales SET net_minor = net_minor + 1, total_minor = total_minor + 1 WHERE tip_minor > 0", "net"),
        ("UPDATE sale_lines SET net_minor = net_minor + 1 WHERE kind = 'add_on'", "revenue"),
        ("UPDATE sales SET tip_minor = tip_minor + 1 WHERE tip_minor > 0", "tips"),
        ("UPDATE tenders SET amount_minor = amount_minor + 1 WHERE change_minor > 0", "cash"),
        ("UPDATE redemptions SET value_minor = value_minor + 1", "revenue"),
        ("UPDATE sale_lines SET tax_minor = tax_minor + 1 WHERE kind = 'retail'", "tax:8"),
        ("UPDATE sale_lines SET net_minor = net_minor + 1 WHERE kind = 'package'", "liability"),
        ("UPDATE postings SET amount_minor = amount_minor + 1 WHERE account_key = 'add_on_revenue'", "revenue"),
    ],
)
def test_sales_report_planted_difference_is_listed(books: Clinic, statement: str, measure: str) -> None:
    tamper(books, statement)
    found = agreement(books)
    assert not found.holds
    assert measure in {difference.measure for difference in found.differences}
    assert all(abs(difference.sales_minor - difference.ledger_minor) <= 2 for difference in found.differences)


def test_sales_report_differences_of_two_days_do_not_cancel_out(books: Clinic) -> None:
    with clock.at(clock.now().replace(day=17)):
        books.sell(line("trigger_60"))
    tamper(
        books,
        "UPDATE sales SET net_minor = net_minor + 5, total_minor = total_minor + 5 WHERE tip_minor > 0",
        "UPDATE sales SET net_minor = net_minor - 5, total_minor = total_minor - 5 WHERE business_on = '2026-06-17'",
    )
    with books.read() as session:
        scope = scope_of(session, to_on=date(2026, 6, 17))
        found = compare(session, scope, by_day(session, scope))
    assert [(d.business_on.day, d.measure) for d in found.differences] == [(16, "net"), (17, "net")]


def test_sales_report_entry_without_sale_is_difference(books: Clinic) -> None:
    def plant(session: Session) -> None:
        draft = Draft("sale", new_id(), "USD")
        draft.debit("stripe_clearing", 9_00)
        draft.credit("retail_revenue", 9_00)
        ledger.post(session, draft, action(session, books.usd.location_id, on=DAY), reference="x")

    books.write(plant)
    found = {d.measure: (d.sales_minor, d.ledger_minor) for d in agreement(books).differences}
    assert found["card"] == (0, 9_00)
    assert found["revenue"][1] - found["revenue"][0] == 9_00


def test_sales_report_measures_have_labels() -> None:
    assert measure_label("tax:8.1") == "tax 8.1 %"
    assert measure_label("liability") == "packages sold less credits used"
