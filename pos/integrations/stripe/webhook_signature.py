"""Reads a webhook: whose signature, how old, and what it says. Verified with our clock, whatever the SDK's own thinks."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from pos.core import clock
from pos.core.messages.payments import WEBHOOK_NOT_SIGNED
from pos.integrations.stripe.types import BadSignature, Event

TOLERANCE_SECONDS = 300


def read_event(raw_body: bytes, signature: str, secrets: Iterable[str]) -> Event:
    """The event in a body signed with any of the secrets; raises BadSignature, which never carries the body."""
    signed_at, given = _parts(signature)
    if abs(clock.now().timestamp() - signed_at) > TOLERANCE_SECONDS:
        raise BadSignature(WEBHOOK_NOT_SIGNED, why="the signature is too old or from the future")
    signed = f"{signed_at}.".encode() + raw_body
    good = False
    for secret in secrets:
        mac = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
        for one in given:
            good |= hmac.compare_digest(mac.encode(), one.encode())
    if not good:
        raise BadSignature(WEBHOOK_NOT_SIGNED, why="no secret of ours made this signature")
    try:
        return of_event(json.loads(raw_body.decode("utf-8")))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, OSError, RecursionError):
        raise BadSignature(WEBHOOK_NOT_SIGNED, why="the body is not an event") from None


def of_event(event: dict[str, Any]) -> Event:
    """An event object without its payload; raises KeyError, TypeError, ValueError or OverflowError for anything else."""
    if event["object"] != "event":
        raise TypeError("not an event")
    subject = event["data"]["object"]
    version = event.get("api_version")
    return Event(
        event_id=_text(event["id"]),
        type=_text(event["type"], most=80),
        object_id=_text(subject.get("id") or ""),
        object_type=_text(subject["object"]),
        created_at=datetime.fromtimestamp(event["created"], UTC),
        livemode=bool(event["livemode"]),
        api_version=None if version is None else _text(version),
    )


def _text(value: object, *, most: int = 120) -> str:
    """A name or key of Stripe's: a short text that both databases can keep."""
    if not isinstance(value, str) or len(value) > most or not value.isprintable():
        raise TypeError("not a name of Stripe's")
    return value


def _parts(header: str) -> tuple[int, list[str]]:
    pairs = [part.strip().partition("=") for part in header.split(",")]
    times = [value for name, _, value in pairs if name == "t"]
    given = [value for name, _, value in pairs if name == "v1"]
    if len(times) != 1 or not re.fullmatch(r"[0-9]{1,12}", times[0]) or not given:
        raise BadSignature(WEBHOOK_NOT_SIGNED, why="the signature header cannot be read")
    return int(times[0]), given
