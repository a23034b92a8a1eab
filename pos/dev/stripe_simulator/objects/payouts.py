"""Payouts: what is available goes to the bank, and Stripe says which balance transactions it was made of."""

from __future__ import annotations

from pos.dev.stripe_simulator.context import Context
from pos.dev.stripe_simulator.errors import ApiError
from pos.dev.stripe_simulator.objects import balance, payments
from pos.dev.stripe_simulator.provenance import documented, inferred
from pos.dev.stripe_simulator.state.store import Json

# Payout status → those it may move to. A bank may send back what it had taken.
MOVES: dict[str, frozenset[str]] = {
    "pending": frozenset({"in_transit", "paid", "failed", "canceled"}),
    "in_transit": frozenset({"paid", "failed"}),
    "paid": frozenset({"failed"}),
    "failed": frozenset(),
    "canceled": frozenset(),
}


def entries_of(world: Context, payout_id: str) -> list[Json]:
    """The balance transactions a payout was made of, and its own, newest first."""
    return [entry for entry in world.store.all("balance_transaction") if entry.get("_payout") == payout_id]


@documented("An automatic payout takes everything available in a currency; its own balance transaction negates it.")
def pay_out(world: Context, currency: str = "usd", *, early: bool = False) -> Json:
    """Begin a payout of what is available (`early`: of everything); raises ApiError when that is nothing."""
    with world.store.transaction():
        if early:
            for entry in world.store.all("balance_transaction"):
                if entry["status"] == "pending":
                    world.store.put(entry | {"status": "available", "available_on": world.now()})
        found = [
            entry
            for entry in balance.all_entries(world)
            if entry["currency"] == currency and entry["status"] == "available" and "_payout" not in entry
        ]
        amount = sum(entry["net"] for entry in found)
        if amount <= 0:
            raise ApiError(400, "There is nothing available to pay out.", code="balance_insufficient")
        identifier = world.new_id("po")
        own = balance.book(world, "payout", "payout", identifier, -amount, currency, fee=0)
        for entry in (*found, own):
            world.store.put(entry | {"_payout": identifier})
        payout: Json = {
            "id": identifier,
            "object": "payout",
            "amount": amount,
            "application_fee": None,
            "application_fee_amount": None,
            "arrival_date": (world.now() // 86400 + 1) * 86400,
            "automatic": True,
            "balance_transaction": own["id"],
            "created": world.now(),
            "currency": currency,
            "description": "STRIPE PAYOUT",
            "destination": "ba_simulated",
            "failure_balance_transaction": None,
            "failure_code": None,
            "failure_message": None,
            "livemode": False,
            "metadata": {},
            "method": "standard",
            "original_payout": None,
            "payout_method": None,
            "reconciliation_status": "in_progress",
            "reversed_by": None,
            "source_type": "card",
            "statement_descriptor": None,
            "status": "pending",
            "trace_id": {"status": "pending", "value": None},
            "type": "bank_account",
        }
        world.store.put(payout)
        world.tell("payout.created", payout)
        return payout


def _moved(world: Context, identifier: str, status: str) -> Json:
    payout = world.find("payout", identifier)
    if status not in MOVES[payout["status"]]:
        raise ApiError(400, f"This payout is {payout['status']}, so it cannot become {status}.")
    payout["status"] = status
    return payout


@documented("A payout is handed to the bank: in_transit, told as payout.updated.")
def send(world: Context, identifier: str) -> Json:
    """Hand a pending payout to the bank."""
    with world.store.transaction():
        payout = world.store.put(_moved(world, identifier, "in_transit"))
        world.tell("payout.updated", payout)
        return payout


@documented("A payout arrives: paid.")
def arrive(world: Context, identifier: str) -> Json:
    """The money is at the bank; its balance transactions are listed from now on."""
    with world.store.transaction():
        payout = world.store.put(_moved(world, identifier, "paid"))
        world.tell("payout.paid", payout)
        return reconcile(world, identifier)


@documented("Once a payout's balance transactions can be listed, payout.reconciliation_completed tells of it.")
def reconcile(world: Context, identifier: str) -> Json:
    """Finish the list of what a payout was made of."""
    payout = world.find("payout", identifier)
    if payout["reconciliation_status"] == "in_progress":
        world.store.put(payout | {"reconciliation_status": "completed"})
        payout = world.find("payout", identifier)
        world.tell("payout.reconciliation_completed", payout)
    return payout


@documented("A payout may fail, even after it was paid: the money is in the balance again.")
@inferred("What a failed payout brought back goes out with the next one as a transaction of type payout_failure.")
def fail(world: Context, identifier: str, code: str = "account_closed") -> Json:
    """The bank sends a payout back."""
    with world.store.transaction():
        payout = _moved(world, identifier, "failed")
        entry = payments.new_balance_entry(
            world, "payout_failure", identifier, payout["amount"], payout["currency"], fee=0
        )
        entry |= {"status": "available", "available_on": world.now()}
        world.store.put(entry)
        payout |= {
            "failure_balance_transaction": entry["id"],
            "failure_code": code,
            "failure_message": "The bank account has been closed.",
        }
        world.store.put(payout)
        world.tell("payout.failed", payout)
        return payout


ACTIONS = {"send": send, "arrive": arrive, "fail": fail}
