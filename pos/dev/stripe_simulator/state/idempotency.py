"""Idempotency keys: the same key and request give the stored answer, whatever it was, for a day."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from pos.dev.stripe_simulator.errors import Refused
from pos.dev.stripe_simulator.provenance import documented
from pos.dev.stripe_simulator.state.store import Json, Store

KEPT_SECONDS = 24 * 3600
_LONGEST_KEY = 255


@dataclass(frozen=True, slots=True)
class Answer:
    """What the API says: a status, a JSON body, and the request it was first given to."""

    status: int
    body: Json
    request_id: str
    replayed: bool = False


def fingerprint(verb: str, path: str, form: Sequence[tuple[str, str]]) -> str:
    """What makes two requests the same: verb, path and parameters in any order."""
    return hashlib.sha256(json.dumps([verb, path, sorted(form)]).encode()).hexdigest()


def in_use(key: str) -> Refused:
    """409: a request with this key is being worked on."""
    return Refused(
        409,
        "There is currently another in-progress request using this Idempotent Key (that probably means you submitted "
        f"twice, and the other request is still going through): {key}. Please try again later.",
        kind="idempotency_error",
        code="idempotency_key_in_use",
    )


@documented("Other parameters under the same key are an idempotency_error; a key in progress is a 409.")
def begin(store: Store, key: str, print_: str, request_id: str, now: int) -> Answer | None:
    """Claim a key, or give the answer it already has; raises Refused."""
    if len(key) > _LONGEST_KEY:
        raise Refused(400, f"Idempotency keys have up to {_LONGEST_KEY} signs.", kind="idempotency_error")
    with store.transaction():
        store.run("DELETE FROM idempotency WHERE created < ? AND status IS NOT NULL", now - KEPT_SECONDS)
        rows = store.run("SELECT * FROM idempotency WHERE key = ?", key)
        if not rows:
            store.run(
                "INSERT INTO idempotency (key, fingerprint, request_id, created) VALUES (?, ?, ?, ?)",
                key, print_, request_id, now,
            )  # fmt: skip
            return None
    row = rows[0]
    if row["fingerprint"] != print_:
        raise Refused(
            400,
            "Keys for idempotent requests can only be used with the same parameters they were first used with. Try "
            f"using a key other than '{key}' if you meant to execute a different request.",
            kind="idempotency_error",
        )
    if row["status"] is None:
        raise in_use(key)
    return Answer(row["status"], json.loads(row["body"]), row["request_id"], replayed=True)


@documented("Every answer of an endpoint that began is kept under its key, a 500 too.")
def finish(store: Store, key: str, answer: Answer) -> None:
    """Keep the answer; belongs in the transaction that holds the request's effects."""
    store.run("UPDATE idempotency SET status = ?, body = ? WHERE key = ?", answer.status, json.dumps(answer.body), key)


@documented("A request refused before its endpoint began (parameters, conflicts) leaves its key free.")
def forget(store: Store, key: str) -> None:
    """Free a key nothing was done for."""
    with store.transaction():
        store.run("DELETE FROM idempotency WHERE key = ? AND status IS NULL", key)
