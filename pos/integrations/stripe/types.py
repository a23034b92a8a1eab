"""What goes through the door and what comes back. Amounts are ISO 4217 minor units, currencies upper-case codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from pos.core.errors import PosError
from pos.integrations.stripe.call_gate import REST_SECONDS

Mode = Literal["simulator", "test", "live"]
# The version of Stripe's API that every call names and every message must be written in; reviewed with the SDK.
API_VERSION = "2026-10-28.endive"


@dataclass(frozen=True, slots=True)
class GatewayConfig:
    """How Stripe is reached. `api_base` only for the simulator; `http_client` an SDK HTTPClient, for tests in process.

    `rest_seconds`: how long no request of a person asks Stripe after one had no answer.
    """

    mode: Mode
    secret_key: str = field(repr=False)
    webhook_secrets: tuple[str, ...] = field(repr=False)
    api_base: str | None = None
    http_client: Any = field(default=None, repr=False)
    max_network_retries: int = 2
    rest_seconds: float = REST_SECONDS


class CardServiceAway(PosError):
    """Stripe left others without an answer a moment ago, so nothing is begun there now."""

    code = "card_service_away"
    status = 503


class BadSignature(PosError):
    """A webhook that Stripe did not sign, or too old or from the future; it is refused unread."""

    code = "bad_signature"
    status = 400


# Requests


@dataclass(frozen=True, slots=True)
class CheckoutLine:
    """One line of the hosted page; `amount_minor` is for one piece, tax included."""

    description: str
    amount_minor: int
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class CheckoutRequest:
    """A hosted checkout for an order. `success_url` may hold {CHECKOUT_SESSION_ID}; `expires_at` 30 min to 24 h ahead.

    `methods` are the ways to pay it offers, in Stripe's words.
    """

    order_id: str
    currency: str
    lines: tuple[CheckoutLine, ...]
    success_url: str
    cancel_url: str
    expires_at: datetime
    customer_email: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    locale: str | None = None
    methods: tuple[str, ...] = ("card",)


@dataclass(frozen=True, slots=True)
class IntentRequest:
    """A payment to be taken at a reader, before any tip chosen there."""

    order_id: str
    amount_minor: int
    currency: str
    description: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TipRequest:
    """Ask for a tip on the reader, reckoned from `eligible_minor` (services, say, without retail)."""

    eligible_minor: int
    currency: str


# What becomes of a payment


class PendingReason(StrEnum):
    """Why a payment is not decided yet."""

    CHECKOUT_OPEN = "checkout_open"  # the customer has the page
    CHECKOUT_UNPAID = "checkout_unpaid"  # complete, the bank debit is still under way
    AWAITING_CARD = "awaiting_card"  # an intent nobody has tried to pay
    ON_READER = "on_reader"  # the reader asks for the card
    REQUIRES_ACTION = "requires_action"
    PROCESSING = "processing"
    AUTHORISED = "authorised"  # held, not captured


class UnknownReason(StrEnum):
    """Why we cannot say what happened."""

    NO_ANSWER = "no_answer"  # the line was cut: it may have been done
    SERVER_ERROR = "server_error"  # the same key will replay it: retrieve instead
    IN_PROGRESS = "in_progress"  # another request with this key is at work: same key again, later
    RATE_LIMITED = "rate_limited"  # nothing was done: same key again, later
    NOT_AUTHORISED = "not_authorised"  # the key may not read this
    NOT_FOUND = "not_found"  # not in this account: wrong key, wrong mode, or lost
    INTENT_MOVED = "intent_moved"  # the intent is no longer waiting for a card: fetch it
    NOT_ASKED = "not_asked"  # no call was made: Stripe left others without an answer a moment ago
    READER_GONE = "reader_gone"  # the reader dropped off the line while it asked: it may be at the bank with a card


@dataclass(frozen=True, slots=True)
class Succeeded:
    """Money was taken. `amount_minor` is what was received, `tip_minor` (included in it) was added on the reader."""

    intent_id: str
    charge_id: str
    session_id: str | None
    amount_minor: int
    tip_minor: int
    currency: str
    card_brand: str | None
    card_last4: str | None
    livemode: bool
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Declined:
    """The bank or the customer said no; nothing was taken. `retryable`: another card on the same intent may work."""

    code: str
    message: str
    retryable: bool = True


@dataclass(frozen=True, slots=True)
class Pending:
    """Not decided yet."""

    reason: PendingReason


@dataclass(frozen=True, slots=True)
class Closed:
    """Ended without payment and for good: `expired`, `canceled`, or `bank_refused` days after the page was completed."""

    reason: Literal["expired", "canceled", "bank_refused"]


@dataclass(frozen=True, slots=True)
class Unknown:
    """We do not know. Never a failure, never a reason for a new key: ask again with the same key, or retrieve."""

    reason: UnknownReason


@dataclass(frozen=True, slots=True)
class Rejected:
    """Stripe refused the call itself and this call moved nothing; `message` is Stripe's, for the log and the owner."""

    code: str
    message: str


