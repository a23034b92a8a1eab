"""Credits: which lot a visit takes, what expires when, what a hold does, and what a client reads of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.errors import NoCreditLeft
from pos.core.ids import new_id
from pos.domain.catalogue.models import PackagePlan, Price
from pos.domain.credits import redemptions as credits
from pos.domain.credits.models import (
    CreditLot,
    CreditMove,
    LotItem,
    PurchasedPackage,
)
from pos.domain.credits.queries import left_by_client, lots_of
from pos.domain.credits.rules.value import LotFacts, next_value, soonest
from pos.domain.credits.statement import lots_held, statement
from tests.support.actions import action
from tests.support.clinic import Clinic, TaxHabit, line

DAY = date(2026, 6, 16)
SESSION = UUID(int=60)


def facts(number: int, *, remaining: int = 1, expires_on: date | None = None, item: UUID = SESSION) -> LotFacts:
    """A lot; a higher number was granted later."""
    granted = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number)
    return LotFacts(
        UUID(int=number), UUID(int=number), "10 × 60 min", 10, remaining, expires_on, granted, 900_00, {item: 1}, {}
    )


@given(net=st.integers(0, 10**8), quantity=st.integers(1, 40))
@settings(max_examples=200)
def test_credit_values_of_lot_sum_to_net_and_differ_by_one_unit_at_most(net: int, quantity: int) -> None:
    recognised, values = 0, []
    for k in range(1, quantity + 1):
        values.append(next_value(net, k, quantity, recognised))
        recognised += values[-1]
    assert recognised == net
    assert max(values) - min(values) <= 1
    assert min(values) >= 0


@pytest.mark.parametrize(
    ("net", "quantity", "values"),
    [
        (818_18, 10, [81_82, 81_82, 81_81]),
        (750_00, 10, [75_00, 75_00, 75_00]),
        (425_00, 6, [70_83, 70_84, 70_83, 70_83, 70_84, 70_83]),
        (1000, 3, [333, 334, 333]),
        (0, 4, [0, 0, 0, 0]),
    ],
)
def test_credit_value_is_cumulative_share(net: int, quantity: int, values: list[int]) -> None:
    recognised, found = 0, []
    for k in range(1, len(values) + 1):
        found.append(next_value(net, k, quantity, recognised))
        recognised += found[-1]
    assert found == values


def test_credit_lot_choice_soonest_expiring_then_oldest_is_taken() -> None:
    never, late, soon = facts(1), facts(2, expires_on=date(2027, 1, 1)), facts(3, expires_on=date(2026, 7, 1))
    assert soonest([never, late, soon], SESSION, DAY, {}) is soon
    assert soonest([never, late], SESSION, DAY, {}) is late
    assert soonest([facts(5), facts(4)], SESSION, DAY, {}) == facts(4)
    assert soonest([], SESSION, DAY, {}) is None


def test_credit_lot_choice_used_up_expired_or_ineligible_is_skipped() -> None:
    assert soonest([facts(1, remaining=0)], SESSION, DAY, {}) is None
    assert soonest([facts(1, item=UUID(int=90))], SESSION, DAY, {}) is None
    assert soonest([facts(1, remaining=2)], SESSION, DAY, {UUID(int=1): 2}) is None
    assert soonest([facts(1, remaining=2)], SESSION, DAY, {UUID(int=1): 1}) is not None
    assert soonest([facts(1, expires_on=DAY - timedelta(days=1))], SESSION, DAY, {}) is None
    assert soonest([facts(1, expires_on=DAY)], SESSION, DAY, {}) is not None


def test_credit_lot_keeps_terms_after_plan_and_prices_change(clinic: Clinic) -> None:
    lot_id = clinic.buy("ten", clinic.ana)
    lot = clinic.lot(lot_id)
    assert (lot.quantity, lot.remaining, lot.held, lot.redeemed, lot.recognised_minor) == (10, 10, 0, 0, 0)
    assert (lot.net_minor, lot.tax_minor, lot.tax_percent, lot.tax_prepaid) == (900_00, 72_00, Decimal(8), True)
    assert (lot.currency, lot.expires_on) == ("USD", date(2027, 6, 16))

    def later(session: Session) -> None:
        """The plan and every price change after the sale."""
        session.execute(update(PackagePlan).values(refund_policy="store_credit", validity_months=1))
        session.add(
            Price(
                item_id=clinic.items["trigger_60"],
                location_id=clinic.usd.location_id,
                from_on=DAY + timedelta(days=1),
                price_minor=110_00,
            )
        )

    clinic.write(later)
    with clock.at(datetime(2026, 6, 18, 12, tzinfo=UTC)), clinic.read() as session:
        package = session.scalars(select(PurchasedPackage)).one()
        assert package.terms["refund_policy"] == "pro_rata"
        assert package.terms["paid_minor"] == 972_00
        roles = {item.item_id: (item.role, item.list_minor) for item in session.scalars(select(LotItem))}
        assert roles[clinic.items["trigger_60"]] == ("eligible", 100_00)
        assert roles[clinic.items["aromatherapy"]] == ("included", 12_00)
        assert session.get_one(CreditLot, lot_id).expires_on == date(2027, 6, 16)


def test_package_sale_three_on_one_line_makes_three_lots_without_loss(clinic: Clinic) -> None:
    clinic.sell(line("buy_5_get_1", 3), client=clinic.ana)
    with clinic.read() as session:
        lots = session.scalars(select(CreditLot)).all()
    assert [lot.quantity for lot in lots] == [6, 6, 6]
    assert sum(lot.net_minor for lot in lots) == 1275_00
    assert sum(lot.tax_minor for lot in lots) == 102_00


def test_credit_expiry_uses_local_day_of_location(clinic: Clinic) -> None:
    """A package of six months bought on 16 June is good on the evening of 16 December in New York, not the day after."""
    clinic.buy("three", clinic.ana)
    with clock.at(datetime(2026, 12, 17, 4, 30, tzinfo=UTC)):
        assert clinic.sell(line("trigger_60"), client=clinic.ana).total_minor == 0
    with clock.at(datetime(2026, 12, 17, 5, 0, tzinfo=UTC)):
        assert clinic.sell(line("trigger_60"), client=clinic.ana, cash=108_00).total_minor == 108_00


def test_credit_is_redeemed_only_by_owner_at_location_for_session(clinic: Clinic) -> None:
    clinic.buy("ten", clinic.ana)
    assert clinic.sell(line("trigger_60"), client=clinic.ben).total_minor == 108_00
    assert clinic.sell(line("trigger_60")).total_minor == 108_00
    assert clinic.sell(line("swedish_90"), client=clinic.ana).total_minor == 145_80
    assert clinic.sell(line("trigger_60"), client=clinic.ana, site=clinic.eur).total_minor == 100_00
    assert clinic.sell(line("trigger_60", credit="none"), client=clinic.ana).total_minor == 108_00
    with clinic.read() as session:
        assert [lot.remaining for lot in lots_of(session, clinic.ana, clinic.usd.location_id)] == [10]


def test_credit_redemption_lot_chosen_at_desk_is_used(clinic: Clinic) -> None:
    soon = clinic.buy("three", clinic.ana)
    late = clinic.buy("ten", clinic.ana)
    clinic.sell(line("trigger_60"), client=clinic.ana)
    clinic.sell(line("trigger_60", credit=late), client=clinic.ana)
    assert (clinic.lot(soon).remaining, clinic.lot(late).remaining) == (2, 9)
    with pytest.raises(NoCreditLeft) as refused:
        clinic.sell(line("trigger_60", credit=late), client=clinic.ben, cash=0)
    assert refused.value.extra["single_minor"] == 100_00


def test_credit_hold_sets_credits_aside_and_release_returns_them(clinic: Clinic) -> None:
    lot_id = clinic.buy("three", clinic.ana)

    def hold(session: Session, key: str) -> None:
        credits.hold(session, lot_id, action(session, clinic.usd.location_id, key=key, on=DAY), order_id=None)

    def release(session: Session, key: str) -> None:
        credits.release(session, lot_id, action(session, clinic.usd.location_id, key=key, on=DAY), order_id=None)

    for key in ("a", "b", "c"):
        clinic.write(partial(hold, key=key))
    with pytest.raises(NoCreditLeft):
        clinic.write(lambda s: hold(s, "d"))
    assert (clinic.lot(lot_id).remaining, clinic.lot(lot_id).held) == (0, 3)
    assert clinic.sell(line("trigger_60"), client=clinic.ana).total_minor == 108_00
    clinic.write(lambda s: release(s, "b"))
    assert clinic.sell(line("trigger_60"), client=clinic.ana).total_minor == 0
    with clinic.read() as session:
        moves = session.scalars(select(CreditMove).order_by(CreditMove.seq)).all()
    assert [(m.seq, m.kind, m.delta, m.balance_after) for m in moves] == [
        (1, "grant", 3, 3),
        (2, "hold", -1, 2),
        (3, "hold", -1, 1),
        (4, "hold", -1, 0),
        (5, "release", 1, 1),
        (6, "redeem", -1, 0),
    ]


def test_credit_lot_negative_balance_is_refused_by_database(clinic: Clinic) -> None:
    lot_id = clinic.buy("three", clinic.ana)
    for change in ({"remaining": -1, "held": 4}, {"remaining": 4}, {"recognised_minor": 999_99}):
        with pytest.raises(IntegrityError):
            clinic.write(partial(Session.execute, statement=update(CreditLot).values(**change)))
    assert clinic.lot(lot_id).remaining == 3


def test_credit_statement_lists_every_move_with_value(build_clinic: object) -> None:
    world: Clinic = build_clinic(usd=TaxHabit("10", inclusive=True))
    world.buy("ten", world.ana)
    for _ in range(3):
        world.sell(line("trigger_60"), client=world.ana)
    with world.read() as session:
        (lot,) = lots_held(session, world.ana)
        assert (lot.quantity, lot.remaining, lot.redeemed) == (10, 7, 3)
        assert (lot.net_minor, lot.recognised_minor, lot.liability_minor) == (818_18, 245_45, 572_73)
        found = statement(session, [lot.lot_id])
        assert [(m.kind, m.balance_after, m.value_minor) for m in found] == [
            ("redeem", 7, -81_81),
            ("redeem", 8, -81_82),
            ("redeem", 9, -81_82),
            ("grant", 10, 818_18),
        ]
        assert (found[0].what, found[0].treated) == ("Trigger point therapy, 60 min", "Ana Núñez")
        left = left_by_client(session, [world.ana, world.ben], world.usd.location_id, DAY)
        assert (left[world.ana].credits, left[world.ana].next_expiry) == (7, date(2027, 6, 16))
        assert world.ben not in left
        assert left_by_client(session, [world.ana], world.usd.location_id, date(2027, 6, 17)) == {}
        assert lots_held(session, new_id()) == []
