"""Desks at the same moment, on both real databases. Beside each race its negative control: with the guard off, it is lost.

Both desks act on what their screens showed before the race: `assemble` is held at that view, so nothing but the guard under
test decides.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from invoices.documents import ReceiptDocument
from pos.core import clock
from pos.core.errors import Conflict, NoCreditLeft
from pos.core.ids import new_id
from pos.domain.credits import redemptions as credits
from pos.domain.credits.lot_writes import Moved
from pos.domain.credits.models import CreditLot, CreditMove, Redemption
from pos.domain.credits.redemptions import Visit
from pos.domain.ledger import posting as ledger
from pos.domain.ledger.models import JournalEntry
from pos.domain.locations.queries import Place, desk_place
from pos.domain.receipts import repository as receipts
from pos.domain.receipts.models import Receipt, ReceiptSeries
from pos.domain.sales import repository as sales
from pos.domain.sales.models import Sale
from pos.domain.sales.repository import SaleDraft
from pos.domain.sales.shown_totals import ShownTotals
from pos.services.checkout import ring_up as use_case
from pos.services.checkout.cart import change_ticket, open_ticket
from pos.services.checkout.price_cart import PricedCart, price_request
from pos.services.checkout.ring_up import RingUpSale, RungUp
from tests.support.actions import action
from tests.support.barrier import meeting, race
from tests.support.clinic import Clinic, line


def is_postgresql(world: Clinic) -> bool:
    """SQLite lets one writer in at a time, so two desks cannot meet in the middle of their transactions there."""
    with world.read() as session:
        return session.get_bind().dialect.name == "postgresql"


def total(world: Clinic, what: Any) -> int:
    with world.read() as session:
        return session.scalar(select(func.count()).select_from(what)) or 0


# ---- the last credit


@pytest.fixture
def last_credit(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> tuple[Clinic, UUID, list[RingUpSale]]:
    """One credit left, and two desks whose screens both offer it."""
    lot_id = clinic.buy("three", clinic.ana)
    clinic.sell(line("trigger_60", 2), client=clinic.ana)
    shown: dict[UUID, PricedCart] = {}
    commands = []
    for desk in clinic.usd.desks:
        command = clinic.command(line("trigger_60"), client=clinic.ana, desk=desk, cash=0)
        commands.append(replace(command, shown=ShownTotals(due_minor=0, credits=1)))
        with clinic.read() as session:
            place = desk_place(session, desk).place
            assert command.wanted is not None
            view = price_request(session, place, command.wanted, client_id=clinic.ana, day=place.today())
            shown[command.wanted.lines[0].line_id] = view

    def held_view(session: Session, place: Place, wanted: Any, **_: Any) -> PricedCart:
        return shown[wanted.lines[0].line_id]

    monkeypatch.setattr(use_case, "price_request", held_view)
    return clinic, lot_id, commands


def use_at_both_desks(world: Clinic, commands: list[RingUpSale]) -> list[Any]:
    return race(*(partial(world.ring_up, command) for command in commands))


def test_credit_redemption_last_credit_at_two_desks_one_wins(
    last_credit: tuple[Clinic, UUID, list[RingUpSale]],
) -> None:
    world, lot_id, commands = last_credit
    outcomes = use_at_both_desks(world, commands)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoCreditLeft", "RungUp"]
    lot = world.lot(lot_id)
    assert (lot.remaining, lot.held, lot.redeemed) == (0, 0, 3)
    with world.read() as session:
        moves = session.scalars(select(CreditMove).where(CreditMove.lot_id == lot_id).order_by(CreditMove.seq)).all()
    assert [(m.seq, m.delta, m.balance_after) for m in moves] == [(1, 3, 3), (2, -1, 2), (3, -1, 1), (4, -1, 0)]
    assert total(world, Redemption) == 3
    assert total(world, Sale) == total(world, Receipt) == total(world, JournalEntry) == 3


def test_credit_redemption_without_conditional_update_is_made_twice(
    last_credit: tuple[Clinic, UUID, list[RingUpSale]], monkeypatch: pytest.MonkeyPatch
) -> None:
    world, lot_id, commands = last_credit

    def redeem_unguarded(session: Session, lot_id: UUID, visit: Visit, *_: Any, sale: Sale, held: bool) -> Any:
        """Trust what the screen showed: count uses by adding rows."""
        assert sale.client_id is not None
        redemption = Redemption(
            id=new_id(),
            lot_id=lot_id,
            sale_id=sale.id,
            sale_position=visit.position,
            number=visit.number,
            client_id=sale.client_id,
            value_minor=95_00,
            service_on=sale.business_on,
            at=clock.now(),
        )
        session.add(redemption)
        return Moved(new_id(), lot_id, 0, 0)

    monkeypatch.setattr(credits, "redeem", redeem_unguarded)
    outcomes = use_at_both_desks(world, commands)
    assert all(isinstance(outcome, RungUp) for outcome in outcomes)
    assert total(world, Redemption) == 4 > world.lot(lot_id).quantity


def test_credit_hold_eight_desks_at_once_holds_each_credit_once(clinic: Clinic) -> None:
    """Attempts far beyond what is there: never one credit too many, every move numbered."""
    lots = [clinic.buy("ten", clinic.ana) for _ in range(2)]

    def hold_many() -> int:
        taken = 0
        for lot_id in lots * 8:
            try:
                key = str(new_id())
                clinic.write(partial(_hold, lot_id, key))
                taken += 1
            except NoCreditLeft:
                pass
        return taken

    def _hold(lot_id: UUID, key: str, session: Session) -> None:
        # The order of a hold is not what is raced for here.
        credits.hold(session, lot_id, action(session, clinic.usd.location_id, key=key), order_id=None)

    outcomes = race(*[hold_many] * 4)
    assert sum(outcomes) == 20
    with clinic.read() as session:
        for lot in session.scalars(select(CreditLot)):
            assert (lot.remaining, lot.held, lot.seq) == (0, 10, 11)
            seqs = session.scalars(select(CreditMove.seq).where(CreditMove.lot_id == lot.id).order_by(CreditMove.seq))
            assert list(seqs) == list(range(1, 12))


# ---- the same key twice


def meet_after_the_first_look(world: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let neither of two desks go on before both have looked for the sale; both have then seen none."""
    if not is_postgresql(world):
        return
    meet, look = meeting(2), use_case._opening

    def look_then_meet(session: Session, command: RingUpSale) -> Any:
        found = look(session, command)
        meet()
        return found

    monkeypatch.setattr(use_case, "_opening", look_then_meet)


