"""The calls to Stripe that give money back: what comes before each, and what the call looks like on the line."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RefundSite:
    """A call site. `first` is the fault that brings a refund to where the call is made, if one is needed."""

    name: str
    method: str
    path: str
    first: str | None


REFUND_SITES = (
    RefundSite("create_refund", "post", "/v1/refunds", None),
    RefundSite("find_refund", "get", "/v1/refunds", "timeout_before"),
    RefundSite("fetch_refund", "get", "/v1/refunds/*", "refund_pending"),
)
