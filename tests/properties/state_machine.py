"""A clinic that does anything, in any order: sells, in parts too, redeems, looks back, reverses, burns, freezes, shares,
gives away, expires, refunds, voids, sells and takes gift cards, counts its drawers and closes its days. After each step
every invariant must hold, or at the end where `each_step` says so.

Actions that the rules of the clinic refuse are part of it: a refusal must leave everything as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule
from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.database.base import db, reading
from pos.core.database.unit_of_work import unit_of_work
from pos.core.ids import new_id
from pos.domain.credits.freezes import resume_package, suspend_package
from pos.domain.credits.models import (
    CreditLot,
    PurchasedPackage,
)
from pos.domain.disputes.models import Dispute
from pos.domain.disputes.rules import INQUIRIES
from pos.domain.payments import repository as payments
from pos.domain.payments.models import PaymentAttempt
from pos.domain.sales.models import Sale
from pos.domain.till.models import Drawer, Shift
from pos.domain.till.shifts import MovementRequest
from pos.integrations.stripe import Succeeded
from pos.integrations.stripe.disputes_payouts.types import BalanceTransactionFacts, CardDispute
from pos.services.checkout.place_order import place_desk_order
from pos.services.payments.apply_outcome import apply_outcome
from pos.services.reconciliation.disputes import apply_dispute
from pos.services.refunds.calculate import RefundChoice as Back
from pos.services.refunds.issue_refund import RefundCommand, refund
from pos.services.refunds.void_sale import VoidSale, void_sale
from pos.services.till.cash_movements import record_movement
from pos.services.till.close_period import close_periods
from pos.services.till.shifts import close_shift, expected_in, open_shift
from tests.properties.clinic_life import some
from tests.properties.package_rules import PackageLife
from tests.support.actions import action
from tests.support.cards import Till
from tests.support.clinic import (
    line,
)
from tests.support.remembered_checks import broken_checks


class ClinicMachine(PackageLife):
    """The whole life of a clinic: packages, card payments and what becomes of them, refunds and drawers."""

    @rule(which=some)
    def is_disputed(self, which: int) -> None:
        package = self.pick(which, PurchasedPackage)
        if package is not None:
            self._dispute("dispute", suspend_package, package.id)

    @rule(which=some)
    def wins_the_dispute(self, which: int) -> None:
        lot = self.pick(which, CreditLot, CreditLot.status == "suspended")
        if lot is not None:
            self._dispute("dispute won", resume_package, lot.package_id)

    @rule(plan=st.sampled_from(("ten", "five", "buy_5_get_1", "oil")), who=some)
    def sells_by_card(self, plan: str, who: int) -> None:
        """A card that was accepted; no Stripe is asked in this life."""
        till = Till(self.world, None, {})  # type: ignore[arg-type]  # nothing is pressed there

        def paid() -> Any:
            order_id = place_desk_order(till.command(till.ticket(line(plan), client=self.client(who))))
            attempt = payments.attempt_of(reading(), order_id)
            assert attempt is not None
            names = {"intent_id": f"pi_{order_id}", "charge_id": f"ch_{order_id}", "session_id": None}
            card = {"card_brand": "visa", "card_last4": "4242", "livemode": False, "tip_minor": 0}
            sums = {"amount_minor": attempt.amount_minor, "currency": attempt.currency}
            told = Succeeded(metadata={"order_id": str(order_id)}, **names, **card, **sums)
            apply_outcome(order_id, told, attempt_id=attempt.id)

        self.attempt("card", paid)

    @rule(which=some, part=st.sampled_from((1, 1, 3)), asks=st.booleans())
    def a_bank_disputes(self, which: int, part: int, *, asks: bool) -> None:
        attempt = self.pick(which, PaymentAttempt, PaymentAttempt.state == "succeeded")
        if attempt is None:
            return
        taken = self.pick(0, Dispute, Dispute.attempt_id == attempt.id)
        if taken is None or part > 1:
            told = self._told(attempt, f"dp_{new_id()}", attempt.amount_minor // part, asks=asks)
            self.attempt("bank disputes", lambda: apply_dispute(told))

    @rule(which=some, status=st.sampled_from(("needs_response", "under_review", "won", "lost", "prevented")))
    def a_bank_decides(self, which: int, status: str) -> None:
        dispute = self.pick(which, Dispute)
        if dispute is None:
            return
        with self.app.app_context():
            attempt = reading().get_one(PaymentAttempt, dispute.attempt_id)
            db.session.remove()
        told = self._told(attempt, dispute.stripe_dispute_id, dispute.amount_minor, asks=False)
        moves = told.moves if status != "prevented" or dispute.status not in INQUIRIES else ()
        self.attempt(f"bank: {status}", lambda: apply_dispute(replace(told, status=status, moves=moves)))

    def _told(self, attempt: PaymentAttempt, stripe_id: str, amount: int, *, asks: bool) -> CardDispute:
        when = {"created_at": self.now, "available_at": self.now}
        move = BalanceTransactionFacts(
            f"txn_{stripe_id}", "adjustment", "dispute", stripe_id, -amount, 15_00, attempt.currency,
            description="", **when,
        )  # fmt: skip
        return CardDispute(
            stripe_id, attempt.charge_id or "", attempt.intent_id, "warning_needs_response" if asks else "needs_response",
            "general", amount, attempt.currency, self.now, None, 0, False, () if asks else (move,),
        )  # fmt: skip

    def _dispute(self, name: str, move: Callable[..., Any], package_id: UUID) -> None:
        def conduct(session: Session) -> None:
            here = session.get_one(PurchasedPackage, package_id).location_id
            key = f"{name}:{new_id()}"
            move(session, package_id, action(session, here, key=key, on=self.now.date(), reason="The bank."))

        self.attempt(name, unit_of_work(conduct))

    # ---- giving back

    @rule(which=some, as_credit=st.booleans())
    def refunds_a_package(self, which: int, *, as_credit: bool) -> None:
        package = self.pick(which, PurchasedPackage, PurchasedPackage.sale_id.is_not(None))
        if package is not None:
            back = Back(package.sale_id, package_id=package.id, as_credit=as_credit)
            self._refund("refund package", back)

    @rule(which=some, part=st.booleans())
    def refunds_a_sale(self, which: int, *, part: bool) -> None:
        sale = self.pick(which, Sale)
        if sale is not None:
            self._refund("refund sale", Back(sale.id, amount_minor=7_77 if part else None))

    def _refund(self, name: str, back: Back) -> None:
        asked = RefundCommand(new_id(), back, "Asked for.", self.world.owner, desk_id=self.world.usd.desk)
        self.attempt(name, lambda: refund(asked))

    @rule(which=some)
    def voids(self, which: int) -> None:
        sale = self.pick(which, Sale)
        if sale is not None:
            asked = VoidSale(new_id(), sale.id, "A slip.", self.world.owner, self.world.usd.desk)
            self.attempt("void", lambda: void_sale(asked))

    # ---- the drawer and the day

    @rule(kind=st.sampled_from(("paid_in", "paid_out", "drop")), amount=st.sampled_from((5_00, 80_00)))
    def moves_cash(self, kind: str, amount: int) -> None:
        wanted = MovementRequest(new_id(), kind, amount, "Change")
        desk, owner = self.world.usd.desk, self.world.owner.id
        self.attempt(kind, lambda: record_movement(desk_id=desk, staff_id=owner, wanted=wanted))

    @rule(off=st.sampled_from((0, 0, 3, -40)), left=st.sampled_from((0, 50_00)))
    def closes_a_drawer(self, off: int, left: int) -> None:
        shift = self.pick(0, Shift, Shift.state == "open", Shift.location_id == self.world.usd.location_id)
        if shift is None:
            return

        def close() -> Any:
            counted = max(0, expected_in(reading(), shift) + off)
            desk = reading().scalars(select(Drawer.desk_id).where(Drawer.id == shift.drawer_id)).one()
            return close_shift(
                desk_id=desk, staff_id=self.world.owner.id, counted_minor=counted, left_minor=min(left, counted)
            )

        self.attempt("close drawer", close)

    @rule(counted=st.sampled_from((100_00, 50_00)))
    def opens_a_drawer(self, counted: int) -> None:
        desk, owner = self.world.usd.desk, self.world.owner.id
        self.attempt(
            "open drawer", lambda: open_shift(desk_id=desk, staff_id=owner, float_minor=counted, note="Counted.")
        )

    @rule()
    def closes_the_days(self) -> None:
        self.attempt("close days", lambda: close_periods(self.world.usd.location_id, staff_id=self.world.owner.id))

    # ---- always

    @invariant()
    @precondition(lambda self: hasattr(self, "world"))
    def everything_holds(self) -> None:
        ClinicMachine.steps += 1
        seen = (self.now, self.written())
        if seen == self.seen:
            return  # what held before a step that wrote nothing, in which no time went by, holds after it
        self.seen = seen
        if self.each_step:
            with clock.at(self.now), self.app.app_context():
                broken = broken_checks(reading())
                db.session.remove()
            assert broken == {}
