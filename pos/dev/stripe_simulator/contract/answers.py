"""Holds the simulator's own answers to the SDK's object classes, so that no field is invented, missing or mistyped."""

from __future__ import annotations

from typing import Any

from pos.dev.stripe_simulator.contract.types import (
    Enum,
    ListOf,
    MapOf,
    OneOf,
    Record,
    Scalar,
    Spec,
    fields,
)

_CLASSES = {
    "account": Record("stripe._account", "Account"),
    "balance_transaction": Record("stripe._balance_transaction", "BalanceTransaction"),
    "charge": Record("stripe._charge", "Charge"),
    "dispute": Record("stripe._dispute", "Dispute"),
    "file": Record("stripe._file", "File"),
    "payout": Record("stripe._payout", "Payout"),
    "checkout.session": Record("stripe.checkout._session", "Session"),
    "item": Record("stripe._line_item", "LineItem"),
    "event": Record("stripe._event", "Event"),
    "payment_intent": Record("stripe._payment_intent", "PaymentIntent"),
    "refund": Record("stripe._refund", "Refund"),
    "terminal.location": Record("stripe.terminal._location", "Location"),
    "webhook_endpoint": Record("stripe._webhook_endpoint", "WebhookEndpoint"),
    "terminal.reader": Record("stripe.terminal._reader", "Reader"),
}

_PYTHON: dict[str, tuple[type, ...]] = {"str": (str,), "int": (int,), "bool": (bool,), "decimal": (int, float, str)}


def faults_in(answer: dict[str, Any]) -> list[str]:
    """What is wrong with an answer: one line for each field unknown to the SDK, missing or of another type."""
    kind = answer.get("object")
    if kind == "list":
        return [fault for entry in answer["data"] for fault in faults_in(entry)]
    if kind not in _CLASSES:
        return [f"no class is known for object {kind!r}"]
    return _record(_CLASSES[kind], answer, kind)


def _record(record: Record, value: dict[str, Any], where: str) -> list[str]:
    if record.name == "ListObject":
        return faults_in(value) if value.get("object") == "list" else [f"{where}: expected a list object"]
    known = fields(record)
    faults = [f"{where}.{name}: not a field of the SDK's {record.name}" for name in value if name not in known]
    faults += [
        f"{where}.{name}: missing"
        for name, field in known.items()
        if field.required and name not in value and not name.startswith("_") and name != "OBJECT_NAME"
    ]
    for name, entry in value.items():
        if name in known and entry is not None:
            faults += _value(known[name].spec, entry, f"{where}.{name}")
        elif name in known and known[name].required:
            faults.append(f"{where}.{name}: null, but the SDK says it never is")
    return faults


def _value(spec: Spec, value: Any, where: str) -> list[str]:
    match spec:
        case Record():
            if not isinstance(value, dict):
                return [f"{where}: expected a hash"]
            own = _CLASSES.get(str(value.get("object")))
            return _record(own or spec, value, where)
        case ListOf(item):
            if not isinstance(value, list):
                return [f"{where}: expected a list"]
            return [fault for index, entry in enumerate(value) for fault in _value(item, entry, f"{where}[{index}]")]
        case MapOf():
            return [] if isinstance(value, dict) else [f"{where}: expected a hash"]
        case OneOf(options):
            attempts = [_value(option, value, where) for option in options]
            return [] if any(not attempt for attempt in attempts) else min(attempts, key=len)
        case Enum(values):
            return [] if value in values else [f"{where}: {value!r} is not one of {', '.join(values)}"]
        case Scalar(kind):
            good = kind == "any" or (
                isinstance(value, _PYTHON[kind]) and not (kind == "int" and isinstance(value, bool))
            )
            return [] if good else [f"{where}: expected {kind}"]
