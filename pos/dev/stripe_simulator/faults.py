"""Faults by name, armed for the next matching request or event. A new fault is a row here and a line where it bites."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from pos.dev.stripe_simulator.provenance import DOCUMENTED, INFERRED, Tag
from pos.dev.stripe_simulator.state.store import Store

Where = Literal["request", "event", "reader", "charge", "refund"]


@dataclass(frozen=True, slots=True)
class Fault:
    """A named fault: what it strikes (an API request, an event's delivery, a command, a charge, a refund) and does."""

    name: str
    where: Where
    tag: Tag
    sentence: str


@dataclass(frozen=True, slots=True)
class Armed:
    """A fault lying in wait; `pattern` is matched with * and ? against the path, or the event's type."""

    id: int
    name: str
    method: str
    pattern: str
    times: int


FAULTS = {
    fault.name: fault
    for fault in (
        Fault("timeout_before", "request", DOCUMENTED, "The line is cut before anything is done."),
        Fault("timeout_after", "request", DOCUMENTED, "It is done, then the line is cut without an answer."),
        Fault(
            "connection_reset", "request", DOCUMENTED, "It is done, and the line breaks in the middle of the answer."
        ),
        Fault("late_success", "request", INFERRED, "The line is cut, and it is done only after the next request."),
        Fault("rate_limit", "request", DOCUMENTED, "429: too many requests; nothing done, no key stored."),
        Fault("conflict", "request", DOCUMENTED, "409: another request with this key is in progress."),
        Fault("server_error_stored", "request", DOCUMENTED, "500, nothing done, and the key replays the 500."),
        Fault("server_error_executed", "request", INFERRED, "It is done, yet answers 500, which the key replays."),
        Fault("webhook_duplicated", "event", DOCUMENTED, "The event is delivered twice."),
        Fault("webhook_reordered", "event", DOCUMENTED, "The event arrives after the one that follows it."),
        Fault("webhook_lost", "event", INFERRED, "The event happens and is never delivered."),
        Fault("webhook_late", "event", DOCUMENTED, "The event is delivered an hour later."),
        Fault("webhook_badly_signed", "event", INFERRED, "The delivery carries a forged signature."),
        Fault("webhook_wrong_livemode", "event", INFERRED, "The delivery says livemode=true."),
        Fault("webhook_wrong_version", "event", DOCUMENTED, "The delivery is rendered for another API version."),
        Fault("webhook_before_response", "event", DOCUMENTED, "The event arrives before the request is answered."),
        Fault("reader_offline", "reader", DOCUMENTED, "terminal_reader_offline; the reader got nothing."),
        Fault("reader_busy", "reader", DOCUMENTED, "terminal_reader_busy; the reader got nothing."),
        Fault("reader_timeout", "reader", DOCUMENTED, "terminal_reader_timeout; the reader got nothing."),
        Fault("reader_false_timeout", "reader", DOCUMENTED, "terminal_reader_timeout, yet the reader has the command."),
        Fault("refund_pending", "refund", DOCUMENTED, "The refund is pending until somebody settles or fails it."),
        Fault("fees_late", "charge", DOCUMENTED, "The charge has no balance transaction until it is settled."),
    )
}


def arm(store: Store, name: str, *, pattern: str = "*", method: str = "*", times: int = 1) -> Armed:
    """Arm a fault for the next `times` matches; raises KeyError for a name that is none."""
    fault = FAULTS[name]
    method = method.lower() or "*"
    with store.transaction():
        number = store.insert(
            "INSERT INTO fault (name, method, pattern, times) VALUES (?, ?, ?, ?)", fault.name, method, pattern, times
        )
    return Armed(number, fault.name, method, pattern, times)


def armed(store: Store) -> list[Armed]:
    """The faults lying in wait, oldest first."""
    return [Armed(**dict(row)) for row in store.run("SELECT * FROM fault WHERE times > 0 ORDER BY id")]


def disarm(store: Store, number: int | None = None) -> None:
    """Take one fault away, or all."""
    with store.transaction():
        if number is None:
            store.run("DELETE FROM fault")
        else:
            store.run("DELETE FROM fault WHERE id = ?", number)


def strike(store: Store, where: Where, subject: str, method: str = "*") -> str | None:
    """The name of the oldest armed fault that matches, used up by one; None when nothing lies in wait."""
    with store.transaction():
        for fault in armed(store):
            if (
                FAULTS[fault.name].where == where
                and fault.method in {"*", method.lower()}
                and fnmatchcase(subject, fault.pattern)
            ):
                store.run("UPDATE fault SET times = times - 1 WHERE id = ?", fault.id)
                return fault.name
    return None
