"""History is added to, never changed: both databases refuse, whoever holds the connection."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from pos.checkout.cash_movements import record_movement
from pos.checkout.closings import close_periods
from pos.checkout.package_room import Deed
from pos.checkout.package_time import extend_package
from pos.checkout.refund_choice import Wanted
from pos.checkout.refunding import RefundCommand, refund
from pos.checkout.shifts import close_shift
from pos.checkout.void_sale import VoidSale, void_sale
from pos.kernel import audit, clock
from pos.kernel.db import engine
from pos.kernel.ids import new_id
from pos.payments import refunds
from pos.payments import service as payments
from pos.payments.dispute_models import Dispute, DisputeStep
from pos.payments.models import WebhookEvent
from pos.payments.payout_models import PayoutShare, StripePayout
from pos.receipts import credit_notes
from pos.receipts import service as receipts
from pos.sales.models import Order
from pos.sales.rules import Exemption
from pos.sales.tickets import Tip
from pos.staff.queries import Person
from pos.stored_value import service as stored_value
from pos.tables import APPEND_ONLY, metadata
from pos.till.service import WantedMovement
from tests.parts.conftest import allow_deposit, pay
from tests.support.world import World, line


@pytest.fixture
def history(clinic: World) -> World:
    """The world after a package was bought, a credit used and its receipt reprinted: a row in every table of history."""
    lot_id = clinic.buy("ten", clinic.ana)
    free = Exemption("prescription", "4711")
    visit = clinic.sell(line("trigger_60"), line("cupping", exemption=free), client=clinic.ana)

    def more(session: Session) -> None:
        receipt = receipts.of_sale(session, visit.sale_id)
        receipts.note_reprint(session, receipt, clinic.receptionist.id)
        receipts.keep_file(session, receipt.id, "80mm", b"%PDF")
        now = clock.now()
        event = WebhookEvent(
            event_id="evt_1", type="charge.succeeded", object_id="ch_1", livemode=False, received_at=now, created_at=now
        )
        payments.keep_event(session, event)
        given: dict[str, Any] = {"currency": "USD", "amount_minor": 10_00, "business_on": now.date(), "at": now}
        here = clinic.usd.location_id
        stored_value.credit_account(session, client_id=clinic.ana, location_id=here, kind="goodwill", key="a", **given)
        stored_value.issue_card(session, card_id=new_id(), location_id=here, secret="s" * 32, key="c", **given)
        audit.note(session, "till.looked_at", actor_kind="staff", actor_id=clinic.receptionist.id)

    clinic.write(more)
    clinic.write(lambda session: after_the_payment(session, clinic))
    pay(allow_deposit(clinic), 300_00)
    give_something_back(clinic)
    with clinic.app.app_context():
        mara = Person(clinic.manager.id, clinic.manager.name, clinic.manager.role, frozenset({clinic.usd.location_id}))
        extend_package(Deed(new_id(), mara, "She was ill"), lot_id, to=clock.now().date() + timedelta(days=400))
        void_sale(VoidSale(new_id(), visit.sale_id, "Rung up twice", mara, clinic.usd.desk))
    wanted = WantedMovement(new_id(), "no_sale", 0, "Change for a guest")
    with clinic.app.app_context():
        record_movement(desk_id=clinic.usd.desk, staff_id=clinic.receptionist.id, wanted=wanted)
        for desk in clinic.usd.desks:
            close_shift(desk_id=desk, staff_id=clinic.owner.id, counted_minor=100_00)
        with clock.at(clock.now() + timedelta(days=1)):
            close_periods(clinic.usd.location_id)
    return clinic


def after_the_payment(session: Session, world: World) -> None:
    """A card payment that its bank took back, and a payout with a location's share."""
    now, here = clock.now(), world.usd.location_id
    dated = {"business_on": now.date(), "at": now}
    order = Order(
        id=new_id(), location_id=here, channel="shop", cart={}, grants={}, currency="USD", total_minor=0, tip_minor=0,
        cash_tendered_minor=0, card_minor=9_00, content_hash="", placed_at=now, state="released",
    )  # fmt: skip
    session.add(order)
    session.flush()
    attempt = payments.start_attempt(session, order, kind="checkout", mode="test")
    attempt.state = "succeeded"
    dispute = Dispute(
        stripe_dispute_id="dp_1", location_id=here, attempt_id=attempt.id, status="needs_response", reason="general",
        amount_minor=9_00, currency="USD", business_on=now.date(), opened_at=now, changed_at=now,
    )  # fmt: skip
    payout = StripePayout(
        stripe_payout_id="po_1", status="paid", amount_minor=9_00, currency="USD", automatic=True, reconciled=True,
        arrives_on=now.date(), created_at=now, changed_at=now,
    )  # fmt: skip
    session.add_all([dispute, payout])
    session.flush()
    session.add(DisputeStep(dispute_id=dispute.id, kind="opened", amount_minor=9_00, **dated))
    session.add(PayoutShare(payout_id=payout.id, location_id=here, kind="paid", number=1, amount_minor=9_00, **dated))


def give_something_back(world: World) -> None:
    """A refund with its credit note and PDF, and an online purchase whose client asked to begin early."""
    refund_id = new_id()
    sold = world.sell(line("oil"), tip=Tip(amount_minor=1_00))
    with world.app.app_context():
        refund(RefundCommand(refund_id, Wanted(sold.sale_id), "The lid was broken", world.manager, world.usd.desk))

    def more(session: Session) -> None:
        note = credit_notes.of_refund(session, refund_id)
        credit_notes.keep_file(session, note.id, "80mm", b"%PDF")
        now = clock.now()
        order = Order(
            id=new_id(), location_id=world.usd.location_id, channel="shop", cart={}, grants={}, currency="USD",
            total_minor=0, tip_minor=0, cash_tendered_minor=0, card_minor=0, content_hash="", placed_at=now,
            state="released",
        )  # fmt: skip
        session.add(order)
        session.flush()
        refunds.ask_to_begin(session, order.id, at=now, staff_id=None)

    world.write(more)


def refused(world: World, statement: str) -> str:
    """The database's refusal of a statement; fails if there is none."""
    with world.app.app_context(), engine().connect() as connection:
        with pytest.raises(DBAPIError) as refusal:
            connection.execute(text(statement))
        connection.rollback()
        return str(refusal.value.orig)


def count(world: World, table: str) -> int:
    with world.app.app_context(), engine().connect() as connection:
        return connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0


def test_no_table_of_history_can_be_changed_or_emptied(history: World) -> None:
    before = {table: count(history, table) for table in APPEND_ONLY}
    assert all(before.values()), f"a table of history is empty: {before}"
    for table in APPEND_ONLY:
        column = next(iter(metadata.tables[table].columns)).name
        for statement in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):
            assert f"{table} is append-only" in refused(history, statement)
    assert {table: count(history, table) for table in APPEND_ONLY} == before


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_truncate_is_refused_too(history: World) -> None:
    for table in APPEND_ONLY:
        assert f"{table} is append-only" in refused(history, f"TRUNCATE {table} CASCADE")


def test_history_is_what_it_says(build_clinic: Callable[..., World]) -> None:
    """A table that has triggers is in the list, and a table in the list has triggers."""
    world = build_clinic()
    with world.app.app_context(), engine().connect() as connection:
        if connection.dialect.name == "sqlite":
            query = "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger'"
        else:
            query = "SELECT event_object_table FROM information_schema.triggers"
        guarded = set(connection.scalars(text(query)))
        assert guarded == set(APPEND_ONLY)
        assert guarded <= set(inspect(connection).get_table_names())
