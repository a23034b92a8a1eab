"""A fault at every call that sets Stripe up, with and without the end of our process: one endpoint, one reader, one place.

Whoever sets it up presses again, looks at what is there, and presses once more as for the first time.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import select

from pos.core.database.base import reading
from pos.core.ids import new_id
from pos.domain.locations.queries import place
from pos.domain.payments.models import Reader
from pos.services.payments import stripe_setup
from tests.stripe_faults.payment_calls import FAULT_CASES, ProcessEnded
from tests.stripe_faults.setup_calls import SETUP_SITES, SetupSite
from tests.stripe_faults.test_refund_calls import bravely, till
from tests.support.cards import Till

pytestmark = pytest.mark.xdist_group("faults")
__all__ = ["till"]


def stored(till: Till, kind: str) -> list[dict[str, object]]:
    return list(till.stripe.simulator.world.store.all(kind))


class Setup:
    """One person in the office with a key in the form."""

    def __init__(self, till: Till) -> None:
        self.till, self.staff = till, till.clinic.manager.id
        self.label = f"Spare {new_id().hex[-8:]}"
        self.desk: UUID = till.clinic.usd.desks[1]
        self.before = till.readers[self.desk]

    def look(self, key: str) -> None:
        found = stripe_setup.look()
        assert found.account is not None or found.problem

    def endpoint(self, key: str) -> None:
        stripe_setup.make_endpoint(key=key, staff_id=self.staff)

    def reader(self, key: str) -> None:
        """Register it; whoever sees it in the list gives it to its desk instead of registering it twice."""
        here = place(reading(), self.till.clinic.usd.location_id)
        there = next((one for one in stripe_setup.look().readers if one.label == self.label), None)
        if there is not None and key == "anew":
            stripe_setup.place_reader(
                place=here,
                stripe_reader_id=there.reader_id,
                label=self.label,
                desk_id=self.desk,
                staff_id=self.staff,
                own=None,
            )
            return
        key = str(new_id()) if key == "anew" else key
        stripe_setup.register_reader(
            place=here, code="simulated-wpe", label=self.label, desk_id=self.desk, key=key, staff_id=self.staff
        )

    def rename(self, key: str) -> None:
        here = place(reading(), self.till.clinic.usd.location_id)
        stripe_setup.place_reader(
            place=here,
            stripe_reader_id=self.before,
            label=self.label,
            desk_id=self.desk,
            staff_id=self.staff,
            own=None,
        )

    def ended(self, action: str) -> None:
        url = [one for one in stored(self.till, "webhook_endpoint") if one["url"] == stripe_setup.hook_url()]
        assert len(url) == (action == "endpoint")
        assert len(stored(self.till, "terminal.location")) == (action == "reader")
        named = [one["id"] for one in stored(self.till, "terminal.reader") if one["label"] == self.label]
        assert len(named) == (action in ("reader", "rename"))
        if named:
            with self.till.clinic.read() as session:
                at = session.execute(select(Reader.stripe_reader_id, Reader.label).where(Reader.desk_id == self.desk))
                assert at.one() == (named[0], self.label)


@pytest.fixture
def setup(till: Till) -> Setup:
    store = till.stripe.simulator.world.store
    with store.transaction():
        store.run("DELETE FROM object WHERE kind IN ('webhook_endpoint', 'terminal.location')")
        store.run("DELETE FROM idempotency")
    return Setup(till)


@pytest.mark.parametrize(("fault", "crash"), FAULT_CASES)
@pytest.mark.parametrize("site", SETUP_SITES, ids=lambda site: site.name)
def test_stripe_fault_at_setup_call_sets_up_once(setup: Setup, site: SetupSite, fault: str | None, crash: bool) -> None:
    till, client = setup.till, setup.till.stripe.http_client
    action: Callable[[str], None] = getattr(setup, site.action)
    key = str(new_id())
    with till.clinic.app.app_context():
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
            bravely(lambda: action(key))
            assert not crash, f"{site.name} was not called"
        except ProcessEnded:
            pass
        client.after = None
        assert any(m == site.method and p.startswith(site.path.rstrip("*")) for m, p in client.calls[struck:])
        if not (fault or crash):
            setup.ended(site.action)
        bravely(lambda: action(key))
        for _ in range(2):
            bravely(lambda: action("anew" if site.action == "reader" else str(new_id())))
        setup.ended(site.action)
