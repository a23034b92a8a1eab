"""The calls to Stripe that domain and services know; `factory` builds the client that makes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from pos.integrations.stripe.disputes_payouts.types import (
    BalanceTransactionFacts,
    CardDispute,
    Evidence,
    FileKept,
    FoundPayment,
    Payout,
)
from pos.integrations.stripe.setup_types import Endpoint, PlaceRequest, ReaderPlace
from pos.integrations.stripe.types import (
    Account,
    CardRefund,
    CheckoutOpened,
    CheckoutRequest,
    Event,
    IntentCreated,
    IntentRequest,
    Outcome,
    Reader,
    ReaderBusy,
    ReaderFreed,
    ReaderOffline,
    RefundRequest,
    Rejected,
    SentToReader,
    TipRequest,
    Unknown,
)


class Gateway(Protocol):
    """Calls to Stripe. Every `key` must have been committed before the call; none of these raise for what Stripe says."""

    def require_answers(self) -> None:
        """Raise CardServiceAway where a person's call would not be made, because one before had no answer."""

    def fetch_account(self) -> Account | Unknown | Rejected:
        """Whose key this is."""

    def open_checkout(self, request: CheckoutRequest, *, key: str) -> CheckoutOpened | Unknown | Rejected:
        """Open a hosted page; the same key gives the same page."""

    def fetch_checkout(self, session_id: str) -> Outcome:
        """What has become of a hosted page. Never Rejected for want of an answer: that is Unknown."""

    def expire_checkout(self, session_id: str) -> Outcome:
        """Close a hosted page. Closed when it is; when it was paid meanwhile, that outcome instead."""

    def create_intent(self, request: IntentRequest, *, key: str) -> IntentCreated | Unknown | Rejected:
        """Prepare a payment at a reader; one intent per sale, kept through declines."""

    def fetch_intent(self, intent_id: str, *, reader_id: str | None = None) -> Outcome:
        """What has become of an intent.

        With `reader_id` the reader is asked too, so that a card being asked for again after a decline is Pending
        (on_reader) and the customer's own cancel is Declined (customer_canceled).
        """

    def cancel_intent(self, intent_id: str, *, key: str) -> Outcome:
        """Give an intent up. Closed when it is; when money moved meanwhile, that outcome instead."""

    def send_to_reader(
        self, reader_id: str, intent_id: str, *, key: str, tip: TipRequest | None = None
    ) -> SentToReader | ReaderBusy | ReaderOffline | Unknown | Rejected:
        """Let a reader ask for the card. A fresh key for each dispatch: a key replays even "the reader timed out"."""

    def cancel_reader_action(self, reader_id: str) -> ReaderFreed | ReaderBusy | ReaderOffline | Unknown | Rejected:
        """Let a reader stop asking; busy while the bank is being asked."""

    def fetch_reader(self, reader_id: str) -> Reader | Unknown | Rejected:
        """One reader and what it is doing."""

    def list_readers(self) -> tuple[Reader, ...] | Unknown | Rejected:
        """All readers of the account."""

    def create_refund(self, request: RefundRequest, *, key: str) -> CardRefund | Unknown | Rejected:
        """Give money back to a card; the same key gives the same refund."""

    def fetch_refund(self, refund_id: str) -> CardRefund | Unknown | Rejected:
        """How far a refund is."""

    def find_refund(self, intent_id: str, reference: str) -> CardRefund | Unknown | Rejected | None:
        """The refund of an intent that carries our reference; None when there is none. Stripe forgets keys after a day."""

    def fetch_dispute(self, dispute_id: str) -> CardDispute | Unknown | Rejected:
        """How far a dispute is."""

    def list_disputes(self, since: datetime) -> tuple[CardDispute, ...] | Unknown | Rejected:
        """Disputes opened from `since` on, oldest first."""

    def keep_file(self, name: str, content: bytes, *, key: str) -> FileKept | Unknown | Rejected:
        """Upload a PDF as evidence; the same key gives the same file."""

    def hand_in_evidence(self, dispute_id: str, evidence: Evidence, *, key: str) -> CardDispute | Unknown | Rejected:
        """Hand evidence to the bank, which looks at it once."""

    def fetch_charge_transaction(self, charge_id: str) -> BalanceTransactionFacts | Unknown | Rejected | None:
        """What a charge did to the balance, Stripe's fee in it; None while that is to come."""

    def fetch_payout(self, payout_id: str) -> Payout | Unknown | Rejected:
        """How far a payout is."""

    def list_payouts(self, since: datetime) -> tuple[Payout, ...] | Unknown | Rejected:
        """Payouts begun from `since` on, oldest first."""

    def list_balance_transactions(self, payout_id: str) -> tuple[BalanceTransactionFacts, ...] | Unknown | Rejected:
        """What a payout was made of, its own transaction left out, oldest first."""

    def list_payments(self, since: datetime) -> tuple[FoundPayment, ...] | Unknown | Rejected:
        """Intents made from `since` on, oldest first, whatever became of them."""

    def list_refunds(self, since: datetime) -> tuple[CardRefund, ...] | Unknown | Rejected:
        """Refunds made from `since` on, oldest first."""

    def list_endpoints(self) -> tuple[Endpoint, ...] | Unknown | Rejected:
        """The webhook endpoints of the account."""

    def create_endpoint(self, url: str, *, key: str) -> Endpoint | Unknown | Rejected:
        """Have Stripe send what we need to an address, in our API version; the same key gives the same endpoint."""

    def list_reader_places(self) -> tuple[ReaderPlace, ...] | Unknown | Rejected:
        """The places of the account readers stand at."""

    def create_reader_place(self, request: PlaceRequest, *, key: str) -> ReaderPlace | Unknown | Rejected:
        """Make a place readers stand at; the same key gives the same place."""

    def register_reader(self, code: str, label: str, place_id: str, *, key: str) -> Reader | Unknown | Rejected:
        """Add the reader that shows a pairing code to the account, at a place of `list_reader_places`."""

    def rename_reader(self, reader_id: str, label: str) -> Reader | Unknown | Rejected:
        """Give a reader another name."""

    def read_event(self, raw_body: bytes, signature: str) -> Event:
        """The event in a webhook, verified against every configured secret; raises BadSignature."""

    def list_events(self, since: datetime, types: Sequence[str] = ()) -> tuple[Event, ...] | Unknown | Rejected:
        """Events from `since` on, oldest first, at most twenty types; for clinics no webhook can reach."""
