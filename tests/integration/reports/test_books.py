"""The journal as files and tables, what is owed for packages, the glance at a day, and which dates a report takes."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.errors import Invalid
from pos.core.outbox import OutboxMessage
from pos.core.paging.window import Window
from pos.domain.locations.queries import Place, place
from pos.reports.books.deferred_revenue import live_packages, owed
from pos.reports.books.journal import (
    by_account,
    entry_lines,
    lines,
)
from pos.reports.clients.client_list import listed_clients
from pos.reports.dashboard import (
    dead_messages,
    location_day,
    shifts,
    stuck_payments,
    wrong_counts,
)
from pos.reports.exporters import write_csv
from pos.reports.listed import reports
from pos.reports.period import Only, Scope, parse_day, parse_days
from pos.services.till.shifts import close_shift
from tests.integration.reports.test_sales import DAY, scope_of
from tests.support.books import tamper
from tests.support.cards import CARDS, Till
from tests.support.clinic import Clinic, Site, line


def here(session: Session, site: Site) -> Place:
    return place(session, site.location_id)


# ---- the journal


def test_journal_export_sums_to_zero_per_location_and_day(books: Clinic) -> None:
    with clock.at(clock.now() + timedelta(days=1)):
        books.sell(line("oil"))
    out = io.BytesIO()
    with books.read() as session:
        write_csv(reports()["journal"].sheet(session, scope_of(session, to_on=date(2026, 6, 17))), out)
    rows = list(csv.DictReader(io.StringIO(out.getvalue().decode(), newline="")))
    assert list(rows[0]) == [
        "Date", "Location", "Entry", "Event", "Account code", "Account name", "Debit", "Credit", "Currency", "Reference",
    ]  # fmt: skip
    sums: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    for row in rows:
        moved = Decimal(row["Debit"] or 0) - Decimal(row["Credit"] or 0)
        sums[row["Date"], row["Location"], row["Currency"]] += moved
        sums["entry", row["Entry"]] += moved
    assert len(sums) == 3 + 11
    assert set(sums.values()) == {Decimal(0)}
    package = [(r["Account name"], r["Debit"], r["Credit"]) for r in rows if r["Reference"] == "RIV-000001"]
    assert package == [
        ("Cash drawer", "972.00", ""),
        ("Package liability", "", "900.00"),
        ("Tax payable 8 %", "", "72.00"),
    ]


def test_journal_export_of_past_month_is_identical_when_repeated(books: Clinic) -> None:
    def export() -> bytes:
        out = io.BytesIO()
        with books.read() as session:
            write_csv(reports()["journal"].sheet(session, scope_of(session)), out)
        return out.getvalue()

    first = export()
    with clock.at(clock.now() + timedelta(days=40)):
        books.sell(line("oil"))
        assert export() == first


def test_account_report_balances_equal_their_postings(books: Clinic) -> None:
    with books.read() as session:
        scope = scope_of(session)
        found = by_account(session, scope)
        for account in found:
            own = [
                row
                for row in lines(session, replace(scope, only=Only(account=account.account_key)))
                if row.place == account.place
            ]
            assert account.postings == len(own)
            assert account.balance_minor == sum(row.debit_minor - row.credit_minor for row in own)
        for site in (books.usd, books.eur):
            assert sum(a.balance_minor for a in found if a.place.id == site.location_id) == 0
        first, *_ = lines(session, scope)
        assert entry_lines(session, here(session, books.eur), first.entry_id) == []
        assert sum(row.debit_minor - row.credit_minor for row in entry_lines(session, first.place, first.entry_id)) == 0


# ---- packages


def test_liability_report_equals_ledger(a1: Clinic) -> None:
    with a1.read() as session:
        (found,) = owed(session, (here(session, a1.usd),))
    assert (found.packages, found.credits, found.lots_minor, found.ledger_minor) == (1, 7, 572_73, 572_73)
    assert found.agrees
    assert found.ages == (572_73, 0, 0, 0)


def test_liability_report_ages_by_months(a1: Clinic) -> None:
    with a1.read() as session:
        where = (here(session, a1.usd),)
        for days, ages in ((95, (0, 572_73, 0, 0)), (190, (0, 0, 572_73, 0)), (400, (0, 0, 0, 572_73))):
            with clock.at(clock.now() + timedelta(days=days)):
                (found,) = owed(session, where)
                assert found.ages == ages
                assert found.agrees


def test_liability_report_tampered_lot_does_not_agree(a1: Clinic) -> None:
    tamper(a1, "UPDATE credit_lots SET net_minor = net_minor + 1")
    with a1.read() as session:
        (found,) = owed(session, (here(session, a1.usd),))
    assert not found.agrees


def test_package_list_is_sorted_by_expiry_and_limited_to_locations(books: Clinic) -> None:
    with books.read() as session:
        both = (here(session, books.usd), here(session, books.eur))
        found = live_packages(session, both, window=Window(50))
        assert [(p.client, p.remaining, p.quantity) for p in found] == [("Ben Fischer", 2, 3), ("Ana Núñez", 9, 10)]
        assert [p.client for p in live_packages(session, both[:1], window=Window(50))] == ["Ana Núñez"]
        month = timedelta(days=30)
        assert live_packages(session, both, expiring_within=month, window=Window(50)) == []
        with clock.at(datetime(2026, 12, 1, 12, tzinfo=UTC)):
            assert [p.client for p in live_packages(session, both, expiring_within=month, window=Window(50))] == [
                "Ben Fischer"
            ]


def test_client_list_shows_credits_left_at_locations(books: Clinic) -> None:
    with books.read() as session:
        usd, eur = here(session, books.usd), here(session, books.eur)
        found = listed_clients(session, (usd, eur), "", Window(10))
        assert [(c.name, c.credits) for c in found] == [("Ben Fischer", 2), ("Ana Núñez", 9)]
        assert [(c.name, c.credits) for c in listed_clients(session, (eur,), "nunez", Window(10))] == [("Ana Núñez", 0)]
        assert listed_clients(session, (usd,), "nobody", Window(10)) == []
        assert [c.name for c in listed_clients(session, (usd,), "", Window(1, found[0].key))] == ["Ana Núñez"]


# ---- today


def test_day_summary_shows_figures_drawers_and_agreement(books: Clinic) -> None:
    with books.read() as session:
        found = location_day(session, here(session, books.usd))
    assert (found.day, found.figures.sales, found.figures.redeemed, found.figures.credits_sold) == (DAY, 4, 1, 10)
    assert found.agreement.holds
    assert found.takings_before_minor == 0
    assert found.week == ((date(2026, 6, 15), 0), (DAY, found.figures.takings_minor))
    assert [(d.desk, d.state, d.expected_minor - d.cash_minor) for d in found.drawers] == [
        ("Back", "open", 100_00),
        ("Front", "open", 100_00),
    ]
    assert sum(d.cash_minor for d in found.drawers) == found.figures.tender_minor("cash")
    assert found.discount_percent == 0  # five of more than a thousand


def test_day_summary_compares_week_before_up_to_same_time(clinic: Clinic) -> None:
    noon = clock.now()
    for hours in (-1, 2):
        with clock.at(noon - timedelta(days=7) + timedelta(hours=hours)):
            clinic.sell(line("trigger_60"))
    with clinic.read() as session:
        place_ = here(session, clinic.usd)
        assert location_day(session, place_).takings_before_minor == 108_00
        with clock.at(noon + timedelta(hours=3)):
            assert location_day(session, place_).takings_before_minor == 216_00


def test_day_summary_compares_local_time_across_clock_change(clinic: Clinic) -> None:
    """New York turned its clocks on 1 November 2026: 10:30 there was 14:30 UTC a week before and is 15:30 UTC now."""
    with clock.at(datetime(2026, 10, 26, 14, 20, tzinfo=UTC)):
        clinic.sell(line("trigger_60"))
    with clock.at(datetime(2026, 10, 26, 14, 40, tzinfo=UTC)):
        clinic.sell(line("foot_60"))
    with clinic.read() as session, clock.at(datetime(2026, 11, 2, 15, 30, tzinfo=UTC)):
        assert location_day(session, here(session, clinic.usd)).takings_before_minor == 108_00


def test_cash_count_over_or_short_is_listed_for_a_week(books: Clinic) -> None:
    with books.app.app_context():
        close_shift(desk_id=books.usd.desk, staff_id=books.owner.id, counted_minor=1)
    with books.read() as session:
        both = (here(session, books.usd), here(session, books.eur))
        (wrong,) = wrong_counts(session, both)
        assert wrong.over_short_minor is not None
        assert (wrong.desk, wrong.state, wrong.over_short_minor) == ("Front", "closed", 1 - wrong.expected_minor)
        assert wrong_counts(session, both[1:]) == []
        with clock.at(clock.now() + timedelta(days=8)):
            assert wrong_counts(session, both) == []
        assert {s.desk for s in shifts(session, Scope(both, DAY, DAY))} == {"Front", "Back", "Empfang"}
        assert shifts(session, Scope(both, date(2026, 6, 1), date(2026, 6, 2))) == []


@CARDS
def test_stuck_payment_in_doubt_mismatch_or_without_sale_is_listed(till: Till) -> None:
    till.charge(till.command(till.ticket(line("trigger_60"))))
    later = clock.now() + timedelta(minutes=20)
    with till.clinic.read() as session:
        places = (here(session, till.clinic.usd),)
        assert stuck_payments(session, places) == []
        with clock.at(later):
            (found,) = stuck_payments(session, places)
            assert (found.why, found.amount_minor, found.place.slug) == ("doubt", 108_00, "riverside")
            assert stuck_payments(session, (here(session, till.clinic.eur),)) == []
    tamper(till.clinic, "UPDATE payment_attempts SET state = 'unknown', reason_code = 'mismatch'")
    with till.clinic.read() as session:
        assert [p.why for p in stuck_payments(session, places)] == ["mismatch"]
    tamper(till.clinic, "UPDATE payment_attempts SET state = 'succeeded'", "UPDATE orders SET state = 'released'")
    with till.clinic.read() as session:
        assert [p.why for p in stuck_payments(session, places)] == ["no_sale"]


def test_outbox_dead_messages_are_listed(clinic: Clinic) -> None:
    now = clock.now()
    clinic.write(
        lambda s: s.add(
            OutboxMessage(topic="mail_receipt", payload={}, created_at=now, due_at=now, state="dead", attempts=12)
        )
    )
    with clinic.read() as session:
        assert dead_messages(session) == [("mail_receipt", 1, now)]


# ---- dates


def test_report_date_malformed_or_reversed_is_refused() -> None:
    assert parse_day(" 2026-06-16 ", field="from") == DAY
    assert parse_days("2026-06-16", "2026-06-16") == (DAY, DAY)
    for text in ("", "16.06.2026", "2026-06-31", "1999-12-31", "2100-01-01", "9999-99-99", "x" * 500):
        with pytest.raises(Invalid) as refused:
            parse_day(text, field="from")
        assert refused.value.field == "from"
        assert len(refused.value.sentence) < 120
    with pytest.raises(Invalid, match="before the first") as reversed_:
        parse_days("2026-06-17", "2026-06-16")
    assert reversed_.value.field == "to"


def test_report_period_before_has_same_length_and_is_adjacent() -> None:
    scope = Scope((), date(2026, 3, 1), date(2026, 3, 31)).before()
    assert (scope.from_on, scope.to_on, scope.days) == (date(2026, 1, 29), date(2026, 2, 28), 31)
