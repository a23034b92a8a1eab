"""A world in which everything has happened once: a row in every table of history."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core import audit, clock
from pos.core.ids import new_id
from pos.domain.clients.registration import register
from pos.domain.disputes.models import Dispute, DisputeEvidence, DisputeStep
from pos.domain.locations.models import LocationLogo
from pos.domain.operations.models import BalanceImport, SafetyStop
from pos.domain.payments import repository as payments
from pos.domain.payments.models import WebhookEvent
from pos.domain.payouts.models import (
    BalanceTransaction,
    PayoutAllocation,
    StripePayout,
    UnmatchedRefund,
    UnmatchedTransaction,
)
from pos.domain.promotions.models import PromoCode, PromoUse
from pos.domain.receipts import credit_notes
from pos.domain.receipts import repository as receipts
from pos.domain.refunds import repository as refunds
from pos.domain.sales.carts import Tip
from pos.domain.sales.models import Order, Sale, VisitConversion
from pos.domain.sales.pricing import Exemption
from pos.domain.staff.models import Approval
from pos.domain.staff.queries import Person
from pos.domain.stored_value import wallet as stored_value
from pos.domain.stored_value.balances import StoredValueEntry
from pos.domain.till.shifts import MovementRequest
from pos.services.bookkeeping.export_journal import export_journal
from pos.services.catalogue.stock import StockEntry, move_stock
from pos.services.offline.take_offline_sale import TakeOfflineSale, take_offline_sale
from pos.services.packages.adjust_credits import forfeit_credit
from pos.services.packages.authorization import PackageAction
from pos.services.packages.freeze_and_extend import extend_package, freeze_package
from pos.services.packages.share_and_transfer import share_package, transfer_credits
from pos.services.refunds.calculate import RefundChoice
from pos.services.refunds.issue_refund import RefundCommand, refund
from pos.services.refunds.void_sale import VoidSale, void_sale
from pos.services.till.cash_movements import record_movement
from pos.services.till.close_period import close_periods
from pos.services.till.shifts import close_shift
from tests.integration.instalments.conftest import allow_deposit, pay
from tests.support.actions import action
from tests.support.client_actions import merge
from tests.support.clinic import Clinic, line


def make_history(clinic: Clinic) -> Clinic:
    """The world after a package was bought, a credit used and its receipt reprinted: a row in every append-only table."""
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
        payments.store_event(session, event)
        session.add(LocationLogo(sha256="0" * 64, content=b"logo", width=1, height=1, added_at=now))
        context = action(session, clinic.usd.location_id, key="a")
        goodwill = StoredValueEntry("goodwill", context)
        stored_value.credit_account(session, clinic.ana, 10_00, goodwill, currency="USD")
        new = stored_value.NewCard(new_id(), "USD", 10_00)
        stored_value.issue_card(session, new, context.keyed("c"), secret="s" * 32)
        audit.note(session, "till.looked_at", actor_kind="staff", actor_id=clinic.receptionist.id)

    clinic.write(more)
    clinic.write(lambda session: after_the_payment(session, clinic))
    pay(allow_deposit(clinic), 300_00)
    give_something_back(clinic)
    with clinic.app.app_context():
        mara = Person(clinic.manager.id, clinic.manager.name, clinic.manager.role, frozenset({clinic.usd.location_id}))
        oil = [StockEntry(clinic.items["oil"], 6)]
        move_stock(
            action_id=new_id(), location_id=clinic.usd.location_id, kind="received", entries=oil, reason="", person=mara
        )
        extend_package(
            PackageAction(new_id(), mara, "She was ill"), lot_id, to=clock.now().date() + timedelta(days=400)
        )
        void_sale(VoidSale(new_id(), visit.sale_id, "Rung up twice", mara, clinic.usd.desk))
        # At a price that nothing has: it waits for a person, and no drawer moves.
        take_offline_sale(
            TakeOfflineSale(
                new_id(), clinic.usd.desk, mara, clinic.ana, clinic.wanted(line("oil")),
                due_minor=1, cash_minor=1, credits=0, taken_at=clock.now(), taken_by="Rita",
            )
        )  # fmt: skip
    wanted = MovementRequest(new_id(), "no_sale", 0, "Change for a guest")
    with clinic.app.app_context():
        record_movement(desk_id=clinic.usd.desk, staff_id=clinic.receptionist.id, wanted=wanted)
        for desk in clinic.usd.desks:
            close_shift(desk_id=desk, staff_id=clinic.owner.id, counted_minor=100_00)
        with clock.at(clock.now() + timedelta(days=1)):
            close_periods(clinic.usd.location_id)
        today, here = clock.now().date(), clinic.usd.location_id
        export_journal(location_id=here, staff_id=mara.id, program_key="csv", from_on=today, to_on=today, again=True)
    return clinic


def after_the_payment(session: Session, world: Clinic) -> None:
    """A card payment that its bank took back, and a payout with a location's share."""
    now, here = clock.now(), world.usd.location_id
    dated = {"business_on": now.date(), "at": now}
    order = Order(
        id=new_id(), location_id=here, channel="shop", cart={}, grants={}, currency="USD", total_minor=0, tip_minor=0,
        cash_tendered_minor=0, card_minor=9_00, content_hash="", placed_at=now, state="released",
    )  # fmt: skip
    session.add(order)
    session.flush()
    attempt = payments.start_attempt(session, order, payments.NewAttempt("checkout", 9_00), mode="test")
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
    session.add(
        PayoutAllocation(payout_id=payout.id, location_id=here, kind="paid", number=1, amount_minor=9_00, **dated)
    )


