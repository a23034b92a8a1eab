"""A part taken by card: kept for it while the card is asked, so that nothing else takes it; and two desks at once."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, null, select

from pos.core.database.base import reading
from pos.core.errors import Conflict
from pos.domain.credits import instalments
from pos.domain.credits.lot_writes import CHANGED, change
from pos.domain.credits.models import Instalment
from pos.domain.locations.queries import desk_place
from pos.services.checkout.cart import TicketState, change_ticket
from pos.services.checkout.ring_up import RungUp
from pos.services.packages.expiry import end_freezes_and_expire
from tests.integration.instalments.conftest import (
    allow_deposit,
    lot_of,
    part_of,
    pay,
)
from tests.integration.refunds.conftest import Desk
from tests.support.barrier import meeting, race
from tests.support.books import failing
from tests.support.cards import CARDS, Till
from tests.support.clinic import Clinic, line
from tests.support.gift_card_desk import command


def part_ticket(till: Till, lot_id: UUID, amount_minor: int) -> TicketState:
    """An open ticket that pays a part."""
    world, ticket = till.clinic, till.ticket(line("oil"), client=till.clinic.ana)
    with world.app.app_context():
        return change_ticket(
            ticket_id=ticket.ticket_id,
            desk_id=ticket.desk_id,
            staff_id=world.receptionist.id,
            client_id=world.ana,
            wanted=part_of(world, amount_minor, lot_id=lot_id),
            version=ticket.version,
        )


@CARDS
def test_instalment_during_card_payment_is_held_then_refunded_by_both_ways(card_desk: Desk) -> None:
    world, till = allow_deposit(card_desk.clinic), card_desk.till
    assert till is not None
    sold = pay(world, 300_00)
    lot = lot_of(world, sold.sale_id)
    waiting = till.charge(till.command(part_ticket(till, lot.id, 600_00)))
    with pytest.raises(Conflict, match="A card is being asked for a part"):
        pay(world, 100_00, lot_id=lot.id)
    package = next(iter(card_desk.found(sold.sale_id).packages))
    assert (package.preview, package.why_not[:28]) == (None, "A card is being asked for a ")
    assert lot.expires_on is not None
    with world.app.app_context():
        place = desk_place(reading(), world.usd.desk).place
        assert (
            end_freezes_and_expire((place,), on=lot.expires_on.replace(year=lot.expires_on.year + 1), dry_run=True)
            == []
        )
    till.cancel(waiting.order_id)
    assert world.lot(lot.id).held_by_order_id is None
    paid = till.charge(till.command(part_ticket(till, lot.id, 600_00)))
    till.tap()
    assert till.look(paid.order_id).state == "succeeded"
    after = world.lot(lot.id)
    assert (after.unpaid_minor, after.locked, after.held_by_order_id, after.net_minor) == (0, 0, None, 900_00)
    # Two of ten used: the card's part comes back to the card, the first one in cash.
    world.sell(line("trigger_60", 2), client=world.ana)
    chosen = card_desk.preview(sold.sale_id, package_id=card_desk.package(sold.sale_id))
    assert [(way.kind, way.amount_minor) for way in chosen.all_destinations] == [("cash", 324_00), ("card", 453_60)]
    state = card_desk.refund(sold.sale_id, package_id=card_desk.package(sold.sale_id))
    assert (state.total_minor, state.state) == (777_60, "paid_back")
    assert {part.kind for part in state.parts} == {"cash", "card"}
    assert failing(world) == {}


# Without its guard SQLite's turn to write still keeps the two apart: they never look at the same moment.
@pytest.mark.parametrize(
    ("database", "guarded"),
    [("sqlite", True), ("postgresql", True), ("postgresql", False)],
    indirect=["database"],
)
def test_instalment_of_rest_at_two_desks_is_taken_once(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    world = allow_deposit(clinic)
    lot_id = lot_of(world, pay(world, 300_00).sale_id).id
    commands = [
        command(world, part_of(world, 600_00, lot_id=lot_id), cash=648_00, client=world.ana, desk_id=desk)
        for desk in world.usd.desks
    ]
    with world.read() as session:
        meets = session.get_bind().dialect.name == "postgresql"
    meet, after = meeting(2), instalments._after

    def after_both_have_looked(*given: Any, **more: Any) -> dict[str, int]:
        if meets:
            meet()
        return after(*given, **more)

    monkeypatch.setattr(instalments, "_after", after_both_have_looked)
    if not guarded:
        monkeypatch.setattr(
            instalments, "_PAY", change(**instalments._PAID, held_by_order_id=null()).returning(*CHANGED)
        )
    outcomes = race(*(partial(world.ring_up, one) for one in commands))
    with world.read() as session:
        paid = session.scalar(select(func.sum(Instalment.amount_minor)))
    if guarded:
        assert sum(isinstance(outcome, RungUp) for outcome in outcomes) == 1
        assert paid == 900_00
    else:
        assert paid == 1_500_00
