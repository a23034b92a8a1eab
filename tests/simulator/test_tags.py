"""Each behaviour of the simulator says where it comes from: documented by Stripe, or inferred by us."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections import Counter
from collections.abc import Iterator

import pos.dev.stripe_simulator
from pos.dev.stripe_simulator.api.routing import HANDLERS
from pos.dev.stripe_simulator.faults import FAULTS
from pos.dev.stripe_simulator.provenance import BEHAVIOURS
from tests.stripe_faults.payment_calls import FAULTS as STRUCK

# They find, count or draw what the behaviours made; Stripe's documentation has nothing to say about them.
HELPERS = {
    "expand.expanded", "balance.all_entries", "disputes.open_of", "post_payment.action_of", "post_payment.facts",
    "payments.new_intent", "payments.settle", "payouts.entries_of", "terminal.register",
}  # fmt: skip


def public_behaviours() -> Iterator[str]:
    """Every public function that does something with the simulated account."""
    for found in pkgutil.walk_packages(pos.dev.stripe_simulator.__path__, "pos.dev.stripe_simulator."):
        if found.name.endswith("__main__"):
            continue
        module = importlib.import_module(found.name)
        for name, function in vars(module).items():
            if not inspect.isfunction(function) or function.__module__ != module.__name__ or name.startswith("_"):
                continue
            if next(iter(inspect.signature(function).parameters), "") in ("world", "call"):
                yield f"{module.__name__.rpartition('.')[2]}.{name}"


def test_simulator_every_public_behaviour_is_tagged() -> None:
    tagged = {behaviour.name for behaviour in BEHAVIOURS}
    untagged = set(public_behaviours()) - tagged
    assert untagged == HELPERS, "say with @documented or @inferred where it comes from"
    assert {f"{call.__module__.rpartition('.')[2]}.{call.__name__}" for call in HANDLERS.values()} <= tagged


def test_simulator_tags_are_sentences_and_of_two_kinds() -> None:
    for behaviour in BEHAVIOURS:
        assert behaviour.sentence.endswith("."), behaviour
    assert set(Counter(behaviour.tag for behaviour in BEHAVIOURS)) == {"documented", "inferred"}
    assert {fault.tag for fault in FAULTS.values()} == {"documented", "inferred"}


def test_simulator_fault_every_request_fault_is_tried_at_call_sites() -> None:
    """Every call site is tried with each of them, with and without the end of our process (tests/stripe_faults)."""
    assert {fault.name for fault in FAULTS.values() if fault.where == "request"} == {one for one in STRUCK if one}