def give_something_back(world: Clinic) -> None:
    """A refund with its credit note and PDF, and an online purchase whose client asked to begin early."""
    refund_id = new_id()
    sold = world.sell(line("oil"), tip=Tip(amount_minor=1_00))
    with world.app.app_context():
        refund(
            RefundCommand(refund_id, RefundChoice(sold.sale_id), "The lid was broken", world.manager, world.usd.desk)
        )

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
        refunds.request_immediate_start(session, order.id, at=now, staff_id=None)

    world.write(more)


def make_all_history(world: Clinic) -> Clinic:
    """More than `make_history`: also a row in each table of history whose rows may change."""
    make_history(world)
    mara = Person(world.manager.id, world.manager.name, world.manager.role, frozenset({world.usd.location_id}))
    lot_id = world.buy("ten", world.ben, site=world.eur)
    eva = Person(world.owner.id, world.owner.name, world.owner.role, frozenset({world.eur.location_id}))

    def command(who: Person) -> PackageAction:
        return PackageAction(new_id(), who, "It was agreed")

    with world.app.app_context():
        share_package(command(eva), lot_id, client_id=world.ana, cap=3)
        transfer_credits(command(eva), lot_id, credits=2, receiver_id=world.ana)
        forfeit_credit(command(eva), lot_id, cause="no_show")
        freeze_package(command(eva), lot_id, until_on=clock.now().date() + timedelta(days=30), medical=False)
    once, twice = (world.write(_somebody) for _ in range(2))
    merge(world, once, twice)
    world.write(lambda session: _what_is_left(session, world, mara))
    return world


def _somebody(session: Session) -> UUID:
    return register(session, given_name="Cleo", family_name="Roth", email=None, phone=None, country="US").id


def _what_is_left(session: Session, world: Clinic, manager: Person) -> None:
    """Rows that take a long story to come about, written directly."""
    now, here = clock.now(), world.usd.location_id
    order_id = session.scalars(select(Order.id)).first()
    dispute_id = session.scalars(select(Dispute.id)).one()
    sold = session.scalars(select(Sale).where(Sale.location_id == here).order_by(Sale.id)).first()
    assert order_id is not None
    assert sold is not None
    code = PromoCode(
        id=new_id(), code="SUMMER", label="Summer", percent=Decimal(10), currency="USD", from_on=now.date(),
        created_at=now, uses=1,
    )  # fmt: skip
    session.add(code)
    session.flush()
    session.add_all(
        [
            PromoUse(by_id=order_id, promo_id=code.id, location_id=here, client_id=world.ana, amount_minor=5_00, at=now),
            VisitConversion(sale_id=sold.id, position=1, by_id=order_id, at=now),
            Approval(
                location_id=here, action="till.drop", subject_id=new_id(), amount_minor=300_00,
                asked_by=world.receptionist.id, approver_id=manager.id, given_at=now,
            ),
            SafetyStop(
                location_id=here, check_key="left", words="Credits", sentence="Lot 1", bad=1, stopped_at=now, lifted_at=now,
                lifted_by=manager.id, lift_reason="Looked at",
            ),
            BalanceImport(
                id=new_id(), location_id=here, file_name="old.csv", sha256="0" * 64, lots=[], credits=0, value_minor=0,
                state="undone", staff_id=manager.id, at=now,
            ),
            DisputeEvidence(
                id=new_id(), dispute_id=dispute_id, words="She was here", staff_id=manager.id, created_at=now,
                changed_at=now,
            ),
            BalanceTransaction(
                stripe_id="txn_1", kind="charge", category="charge", amount_minor=9_00, fee_minor=30, currency="USD",
                location_id=here, created_at=now, seen_at=now,
            ),
            UnmatchedTransaction(
                id=(unmatched_id := new_id()), kind="payment", stripe_id="pi_9", why="unknown", amount_minor=7_00,
                currency="USD", happened_at=now, found_at=now, location_id=here, client_id=world.ana, state="credited",
                decided_by=manager.id, decided_at=now,
            ),
        ]
    )  # fmt: skip
    session.flush()  # its parent first: nothing else says so
    session.add(
        UnmatchedRefund(
            unmatched_id=unmatched_id,
            number=1,
            state="failed",
            key="unmatched-1",
            stripe_refund_id="re_9",
            reason_code="unknown",
            staff_id=manager.id,
            created_at=now,
            changed_at=now,
        )
    )
