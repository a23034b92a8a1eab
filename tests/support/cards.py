"""The world of `tests/support/clinic.py` with card payments: the real SDK against the simulator in process.

Mark the test `@CARDS` and ask for `till`: desks have readers, `till.charge(…)` freezes a ticket and sends it to the reader,
`till.tap()`, `till.decline()`, `till.look(order_id)` are what happens next. `till.stripe` is the simulator's control desk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

import pytest
from flask import Flask

from pos.core import clock
from pos.core.app_context import running
from pos.core.ids import new_id
from pos.domain.locations.queries import desk_place
from pos.domain.payments.models import PaymentAttempt, Reader
from pos.domain.sales.carts import Tip
from pos.domain.sales.shown_totals import ShownTotals
from pos.integrations.stripe import GatewayConfig, open_gateway
from pos.services.checkout.cart import (
    TicketState,
    change_ticket,
    open_ticket,
    view_ticket,
)
from pos.services.checkout.place_order import ChargeTicket
from pos.services.payments import terminal_payment
from pos.services.payments.payment_state import PaymentState
from tests.support.clinic import Clinic, LineRequest
from tests.support.simulator_client import PUBLIC_URL, Desk

T = TypeVar("T")
CARDS = pytest.mark.settings(
    PAYMENTS_MODE="simulator",
    STRIPE_SECRET_KEY="sk_test_simulator_key",
    STRIPE_WEBHOOK_SECRET="whsec_the_next_one",
    STRIPE_API_BASE=PUBLIC_URL,
)


@dataclass
class Till:
    """A world that takes cards."""

    clinic: Clinic
    stripe: Desk
    readers: dict[UUID, str]

    def ticket(
        self,
        *lines: LineRequest,
        client: UUID | None = None,
        tip: Tip | None = None,
        desk: int = 0,
        promo: str | None = None,
    ) -> TicketState:
        """An open ticket with these lines."""
        desk_id, staff_id = self.clinic.usd.desks[desk], self.clinic.receptionist.id
        with self.clinic.app.app_context():
            opened = open_ticket(ticket_id=new_id(), desk_id=desk_id, staff_id=staff_id)
            return change_ticket(
                ticket_id=opened.ticket_id,
                desk_id=desk_id,
                staff_id=staff_id,
                client_id=client,
                wanted=replace(self.clinic.wanted(*lines, tip=tip), promo=promo),
                version=opened.version,
            )

    def command(self, ticket: TicketState, *, cash: int = 0, sale_id: UUID | None = None, **more: Any) -> ChargeTicket:
        """The command that takes a ticket by card, after `cash` in notes; `more` as the command names it."""
        return ChargeTicket(
            sale_id=sale_id or new_id(),
            desk_id=ticket.desk_id,
            staff_id=self.clinic.receptionist.id,
            ticket_id=ticket.ticket_id,
            ticket_version=ticket.version,
            cash_tendered_minor=cash,
            shown=ShownTotals(ticket.priced.due_minor, ticket.priced.cart.credits_used),
            **more,
        )

    def charge(self, command: ChargeTicket) -> PaymentState:
        """Send it to the reader."""
        with self.clinic.app.app_context():
            return terminal_payment.charge_at_desk(command)

    def tap(self, desk: int = 0, *, tip: int = 0) -> None:
        """The client holds a good card to the reader, having chosen a tip where it asks for one."""
        self.at_reader("tap", desk, tip=tip)

    def at_reader(self, action: str, desk: int = 0, **given: Any) -> None:
        """What happens at a reader: present, cancel, unplug, plug, lose-line."""
        self.stripe.press(f"readers/{self.readers[self.clinic.usd.desks[desk]]}/{action}", **given)

    def own_reader(self, desk: int = 0) -> UUID:
        """Our key of a desk's reader."""
        with self.clinic.read() as session:
            return session.query(Reader.id).filter_by(desk_id=self.clinic.usd.desks[desk]).scalar()

    def act(self, action: Callable[..., T], *values: Any, **named: Any) -> T:
        """Run a use case in the application."""
        with self.clinic.app.app_context():
            return action(*values, **named)

    def decline(self, code: str = "card_declined", desk: int = 0) -> None:
        """The bank says no."""
        self.stripe.press(f"readers/{self.readers[self.clinic.usd.desks[desk]]}/decline", code=code)

    def look(self, order_id: UUID) -> PaymentState:
        """What the desk sees when it asks."""
        with self.clinic.app.app_context():
            return terminal_payment.refresh_at_desk(order_id)

    def again(self, order_id: UUID) -> PaymentState:
        """Ask for the card again."""
        with self.clinic.app.app_context():
            return terminal_payment.start_or_resume(order_id)

    def cancel(self, order_id: UUID) -> PaymentState:
        """Give the payment up."""
        with self.clinic.app.app_context():
            return terminal_payment.cancel(order_id)

    def ticket_state(self, ticket: TicketState) -> str:
        """The state a ticket is in now."""
        with self.clinic.read() as session:
            return view_ticket(session, desk_place(session, ticket.desk_id).place, ticket.ticket_id).state

    def attempt(self, order_id: UUID) -> PaymentAttempt:
        """The newest attempt of an order."""
        with self.clinic.read() as session:
            found = session.query(PaymentAttempt).filter_by(order_id=order_id)
            return found.order_by(PaymentAttempt.number.desc()).limit(1).one()

    def charges(self) -> list[int]:
        """Every amount Stripe took, whoever it was for."""
        return [int(c["amount"]) for c in self.stripe.simulator.world.store.all("charge") if c["status"] == "succeeded"]


@contextmanager
def switched_to(clinic: Clinic, mode: str) -> Iterator[None]:
    """The application as if it had been started anew with another PAYMENTS_MODE; "off" has no client to Stripe."""
    with clinic.app.app_context():
        app = running()
    before, client = app.settings, app.helpers["gateway"]
    app.settings = replace(before, payments=replace(before.payments, mode=mode))
    if mode == "off":
        del app.helpers["gateway"]
    yield
    app.settings, app.helpers["gateway"] = before, client


@contextmanager
def simulated_stripe(app: Flask) -> Iterator[Desk]:
    """An application that speaks to a simulator of its own, at the simulator's time."""
    stripe = Desk()
    with clock.at(datetime.fromtimestamp(stripe.clock.now(), UTC)):
        with app.app_context():
            running().helpers["gateway"] = open_gateway(
                GatewayConfig(
                    mode="simulator",
                    secret_key=stripe.secret_key,
                    webhook_secrets=(stripe.webhook_secret,),
                    api_base=PUBLIC_URL,
                    http_client=stripe.http_client,
                    max_network_retries=0,
                    rest_seconds=0,  # a fault of one call is no reason to leave the next ones out
                )
            )
        yield stripe
    stripe.close()


@contextmanager
def take_cards(clinic: Clinic) -> Iterator[Till]:
    """Give the desks of a world readers at a simulator of their own."""
    readers: dict[UUID, str] = {}
    with simulated_stripe(clinic.app) as stripe:
        for number, desk_id in enumerate(clinic.usd.desks, start=1):
            readers[desk_id] = stripe.reader(f"Desk {number}")
        clinic.write(
            lambda s: s.add_all(
                Reader(desk_id=desk_id, stripe_reader_id=key, label="Reader") for desk_id, key in readers.items()
            )
        )
        yield Till(clinic, stripe, readers)
