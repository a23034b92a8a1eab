"""How a refund moves after it was made: a pending one succeeds or fails, and one that had succeeded may still fail."""

from __future__ import annotations

from pos.dev.stripe_simulator.context import Context
from pos.dev.stripe_simulator.errors import ApiError
from pos.dev.stripe_simulator.objects import payments
from pos.dev.stripe_simulator.provenance import documented, inferred
from pos.dev.stripe_simulator.state.store import Json

# Refund status → those it may move to.
MOVES: dict[str, frozenset[str]] = {
    "pending": frozenset({"succeeded", "failed"}),
    "succeeded": frozenset({"failed"}),
    "failed": frozenset(),
}


def _move(refund: Json, status: str) -> None:
    if status not in MOVES[refund["status"]]:
        raise ApiError(400, f"This refund is {refund['status']}, so it cannot become {status}.")
    refund["status"] = status


@documented("A pending refund succeeds later, which refund.updated tells.")
def succeed(world: Context, identifier: str) -> Json:
    """The bank took a pending refund."""
    refund = world.find("refund", identifier)
    _move(refund, "succeeded")
    world.store.put(refund)
    world.tell("refund.updated", refund)
    return refund


@documented("A refund may fail, even days later: the money comes back to the balance and refund.failed tells of it.")
def fail(world: Context, identifier: str, reason: str) -> Json:
    """The bank sent a refund back."""
    refund = world.find("refund", identifier)
    _move(refund, "failed")
    entry = payments.new_balance_entry(world, "refund_failure", identifier, refund["amount"], refund["currency"], fee=0)
    refund |= {"failure_reason": reason, "failure_balance_transaction": entry["id"]}
    world.store.put(refund)
    charge = world.find("charge", refund["charge"])
    give_back(charge, refund["amount"])
    world.store.put(charge)
    world.tell("refund.updated", refund)
    world.tell("refund.failed", refund)
    return refund


@inferred("What a failed refund had taken of its charge can be refunded again.")
def give_back(charge: Json, amount: int) -> None:
    """Let a charge be refunded again by what came back."""
    charge["amount_refunded"] -= amount
    charge["refunded"] = False
