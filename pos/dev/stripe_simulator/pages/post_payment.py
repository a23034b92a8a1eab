"""The console's part for what comes after a payment: refunds that fail, disputes, payouts, late fees."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.datastructures import MultiDict

from pos.dev.stripe_simulator.context import Context
from pos.dev.stripe_simulator.objects import (
    balance,
    disputes,
    payments,
    payouts,
    refund_states,
)

Form = MultiDict[str, str]


def _settle(world: Context, charge_id: str) -> object:
    with world.store.transaction():
        charge = payments.settle(world, world.find("charge", charge_id))
        return world.tell("charge.updated", charge)


def _refund(world: Context, refund_id: str, *, fails: bool) -> object:
    with world.store.transaction():
        if fails:
            return refund_states.fail(world, refund_id, "expired_or_canceled_card")
        return refund_states.succeed(world, refund_id)


def action_of(world: Context, kind: str, identifier: str, act: str, form: Form) -> Callable[[], object] | None:
    """What a button of the console does; None for one there is not."""
    part = form.get("amount", "")
    amount = int(part) if part.isascii() and part.isdigit() else None
    given: dict[tuple[str, str], Callable[[], object]] = {
        ("charge", "dispute"): lambda: disputes.open_dispute(
            world, identifier, amount=amount, reason=form.get("reason", "fraudulent"), inquiry="inquiry" in form
        ),
        ("charge", "settle"): lambda: _settle(world, identifier),
        ("refund", "succeed"): lambda: _refund(world, identifier, fails=False),
        ("refund", "fail"): lambda: _refund(world, identifier, fails=True),
        ("balance", "payout"): lambda: payouts.pay_out(world, identifier, early=True),
        ("balance", "fee"): lambda: balance.charge_fee(world, amount or 200, identifier, "Radar for Fraud Teams"),
    }
    for act_name, move in disputes.ACTIONS.items():
        given["dispute", act_name] = lambda move=move: move(world, identifier)  # type: ignore[misc]  # bound early
    for act_name, send in payouts.ACTIONS.items():
        given["payout", act_name] = lambda send=send: send(world, identifier)  # type: ignore[misc]  # bound early
    return given.get((kind, act))


_DISPUTE_BUTTONS = {"escalate": "needs_response", "win": "won", "lose": "lost", "close": "warning_closed",
                    "prevent": "prevented"}  # fmt: skip
_PAYOUT_BUTTONS = {"send": "in_transit", "arrive": "paid", "fail": "failed"}


def facts(world: Context) -> dict[str, Any]:
    """What the console shows of it, with the buttons that do something now."""
    store = world.store
    charges = [one for one in store.all("charge") if one["captured"]][:12]
    return {
        "charges": charges,
        "reasons": disputes.REASONS,
        "refunds": [(one, sorted(refund_states.MOVES[one["status"]])) for one in store.all("refund")[:8]],
        "disputes": [
            (one, [act for act, to in _DISPUTE_BUTTONS.items() if to in disputes.MOVES[one["status"]]])
            for one in store.all("dispute")[:8]
        ],
        "payouts": [
            (one, [act for act, to in _PAYOUT_BUTTONS.items() if to in payouts.MOVES[one["status"]]])
            for one in store.all("payout")[:8]
        ],
        "currencies": sorted({one["currency"] for one in store.all("charge")}),
    }
