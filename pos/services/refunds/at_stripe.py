"""A refund of ours at Stripe: asked for under a stored key, found again after a doubt, and never asked for twice.

For the card's parts of refunds of sales and for unmatched payments. Stripe forgets keys after a day and repeats a 500 for
ever, so a doubt is settled by looking for our reference among the refunds of the payment before anything is asked for once
more.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol
from uuid import UUID

from pos.core.database.base import reading
from pos.core.errors import Conflict, PosError
from pos.core.messages.refunds import (
    CARD_EXPIRED_OR_CLOSED,
    CARD_LOST_OR_STOLEN,
    CARD_OF_OTHER_MODE,
    REFUND_ABOVE_REST_AT_STRIPE,
    REFUNDED_AT_STRIPE_ALREADY,
)
from pos.domain.refunds.models import OPEN_PARTS
from pos.integrations.stripe.current import gateway, is_current_mode
from pos.integrations.stripe.types import (
    CardRefund,
    RefundRequest,
    Rejected,
    Unknown,
    UnknownReason,
)

log = logging.getLogger(__name__)

# After this long Stripe may have forgotten the key, and a second call under it would be a second refund.
KEY_LIVES = timedelta(hours=20)
# A key that answers 500 will always answer 500; after this long without a refund of ours there, another key is taken.
NEW_KEY_AFTER = timedelta(minutes=2)
# Answers that say something about our key at Stripe, and nothing about the refund.
NO_ANSWER = ("authentication_failed", "permission_denied")

STATES = {
    "pending": "waiting",
    "requires_action": "waiting",
    "succeeded": "paid_back",
    "failed": "failed",
    "canceled": "failed",
}
WHY_FAILED = {
    "lost_or_stolen_card": CARD_LOST_OR_STOLEN,
    "expired_or_canceled_card": CARD_EXPIRED_OR_CLOSED,
    "charge_already_refunded": REFUNDED_AT_STRIPE_ALREADY,
    "amount_too_large": REFUND_ABOVE_REST_AT_STRIPE,
}


@dataclass(frozen=True)
class SentRefund:
    """What Stripe is asked for, and how far that got; `age` since it was written, `still` since it changed last."""

    request: RefundRequest
    key: str
    state: str
    stripe_refund_id: str | None
    reason_code: str | None
    age: timedelta
    still: timedelta


def require_current_mode(modes: Iterable[str]) -> None:
    """Refuse money back to cards charged in these modes before it is written down.

    Raises NotConfigured while card payments are off, Conflict for a card of another mode.
    """
    gateway()
    if not all(map(is_current_mode, modes)):
        raise Conflict(CARD_OF_OTHER_MODE)


class TakesAnswer(Protocol):
    """Moves a refund by what Stripe said, in a unit of work; `is_answer`: it is the answer to our asking."""

    def __call__(self, answer: CardRefund | Unknown | Rejected, *, is_answer: bool = False) -> None: ...


def settle(refund: SentRefund, *, renew: Callable[[], SentRefund | None], apply: TakesAnswer) -> None:
    """Find out what became of a refund, asking for it where that was not done yet.

    `renew` takes another key where the refund is still in doubt, and returns it as it is then.
    """
    if refund.state == "failed":
        return
    if refund.stripe_refund_id is not None or refund.state == "unknown" or refund.age > KEY_LIVES:
        found = _found(refund)
        if found is not None:
            apply(found)
            return
        if refund.reason_code == UnknownReason.SERVER_ERROR.value:
            if refund.still < NEW_KEY_AFTER:
                return
            refund = renew() or refund
    if refund.state in OPEN_PARTS and refund.stripe_refund_id is None:
        apply(gateway().create_refund(refund.request, key=refund.key), is_answer=True)


def _found(refund: SentRefund) -> CardRefund | Unknown | Rejected | None:
    """The refund of ours at Stripe, if there is one."""
    if refund.stripe_refund_id is not None:
        return gateway().fetch_refund(refund.stripe_refund_id)
    return gateway().find_refund(refund.request.intent_id, refund.request.reference)


def settle_each(waiting: Sequence[UUID], settle_one: Callable[[UUID], None]) -> int:
    """Settle refunds one by one; whatever one of them meets, the younger ones are asked about too. Returns how many."""
    for refund_id in waiting:
        try:
            settle_one(refund_id)
        except PosError as error:
            log.warning("the refund %s stays open: %s", refund_id, error.sentence)
        except Exception:
            log.exception("the refund %s stays open", refund_id)
            reading().rollback()
    return len(waiting)
