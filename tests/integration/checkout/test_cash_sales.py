"""Sales paid at the desk, from the ticket to the books: the worked examples as far as they are built, to the cent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pos.core.audit import AuditEvent
from pos.core.errors import AlreadyUsedKey, Conflict, Invalid
from pos.core.ids import new_id
from pos.core.outbox import OutboxMessage
from pos.domain.credits.models import CreditMove, Redemption
from pos.domain.ledger.models import JournalEntry
from pos.domain.payments.models import Tender
from pos.domain.receipts.models import Receipt
from pos.domain.sales.carts import Tip
from pos.domain.sales.models import Sale, SaleLine
from pos.domain.sales.pricing import Discount
from pos.domain.sales.shown_totals import ShownTotals
from pos.domain.till import shifts as till
from tests.support.actions import action
from tests.support.clinic import (
    Clinic,
    Site,
    TaxHabit,
    line,
)

HISTORY = (Sale, SaleLine, Tender, Receipt, JournalEntry, CreditMove, Redemption, AuditEvent, OutboxMessage)


def rows(world: Clinic) -> dict[str, int]:
    """How many rows of history there are."""
    with world.read() as session:
        return {m.__tablename__: session.scalar(select(func.count()).select_from(m)) or 0 for m in HISTORY}


def test_cash_sale_tax_on_top_is_posted(clinic: Clinic) -> None:
    done = clinic.sell(line("trigger_60"), cash=120_00)
    assert (done.total_minor, done.change_minor, done.receipt_label) == (108_00, 12_00, "RIV-000001")
    assert clinic.postings(done.sale_id) == {"cash_drawer": 108_00, "service_revenue": -100_00, "tax_payable:8": -8_00}


def test_cash_sale_tax_inclusive_is_posted(clinic: Clinic) -> None:
    done = clinic.sell(line("trigger_60"), site=clinic.eur)
    assert (done.total_minor, done.receipt_label) == (100_00, "RGB-000001")
    assert clinic.postings(done.sale_id) == {"cash_drawer": 100_00, "service_revenue": -84_03, "tax_payable:19": -15_97}


def test_sale_revenue_is_posted_by_kind_with_discounts_against_it(clinic: Clinic) -> None:
    done = clinic.sell(
        line("trigger_60"),
        line("aromatherapy"),
        line("oil", 2),
        discount=Discount(amount_minor=14_80, reason="Birthday"),
    )
    # 100 + 12 + 36 = 148, a tenth off, 8 % on 133.20.
    assert clinic.postings(done.sale_id) == {
        "cash_drawer": 143_86,
        "service_revenue": -100_00,
        "add_on_revenue": -12_00,
        "retail_revenue": -36_00,
        "discounts": 14_80,
        "tax_payable:8": -10_66,
    }


def test_tip_is_payable_and_neither_taxed_nor_revenue(clinic: Clinic) -> None:
    done = clinic.sell(line("trigger_60"), tip=Tip(Decimal(20), staff_id=clinic.therapist.id))
    assert (done.total_minor, done.tip_minor) == (108_00, 20_00)
    assert clinic.postings(done.sale_id) == {
        "cash_drawer": 128_00,
        "service_revenue": -100_00,
        "tax_payable:8": -8_00,
        "tips_payable": -20_00,
    }


@pytest.mark.parametrize(
    ("tax", "sold", "sessions", "left"),
    [
        (TaxHabit("10", inclusive=True), (900_00, 818_18, 81_82), [81_82, 81_82, 81_81], 572_73),
        (TaxHabit("20", inclusive=True), (900_00, 750_00, 150_00), [75_00, 75_00, 75_00], 525_00),
        (TaxHabit("10"), (990_00, 900_00, 90_00), [90_00, 90_00, 90_00], 630_00),
    ],
    ids=["A1", "A2", "A3"],
)
def test_package_ten_for_900_three_redeemed_matches_worked_table(
    build_clinic: Callable[..., Clinic], tax: TaxHabit, sold: tuple[int, int, int], sessions: list[int], left: int
) -> None:
    """The table of the domain paper up to the liability left: single 100.00, ten for 900.00, three redeemed."""
    world = build_clinic(usd=tax)
    package = world.sell(line("ten"), client=world.ana)
    total, net, vat = sold
    assert package.total_minor == total
    assert world.postings(package.sale_id) == {
        "cash_drawer": total,
        "package_liability": -net,
        f"tax_payable:{tax.percent}": -vat,
    }
    for value in sessions:
        visit = world.sell(line("trigger_60"), client=world.ana)
        assert visit.total_minor == 0
        assert world.postings(visit.sale_id) == {"package_liability": value, "service_revenue": -value}
    assert world.balance(world.usd, "package_liability") == -left
    assert world.balance(world.usd, "tax_payable") == -vat
    assert world.balance(world.usd, "service_revenue") == -sum(sessions)


def test_package_buy_five_get_one_recognises_six_sessions(build_clinic: Callable[..., Clinic]) -> None:
    """Example b: 425.00 over six sessions; nothing is left when the last is used."""
    world = build_clinic(usd=TaxHabit("0"))
    lot = world.buy("buy_5_get_1", world.ana)
    values = []
    for _ in range(6):
        visit = world.sell(line("trigger_60"), client=world.ana)
        values.append(world.postings(visit.sale_id)["package_liability"])
    assert values == [70_83, 70_84, 70_83, 70_83, 70_84, 70_83]
    assert world.balance(world.usd, "package_liability") == 0
    kept = world.lot(lot)
    assert (kept.remaining, kept.redeemed, kept.recognised_minor) == (0, 6, 425_00)
    assert world.sell(line("trigger_60"), client=world.ana).total_minor == 100_00


def test_sale_credit_add_on_and_tip_posts_each_part(clinic: Clinic) -> None:
    """Example d without its upgrade and card: the tip is taken of the undiscounted price of the visit."""
    clinic.buy("ten", clinic.ana)
    done = clinic.sell(
        line("trigger_60", therapist=clinic.therapist),
        line("aromatherapy", credit="none"),
        client=clinic.ana,
        tip=Tip(Decimal(20), staff_id=clinic.therapist.id),
    )
    assert (done.total_minor, done.tip_minor) == (12_96, 22_40)
    assert clinic.postings(done.sale_id) == {
        "package_liability": 90_00,
        "cash_drawer": 35_36,
        "service_revenue": -90_00,
        "add_on_revenue": -12_00,
        "tax_payable:8": -96,
        "tips_payable": -22_40,
    }


def test_sale_included_add_on_is_free_once_per_visit(clinic: Clinic) -> None:
    clinic.buy("ten", clinic.ana)
    done = clinic.sell(line("trigger_60"), line("aromatherapy"), line("hot_compress"), client=clinic.ana)
    assert done.total_minor == 0
    assert clinic.postings(done.sale_id) == {"package_liability": 90_00, "service_revenue": -90_00}
    # One comes free with each visit, not two.
    again = clinic.sell(line("trigger_60"), line("aromatherapy", 2), client=clinic.ana)
    assert again.total_minor == 12_96


def test_package_bought_today_is_redeemed_today(clinic: Clinic) -> None:
    clinic.buy("three", clinic.ana)
    assert clinic.sell(line("trigger_60"), client=clinic.ana).total_minor == 0


def test_sale_more_sessions_than_credits_charges_single_price(clinic: Clinic) -> None:
    clinic.buy("three", clinic.ana)
    done = clinic.sell(line("trigger_60", 4), client=clinic.ana)
    assert done.total_minor == 108_00
    assert clinic.postings(done.sale_id)["service_revenue"] == -(285_00 + 100_00)


@pytest.mark.parametrize(
    ("build", "error"),
    [
        (lambda w: w.command(line("trigger_60"), cash=107_99), Invalid),
        (lambda w: w.command(line("ten"), cash=972_00), Invalid),
        (lambda w: w.command(cash=0), Invalid),
        (lambda w: w.command(cash=5_00, tip=Tip(amount_minor=5_00)), Invalid),
        (lambda w: w.command(line("trigger_60"), cash=10**9, tip=Tip(amount_minor=10**8)), Invalid),
        (lambda w: w.command(line("trigger_60", credit=new_id()), client=w.ana, cash=108_00), Conflict),
    ],
    ids=["too-little-cash", "package-without-client", "nothing", "tip-alone", "tip-slip", "unknown-lot"],
)
def test_sale_invalid_command_changes_nothing(
    clinic: Clinic, build: Callable[[Clinic], object], error: type[Exception]
) -> None:
    before = rows(clinic)
    with pytest.raises(error):
        clinic.ring_up(build(clinic))
    assert rows(clinic) == before
    assert clinic.sell(line("foot_60")).receipt_label == "RIV-000001"


def test_cash_sale_drawer_closed_is_refused(clinic: Clinic) -> None:
    command = clinic.command(line("foot_60"))

    def close(session: Session) -> None:
        shift = till.current_shift(session, clinic.usd.desk, lock=True, closing=True)
        assert shift is not None
        till.close(shift, action(session, clinic.usd.location_id), expected_minor=100_00, counted_minor=100_00)

    clinic.write(close)
    with pytest.raises(Conflict, match="closed"):
        clinic.ring_up(command)
    assert rows(clinic)["sales"] == 0


def test_sale_same_command_again_is_replayed_without_effect(clinic: Clinic) -> None:
    """Hard case 4 at the desk: ten credits, one receipt, one entry, however often the button is pressed."""
    command = clinic.command(line("ten"), client=clinic.ana, cash=1000_00)
    first = clinic.ring_up(command)
    after = rows(clinic)
    again = clinic.ring_up(command)
    assert (first.replayed, again.replayed) == (False, True)
    for name in ("sale_id", "receipt_label", "receipt_token", "total_minor", "tip_minor", "change_minor"):
        assert getattr(again, name) == getattr(first, name)
    assert rows(clinic) == after
    assert after["sales"] == after["receipts"] == after["journal_entries"] == after["credit_moves"] == 1


def test_sale_other_content_under_used_key_is_refused(clinic: Clinic) -> None:
    key = new_id()
    clinic.sell(line("foot_60"), sale_id=key)
    after = rows(clinic)
    for other in (
        clinic.command(line("trigger_60"), sale_id=key),
        clinic.command(line("foot_60"), sale_id=key, cash=500_00),
        clinic.command(line("foot_60"), sale_id=key, client=clinic.ana),
        clinic.command(line("foot_60"), sale_id=key, desk=clinic.usd.desks[1]),
    ):
        with pytest.raises(AlreadyUsedKey):
            clinic.ring_up(other)
    assert rows(clinic) == after


def test_receipt_numbers_are_separate_per_location(clinic: Clinic) -> None:
    def label(site: Site) -> str:
        return clinic.sell(line("foot_60"), site=site).receipt_label

    sites = (clinic.usd, clinic.eur, clinic.usd, clinic.usd, clinic.eur)
    assert [label(site) for site in sites] == ["RIV-000001", "RGB-000001", "RIV-000002", "RIV-000003", "RGB-000002"]


def test_sale_total_differs_from_screen_is_refused(clinic: Clinic) -> None:
    command = clinic.command(line("trigger_60"), cash=200_00)
    with pytest.raises(Conflict) as refused:
        clinic.ring_up(replace(command, shown=ShownTotals(due_minor=100_00)))
    assert refused.value.extra["due_minor"] == 108_00
    assert rows(clinic)["sales"] == 0
    assert clinic.ring_up(replace(command, shown=ShownTotals(due_minor=108_00))).change_minor == 92_00
