"""A fault at every call to Stripe, with and without the end of our process right after it: all of it settles.

For each call site: a payment is brought to where the call is made, the fault is armed, and (where the process "ends")
an error no handler catches is raised the moment the call is over. Then the people and the sweep go on as they would. At
the end the order is a sale or released, Stripe took the money at most once and exactly for what became a sale, and no
credit is lost or made. A call written anew in pos/services without a row here fails.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select

import pos.services
from pos.core import clock
from pos.core.app_context import running
from pos.core.database.base import db, reading
from pos.core.errors import NotFound, PosError
from pos.core.ids import new_id
from pos.domain.credits.models import CreditLot, CreditMove
from pos.domain.locations.queries import desk_place
from pos.domain.payments.models import PaymentAttempt
from pos.domain.sales.models import Order, Sale
from pos.domain.staff.queries import Person
from pos.reports.verify import verify
from pos.services.checkout.place_order import ChargeTicket
from pos.services.jobs import event_handlers
from pos.services.payments import online_checkout, switch_method, terminal_payment
from pos.services.payments.online_checkout import BuyOnline
from pos.services.payments.settle_payment import settle_payment
from tests.stripe_faults.dispute_payout_calls import AFTER_SITES
from tests.stripe_faults.refund_calls import REFUND_SITES
from tests.stripe_faults.setup_calls import SETUP_SITES
from tests.support.cards import Till
from tests.support.clinic import line

pytestmark = pytest.mark.xdist_group("faults")


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
    assert ticket.priced.credits_used == 1
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
    deed: Callable[[Case], object]
    before: tuple[str, ...] = ()
    call: str = ""


def _begin(case: Case) -> object:
    return case.begin()


def _find_out(case: Case) -> object:
    return terminal_payment.refresh_status(case.order_id)


def _settle(case: Case) -> object:
    return settle_payment(case.order_id)


def _cancel(case: Case) -> object:
    return case.cancel()


def _to_code(case: Case) -> object:
    return switch_method.show_code(case.order_id)


def _to_reader(case: Case) -> object:
    return switch_method.ask_at(case.order_id, case.till.own_reader(), case.till.clinic.usd.location_id)


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
# Each side of a call that fails is in the short run: nothing happened, all happened, and Stripe answers an error.
_SHORT = {None, "timeout_after", "connection_reset", "server_error_executed"}
FAULT_CASES = [fault if fault in _SHORT else pytest.param(fault, marks=pytest.mark.long, id=fault) for fault in FAULTS]
# Not called from a payment's way: reading a webhook needs no line to Stripe.
NO_CALL = {"require_answers", "read_event"}


def test_every_call_site_has_its_rows() -> None:
    called = set()
    for path in Path(pos.services.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Call)
                and isinstance(node.func.value.func, ast.Name)
                and node.func.value.func.id == "gateway"
            ):
                called.add(node.func.attr)
    others = {site.name for site in (*REFUND_SITES, *AFTER_SITES, *SETUP_SITES)}
    assert called - NO_CALL == {site.call or site.name for site in SITES} | others


def test_the_gateway_is_called_in_no_other_way() -> None:
    """The scan above sees `gateway().name(…)` only, so a gateway kept in a variable would hide a call from it."""
    for path in Path(pos.services.__file__).parent.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr | ast.Return):
                value = node.value
                assert not (
                    isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "gateway"
                ), f"{path.name}:{node.lineno}"


def start_or_resume(case: Case) -> None:
    """What happens afterwards in any clinic: the desk or the browser looks again, and the worker sweeps."""
    for _ in range(3):
        for deed in (case.begin, lambda: settle_payment(case.order_id), event_handlers.sweep):
            _bravely(deed)


def _bravely(deed: Callable[[], object]) -> None:
    try:
        deed()
    except PosError:
        pass
    finally:
        db.session.remove()


def end_of(case: Case) -> None:
    """Bring the order to its end: it is paid if it can be, given up if it cannot, and its page's time runs out."""
    start_or_resume(case)
    _bravely(case.pay)
    start_or_resume(case)
    for _ in range(2):
        if case.state() == "placed":
            _bravely(case.cancel)
    if case.state() == "placed" and case.online:
        case.till.stripe.clock.advance(3600)
        with clock.at(clock.now() + timedelta(hours=1)):
            start_or_resume(case)


@pytest.fixture
def till(house: Till) -> Iterator[Till]:
    """The shared house with a package of Ana's, left without faults and with a free reader."""
    with clock.at(datetime.fromtimestamp(house.stripe.clock.now(), UTC)):
        house.clinic.buy("three", house.clinic.ana)
        yield house
    house.stripe.http_client.after = None
    house.stripe.web.delete("/_sim/faults", base_url="http://127.0.0.1:12111")


