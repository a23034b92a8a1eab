"""What Stripe's refusals mean. Decided by HTTP status, type and code, so that it needs nothing of the SDK.

| status | the SDK's class | meaning for a call that changes something | for a reading |
|---|---|---|---|
| none | APIConnectionError | Unknown: it may have been done | Unknown |
| 5xx | APIError | Unknown: and the key will replay it | Unknown |
| 409 | APIError | Unknown: the same key is at work (or a lock was held) | Unknown |
| 429 | RateLimitError | Unknown: nothing done, same key again later | Unknown |
| 402 | CardError | Rejected with the bank's code | Unknown |
| 401, 403 | Authentication-, PermissionError | Rejected: nothing done | Unknown |
| 400, 404 | InvalidRequest-, IdempotencyError | Rejected: nothing done by this call | Unknown |
"""

from __future__ import annotations

from typing import Protocol

from pos.core.messages.payments import STRIPE_REFUSED
from pos.integrations.stripe.types import Rejected, Unknown, UnknownReason


class SdkError(Protocol):
    """The parts of the SDK's errors that matter here."""

    @property
    def http_status(self) -> int | None: ...

    @property
    def json_body(self) -> object | None: ...

    @property
    def user_message(self) -> str | None: ...


def problem(error: SdkError) -> Unknown | Rejected:
    """A refusal of a call that would have changed something."""
    status, (kind, code) = error.http_status, _kind_and_code(error)
    if status == 409:
        return Unknown(UnknownReason.IN_PROGRESS)
    if status == 429 or code == "rate_limit":
        return Unknown(UnknownReason.RATE_LIMITED)
    if status is None:
        return Unknown(UnknownReason.NO_ANSWER)
    # An answer that is no error of Stripe's (a proxy's page, half a body) says nothing about what was done.
    if status >= 500 or status < 400 or not kind:
        return Unknown(UnknownReason.SERVER_ERROR)
    return Rejected(code or _CODES.get(status) or kind, error.user_message or STRIPE_REFUSED)


def problem_reading(error: SdkError) -> Unknown:
    """A refusal to show something: never an outcome of the payment itself."""
    answer = problem(error)
    if isinstance(answer, Unknown):
        return answer
    return Unknown(UnknownReason.NOT_FOUND if error.http_status == 404 else UnknownReason.NOT_AUTHORISED)


_CODES = {401: "authentication_failed", 403: "permission_denied"}


def _kind_and_code(error: SdkError) -> tuple[str | None, str | None]:
    body = error.json_body
    inner = body.get("error") if isinstance(body, dict) else None
    if not isinstance(inner, dict):
        return None, None
    kind = inner.get("type")
    code = inner.get("decline_code") or inner.get("code")
    if kind == "idempotency_error" and not code:
        code = "idempotency_key_reused"
    return kind, code
