"""A therapist of a higher tier costs more: on a visit that is paid, and beyond a credit of a lower tier."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from pos.core.errors import NoCreditLeft
from pos.domain.catalogue.models import PackagePlan, TierPrice
from pos.domain.credits.models import LotItem
from pos.domain.locations.models import Tier
from pos.domain.locations.queries import desk_place
from pos.domain.staff.models import Staff
from pos.services.checkout.price_cart import price_request
from pos.services.checkout.visit_conversion import offers
from tests.conftest import NOON
from tests.integration.upgrades.test_visit_conversion import lot_of, visit_conversion
from tests.support.books import book_floats, failing
from tests.support.clinic import PRICES_FROM, Clinic, line

SENIOR = 1


@pytest.fixture
def tiered(clinic: Clinic) -> Clinic:
    """Theo is senior: 20.00 more for 60 minutes, 30.00 for 90. From tomorrow on it is 25.00."""
    world = book_floats(clinic)

    def prepare(session: Session) -> None:
        session.add(Tier(level=SENIOR, name="Senior"))
        session.flush()
        for item, minor, day in (
            ("trigger_60", 20_00, PRICES_FROM), ("trigger_90", 30_00, PRICES_FROM),
            ("trigger_60", 25_00, NOON.date() + timedelta(days=1)),
        ):  # fmt: skip
            _price(session, world, item, minor, day)
        session.execute(update(Staff).where(Staff.id == world.therapist.id).values(tier=SENIOR))

    world.write(prepare)
    return world


def _price(session: Session, world: Clinic, item: str, minor: int, day: date) -> None:
    session.add(
        TierPrice(
            level=SENIOR, item_id=world.items[item], location_id=world.usd.location_id, from_on=day,
            surcharge_minor=minor,
        )
    )  # fmt: skip


def senior_plan(world: Clinic, plan: str) -> None:
    """Credits of a plan are good for seniors, for whoever buys it from now on."""
    query = update(PackagePlan).where(PackagePlan.item_id == world.items[plan]).values(tier=SENIOR)
    world.write(lambda session: session.execute(query))


def due(world: Clinic, item: str, **asked: object) -> int:
    """Before tax."""
    wanted = world.wanted(line(item, therapist=world.therapist, **asked))
    with world.read() as session:
        place = desk_place(session, world.usd.desk).place
        return price_request(session, place, wanted, client_id=world.ana, day=place.today()).cart.net_minor


def test_price_of_visit_includes_surcharge_of_therapist_tier(tiered: Clinic) -> None:
    assert due(tiered, "trigger_60") == 120_00
    assert due(tiered, "foot_60") == 75_00  # no surcharge is set for it
    with tiered.read() as session:
        place = desk_place(session, tiered.usd.desk).place
        nobody = price_request(session, place, tiered.wanted(line("trigger_60")), client_id=None, day=place.today())
    assert nobody.cart.net_minor == 100_00


@pytest.mark.parametrize(
    ("method", "beyond", "longer"),
    # 120 − 100 and 170 − 100; 120 − 90 and 170 − 90.
    [("list", 20_00, 70_00), ("value", 30_00, 80_00)],
)
def test_credit_of_lower_tier_charges_difference(tiered: Clinic, method: str, beyond: int, longer: int) -> None:
    tiered.write(lambda session: session.execute(update(PackagePlan).values(upgrade_method=method)))
    tiered.buy("ten", tiered.ana)
    assert due(tiered, "trigger_60") == beyond
    assert due(tiered, "trigger_90") == longer
    entry = tiered.postings(tiered.sell(line("trigger_60", therapist=tiered.therapist), client=tiered.ana).sale_id)
    assert (entry["package_liability"], -entry["service_revenue"]) == (90_00, 90_00 + beyond)
    assert failing(tiered) == {}


def test_credit_of_same_tier_pays_whole_visit_and_is_used_first(tiered: Clinic) -> None:
    standard = tiered.buy("three", tiered.ana)  # ends first
    senior_plan(tiered, "ten")
    senior = tiered.buy("ten", tiered.ana)
    assert (tiered.lot(standard).tier, tiered.lot(senior).tier) == (0, SENIOR)
    assert due(tiered, "trigger_60") == 0
    tiered.sell(line("trigger_60", therapist=tiered.therapist), client=tiered.ana)
    assert (tiered.lot(standard).remaining, tiered.lot(senior).remaining) == (3, 9)
    # The other way round nothing comes back: a standard visit uses the whole credit that ends first.
    tiered.sell(line("trigger_60"), client=tiered.ana)
    assert tiered.lot(standard).remaining == 2
    # The desk may choose the standard credit for the senior all the same.
    assert due(tiered, "trigger_60", credit=standard) == 20_00
    with pytest.raises(NoCreditLeft):
        due(tiered, "foot_60", credit=standard)
    assert failing(tiered) == {}


def test_package_sale_senior_tier_keeps_senior_list_price(tiered: Clinic) -> None:
    senior_plan(tiered, "ten")
    lot = tiered.buy("ten", tiered.ana)
    with tiered.read() as session:
        assert session.get_one(LotItem, (lot, tiered.items["trigger_60"])).list_minor == 120_00


def test_visit_conversion_senior_visit_to_standard_package_charges_surcharge(tiered: Clinic) -> None:
    single = tiered.sell(line("trigger_60", therapist=tiered.therapist), client=tiered.ana)
    # 900.00 + 20.00 with 8 % less 129.60 that was paid.
    rest = 993_60 - 129_60
    with tiered.read() as session:
        place = desk_place(session, tiered.usd.desk).place
        _, packages = offers(session, place, single.sale_id)
    assert next(one.rest_minor for one in packages if one.item_id == tiered.items["ten"]) == rest
    done = visit_conversion(tiered, single.sale_id)
    assert done.total_minor == 993_60
    assert lot_of(tiered, done.sale_id).remaining == 9
    assert failing(tiered) == {}
