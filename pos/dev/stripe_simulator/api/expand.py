"""`expand`: identifiers in an answer replaced by the objects they name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pos.dev.stripe_simulator.context import Context
from pos.dev.stripe_simulator.errors import ApiError
from pos.dev.stripe_simulator.state.store import Json

_DEEPEST = 4

# (object, field) → the kind of object its identifier names.
EXPANDABLE = {
    ("balance_transaction", "source"): None,
    ("charge", "balance_transaction"): "balance_transaction",
    ("charge", "payment_intent"): "payment_intent",
    ("checkout.session", "payment_intent"): "payment_intent",
    ("dispute", "charge"): "charge",
    ("dispute", "payment_intent"): "payment_intent",
    ("payment_intent", "latest_charge"): "charge",
    ("refund", "balance_transaction"): "balance_transaction",
    ("refund", "charge"): "charge",
    ("refund", "payment_intent"): "payment_intent",
}


def _line_items(_: Context, session: Json) -> Json:
    return {
        "object": "list",
        "data": session["_line_items"],
        "has_more": False,
        "url": f"/v1/checkout/sessions/{session['id']}/line_items",
    }


def _refunds(world: Context, charge: Json) -> Json:
    refunds = world.store.where("refund", "charge", charge["id"])
    return {"object": "list", "data": refunds, "has_more": False, "url": f"/v1/charges/{charge['id']}/refunds"}


# (object, field) → what fills a field that is not there unless it is asked for.
INCLUDABLE: dict[tuple[str, str], Callable[[Context, Json], Json]] = {
    ("charge", "refunds"): _refunds,
    ("checkout.session", "line_items"): _line_items,
}


def expanded(world: Context, answer: Json, paths: list[str]) -> Json:
    """The answer with every path expanded; raises ApiError for one that cannot be."""
    for path in paths:
        parts = path.split(".")
        if answer.get("object") == "list":
            if parts[0] != "data":
                raise ApiError(400, f"This property cannot be expanded ({path}). Begin it with data.", param="expand")
            for entry in answer["data"]:
                _expand(world, entry, parts[1:], path)
        else:
            _expand(world, answer, parts, path)
    return answer


def _expand(world: Context, holder: Json, parts: list[str], path: str) -> None:
    if not parts or len(parts) > _DEEPEST:
        raise ApiError(400, f"You cannot expand more than {_DEEPEST} levels of a property ({path}).", param="expand")
    place = (str(holder.get("object")), parts[0])
    if place in INCLUDABLE:
        holder.setdefault(parts[0], INCLUDABLE[place](world, holder))
    elif place in EXPANDABLE:
        value: Any = holder.get(parts[0])
        if isinstance(value, str):
            holder[parts[0]] = world.store.get(value, EXPANDABLE[place]) or value
    else:
        raise ApiError(400, f"This property cannot be expanded ({path}).", param="expand")
    child = holder.get(parts[0])
    if len(parts) > 1 and isinstance(child, dict):
        if child.get("object") == "list" and parts[1] == "data":
            for entry in child["data"]:
                _expand(world, entry, parts[2:], path)
        else:
            _expand(world, child, parts[1:], path)
