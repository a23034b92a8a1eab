"""What the permissions of payments are asked about: a card sale, its refunds, disputes, payouts and what is unmatched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from pos.core import clock
from pos.core.errors import Conflict
from pos.core.ids import new_id
from pos.dev.stripe_simulator.objects import balance
from pos.domain.disputes.models import Dispute
from pos.domain.payouts.models import BalanceTransaction, StripePayout, UnmatchedTransaction
from pos.domain.refunds import repository as refunds
from pos.domain.till.shifts import current_shift
from pos.services.checkout.cart import drop_ticket
from pos.services.payments import terminal_payment
from pos.services.reconciliation.disputes import news_of_dispute
from pos.services.reconciliation.payouts import news_of_payout
from pos.services.refunds.calculate import RefundChoice
from pos.services.refunds.card_refunds import news_of
from pos.services.refunds.issue_refund import RefundCommand, refund
from pos.services.till import shifts
from tests.support.cards import Till
from tests.support.clinic import Clinic, line
from tests.support.role_limits import person_of


@dataclass
class StripeFixtures:
    """Riverside with card payments of Ana's, and what Stripe reports after them."""

    till: Till

    @property
    def clinic(self) -> Clinic:
        return self.till.clinic

    @property
    def client(self) -> UUID:
        """Ana."""
        return self.clinic.ana

    def drawers(self, *, open_: bool) -> None:
        """Open or close the first desk's drawers of both locations, after ending what waits there."""
        for desk_id in (self.clinic.usd.desk, self.clinic.eur.desk):
            with self.clinic.app.app_context():
                for order_id in self._placed_at(desk_id):
                    terminal_payment.cancel(order_id)
                for ticket_id in self._open_at(desk_id):
                    drop_ticket(ticket_id=ticket_id, desk_id=desk_id, person=person_of(self.clinic.owner))
                try:
                    if open_:
                        shifts.open_shift(desk_id=desk_id, staff_id=self.clinic.owner.id, float_minor=0)
                    else:
                        shifts.close_shift(desk_id=desk_id, staff_id=self.clinic.owner.id, counted_minor=0)
                except Conflict:
                    pass  # it stands that way already

    def open_drawers(self) -> None:
        """Open those that are closed; what waits at a desk whose drawer is open goes on waiting."""
        desks = (self.clinic.usd.desk, self.clinic.eur.desk)
        with self.clinic.read() as session:
            if all(current_shift(session, desk_id) for desk_id in desks):
                return
        self.drawers(open_=True)

    def _paid_by_card(self) -> UUID:
        """A fresh card sale to Ana at the first desk: at the second a payment waits."""
        self.drawers(open_=True)
        state = self.till.charge(self.till.command(self.till.ticket(line("foot_30"), client=self.clinic.ana)))
        self.till.tap()
        return self.till.look(state.order_id).order_id

    def money_back(self) -> tuple[UUID, dict[str, Any]]:
        """A fresh cash sale, and the body that gives it back at the desk."""
        self.drawers(open_=True)
        sale_id = self.clinic.sell(line("foot_30"), client=self.clinic.ana).sale_id
        return sale_id, {"refund_id": str(new_id()), "expected_total_minor": 48_60, "reason": "Too loud"}

    def money_back_to_card(self) -> tuple[UUID, dict[str, str]]:
        """A fresh card sale, and the form that gives it back in the office."""
        given = {"what": "lines", "position": "1", "expected_total_minor": "4860", "reason": "Too loud"}
        return self._paid_by_card(), given | {"refund_id": str(new_id())}

    def another_way(self) -> tuple[UUID, dict[str, str]]:
        """A refund that did not reach its card, and the body that gives it back as account credit."""
        sale_id, refund_id = self._paid_by_card(), new_id()
        with self.clinic.app.app_context():
            refund(RefundCommand(refund_id, RefundChoice(sale_id), "Too loud", self.clinic.manager))
        made = self.till.stripe.simulator.world.store.all("refund")[0]["id"]
        self.till.stripe.press(f"refunds/{made}/fail")
        with self.clinic.app.app_context():
            news_of(made)
        with self.clinic.read() as session:
            (part,) = refunds.parts_of(session, refund_id)
        return refund_id, {"part_id": str(part.id), "kind": "account_credit"}

    @property
    def dispute(self) -> UUID:
        """A fresh card sale that is disputed and not answered."""
        charge_id = self.till.attempt(self._paid_by_card()).charge_id
        stripe_id = self.till.stripe.press(f"charges/{charge_id}/dispute")["id"]
        with self.clinic.app.app_context():
            news_of_dispute(stripe_id)
        with self.clinic.read() as session:
            return session.scalars(select(Dispute.id).where(Dispute.stripe_dispute_id == stripe_id)).one()

    @property
    def payout(self) -> UUID:
        """A fresh payout with a row that nothing explains."""
        return self._paid_out()[0]

    def _paid_out(self) -> tuple[UUID, UUID]:
        self._paid_by_card()
        world = self.till.stripe.simulator.world
        with world.store.transaction():
            # More than all that was disputed here.
            topup = balance.book(world, "topup", "topup", None, 50_000_00, "usd", fee=0)
        stripe_id = self.till.stripe.press("payouts")["id"]
        self.till.stripe.press(f"payouts/{stripe_id}/arrive")
        with self.clinic.app.app_context():
            news_of_payout(stripe_id)
        with self.clinic.read() as session:
            query = select(BalanceTransaction.payout_id, BalanceTransaction.id).join(StripePayout)
            where = (StripePayout.stripe_payout_id == stripe_id, BalanceTransaction.stripe_id == topup["id"])
            payout_id, move_id = session.execute(query.where(*where)).one()
            return payout_id, move_id

    def difference(self) -> tuple[UUID, dict[str, str]]:
        """A payout with a difference, and the form that says what it was."""
        payout_id, move_id = self._paid_out()
        form = {"move_id": str(move_id), "account": "bank", "reason": "Moved by hand"}
        return payout_id, form | {"location_id": str(self.clinic.usd.location_id)}

    def unmatched(self, location_id: UUID | None) -> tuple[UUID, dict[str, str]]:
        """Card money at Stripe that paid for no sale, of a location or of nobody knows which; the form credits it to Ana."""
        intent_id, transaction_id, now = self.till.stripe.paid_elsewhere(50_00), new_id(), clock.now()
        facts = {"kind": "payment", "why": "unknown", "amount_minor": 50_00, "currency": "USD", "state": "open"}
        row = UnmatchedTransaction(
            id=transaction_id, stripe_id=intent_id, happened_at=now, found_at=now, location_id=location_id, **facts
        )
        self.clinic.write(lambda s: s.add(row))
        form = {"what": "credit", "reason": "She has the slip", "client_id": str(self.clinic.ana)}
        return transaction_id, form | {"location_id": str(location_id or self.clinic.usd.location_id)}

    def balances(self) -> bytes:
        """A file with one session of Ben's, worth 40.00, under a number nobody has imported."""
        row = f'Ben,Fischer,ben@mail.example,"Foot massage, 60 min",1,1,40.00,{new_id().hex[-12:]}'
        return f"given_name,family_name,email,package,sessions,left,net_paid,reference\n{row}\n".encode()