def test_sale_posted_twice_at_once_is_one_sale(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    command = clinic.command(line("ten"), client=clinic.ana)
    meet_after_the_first_look(clinic, monkeypatch)
    first, second = race(*[partial(clinic.ring_up, command)] * 2)
    assert replace(first, replayed=False) == replace(second, replayed=False)
    assert sorted([first.replayed, second.replayed]) == [False, True]
    assert total(clinic, Sale) == total(clinic, Receipt) == total(clinic, JournalEntry) == total(clinic, CreditLot) == 1


def test_sale_retry_after_last_credit_is_answered_as_replay(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    """The retry finds no credit left: its own first try took it. It must hear of its sale, not of a lost race."""
    clinic.buy("three", clinic.ana)
    clinic.sell(line("trigger_60", 2), client=clinic.ana)
    command = replace(clinic.command(line("trigger_60"), client=clinic.ana, cash=0), shown=ShownTotals(credits=1))
    meet_after_the_first_look(clinic, monkeypatch)
    outcomes = race(*[partial(clinic.ring_up, command)] * 2)
    assert [type(outcome) for outcome in outcomes] == [RungUp, RungUp], outcomes
    assert total(clinic, Redemption) == 3


def test_ticket_paid_twice_at_once_under_one_key_is_one_sale(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket_id = new_id()
    with clinic.app.app_context():
        staff_id, desk_id = clinic.receptionist.id, clinic.usd.desk
        open_ticket(ticket_id=ticket_id, desk_id=desk_id, staff_id=staff_id)
        state = change_ticket(
            ticket_id=ticket_id,
            desk_id=desk_id,
            staff_id=staff_id,
            client_id=None,
            wanted=clinic.wanted(line("foot_60")),
            version=1,
        )
    command = RingUpSale(new_id(), desk_id, staff_id, 81_00, ticket_id=ticket_id, ticket_version=state.version)
    meet_after_the_first_look(clinic, monkeypatch)
    outcomes = race(*[partial(clinic.ring_up, command)] * 2)
    assert [type(outcome) for outcome in outcomes] == [RungUp, RungUp], outcomes
    assert total(clinic, Sale) == 1


def test_sale_posted_twice_without_its_key_is_two_sales(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    complete = sales.complete

    def complete_under_a_new_key(session: Session, agreed: SaleDraft, cart: Any) -> Sale:
        return complete(session, replace(agreed, sale_id=new_id()), cart)

    monkeypatch.setattr(sales, "complete", complete_under_a_new_key)
    command = clinic.command(line("ten"), client=clinic.ana)
    outcomes = race(*[partial(clinic.ring_up, command)] * 2)
    assert all(isinstance(outcome, RungUp) for outcome in outcomes)
    assert total(clinic, Sale) == total(clinic, CreditLot) == 2


# ---- receipt numbers


def test_receipt_numbers_four_desks_hundred_sales_have_no_gap(clinic: Clinic) -> None:
    def ring_up_many(desk: UUID) -> list[str]:
        return [clinic.sell(line("foot_60"), desk=desk, cash=81_00).receipt_label for _ in range(25)]

    outcomes = race(*(partial(ring_up_many, desk) for desk in clinic.usd.desks * 2))
    labels = [label for labels in outcomes for label in labels]
    assert sorted(labels) == [f"RIV-{number:06d}" for number in range(1, 101)]
    with clinic.read() as session:
        numbers = session.scalars(select(Receipt.number).order_by(Receipt.number)).all()
        assert list(numbers) == list(range(1, 101))
        assert session.scalars(select(ReceiptSeries.last_number).where(ReceiptSeries.last_number > 0)).one() == 100
        entries = session.scalars(select(JournalEntry).order_by(JournalEntry.seq)).all()
        assert [entry.seq for entry in entries] == list(range(1, 101))
        assert all(b.previous_hash == a.hash for a, b in pairwise(entries))


def test_receipt_number_sale_fails_late_leaves_no_gap(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    """The number is drawn in the sale's transaction: what undoes the sale gives the number back."""
    clinic.sell(line("foot_60"))
    with monkeypatch.context() as patch:

        def power_cut(*_: Any, **__: Any) -> None:
            raise RuntimeError("power cut")

        patch.setattr(ledger, "post", power_cut)
        with pytest.raises(RuntimeError):
            clinic.sell(line("foot_60"))
    assert clinic.sell(line("foot_60")).receipt_label == "RIV-000002"


def test_receipt_number_read_before_taken_collides(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: with “the last number plus one” two desks draw the same number, and one client goes without receipt."""
    meet = meeting(2)
    drawn: list[int] = []

    def next_number() -> int:
        with clinic.read() as session:
            query = select(func.max(Receipt.number)).where(Receipt.location_id == clinic.usd.location_id)
            return (session.scalar(query) or 0) + 1

    def issue_by_reading(
        session: Session, sale: Sale, place: Place, document: ReceiptDocument, token: str, series: str
    ) -> Receipt:
        number = numbers[sale.id]
        label = f"{place.receipt_prefix}-{number:06d}"
        receipt = Receipt(
            sale_id=sale.id,
            location_id=place.id,
            series=series,
            number=number,
            label=label,
            business_on=sale.business_on,
            issued_at=sale.completed_at,
            token=token,
            document=document.to_json() | {"number": label},
        )
        session.add(receipt)
        session.flush()
        return receipt

    numbers: dict[UUID, int] = {}
    monkeypatch.setattr(receipts, "issue", issue_by_reading)

    def sell(desk: UUID) -> RungUp:
        command = clinic.command(line("foot_60"), desk=desk)
        numbers[command.sale_id] = next_number()
        drawn.append(numbers[command.sale_id])
        meet()
        return clinic.ring_up(command)

    outcomes = race(*(partial(sell, desk) for desk in clinic.usd.desks))
    assert drawn == [1, 1]
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict", "RungUp"]
    assert any(isinstance(outcome, Conflict) for outcome in outcomes)
