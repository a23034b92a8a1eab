"""A fault at every call to Stripe, with and without the end of our process right after it: all of it settles.

For each call site: a payment is brought to where the call is made, the fault is armed, and (where the process "ends")
an error no handler catches is raised the moment the call is over. Then the people and the polling job go on as they
would. At
the end the order is a sale or released, Stripe took the money at most once and exactly for what became a sale, and no
credit is lost or made. A call written anew in pos/services without a row here fails.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
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
from pos.domain.sales.models import Sale
from pos.services.jobs import event_handlers
from pos.services.payments import terminal_payment
from pos.services.payments.refresh_payment import refresh_payment
from tests.stripe_faults.dispute_payout_calls import AFTER_SITES
from tests.stripe_faults.payment_calls import FAULT_CASES, SITES, Case, ProcessEnded, Site, at_desk, online
from tests.stripe_faults.refund_calls import REFUND_SITES
from tests.stripe_faults.setup_calls import SETUP_SITES
from tests.support.cards import Till
from tests.support.remembered_checks import broken_checks

pytestmark = pytest.mark.xdist_group("faults")


# Not called from a payment's way: reading a webhook needs no line to Stripe.
NO_CALL = {"require_answers", "read_event"}


# The client's parts: `gateway().disputes.fetch_dispute(…)` is a call too.
PARTS = {"disputes", "payouts", "setup"}


def _calls(tree: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """The calls of `gateway().name(…)` and `gateway().part.name(…)`: their name and the `gateway()` in them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            of = node.func.value
            if isinstance(of, ast.Attribute) and of.attr in PARTS:
                of = of.value
            if _is_gateway(of):
                yield node.func.attr, of


def _is_gateway(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "gateway"


def _trees() -> Iterator[tuple[Path, ast.AST]]:
    for path in Path(pos.services.__file__).parent.rglob("*.py"):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def test_stripe_call_sites_every_call_has_fault_cases() -> None:
    called = {name for _, tree in _trees() for name, _ in _calls(tree)}
    others = {site.name for site in (*REFUND_SITES, *AFTER_SITES, *SETUP_SITES)}
    assert called - NO_CALL == {site.call or site.name for site in SITES} | others


def test_stripe_call_sites_gateway_is_never_stored_in_variable() -> None:
    """A gateway, or a part of it, kept in a variable or handed on would hide a call from the scan above."""
    for path, tree in _trees():
        seen = {id(of) for _, of in _calls(tree)}
        # A statement of its own only asks whether card payments are on.
        seen |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            assert not _is_gateway(node) or id(node) in seen, f"{path.name}:{ast.unparse(node)}"


def start_or_resume(case: Case) -> None:
    """What happens afterwards in any clinic: the desk or the browser looks again, and the worker sweeps."""
    for _ in range(3):
        for action in (case.begin, lambda: refresh_payment(case.order_id), event_handlers.poll_pending):
            _bravely(action)


def _bravely(action: Callable[[], object]) -> None:
    try:
        action()
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
def till(rewound_till: Till) -> Iterator[Till]:
    """The shared clinic with a package of Ana's, left without faults and with a free reader."""
    with clock.at(datetime.fromtimestamp(rewound_till.stripe.clock.now(), UTC)):
        rewound_till.clinic.buy("three", rewound_till.clinic.ana)
        yield rewound_till
    rewound_till.stripe.http_client.after = None
    rewound_till.stripe.web.delete("/_sim/faults", base_url="http://127.0.0.1:12111")


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
            _bravely(lambda: site.step(case))
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


@pytest.mark.parametrize(("fault", "crash"), FAULT_CASES)
@pytest.mark.parametrize("site", SITES, ids=lambda site: site.name)
def test_stripe_fault_at_payment_call_ends_completed_or_released(
    till: Till, site: Site, fault: str | None, crash: bool
) -> None:
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
        assert broken_checks(session, but="drawers") == {}


def test_card_payment_canceled_during_intent_creation_never_asks_reader(till: Till) -> None:
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


def test_polling_job_one_payment_fails_and_others_are_settled(
    till: Till, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    cases = [online(till), online(till)]
    ask = event_handlers.refresh_unattended

    def stumble(order_id: UUID) -> object:
        if order_id == cases[0].order_id:
            raise RuntimeError("a state nobody thought of")
        return ask(order_id)

    monkeypatch.setattr(event_handlers, "refresh_unattended", stumble)
    with till.clinic.app.app_context():
        for case in cases:
            case.begin()
            case.pay()
        event_handlers.poll_pending()
    assert [case.state() for case in cases] == ["placed", "completed"]
    assert "a state nobody thought of" in caplog.text
    monkeypatch.undo()
    with till.clinic.app.app_context():
        event_handlers.poll_pending()
    assert cases[0].state() == "completed"


def test_shop_order_cannot_be_canceled_at_desk(till: Till) -> None:
    """Cancelled at a desk, its page would stay open and could be paid for nothing."""
    case = online(till)
    with till.clinic.app.app_context():
        case.begin()
        with pytest.raises(NotFound):
            terminal_payment.order_of_desk(reading(), case.order_id, till.clinic.usd.location_id)
        case.cancel()
    assert case.state() == "released"


def test_card_payment_answer_lost_without_stored_key_creates_two_intents(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: under a new key for each try, Stripe has two payment intents for one sale."""
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
