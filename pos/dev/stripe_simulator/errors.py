"""What the simulated API answers when it refuses: the status and the `error` object of Stripe's HTTP API."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """A refusal. Effects of the request are rolled back unless `keeps_effects` (a decline is recorded on its intent)."""

    keeps_effects = False

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.error: dict[str, Any] = {"type": kind, "message": message}
        if code:
            self.error |= {"code": code, "doc_url": f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"}
        if param:
            self.error["param"] = param
        self.error |= {key: value for key, value in more.items() if value is not None}

    @property
    def executed(self) -> bool:
        """Whether an endpoint had begun, so that the answer belongs to the idempotency key."""
        return True


class Refused(ApiError):
    """Refused before any endpoint ran: authentication, unknown route, parameters, rate limits. Never stored for a key."""

    @property
    def executed(self) -> bool:
        return False


class CardDeclined(ApiError):
    """402: the bank said no. The intent remembers it, so its effects stay."""

    keeps_effects = True


class ConnectionDropped(ConnectionError):
    """The line is cut without an answer; a server closes the socket, an in-process client reports no connection."""


def no_such(kind: str, identifier: str, param: str = "id") -> ApiError:
    """404 in Stripe's words for an object that does not exist."""
    return ApiError(404, f"No such {kind}: '{identifier}'", code="resource_missing", param=param)
