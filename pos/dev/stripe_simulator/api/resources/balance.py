"""Balance transactions: what moved the account's balance, with Stripe's fee in it."""

from __future__ import annotations

from pos.dev.stripe_simulator.api.lists import page
from pos.dev.stripe_simulator.api.routing import Call, handles
from pos.dev.stripe_simulator.errors import ApiError
from pos.dev.stripe_simulator.objects import balance
from pos.dev.stripe_simulator.provenance import documented
from pos.dev.stripe_simulator.state.store import Json


@handles("get", "/v1/balance_transactions/{}")
@documented("A balance transaction by its id: amount, fee and net in minor units.")
def retrieve(call: Call) -> Json:
    """One balance transaction."""
    balance.settle_due(call.world)
    return call.world.find("balance_transaction", call.ids[0])


@handles("get", "/v1/balance_transactions")
@documented(
    "Balance transactions newest first, of one source, type or automatic payout when asked; a payout's own is among them."
)
def list_(call: Call) -> Json:
    """Balance transactions in pages."""
    wanted = {name: call.params[name] for name in ("source", "type", "currency") if name in call.params}
    payout = call.params.get("payout")
    if payout and call.world.find("payout", payout, "payout")["reconciliation_status"] != "completed":
        raise ApiError(400, "The balance transactions of this payout cannot be listed yet.", param="payout")
    found = [
        entry
        for entry in balance.all_entries(call.world)
        if all(entry[name] == value for name, value in wanted.items()) and payout in (None, entry.get("_payout"))
    ]
    return page("/v1/balance_transactions", found, call.params)
