"""The verbs a test of what comes after a payment needs: disputes, fees, payouts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from pos.core import clock
from pos.core.ids import new_id
from pos.domain.credits.models import CreditLot, PurchasedPackage
from pos.domain.disputes.models import Dispute, DisputeStep
from pos.domain.ledger.models import JournalEntry, Posting
from pos.services.jobs import event_handlers
from pos.services.payments import online_checkout
from pos.services.payments.online_checkout import BuyOnline
from pos.services.payments.refresh_payment import refresh_payment
from pos.services.reconciliation import disputes
from pos.services.reconciliation.payouts import news_of_payout
from pos.services.reconciliation.stripe_fees import note_fee_of
from pos.worker import work_once
from tests.support.books import book_floats
from tests.support.cards import Till, take_cards
from tests.support.clinic import (
    Clinic,
    LineRequest,
    TaxHabit,
    line,
)

A1 = TaxHabit("10", inclusive=True)


@dataclass
class PostPaymentCase:
    """A clinic whose books are complete, its till, and the banks on the other side."""

    clinic: Clinic
    till: Till

    def sold(self, *lines: LineRequest, client: UUID | None = None) -> UUID:
        """A sale paid by card."""
        waiting = self.till.charge(self.till.command(self.till.ticket(*lines, client=client)))
        self.till.tap()
        assert self.till.look(waiting.order_id).state == "succeeded"
        return waiting.order_id

    def ten_with_three_used(self) -> tuple[UUID, UUID]:
        """A1: ten for 900.00 with 10 % in it, paid by card, three visited; the sale and its lot."""
        sale_id = self.sold(line("ten"), client=self.clinic.ana)
        for _ in range(3):
            self.clinic.sell(line("trigger_60"), client=self.clinic.ana)
        with self.clinic.read() as session:
            query = select(CreditLot.id).join(PurchasedPackage).where(PurchasedPackage.sale_id == sale_id)
            return sale_id, session.scalars(query).one()

    def charge_of(self, sale_id: UUID) -> str:
        return self.till.attempt(sale_id).charge_id or ""

    def disputed(self, sale_id: UUID, **how: Any) -> str:
        """The client's bank disputes the payment of a sale; nobody here has heard of it."""
        return str(self.till.stripe.press(f"charges/{self.charge_of(sale_id)}/dispute", **how)["id"])

    def decide(self, dispute_id: str, act: str) -> None:
        self.till.stripe.press(f"disputes/{dispute_id}/{act}")

    def hear(self, dispute_id: str) -> bool:
        """What a webhook, the polling job and the button do."""
        with self.clinic.app.app_context():
            return disputes.news_of_dispute(dispute_id)

    def dispute(self, stripe_id: str) -> Dispute:
        with self.clinic.read() as session:
            return session.scalars(select(Dispute).where(Dispute.stripe_dispute_id == stripe_id)).one()

    def steps(self, stripe_id: str) -> dict[str, DisputeStep]:
        with self.clinic.read() as session:
            query = select(DisputeStep).join(Dispute).where(Dispute.stripe_dispute_id == stripe_id)
            return {step.kind: step for step in session.scalars(query)}

    def entry(self, event: str, subject_id: UUID) -> dict[str, int]:
        """The postings of one entry."""
        with self.clinic.read() as session:
            rows = session.execute(
                select(Posting.account_key, Posting.amount_minor)
                .join(JournalEntry, JournalEntry.id == Posting.entry_id)
                .where(JournalEntry.event == event, JournalEntry.subject_id == subject_id)
            )
            return dict(iter(rows))

    def balance(self, base: str) -> int:
        return self.clinic.balance(self.clinic.usd, base)

    def fee(self, sale_id: UUID) -> None:
        with self.clinic.app.app_context():
            note_fee_of(sale_id)

    def poll_pending(self) -> None:
        with self.clinic.app.app_context():
            event_handlers.poll_pending()

    def work(self) -> None:
        """The outbox, until it is empty."""
        with self.clinic.app.app_context():
            while work_once():
                pass

    def payout(self, *acts: str, currency: str = "usd") -> str:
        """Everything is paid out and goes as far as `acts`; nobody here has heard of it."""
        payout_id = str(self.till.stripe.press("payouts", currency=currency)["id"])
        for act in acts:
            self.till.stripe.press(f"payouts/{payout_id}/{act}")
        return payout_id

    def hear_payout(self, payout_id: str) -> bool:
        with self.clinic.app.app_context():
            return news_of_payout(payout_id)

    def buy_online(self, item: str) -> UUID:
        """A guest buys and pays on the hosted page, and nobody here has heard of it."""
        order_id = new_id()
        with self.clinic.app.app_context():
            online_checkout.buy_online(
                BuyOnline(
                    order_id=order_id,
                    place_slug=self.clinic.usd.slug,
                    item_id=self.clinic.items[item],
                    given_name="Nora",
                    family_name="Field",
                    email="nora@mail.example",
                    phone=None,
                    locale="en",
                    terms_accepted=True,
                    success_url="http://localhost/done?session_id={CHECKOUT_SESSION_ID}",
                    cancel_url="http://localhost/back",
                )
            )
        self.till.stripe.press(f"sessions/{self.till.attempt(order_id).session_id}/pay")
        return order_id

    def settle(self, order_id: UUID) -> None:
        with self.clinic.app.app_context():
            refresh_payment(order_id)

    @contextmanager
    def later(self, **time: float) -> Iterator[None]:
        """Some time later, here and at Stripe."""
        passed = timedelta(**time)
        self.till.stripe.clock.advance(passed.total_seconds())
        with clock.at(clock.now() + passed):
            yield


@pytest.fixture
def build_case(build_clinic: Callable[..., Clinic]) -> Iterator[Callable[..., PostPaymentCase]]:
    """A clinic with other taxes; the test is marked CARDS."""
    open_tills = []

    def build(usd: TaxHabit = A1) -> PostPaymentCase:
        clinic = book_floats(build_clinic(usd=usd))
        manager = take_cards(clinic)
        open_tills.append(manager)
        return PostPaymentCase(clinic, manager.__enter__())

    yield build
    for manager in open_tills:
        manager.__exit__(None, None, None)


@pytest.fixture
def case(build_case: Callable[..., PostPaymentCase]) -> PostPaymentCase:
    """The usual clinic: prices include 10 %, as in A1."""
    return build_case()
