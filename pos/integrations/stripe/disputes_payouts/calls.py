"""The calls to Stripe that come after a payment: `gateway().disputes` and `gateway().payouts`."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

from pos.integrations.stripe.connection import Connection
from pos.integrations.stripe.disputes_payouts.parsing import (
    of_charge,
    of_dispute,
    of_move,
    of_payout,
)
from pos.integrations.stripe.disputes_payouts.types import (
    BalanceTransactionFacts,
    CardDispute,
    Evidence,
    FileKept,
    Payout,
)
from pos.integrations.stripe.types import Rejected, Unknown

_PAGE = 100


class _Named(io.BytesIO):
    """A file in memory with the name it is uploaded under."""

    def __init__(self, content: bytes, name: str) -> None:
        super().__init__(content)
        self.name = name


def _since(since: datetime) -> dict[str, Any]:
    return {"limit": _PAGE, "created": {"gte": int(since.timestamp())}}


class Disputes:
    """Disputes and their evidence."""

    def __init__(self, connection: Connection) -> None:
        self._stripe = connection

    def fetch_dispute(self, dispute_id: str) -> CardDispute | Unknown | Rejected:
        """How far a dispute is."""
        return self._stripe.reading(lambda: self._stripe.api.disputes.retrieve(dispute_id), of_dispute)

    def list_disputes(self, since: datetime) -> tuple[CardDispute, ...] | Unknown | Rejected:
        """Disputes opened from `since` on, oldest first."""
        return self._stripe.reading_all(
            lambda: self._stripe.api.disputes.list(_since(since)),
            lambda found: tuple(of_dispute(one) for one in reversed(found)),
        )

    def keep_file(self, name: str, content: bytes, *, key: str) -> FileKept | Unknown | Rejected:
        """Upload a PDF as evidence; the same key gives the same file."""
        params: Any = {"purpose": "dispute_evidence", "file": _Named(content, name)}
        return self._stripe.doing(
            lambda: self._stripe.api.files.create(params, {"idempotency_key": key}), lambda file: FileKept(file["id"])
        )

    def hand_in_evidence(self, dispute_id: str, evidence: Evidence, *, key: str) -> CardDispute | Unknown | Rejected:
        """Hand evidence to the bank, which looks at it once."""
        given = {name: text for name, text in evidence.texts.items() if text}
        if evidence.file_id:
            given["service_documentation"] = evidence.file_id
        params: Any = {"evidence": given, "submit": True}
        return self._stripe.doing(
            lambda: self._stripe.api.disputes.update(dispute_id, params, {"idempotency_key": key}), of_dispute
        )


class Payouts:
    """Stripe's fees, payouts and the balance transactions they are made of."""

    def __init__(self, connection: Connection) -> None:
        self._stripe = connection

    def fetch_charge_transaction(self, charge_id: str) -> BalanceTransactionFacts | Unknown | Rejected | None:
        """What a charge did to the balance, Stripe's fee in it; None while that is to come."""
        params: Any = {"expand": ["balance_transaction"]}
        return self._stripe.reading(lambda: self._stripe.api.charges.retrieve(charge_id, params), of_charge)

    def fetch_payout(self, payout_id: str) -> Payout | Unknown | Rejected:
        """How far a payout is."""
        return self._stripe.reading(lambda: self._stripe.api.payouts.retrieve(payout_id), of_payout)

    def list_payouts(self, since: datetime) -> tuple[Payout, ...] | Unknown | Rejected:
        """Payouts begun from `since` on, oldest first."""
        return self._stripe.reading_all(
            lambda: self._stripe.api.payouts.list(_since(since)),
            lambda found: tuple(of_payout(one) for one in reversed(found)),
        )

    def list_balance_transactions(self, payout_id: str) -> tuple[BalanceTransactionFacts, ...] | Unknown | Rejected:
        """What a payout was made of, its own transaction left out, oldest first."""
        params: Any = {"limit": _PAGE, "payout": payout_id}
        return self._stripe.reading_all(
            lambda: self._stripe.api.balance_transactions.list(params),
            lambda found: tuple(of_move(one) for one in reversed(found) if one.get("source") != payout_id),
        )