Outcome = Succeeded | Declined | Pending | Closed | Unknown | Rejected


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """Money to give back to the card of an intent. `reference` is ours, and finds the refund where its answer was lost."""

    intent_id: str
    amount_minor: int
    currency: str
    reference: str
    metadata: Mapping[str, str] = field(default_factory=dict)


RefundStatus = Literal["pending", "requires_action", "succeeded", "failed", "canceled"]


@dataclass(frozen=True, slots=True)
class CardRefund:
    """A refund at Stripe. It may fail days after it was pending, or even after it had succeeded; `why` says then why."""

    refund_id: str
    intent_id: str | None
    status: RefundStatus
    amount_minor: int
    currency: str
    reference: str | None
    why: str | None


# Answers of single calls


@dataclass(frozen=True, slots=True)
class CheckoutOpened:
    """The hosted page; `url` is None only when the same key finds the checkout already finished."""

    session_id: str
    url: str | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class IntentCreated:
    """The intent to hand to a reader."""

    intent_id: str


@dataclass(frozen=True, slots=True)
class SentToReader:
    """The reader asks for the card. `certain` False: it did not confirm in time, and may or may not be asking."""

    reader_id: str
    intent_id: str
    certain: bool = True


@dataclass(frozen=True, slots=True)
class ReaderBusy:
    """The reader is at work for `intent_id` (None: for reasons of its own, such as an update or an authorisation)."""

    reader_id: str
    intent_id: str | None


@dataclass(frozen=True, slots=True)
class ReaderOffline:
    """The reader cannot be reached; it got nothing from this call."""

    reader_id: str


@dataclass(frozen=True, slots=True)
class ReaderFreed:
    """The reader is idle again. What it was doing may have been paid a moment before: fetch the intent."""

    reader_id: str


@dataclass(frozen=True, slots=True)
class ReaderAction:
    """The latest thing a reader was told; `intent_id` None for anything but a payment."""

    status: Literal["in_progress", "succeeded", "failed"]
    intent_id: str | None
    failure_code: str | None
    failure_message: str | None


@dataclass(frozen=True, slots=True)
class Reader:
    """A card reader of the account."""

    reader_id: str
    label: str
    online: bool
    device_type: str
    serial_number: str
    location_id: str | None
    livemode: bool
    action: ReaderAction | None


@dataclass(frozen=True, slots=True)
class Account:
    """Whose key this is."""

    account_id: str
    name: str | None
    country: str | None
    currency: str | None
    charges_enabled: bool


@dataclass(frozen=True, slots=True)
class Event:
    """That something happened to an object, and nothing more: the object itself is always fetched."""

    event_id: str
    type: str
    object_id: str
    object_type: str
    created_at: datetime
    livemode: bool
    api_version: str | None
