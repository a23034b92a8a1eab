"""The stock of retail articles: sales take it down once, voids bring it back, people receive, count and adjust."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from types import SimpleNamespace
from uuid import UUID

import pytest
from sqlalchemy import select

from bench.statements import recorded
from pos.core import clock
from pos.core.database.base import engine
from pos.core.errors import Conflict, Invalid, NotFound
from pos.core.ids import new_id
from pos.core.paging.window import Window
from pos.domain.staff.queries import Person
from pos.domain.stock import moves
from pos.domain.stock.models import StockMove
from pos.domain.stock.queries import present_stock, stock_moves, stock_rows
from pos.services.catalogue import stock
from pos.services.catalogue.stock import StockEntry, move_stock, set_low_level
from pos.services.checkout.ring_up import ring_up
from pos.services.refunds.void_sale import VoidSale, void_sale
from tests.integration.refunds.conftest import Desk
from tests.support.books import book_floats, failing, tamper
from tests.support.clinic import Clinic, line


@pytest.fixture(autouse=True)
def minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every move happens a second after the one before: the clock of the tests stands still, a clinic's does not."""
    seconds = count()
    monkeypatch.setattr(moves, "clock", SimpleNamespace(now=lambda: clock.now() + timedelta(seconds=next(seconds))))
    monkeypatch.setattr(stock, "clock", moves.clock)


@pytest.fixture
def desk(clinic: Clinic) -> Desk:
    return Desk(book_floats(clinic))


def manager(clinic: Clinic) -> Person:
    who = clinic.manager
    return Person(who.id, who.name, who.role, frozenset({clinic.usd.location_id}))


def move(
    clinic: Clinic, kind: str, pieces: int, *, item: str = "oil", reason: str = "", action_id: UUID | None = None
) -> int:
    with clinic.app.app_context():
        return move_stock(
            action_id=action_id or new_id(), location_id=clinic.usd.location_id, kind=kind,
            entries=[StockEntry(clinic.items[item], pieces)], reason=reason, person=manager(clinic),
        )  # fmt: skip


def present(clinic: Clinic, item: str = "oil") -> int:
    with clinic.read() as session:
        return present_stock(session, clinic.usd.location_id, clinic.items[item])


def history(clinic: Clinic, item: str = "oil") -> list[tuple[str, int, int]]:
    with clinic.read() as session:
        found = stock_moves(session, clinic.usd.location_id, clinic.items[item], window=Window(50))
        return [(one.kind, one.delta, one.after) for one in found]


def test_sale_of_counted_article_takes_stock_down_once(clinic: Clinic) -> None:
    move(clinic, "received", 3)
    command = clinic.command(line("oil", 2), line("trigger_60"), line("ball"))
    clinic.ring_up(command)
    clinic.ring_up(command)
    assert (present(clinic), present(clinic, "ball")) == (1, 0)
    assert clinic.count(StockMove) == 2  # the ball is not counted
    clinic.sell(line("oil", 2))
    assert history(clinic) == [("sold", -2, -1), ("sold", -2, 1), ("received", 3, 3)]


def test_sale_at_another_location_leaves_stock_of_this_one(clinic: Clinic) -> None:
    move(clinic, "received", 3)
    clinic.sell(line("oil"), site=clinic.eur)
    assert present(clinic) == 3


def test_void_brings_stock_back_and_refund_does_not_by_itself(desk: Desk) -> None:
    clinic = desk.clinic
    move(clinic, "received", 5)
    voided, refunded = (clinic.sell(line("oil")).sale_id for _ in range(2))
    command = VoidSale(new_id(), voided, "Rung up twice", manager(clinic), clinic.usd.desk)
    with clinic.app.app_context():
        void_sale(command)
        void_sale(command)
    assert (present(clinic), history(clinic)[0]) == (4, ("returned", 1, 4))
    desk.refund(refunded)
    assert present(clinic) == 4
    assert failing(clinic) == {}


