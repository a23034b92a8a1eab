"""What clients paid ahead: owed as of any day in all three ways, how old it is, what ends, and whether they buy again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from pos.core import clock
from pos.domain.catalogue.models import PackagePlan
from pos.domain.clients.models import Client
from pos.domain.locations.queries import place
from pos.services.packages.expiry import end_freezes_and_expire
from tests.integration.refunds.conftest import Desk
from tests.integration.reports.test_people import expect_agreement, said
from tests.support.clinic import Clinic, line
from tests.support.gift_card_desk import by_card, content, pay, sell_card


def later(days: int) -> Any:
    return clock.at(clock.now() + timedelta(days=days))


def visit(world: Clinic, client: Any, count: int = 1) -> None:
    for _ in range(count):
        world.sell(line("trigger_60"), client=client)


def test_owed_rolls_forward_in_sessions_cards_and_account_credit(desk: Desk) -> None:
    world = desk.clinic
    card = sell_card(world, 200_00)
    back = world.sell(line("five"), client=world.ben)
    world.buy("ten", world.ana)
    with later(1):
        pay(world, content(world, line("trigger_60"), line("cupping"), stored=(by_card(card.card_id),)))
        visit(world, world.ana)
        desk.refund(back.sale_id, package_id=desk.package(back.sale_id), as_credit=True)
        rows = {row.pop("Owed as"): list(row.values())[1:-1] for row in said(world, "owed")}
        assert rows == {
            # opening, sold or credited, used, refunded or paid out, expired, other, closing, in the ledger
            "Sessions": [1_360_00, 0, -90_00, -460_00, 0, 0, 810_00, 810_00],
            "Gift cards": [200_00, 0, -129_60, 0, 0, 0, 70_40, 70_40],
            "Account credit": [0, 0, 0, 496_80, 0, 0, 496_80, 496_80],
        }
        before = {row["Owed as"]: (row["Closing"], row["In the ledger"]) for row in said(world, "owed", back=1)}
        assert before == {"Sessions": (1_360_00, 1_360_00), "Gift cards": (200_00, 200_00)}
        expect_agreement(world)


def test_credits_by_age_are_of_the_last_day(desk: Desk) -> None:
    world = desk.clinic
    world.buy("ten", world.ana)
    with later(100):
        world.buy("ten", world.ben)
        visit(world, world.ana)
        rows = [(row["Age"], row["Credits left"], row["Owed"]) for row in said(world, "credits-by-age")]
        assert rows == [("0–3 months", 10, 900_00), ("3–6 months", 9, 810_00)]
        assert [row["Age"] for row in said(world, "credits-by-age", back=95)] == ["0–3 months"]
        expect_agreement(world)


def test_expiring_credits_name_their_holder_and_breakage_follows_policy(desk: Desk) -> None:
    world = desk.clinic
    world.buy("ten", world.ana)
    world.write(lambda s: s.execute(update(PackagePlan).values(expiry_policy="lapse")))
    world.buy("ten", world.ben)
    visit(world, world.ben, 2)
    with later(300):
        assert said(world, "expiring-credits", back=-30, days=60) == []
        ben, ana = said(world, "expiring-credits", back=-90, days=120)
        assert [ben[name] for name in ("Client", "Credits left", "Worth, before tax")] == ["Ben Fischer", 8, 720_00]
        with world.read() as session:
            assert (ana["Email"], ana["Phone"]) == session.execute(
                select(Client.email, Client.phone).where(Client.id == world.ana)
            ).one()
        assert (ana["Client"].key, ana["Credits left"], ana["Plan"].what) == (world.ana, 10, "package")
    with later(370), world.app.app_context():
        with world.read() as session:
            places = (place(session, world.usd.location_id),)
        end_freezes_and_expire(places)
        (row,) = said(world, "breakage")
        columns = ("Credits expired", "Value expired", "Kept as account credit", "Lapsed", "Breakage")
        assert [row[name] for name in columns] == [18, 1_620_00, 900_00, 720_00, 720_00]
        assert row["Breakage"] == -world.balance(world.usd, "breakage")
        expect_agreement(world)


def test_renewals_count_a_package_bought_within_thirty_days(desk: Desk) -> None:
    world = desk.clinic
    world.buy("three", world.ana)
    world.buy("three", world.ben)
    visit(world, world.ana, 3)
    visit(world, world.ben, 2)
    with later(5):
        visit(world, world.ben)
        (row,) = said(world, "renewals", days=5)
        assert [row[name] for name in ("Used up", "Renewed", "Not renewed yet", "Renewed in percent")] == [
            2,
            0,
            2,
            None,
        ]
    with later(30):
        world.buy("ten", world.ana)
        slip = world.sell(line("ten"), client=world.ben)
        desk.void(slip.sale_id)  # bought nothing
    with later(36):
        world.buy("ten", world.ben)  # 31 days after
        (row,) = said(world, "renewals", days=36)
        columns = ("Used up", "Renewed", "Not renewed yet", "Not renewed", "Renewed in percent")
        assert [str(row[name]) for name in columns] == ["2", "1", "0", "1", "50.0"]
        rows = [str(one["New package"]) for one in said(world, "packages-used-up", days=36)]
        assert rows == ["10 × 60 min", ""]
        assert said(world, "renewals", days=30) == []
        expect_agreement(world)
