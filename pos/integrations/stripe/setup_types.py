"""What the setup of an account asks for and gets: webhook endpoints, readers and the places they stand at."""

from __future__ import annotations

from dataclasses import dataclass, field

# What Stripe must tell us about; the polling job asks for the rest.
EVENTS = (
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "payment_intent.canceled",
    "payment_intent.processing",
    "terminal.reader.action_succeeded",
    "terminal.reader.action_failed",
    "charge.updated",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
    "payout.created",
    "payout.updated",
    "payout.paid",
    "payout.failed",
    "payout.reconciliation_completed",
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address Stripe sends messages to. `secret` is there once, in the answer that made it."""

    endpoint_id: str
    url: str
    enabled: bool
    api_version: str | None
    events: tuple[str, ...]
    key: str | None
    secret: str | None = field(default=None, repr=False)

    def lacks(self) -> tuple[str, ...]:
        """The messages we need that it does not send."""
        return () if "*" in self.events else tuple(event for event in EVENTS if event not in self.events)


@dataclass(frozen=True, slots=True)
class ReaderPlace:
    """A place of the account readers stand at (Stripe calls it a location); `place_id` is our location's key, if ours."""

    stripe_id: str
    name: str
    place_id: str | None


@dataclass(frozen=True, slots=True)
class PlaceRequest:
    """A place for readers. `lines` are the address as it is written on receipts; `country` two letters."""

    place_id: str
    name: str
    lines: tuple[str, ...]
    country: str
