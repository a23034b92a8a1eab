"""A fault at every call that gives money back, with and without the end of our process: each ends paid back, once.

A sale is paid by card and its refund brought to the call; the fault is armed and, where the process "ends", nothing of ours
runs after the call. Then the polling job goes on as it would in any clinic. At the end Stripe gave exactly the
amount back once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from pos.core import clock
from pos.core.app_context import running
from pos.core.database.base import db
from pos.core.errors import PosError
from pos.core.ids import new_id
from pos.domain.refunds import repository as refunds
from pos.domain.refunds.models import RefundPart
from pos.services.jobs import event_handlers
from pos.services.refunds.calculate import RefundChoice
from pos.services.refunds.card_refunds import settle_part
from pos.services.refunds.issue_refund import RefundCommand, refund
from tests.stripe_faults.payment_calls import FAULT_CASES, ProcessEnded
from tests.stripe_faults.refund_calls import REFUND_SITES, RefundSite
from tests.support.cards import Till
from tests.support.clinic import line
from tests.support.remembered_checks import broken_checks

pytestmark = pytest.mark.xdist_group("faults")
AMOUNT = 48_60


@pytest.fixture
def till(rewound_till: Till) -> Iterator[Till]:
    """The shared clinic, left without faults."""
    with clock.at(datetime.fromtimestamp(rewound_till.stripe.clock.now(), UTC)):
        yield rewound_till
    rewound_till.stripe.http_client.after = None
    rewound_till.stripe.web.delete("/_sim/faults", base_url="http://127.0.0.1:12111")


def bravely(action: Callable[[], object]) -> None:
    try:
        action()
    except PosError:
        pass
    finally:
        db.session.remove()


def part_of(till: Till, refund_id: UUID) -> RefundPart:
    with till.clinic.read() as session:
        return refunds.parts_of(session, refund_id)[0]


def mine(till: Till, intent_id: str) -> list[tuple[int, str]]:
    """What Stripe gave back of a payment."""
    found = till.stripe.simulator.world.store.where("refund", "payment_intent", intent_id)
    return [(one["amount"], one["status"]) for one in found]


def start_or_resume(till: Till) -> None:
    """What happens afterwards in any clinic: the worker sweeps, and the bank takes what it had waiting."""
    for one in till.stripe.simulator.world.store.all("refund"):
        if one["status"] == "pending":
            till.stripe.press(f"refunds/{one['id']}/succeed")
    for minutes in (1, 4, 8, 12):
        with clock.at(clock.now() + timedelta(minutes=minutes)):
            bravely(event_handlers.poll_pending)


@pytest.mark.parametrize(("fault", "crash"), FAULT_CASES)
@pytest.mark.parametrize("site", REFUND_SITES, ids=lambda site: site.name)
def test_stripe_fault_at_refund_call_ends_refunded_once(
    till: Till, site: RefundSite, fault: str | None, crash: bool
) -> None:
    clinic, client = till.clinic, till.stripe.http_client
    waiting = till.charge(till.command(till.ticket(line("foot_30"), client=clinic.ana)))
    till.tap()
    assert till.look(waiting.order_id).state == "succeeded"
    intent_id = till.attempt(waiting.order_id).intent_id or ""
    refund_id = new_id()
    command = RefundCommand(refund_id, RefundChoice(waiting.order_id), "Too loud", clinic.manager)

    def give_back() -> object:
        return refund(command)

    def look_again() -> object:
        return settle_part(part_of(till, refund_id).id)

    action = give_back
    with clinic.app.app_context():
        if site.first:
            till.stripe.arm(site.first, "/v1/refunds" if site.first != "refund_pending" else "*")
            bravely(give_back)
            action = look_again
        struck = len(client.calls)
        if fault:
            till.stripe.arm(fault, site.path, method=site.method)

        def after(method: str, path: str) -> None:
            if method == site.method and path.startswith(site.path.rstrip("*")):
                client.after = None
                raise ProcessEnded

        if crash:
            client.after = after
        try:
            bravely(action)
            assert not crash, f"{site.name} was not called"
        except ProcessEnded:
            pass
        client.after = None
        assert any(m == site.method and p.startswith(site.path.rstrip("*")) for m, p in client.calls[struck:])
        start_or_resume(till)
        bravely(give_back)  # the desk asks again under its key: the same refund

    assert mine(till, intent_id) == [(AMOUNT, "succeeded")]
    assert part_of(till, refund_id).state == "paid_back"
    with clinic.read() as session:
        # The world's drawers were opened without the entry of their float.
        assert broken_checks(session, but="drawers") == {}


def test_refund_answer_lost_without_stored_key_is_paid_twice(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: without the stored key and without looking first, the client gets the money twice."""
    gateway: Any = type(_gateway(till))
    create = gateway.create_refund
    monkeypatch.setattr(
        gateway, "create_refund", lambda self, request, *, key: create(self, request, key=f"{key}-{new_id()}")
    )
    monkeypatch.setattr(gateway, "find_refund", lambda *_: None)
    clinic = till.clinic
    waiting = till.charge(till.command(till.ticket(line("foot_30"), line("oil"), client=clinic.ana)))
    till.tap()
    till.look(waiting.order_id)
    till.stripe.arm("timeout_after", "/v1/refunds", method="post")
    command = RefundCommand(
        new_id(), RefundChoice(waiting.order_id, positions=(1,), amount_minor=20_00), "x y z", clinic.manager
    )
    with clinic.app.app_context():
        refund(command)
        bravely(event_handlers.poll_pending)
    intent_id = till.attempt(waiting.order_id).intent_id or ""
    assert mine(till, intent_id) == [(20_00, "succeeded"), (20_00, "succeeded")]


def _gateway(till: Till) -> object:
    with till.clinic.app.app_context():
        return running().helpers["gateway"]
