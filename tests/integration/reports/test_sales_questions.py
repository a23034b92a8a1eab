"""How sales were paid, what a ticket comes to, how often add-ons are bought, and which clients came and brought what."""

from __future__ import annotations

from datetime import timedelta

from pos.core import clock
from pos.domain.sales.carts import Tip
from tests.integration.refunds.conftest import Desk
from tests.integration.reports.test_people import expect_agreement, said
from tests.support.clinic import Clinic, line
from tests.support.gift_card_desk import by_card, content, pay, sell_card


def worked(desk: Desk) -> Clinic:
    """A gift card of 200.00 pays a visit of 129.60; a package, a visit on it with an add-on and a tip; oil brought back."""
    world = desk.clinic
    card = sell_card(world, 200_00)
    pay(world, content(world, line("trigger_60"), line("cupping"), stored=(by_card(card.card_id),)))
    world.sell(line("ten"), client=world.ana)
    thanks = Tip(amount_minor=15_00, staff_id=world.therapist.id)
    theo = {"therapist": world.therapist}
    world.sell(line("trigger_60", **theo), line("cupping", **theo), client=world.ana, tip=thanks)
    world.sell(line("trigger_90", **theo), client=world.ben)
    oil = world.sell(line("oil"), client=world.ben)
    desk.refund(oil.sale_id)
    return world


def test_sales_by_tender_agree_with_takings(desk: Desk) -> None:
    world = worked(desk)
    columns = ("Paid by", "Payments", "Paid", "Times given back", "Given back", "Paid less given back")
    assert [tuple(row[name] for name in columns) for row in said(world, "sales-by-tender")] == [
        # 200.00 + 972.00 + 36.60 + 151.20 + 19.44
        ("Cash", 5, 1_379_24, 1, -19_44, 1_359_80),
        ("Gift card", 1, 129_60, 0, 0, 129_60),
    ]
    expect_agreement(world)


def test_average_ticket_counts_credits_beside_net_sales(desk: Desk) -> None:
    (row,) = said(worked(desk), "average-ticket")
    # 120.00 + 900.00 + 20.00 + 140.00 + 18.00 on six sales; the gift card is no sale yet, but a ticket.
    assert (row["Sales"], row["Net sales"], row["Average ticket"]) == (6, 1_198_00, 199_67)
    assert (row["Sales with credits used"], row["Credits used"], row["Average with credits used"]) == (
        1, 90_00, 214_67
    )  # fmt: skip


def test_add_on_rate_is_of_visits_by_therapist(desk: Desk) -> None:
    world = worked(desk)
    columns = ("Therapist", "Visits", "Visits with an add-on", "Add-on rate in percent", "Add-ons", "Add-ons, net")
    rows = [tuple(str(row[name]) for name in columns) for row in said(world, "add-ons")]
    assert rows == [
        (world.therapist.name, "2", "1", "50.0", "1", "2000"),
        ("No therapist", "1", "1", "100.0", "1", "2000"),
    ]


def test_clients_new_and_returning_and_what_each_brought(desk: Desk) -> None:
    world = worked(desk)
    with clock.at(clock.now() + timedelta(days=30)):
        world.sell(line("trigger_60"), client=world.ana)
        slip = world.sell(line("trigger_60"), client=world.ben)
        desk.void(slip.sale_id)  # no visit
        months = [(row["Month"], row["New clients"], row["Returning clients"], row["Visits"]) for row in said(
            world, "new-clients", days=40)]  # fmt: skip
        assert months == [("2026-06", 2, 0, 2), ("2026-07", 0, 1, 1)]
        (july,) = said(world, "new-clients", days=3)
        assert (july["New clients"], july["Returning clients"]) == (0, 1)
        ana, ben = said(world, "clients", days=40)
        assert [ana[name] for name in ("Visits", "Net sales", "Refunds, net", "Credits used")] == [2, 920_00, 0, 180_00]
        assert (ana["First visit"], ana["Last visit"]) == (clock.now().date() - timedelta(days=30), clock.now().date())
        assert [ben[name] for name in ("Visits", "Net sales", "Net after refunds")] == [1, 258_00, 140_00]
        assert ben["Last visit"] == ben["First visit"]
        assert (ana["Client"].what, ana["Client"].key) == ("client", world.ana)
