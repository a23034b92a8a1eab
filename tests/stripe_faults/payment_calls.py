"""Every call to Stripe on the way of a payment: how a payment is brought to it, and the faults that strike it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import pytest
from sqlalchemy import select

from pos.core.database.base import reading
from pos.core.ids import new_id
from pos.domain.locations.queries import desk_place
from pos.domain.payments.models import PaymentAttempt
from pos.domain.sales.models import Order
from pos.domain.staff.queries import Person
from pos.services.checkout.place_order import ChargeTicket
from pos.services.payments import online_checkout, switch_method, terminal_payment
from pos.services.payments.online_checkout import BuyOnline
from pos.services.payments.refresh_payment import refresh_payment
from tests.support.cards import Till
from tests.support.clinic import line


class ProcessEnded(BaseException):
    """The process is gone: nothing of ours may catch this."""


@dataclass
class Case:
    """One order on its way: how it is begun again after a fault, and what its people do."""

    till: Till
    order_id: UUID
    begin: Callable[[], object]
    online: bool

    def session_id(self) -> str | None:
        return self.attempt().session_id

    def attempt(self) -> PaymentAttempt:
        return self.till.attempt(self.order_id)

    def state(self) -> str:
        with self.till.clinic.read() as session:
            return session.scalars(select(Order.state).where(Order.id == self.order_id)).one_or_none() or "none"

    def pay(self) -> None:
        """The client pays, if there is anything before them to pay."""
        if self.state() == "none":
            return
        if (session_id := self.session_id()) and self._open(session_id):
            self.till.stripe.press(f"sessions/{session_id}/pay")
        elif not self.online and self._asking():
            self.till.tap()

    def _open(self, session_id: str) -> bool:
        found = self.till.stripe.simulator.world.store.get(session_id, "checkout.session")
        return found is not None and found["status"] == "open"

    def _asking(self) -> bool:
        reader_id = self.till.readers[self.till.clinic.usd.desk]
        reader = self.till.stripe.simulator.world.store.get(reader_id, "terminal.reader")
        action = (reader or {}).get("action") or {}
        return action.get("status") == "in_progress"

    def cancel(self) -> object:
        """The desk gives the payment up, or the client comes back without paying."""
        return online_checkout.give_up(self.order_id) if self.online else terminal_payment.cancel(self.order_id)


def by_code(till: Till) -> Case:
    """The same as at the desk, paid on the client's phone."""
    return at_desk(till, by_code=True)


def at_desk(till: Till, *, by_code: bool = False) -> Case:
    """A credit, an add-on beside it, and the rest by card at the first desk."""
    clinic = till.clinic
    ticket = till.ticket(line("trigger_60"), line("cupping"), client=clinic.ana)
    assert ticket.priced.cart.credits_used == 1
    command: ChargeTicket = till.command(ticket, by_code=by_code)
    return Case(till, command.sale_id, lambda: terminal_payment.charge_at_desk(command), online=False)


def online(till: Till) -> Case:
    """A package bought by a guest."""
    order_id = new_id()
    command = BuyOnline(
        order_id=order_id,
        place_slug="riverside",
        item_id=till.clinic.items["three"],
        given_name="Nora",
        family_name="",
        email="nora@mail.example",
        phone=None,
        locale="en",
        terms_accepted=True,
        success_url="http://localhost/done?session_id={CHECKOUT_SESSION_ID}",
        cancel_url="http://localhost/back",
    )
    return Case(till, order_id, lambda: online_checkout.buy_online(command), online=True)


@dataclass(frozen=True)
class Site:
    """A call site: who makes the call, what comes before it, what the call looks like on the line.

    `call` is the gateway's verb, where several sites share one.
    """

    name: str
    method: str
    path: str
    begin: Callable[[Till], Case]
    step: Callable[[Case], object]
    before: tuple[str, ...] = ()
    call: str = ""


def _begin(case: Case) -> object:
    return case.begin()


def _find_out(case: Case) -> object:
    return terminal_payment.refresh_at_desk(case.order_id)


def _settle(case: Case) -> object:
    return refresh_payment(case.order_id)


