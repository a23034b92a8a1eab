"""Tax by rate and revenue of every event: what reports and closings say is what the ledger owes, to the cent."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook
from sqlalchemy import select, update

from pos import cli
from pos.core.database.base import reading
from pos.core.ids import new_id
from pos.core.money import Rate
from pos.domain.catalogue.models import PackagePlan
from pos.domain.credits.models import CreditMove
from pos.domain.ledger import posting as ledger
from pos.domain.ledger.entries import CHART, Draft
from pos.domain.ledger.models import Closing
from pos.domain.locations.queries import place, places
from pos.reports.books.ledger_agreement import compare
from pos.reports.books.tax_and_revenue_events import EVENTS
from pos.reports.books.tax_lines import event_lines
from pos.reports.period import Scope
from pos.reports.sales.sales_totals import by_day, totals
from pos.reports.sales.sums import Figures
from pos.services.documents.till_reports import closing_document
from pos.services.packages.adjust_credits import forfeit_credit, reverse_redemption, undo_forfeit
from pos.services.packages.expiry import end_freezes_and_expire
from pos.services.packages.share_and_transfer import transfer_credits
from pos.services.till.close_period import write_closing
from pos.web.office.labels import event_labels
from tests.integration.upgrades.test_visit_conversion import command, with_visit
from tests.support.actions import action
from tests.support.agreeing import disagreements
from tests.support.books import book_floats, tamper
from tests.support.clinic import Clinic, TaxHabit, line
from tests.support.gift_card_desk import by_account, content, pay
from tests.support.package_actions import moves, noon, package_action
from tests.web.office.test_pages import text

LATE = date(2027, 6, 18)
ALL = (date(2026, 1, 1), date(2028, 1, 1))


def found_of(world: Clinic) -> Figures:
    with world.read() as session:
        scope = Scope(places(session)[:1], *ALL)
        days = by_day(session, scope)
        assert compare(session, scope, days).differences == ()
        assert disagreements(session, place(session, world.usd.location_id)) == []
        return totals(scope, days)[0]


def expire(world: Clinic) -> None:
    with noon(LATE), world.app.app_context():
        end_freezes_and_expire(places(reading()))


def test_tax_report_package_expired_into_account_credit_is_not_due_twice(build_clinic: Callable[..., Clinic]) -> None:
    """900.00 + 72.00 end as account credit and buy the same again: 72.00 is owed in all, not 144.00."""
    world = book_floats(build_clinic(usd=TaxHabit("8")))
    world.buy("ten", world.ana)
    expire(world)
    with noon(LATE):
        pay(world, content(world, line("ten"), stored=(by_account(),)), client=world.ana)
    assert -world.balance(world.usd, "tax_payable") == 72_00
    found = found_of(world)
    assert found.all_taxes.due[Rate(Decimal(8))][1] == 72_00
    assert found.events["expire"].taxes.due[Rate(Decimal(8))] == (-900_00, -72_00)


@pytest.mark.parametrize("inclusive", [False, True])
def test_tax_report_forfeit_reversal_and_transfer_agree_with_ledger(
    build_clinic: Callable[..., Clinic], inclusive: bool
) -> None:
    """Late cancel, its restoring, a reversal by itself, credits given away: with tax due at redemption."""
    world = book_floats(build_clinic(usd=TaxHabit("10", inclusive=inclusive, point="redemption")))
    lot = world.buy("ten", world.ana)
    net, tax = (81_82, 8_18) if inclusive else (90_00, 9_00)

    def found() -> Figures:
        """Where every report agrees with the ledger, and nothing is due that the ledger does not owe."""
        now = found_of(world)
        assert -world.balance(world.usd, "tax_payable") == now.all_taxes.due[Rate(Decimal(10))][1]
        return now

    def owed(now: Figures) -> int:
        return now.all_taxes.due[Rate(Decimal(10))][1]

    with world.app.app_context():
        forfeit_credit(package_action(world), lot, cause="no_show")
    burned = found()
    assert owed(burned) == tax
    assert (burned.events["burn"].revenue_minor, burned.events["burn"].count) == (net, 1)
    with world.app.app_context():
        undo_forfeit(package_action(world), moves(world, lot, "burn")[0])
    assert owed(found()) == 0
    world.sell(line("trigger_60"), client=world.ana)
    assert owed(found()) == tax
    with world.app.app_context():
        reverse_redemption(package_action(world), moves(world, lot, "redeem")[0])
    back = found()
    assert owed(back) == 0
    assert back.events["reverse"].revenue_minor == -net
    with world.app.app_context():
        transfer_credits(package_action(world), lot, credits=3, receiver_id=world.ben)
    given = found()
    assert owed(given) == 0
    lines = {one.key: one for one in event_lines(given)}
    assert set(lines) == {"sales", "refunds", "burn", "restore", "reverse", "all"}
    assert lines["all"].revenue_minor == -world.balance(world.usd, "service_revenue") == 0


def test_tax_report_lapsed_credits_are_due_and_breakage(build_clinic: Callable[..., Clinic]) -> None:
    world = book_floats(build_clinic(usd=TaxHabit("10", point="redemption")))
    world.write(lambda s: s.execute(update(PackagePlan).values(expiry_policy="lapse")))
    world.buy("ten", world.ana)
    world.sell(line("trigger_60", 3), client=world.ana)
    expire(world)
    found = found_of(world)
    assert (found.events["expire"].breakage_minor, found.events["expire"].tax_minor) == (630_00, 63_00)
    assert found.all_taxes.due == {Rate(Decimal(10)): (900_00, 90_00)}
    assert {percent: tax for percent, tax in found.all_taxes.not_due.items() if tax} == {}


@pytest.mark.parametrize("point", ["sale", "redemption"])
def test_tax_report_package_exchange_carries_tax_of_used_sessions(
    build_clinic: Callable[..., Clinic], point: str
) -> None:
    """Five with two used become ten: the tax of the two sessions is due at their new value."""
    world = book_floats(build_clinic(usd=TaxHabit("8", point=point)))
    old = world.sell(line("five"), client=world.ana)
    world.sell(line("trigger_60", 2), client=world.ana)
    with world.read() as session:
        shift_before = session.scalars(select(CreditMove.kind)).all()
    assert "carry_out" not in shift_before
    world.ring_up(command(world, with_visit(world, old.sale_id, "ten"), world.ana))
    found = found_of(world)
    assert found.all_taxes.due[Rate(Decimal(8))][1] == -world.balance(world.usd, "tax_payable")
    assert found.events["carry"].revenue_minor == 180_00
    assert found.events["carry"].tax_minor == (0 if point == "sale" else 14_40)


def test_closing_tax_of_all_events_equals_tax_account(build_clinic: Callable[..., Clinic]) -> None:
    """Tax due at redemption, credits burned and lapsed: rates and account of a closing are one figure, and stand on it."""
    world = book_floats(build_clinic(usd=TaxHabit("8", point="redemption")))
    world.write(lambda s: s.execute(update(PackagePlan).values(expiry_policy="lapse")))
    lot = world.buy("ten", world.ana)
    world.buy("five", world.ben)
    with world.app.app_context():
        forfeit_credit(package_action(world), lot, cause="no_show")
    expire(world)
    tax = -world.balance(world.usd, "tax_payable")
    with noon(LATE + timedelta(days=1)):
        world.write(lambda s: write_closing(s, place(s, world.usd.location_id), "day", LATE, None))
        found_of(world)
        with world.read() as session:
            closing = session.scalars(select(Closing)).one()
            paper = closing_document(closing)
    (row,) = closing.document["all_taxes"]
    assert row["tax_minor"] == tax - 7_20 == sum(closing.document["accounts"]["tax_payable:8"]) > 0
    (section,) = (part for part in paper.sections if part.heading == "Tax of all events")
    assert section.total_rows[0][0] == "In all · Tax 8 %" or section.total_rows[0][0].startswith("In all · ")
    assert any(part.heading == "Revenue of other events" for part in paper.sections)


def test_tax_report_entry_of_unlisted_event_is_difference(books: Clinic) -> None:
    def plant(session: object) -> None:
        draft = Draft("burn", new_id(), "USD")
        draft.debit("bank", 9_00)
        draft.credit("tax_payable:8", 9_00)
        ledger.post(session, draft, action(session, books.usd.location_id), reference="x")

    books.write(plant)
    with books.read() as session:
        scope = Scope(places(session), *ALL)
        found = compare(session, scope, by_day(session, scope)).differences
    assert [(one.measure, one.ledger_minor - one.sales_minor) for one in found] == [("tax:8", 9_00)]


def test_tax_report_planted_change_of_each_event_is_difference(build_clinic: Callable[..., Clinic]) -> None:
    world = book_floats(build_clinic(usd=TaxHabit("8", point="redemption")))
    lot = world.buy("ten", world.ana)
    world.sell(line("trigger_60"), client=world.ana)
    with world.app.app_context():
        forfeit_credit(package_action(world), lot, cause="no_show")
        undo_forfeit(package_action(world), moves(world, lot, "burn")[0])
        reverse_redemption(package_action(world), moves(world, lot, "redeem")[0])
        forfeit_credit(package_action(world), lot, cause="no_show")
    expire(world)
    found_of(world)
    for kind, measure in (("burn", "revenue"), ("restore", "revenue"), ("reverse", "revenue"), ("expire", "liability")):
        for by, expected in ((1, {measure, "not_due:8"}), (-1, set())):
            tamper(
                world,
                "UPDATE credit_moves SET value_minor = value_minor + :by, tax_minor = tax_minor + :by WHERE kind = :kind",
                by=by,
                kind=kind,
            )
            with world.read() as session:
                scope = Scope(places(session), *ALL)
                seen = {one.measure for one in compare(session, scope, by_day(session, scope)).differences}
            assert expected <= seen if expected else seen == set(), kind


def test_tax_report_events_are_shown_on_sales_page_in_workbook_and_by_command(
    build_clinic: Callable[..., Clinic], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    world = book_floats(build_clinic(usd=TaxHabit("8", point="redemption")))
    lot = world.buy("ten", world.ana)
    with world.app.app_context():
        forfeit_credit(package_action(world), lot, cause="no_show")
    office = world.app.test_client()
    office.set_cookie("tp_office", world.office_cookie(world.manager), path="/office")
    page = text(office.get("/office/sales?location=riverside&from=2026-06-16&to=2026-06-16").text)
    assert "What moved tax and revenue" in page
    assert "Late cancels and no-shows 1 90.00 – 8 % 90.00 7.20 -7.20" in page.replace("−", "-")
    answer = office.get("/office/sales.xlsx?location=riverside&from=2026-06-16&to=2026-06-16")
    sheet = load_workbook(io.BytesIO(answer.data))["Tax and revenue"]
    (row,) = (row for row in sheet.iter_rows(values_only=True) if row[1] == "Late cancels and no-shows")
    assert row == ("USD", "Late cancels and no-shows", 1, 90, 0, 8, 90, 7.2, -7.2, None)

    monkeypatch.setattr("pos.installation.command_app", lambda *_, **__: world.app)
    monkeypatch.setenv("INSTANCE_DIR", str(tmp_path))
    monkeypatch.setenv("WORKER_THREAD", "off")
    days = ("--location", "riverside", "--from", "2026-06-16", "--to", "2026-06-16")
    printed = CliRunner().invoke(cli.main, ("report", "tax", *days))
    assert printed.exit_code == 0
    assert "USD,Late cancels and no-shows,1,90.00,0.00,8,90.00,7.20,-7.20," in printed.stdout.splitlines()


def test_tax_report_every_event_has_label() -> None:
    """What moves tax or revenue is named on pages as on paper; accounts of revenue are those the comparison knows."""
    shown = event_labels()
    quiet = {"gift_card_cash_out", "account_credit_payout", "retry_refund", "unmatched_found", "tip_paid_out"}
    for key, words in EVENTS.items():
        assert key in quiet or shown[key] == words
    assert {"service_revenue", "add_on_revenue", "retail_revenue", "discounts", "breakage"} <= CHART.keys()


def test_tax_report_day_without_sales_includes_its_events(build_clinic: Callable[..., Clinic]) -> None:
    world = book_floats(build_clinic(usd=TaxHabit("8")))
    world.buy("ten", world.ana)
    expire(world)
    with world.read() as session:
        scope = Scope(places(session)[:1], LATE, LATE)
        (day,) = by_day(session, scope).values()
    assert (day.sales, day.events["expire"].count, day.events["expire"].stored_minor) == (0, 1, 972_00)
