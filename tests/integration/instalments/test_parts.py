"""A package sold for a part of its price: only what is paid can be used, and no more is owed than was received."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from pos.core import clock
from pos.core.database.base import reading
from pos.core.errors import Conflict, Invalid, NoCreditLeft
from pos.domain.catalogue.models import PackagePlan
from pos.domain.locations.queries import desk_place
from pos.services.packages.adjust_credits import forfeit_credit
from pos.services.packages.expiry import end_freezes_and_expire
from pos.services.packages.share_and_transfer import transfer_credits
from tests.conftest import NOON
from tests.integration.instalments.conftest import (
    allow_deposit,
    lot_of,
    part_of,
    pay,
)
from tests.integration.refunds.conftest import Desk
from tests.support.books import book_floats, failing, tamper
from tests.support.clinic import Clinic, TaxHabit, line
from tests.support.gift_card_desk import (
    by_card,
    command,
    on_account,
    on_card,
    sell_card,
)
from tests.support.package_actions import package_action

Build = Callable[..., Clinic]

# tax, due at the first part of 300.00, net and tax of it, three sessions, what stays owed, and comes back pro rata
TAXES = [
    pytest.param(TaxHabit("0"), 300_00, (300_00, 0), [90_00] * 3, 30_00, 30_00, id="untaxed"),
    pytest.param(TaxHabit("10", inclusive=True), 300_00, (272_73, 27_27), [81_82, 81_82, 81_81], 27_28, 30_00, id="A1"),
    pytest.param(TaxHabit("20", inclusive=True), 300_00, (250_00, 50_00), [75_00] * 3, 25_00, 30_00, id="A2"),
    pytest.param(TaxHabit("10"), 330_00, (300_00, 30_00), [90_00] * 3, 30_00, 33_00, id="A3"),
]


def values(world: Clinic, times: int) -> list[int]:
    """What each of the next sessions turns into revenue."""
    return [
        -world.postings(world.sell(line("trigger_60"), client=world.ana).sale_id)["service_revenue"]
        for _ in range(times)
    ]


@pytest.mark.parametrize(("tax", "due", "paid", "sessions", "owed", "pro_rata"), TAXES)
def test_instalment_300_of_900_unlocks_three_sessions_in_every_tax(
    build_clinic: Build,
    tax: TaxHabit,
    due: int,
    paid: tuple[int, int],
    sessions: list[int],
    owed: int,
    pro_rata: int,
) -> None:
    world = allow_deposit(book_floats(build_clinic(usd=tax)))
    desk = Desk(world)
    sold = pay(world, 300_00)
    assert sold.total_minor == due
    entry = world.postings(sold.sale_id)
    assert (-entry["package_liability"], entry["cash_drawer"]) == (paid[0], due)
    lot = lot_of(world, sold.sale_id)
    assert (lot.quantity, lot.remaining, lot.locked, lot.unpaid_minor) == (10, 10, 7, 600_00)
    assert values(world, 3) == sessions
    assert -world.balance(world.usd, "package_liability") == owed
    # The fourth waits for its price; without a choice the single price is charged, as for anybody without credits.
    with pytest.raises(NoCreditLeft):
        world.sell(line("trigger_60", credit=lot.id), client=world.ana)
    assert world.due(world.wanted(line("trigger_60")), client=world.ana) > 0
    with (
        world.app.app_context(),
        pytest.raises(NoCreditLeft, match=r"^6[06]\.00 is to be paid before session 4 of 10 can be used\.$"),
    ):
        forfeit_credit(package_action(world), lot.id, cause="no_show")
    assert failing(world) == {}
    assert desk.preview(sold.sale_id, package_id=desk.package(sold.sale_id)).in_all_minor == pro_rata
    # The rest, and then all of it may be used, at the value of the whole price.
    pay(world, 600_00, lot_id=lot.id)
    after = world.lot(lot.id)
    assert (after.locked, after.unpaid_minor) == (0, 0)
    assert sum(sessions) + sum(values(world, 7)) == after.net_minor
    assert world.balance(world.usd, "package_liability") == 0
    assert failing(world) == {}


def test_instalment_reaching_session_price_unlocks_next_session(clinic: Clinic) -> None:
    world = allow_deposit(clinic)
    lot_id = lot_of(world, pay(world, 300_00).sale_id).id
    pay(world, 59_99, lot_id=lot_id)
    assert world.lot(lot_id).locked == 7
    pay(world, 1, lot_id=lot_id)
    assert world.lot(lot_id).locked == 6


@pytest.mark.parametrize(
    ("amount", "words"),
    [(179_99, "180.00 or more, and less than 900.00"), (900_00, "less than 900.00"), (1_000_00, "less than 900.00")],
)
def test_instalment_first_below_deposit_or_whole_price_is_refused(clinic: Clinic, amount: int, words: str) -> None:
    with pytest.raises(Invalid, match=words) as refused:
        pay(allow_deposit(clinic), amount)
    assert refused.value.field == "part"


def test_instalment_of_plan_without_deposit_is_refused(clinic: Clinic) -> None:
    with pytest.raises(Invalid, match="only when all of it is paid"):
        pay(clinic, 300_00)


def test_instalment_for_other_client_too_much_or_after_refund_is_refused(clinic: Clinic) -> None:
    world = allow_deposit(book_floats(clinic))
    sold = pay(world, 300_00)
    lot_id = lot_of(world, sold.sale_id).id
    with pytest.raises(Invalid, match=r"^600\.00 is still to be paid, no more"):
        pay(world, 600_01, lot_id=lot_id)
    with pytest.raises(Invalid, match="somebody else’s"):
        pay(world, 100_00, lot_id=lot_id, client=world.ben)
    with world.app.app_context(), pytest.raises(Conflict, match="given away when all is paid"):
        transfer_credits(package_action(world), lot_id, credits=1, receiver_id=world.ben)
    desk = Desk(world)
    desk.refund(sold.sale_id, package_id=desk.package(sold.sale_id), by=world.manager)
    with pytest.raises(Conflict, match="Nothing more is paid"):
        pay(world, 100_00, lot_id=lot_id)
    assert failing(world) == {}


def test_instalment_package_refund_returns_to_each_sale_what_it_took(build_clinic: Build) -> None:
    world = allow_deposit(book_floats(build_clinic(usd=TaxHabit("10", inclusive=True))))
    desk = Desk(world)
    sold = pay(world, 300_00)
    lot_id = lot_of(world, sold.sale_id).id
    card = sell_card(world, 250_00)
    wanted = replace(part_of(world, 250_00, lot_id=lot_id), stored=(by_card(card.card_id),))
    later = world.ring_up(command(world, wanted, cash=0, client=world.ana))
    values(world, 2)
    # 550.00 paid, two of ten used of 900.00: 370.00 comes back, 300.00 in cash and 70.00 onto the gift card.
    package = desk.package(sold.sale_id)
    chosen = desk.preview(sold.sale_id, package_id=package)
    assert [(way.kind, way.amount_minor) for way in chosen.all_destinations] == [("cash", 300_00), ("gift_card", 70_00)]
    assert chosen.in_all_minor == 370_00
    state = desk.refund(sold.sale_id, package_id=package, by=world.owner, expected=370_00)
    assert (state.total_minor, state.cash_minor, state.state) == (370_00, 300_00, "paid_back")
    assert on_card(world, card.card_id) == 70_00
    assert len(desk.notes()) == 2
    assert world.balance(world.usd, "package_liability") == 0
    # Two sessions of 81.82 and 81.82 are revenue, and their tax stays: nothing more, nothing less.
    assert -world.balance(world.usd, "service_revenue") == 163_64
    assert -world.balance(world.usd, "tax_payable") == 16_36
    assert desk.found(later.sale_id).refunded_minor == 70_00
    assert failing(world) == {}


@pytest.mark.parametrize(("tax", "back"), [(TaxHabit("10", inclusive=True), 100_00), (TaxHabit("10"), 110_00)])
def test_instalment_refund_at_single_price_deducts_used_sessions(build_clinic: Build, tax: TaxHabit, back: int) -> None:
    world = allow_deposit(book_floats(build_clinic(usd=tax)))
    world.write(lambda session: session.execute(update(PackagePlan).values(refund_policy="single_price")))
    desk, sold = Desk(world), pay(world, 300_00)
    values(world, 2)
    assert desk.preview(sold.sale_id, package_id=desk.package(sold.sale_id)).in_all_minor == back
    values(world, 1)
    chosen = desk.preview(sold.sale_id, package_id=desk.package(sold.sale_id))
    assert (chosen.in_all_minor, chosen.package.left if chosen.package else 0) == (0, 7)
    desk.refund(sold.sale_id, package_id=desk.package(sold.sale_id))
    assert failing(world) == {}


def test_instalment_package_expired_becomes_account_credit_of_unused_part(clinic: Clinic) -> None:
    world = allow_deposit(book_floats(clinic))
    lot = lot_of(world, pay(world, 300_00).sale_id)
    values(world, 1)
    assert lot.expires_on is not None
    with clock.at(NOON + (lot.expires_on - NOON.date()) + timedelta(days=2)), world.app.app_context():
        (ended,) = end_freezes_and_expire((desk_place(reading(), world.usd.desk).place,))
    # 324.00 with tax was paid, a session of 97.20 was used.
    assert (ended.credits, ended.account_minor) == (9, 226_80)
    assert on_account(world, world.ana) == 226_80
    assert failing(world) == {}


def test_instalment_voided_is_paid_again_unless_sessions_were_used(clinic: Clinic) -> None:
    world = allow_deposit(book_floats(clinic))
    desk = Desk(world)
    sold = pay(world, 300_00)
    lot_id = lot_of(world, sold.sale_id).id
    slip = pay(world, 250_00, lot_id=lot_id)
    with pytest.raises(Conflict, match="More was paid"):
        desk.void(sold.sale_id, by=world.manager)
    desk.void(slip.sale_id, by=world.manager)
    assert (world.lot(lot_id).unpaid_minor, world.lot(lot_id).locked, world.lot(lot_id).net_minor) == (
        600_00,
        7,
        300_00,
    )
    again = pay(world, 250_00, lot_id=lot_id)
    values(world, 4)
    with pytest.raises(Conflict, match="Sessions this part paid for were used"):
        desk.void(again.sale_id, by=world.manager)
    assert failing(world) == {}


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE credit_lots SET unpaid_minor = unpaid_minor - 100", "is to be paid"),
        ("UPDATE credit_lots SET locked = locked - 1", "more credits are used"),
        ("UPDATE instalments SET amount_minor = amount_minor + 1", "is to be paid"),
        ("UPDATE credit_lots SET price_minor = 0, unpaid_minor = 0", "paid at once and locks"),
    ],
)
def test_instalment_checks_planted_fault_is_found(clinic: Clinic, statement: str, words: str) -> None:
    world = allow_deposit(book_floats(clinic))
    pay(world, 300_00)
    tamper(world, statement)
    assert words in failing(world)["parts"]
