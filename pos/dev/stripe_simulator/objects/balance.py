"""The account's balance: when money becomes available, and what other things than cards do to it."""

from __future__ import annotations

from pos.dev.stripe_simulator.context import Context
from pos.dev.stripe_simulator.objects import payments
from pos.dev.stripe_simulator.provenance import documented, inferred
from pos.dev.stripe_simulator.state.store import Json


@documented("A balance transaction is pending until the day it becomes available.")
def settle_due(world: Context) -> None:
    """Make available whatever has come to its day."""
    with world.store.transaction():
        for entry in world.store.all("balance_transaction"):
            if entry["status"] == "pending" and entry["available_on"] <= world.now():
                world.store.put(entry | {"status": "available"})


def all_entries(world: Context) -> list[Json]:
    """Every balance transaction as it stands now, newest first."""
    settle_due(world)
    return world.store.all("balance_transaction")


@inferred("What Stripe itself takes or gives (a dispute, a fee of its own) is available at once.")
def book(world: Context, kind: str, category: str, source: str | None, amount: int, currency: str, *, fee: int) -> Json:
    """A balance transaction that is available now: `amount` signed, `fee` kept by Stripe, in minor units."""
    entry = payments.new_balance_entry(world, kind, source or "", amount, currency, fee=fee)
    for detail in entry["fee_details"]:
        detail["description"] = "Dispute fee" if category == "dispute" else "Fee"
    entry |= {"reporting_category": category, "source": source, "available_on": world.now(), "status": "available"}
    return world.store.put(entry)


@documented(
    "Stripe's own fees, such as for Radar or a reader, are balance transactions of type stripe_fee without a source."
)
def charge_fee(world: Context, amount: int, currency: str, description: str) -> Json:
    """Stripe takes a fee of its own from the balance."""
    with world.store.transaction():
        entry = book(world, "stripe_fee", "fee", None, -amount, currency, fee=0)
        return world.store.put(entry | {"description": description})