def _cancel(case: Case) -> object:
    return case.cancel()


def _to_code(case: Case) -> object:
    return switch_method.show_code(case.order_id)


def _to_reader(case: Case) -> object:
    return switch_method.request_at_reader(case.order_id, case.till.own_reader(), case.till.clinic.usd.location_id)


def _list_readers(case: Case) -> object:
    return switch_method.readers_here(desk_place(reading(), case.till.clinic.usd.desk))


def _free(case: Case) -> object:
    clinic = case.till.clinic
    mara = Person(clinic.manager.id, clinic.manager.name, clinic.manager.role, frozenset({clinic.usd.location_id}))
    return switch_method.free_reader(desk_place(reading(), clinic.usd.desk), mara, case.till.own_reader())


SITES = (
    Site("create_intent", "post", "/v1/payment_intents", at_desk, _begin),
    Site("send_to_reader", "post", "/v1/terminal/readers/*/process_payment_intent", at_desk, _begin),
    Site("fetch_intent", "get", "/v1/payment_intents/*", at_desk, _find_out, ("begin", "pay")),
    Site("fetch_reader", "get", "/v1/terminal/readers/*", at_desk, _cancel, ("begin",)),
    Site("cancel_reader_action", "post", "/v1/terminal/readers/*/cancel_action", at_desk, _cancel, ("begin",)),
    Site("cancel_intent", "post", "/v1/payment_intents/*/cancel", at_desk, _cancel, ("begin",)),
    Site("open_code", "post", "/v1/checkout/sessions", by_code, _begin, call="open_checkout"),
    Site("fetch_code", "get", "/v1/checkout/sessions/*", by_code, _find_out, ("begin", "pay"), "fetch_checkout"),
    Site("expire_code", "post", "/v1/checkout/sessions/*/expire", by_code, _cancel, ("begin",), "expire_checkout"),
    Site("switch_to_qr", "post", "/v1/payment_intents/*/cancel", at_desk, _to_code, ("begin",), "cancel_intent"),
    Site(
        "turn_quiet",
        "post",
        "/v1/terminal/readers/*/cancel_action",
        at_desk,
        _to_code,
        ("begin",),
        "cancel_reader_action",
    ),
    Site(
        "switch_to_reader", "post", "/v1/checkout/sessions/*/expire", by_code, _to_reader, ("begin",), "expire_checkout"
    ),
    Site("list_readers", "get", "/v1/terminal/readers", at_desk, _list_readers, ("begin",)),
    Site("free_reader", "get", "/v1/terminal/readers/*", at_desk, _free, ("begin",), "fetch_reader"),
    Site("open_checkout", "post", "/v1/checkout/sessions", online, _begin),
    Site("fetch_checkout", "get", "/v1/checkout/sessions/*", online, _settle, ("begin", "pay")),
    Site("expire_checkout", "post", "/v1/checkout/sessions/*/expire", online, _cancel, ("begin",)),
)


FAULTS = (
    None, "timeout_before", "timeout_after", "connection_reset", "late_success", "rate_limit", "conflict",
    "server_error_stored", "server_error_executed",
)  # fmt: skip


# Each side of a call that fails is in the short run: nothing happened, and all happened. A call that does not fail is in
# every test of its feature.
_SHORT = {"timeout_after", "connection_reset"}


# A process that ends right after the call never sees the answer: all that differs is what Stripe did and what it will answer
# under the key of the call. Done, and nothing done, are in the short run.
_SHORT_ENDS = {None, "timeout_before"}
_ENDS = {*_SHORT_ENDS, "late_success", "server_error_stored", "server_error_executed"}
# Of each fault: the process lives, or ends right after the call.
FAULT_CASES = [
    pytest.param(
        fault,
        crash,
        id=f"{fault or 'no_fault'}-{'ends' if crash else 'lives'}",
        marks=() if fault in (_SHORT_ENDS if crash else _SHORT) else pytest.mark.long,
    )
    for fault in FAULTS
    for crash in (False, True)
    if fault in _ENDS or not crash
]