def test_refund_brings_back_so_many_pieces_as_are_said(desk: Desk) -> None:
    """Three balls and an oil: one ball comes back whole, of two more one is broken; an amount brings nothing back."""
    clinic = desk.clinic
    for item in ("ball", "oil"):
        move(clinic, "received", 5, item=item)
    sold = clinic.sell(line("ball", 3), line("oil"), line("trigger_60")).sale_id
    command = desk.command(sold, positions=(1,), units=((1, 1),), restock=((1, 1),))
    desk.run(command)
    desk.run(command)
    assert present(clinic, "ball") == 3
    for refused in (
        {"positions": (1,), "restock": ((1, 3),)},
        {"positions": (1,), "restock": ((2, 1),)},
        {"positions": (1,), "restock": ((1, 1), (1, 1))},
        {"positions": (1,), "amount_minor": 1_00, "restock": ((1, 1),)},
        {"positions": (3,), "restock": ((3, 1),)},
    ):
        with pytest.raises(Invalid):
            desk.refund(sold, **refused)
    desk.refund(sold, positions=(1,), restock=((1, 1),))
    desk.refund(sold, positions=(2,), amount_minor=5_00)
    assert (present(clinic, "ball"), present(clinic)) == (4, 4)
    assert history(clinic, "ball")[:2] == [("returned", 1, 4), ("returned", 1, 3)]
    assert failing(clinic) == {}
    tamper(clinic, "UPDATE stock_moves SET delta = 2 WHERE kind = 'returned'")
    assert "stock" in failing(clinic)


def test_count_writes_difference_and_begins_stock(clinic: Clinic) -> None:
    move(clinic, "counted", 7)
    clinic.sell(line("oil", 2))
    move(clinic, "counted", 4, reason="One is missing")
    move(clinic, "counted", 4)
    assert [(kind, delta) for kind, delta, _ in history(clinic)] == [
        ("counted", 0), ("counted", -1), ("sold", -2), ("counted", 7),
    ]  # fmt: skip


def test_move_sent_again_under_its_key_counts_once(clinic: Clinic) -> None:
    key = new_id()
    assert [move(clinic, "received", 3, action_id=key) for _ in range(2)] == [1, 0]
    assert present(clinic) == 3


def test_moves_that_say_nothing_are_refused(clinic: Clinic) -> None:
    for kind, pieces in (("received", 0), ("received", -1), ("counted", -1), ("adjusted", 0), ("sold", 1)):
        with pytest.raises(Invalid):
            move(clinic, kind, pieces, reason="x")
    with pytest.raises(Conflict):
        move(clinic, "adjusted", -1, reason="Broken")
    move(clinic, "received", 3)
    with pytest.raises(Invalid):
        move(clinic, "adjusted", -1)
    move(clinic, "adjusted", -1, reason="Broken")
    with pytest.raises(NotFound):
        move(clinic, "received", 1, item="trigger_60")
    with clinic.app.app_context(), pytest.raises(NotFound):
        move_stock(
            action_id=new_id(), location_id=clinic.eur.location_id, kind="received",
            entries=[StockEntry(clinic.items["oil"], 1)], reason="", person=manager(clinic),
        )  # fmt: skip
    assert present(clinic) == 2


def test_list_shows_below_zero_and_low_first(clinic: Clinic) -> None:
    def shown() -> list[tuple[str, str]]:
        with clinic.read() as session:
            return [(row.name, row.state) for row in stock_rows(session, clinic.usd.location_id)]

    assert shown() == [("Massage oil", "not_counted"), ("Trigger-point ball", "not_counted")]
    move(clinic, "received", 3)
    move(clinic, "received", 3, item="ball")
    with clinic.app.app_context():
        set_low_level(
            location_id=clinic.usd.location_id, item_id=clinic.items["ball"], low_level=3, person=manager(clinic)
        )
    assert shown() == [("Trigger-point ball", "low"), ("Massage oil", "enough")]
    clinic.sell(line("oil", 4))
    assert shown() == [("Massage oil", "negative"), ("Trigger-point ball", "low")]


def test_sale_asks_for_stock_only_with_articles_and_in_two_statements(clinic: Clinic) -> None:
    def statements(*items: str) -> int:
        command = clinic.command(*(line(item) for item in items))
        with clinic.app.app_context(), recorded(engine()) as seen:
            ring_up(command)
        return sum("stock_" in one for one in seen)

    assert (statements("oil", "ball"), statements("trigger_60", "cupping")) == (1, 0)
    move(clinic, "received", 3)
    assert (statements("oil", "ball"), statements("trigger_60", "cupping")) == (2, 0)


def test_verify_finds_stock_that_disagrees_with_sale(desk: Desk) -> None:
    clinic = desk.clinic
    move(clinic, "received", 3)
    sale_id = clinic.sell(line("oil", 2)).sale_id
    assert failing(clinic) == {}
    tamper(clinic, "UPDATE stock_moves SET delta = -1 WHERE kind = 'sold'")
    assert "stock" in failing(clinic)
    with clinic.read() as session:
        taken = session.scalars(select(StockMove).where(StockMove.sale_id == sale_id)).one()
        assert taken.delta == -1