def run(till: Till, site: Site, fault: str | None, *, crash: bool) -> Case:
    """Bring a payment to the call, let the fault strike there, and end the process after it if asked to."""
    case = site.begin(till)
    with till.clinic.app.app_context():
        for step in site.before:
            getattr(case, step)()
        struck = len(till.stripe.http_client.calls)
        if fault:
            till.stripe.arm(fault, site.path, method=site.method)

        def after(method: str, path: str) -> None:
            if method == site.method and _matches(path, site.path):
                till.stripe.http_client.after = None
                raise ProcessEnded

        if crash:
            till.stripe.http_client.after = after
        try:
            _bravely(lambda: site.deed(case))
            assert not crash, f"{site.name} was not called"
        except ProcessEnded:
            pass
        till.stripe.http_client.after = None
        made = till.stripe.http_client.calls[struck:]
        assert any(method == site.method and _matches(path, site.path) for method, path in made), made
        end_of(case)
    return case


def _matches(path: str, pattern: str) -> bool:
    head, star, tail = pattern.partition("*")
    if not star:
        return path == head
    return path.startswith(head) and path.endswith(tail) and "/" not in path[len(head) : len(path) - len(tail)]


@pytest.mark.parametrize("crash", [False, True], ids=["lives", "ends"])
@pytest.mark.parametrize("fault", FAULT_CASES, ids=lambda fault: fault or "no_fault")
@pytest.mark.parametrize("site", SITES, ids=lambda site: site.name)
def test_it_ends_settled_or_released(till: Till, site: Site, fault: str | None, crash: bool) -> None:
    charged = sum(till.charges())
    case = run(till, site, fault, crash=crash)
    state, attempt = case.state(), case.attempt()
    assert state in ("completed", "released"), (state, attempt.state, attempt.reason_code)
    assert attempt.state == {"completed": "succeeded", "released": "canceled"}[state]
    assert sum(till.charges()) - charged == (attempt.amount_minor if state == "completed" else 0)
    with till.clinic.read() as session:
        sold = session.scalar(select(func.count()).select_from(Sale).where(Sale.id == case.order_id))
        assert sold == (state == "completed")
        for lot in session.scalars(select(CreditLot)):
            moved = session.scalar(select(func.sum(CreditMove.delta)).where(CreditMove.lot_id == lot.id))
            assert (lot.remaining, lot.held) == (moved, 0)
        # The world's drawers were opened without the entry of their float.
        assert [result for result in verify(session) if not result.holds and result.key != "drawers"] == []


def test_a_payment_given_up_while_its_intent_was_made_is_never_asked_for(till: Till) -> None:
    """Cancel is pressed while the first call is still on the line: the reader must stay silent."""
    case = at_desk(till)

    def press_cancel(method: str, path: str) -> None:
        if (method, path) == ("post", "/v1/payment_intents"):
            till.stripe.http_client.after = None
            assert terminal_payment.cancel(case.order_id).state == "canceled"

    till.stripe.http_client.after = press_cancel
    with till.clinic.app.app_context():
        case.begin()
    assert case.state() == "released"
    assert not case._asking()


def test_one_payment_that_cannot_be_asked_about_does_not_keep_the_sweep_from_the_others(
    till: Till, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    cases = [online(till), online(till)]
    ask = event_handlers.refresh_status_unattended

    def stumble(order_id: UUID) -> object:
        if order_id == cases[0].order_id:
            raise RuntimeError("a state nobody thought of")
        return ask(order_id)

    monkeypatch.setattr(event_handlers, "refresh_status_unattended", stumble)
    with till.clinic.app.app_context():
        for case in cases:
            case.begin()
            case.pay()
        event_handlers.sweep()
    assert [case.state() for case in cases] == ["placed", "completed"]
    assert "a state nobody thought of" in caplog.text
    monkeypatch.undo()
    with till.clinic.app.app_context():
        event_handlers.sweep()
    assert cases[0].state() == "completed"


def test_what_is_bought_online_is_not_a_payment_of_the_desk(till: Till) -> None:
    """Cancelled at a desk, its page would stay open and could be paid for nothing."""
    case = online(till)
    with till.clinic.app.app_context():
        case.begin()
        with pytest.raises(NotFound):
            terminal_payment.order_of_desk(reading(), case.order_id, till.clinic.usd.location_id)
        case.cancel()
    assert case.state() == "released"


def test_without_the_stored_key_a_lost_answer_charges_twice(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: under a new key for each try, the same sale is asked for and paid twice."""
    create = type(_gateway(till)).create_intent

    def under_a_new_key(self: object, request: object, *, key: str) -> object:
        return create(self, request, key=f"{key}-{new_id()}")

    monkeypatch.setattr(type(_gateway(till)), "create_intent", under_a_new_key)
    before = len(till.stripe.simulator.world.store.all("payment_intent"))
    run(till, SITES[0], "timeout_after", crash=False)
    assert len(till.stripe.simulator.world.store.all("payment_intent")) - before == 2


def _gateway(till: Till) -> object:
    with till.clinic.app.app_context():
        return running().helpers["gateway"]
