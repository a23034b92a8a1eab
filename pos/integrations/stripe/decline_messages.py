"""What the desk is told when a card is declined. The bank's reasons are many; people need what happened and what to do."""

from __future__ import annotations

from pos.core.messages.payments import (
    CANCELED_ON_READER,
    CARD_AT_ITS_LIMIT,
    CARD_BANK_NOT_REACHED,
    CARD_CANNOT_PAY_HERE,
    CARD_DECLINED_BY_BANK,
    CARD_EXPIRED,
    CARD_NOT_IN_CURRENCY,
    CARD_PIN_WRONG,
    CARD_PIN_WRONG_TOO_OFTEN,
    CARD_TROUBLE_AT_BANK,
    CARD_WANTS_CHIP_AND_PIN,
    CARD_WANTS_PIN,
    CARD_WITHOUT_MONEY,
    PAYMENT_GIVEN_UP,
    TEST_CARD_USED,
)
from pos.integrations.stripe.types import Declined

# Stripe asks that lost and stolen cards are not named.
_SENTENCES: dict[str, str] = {
    "insufficient_funds": CARD_WITHOUT_MONEY,
    "withdrawal_count_limit_exceeded": CARD_AT_ITS_LIMIT,
    "card_velocity_exceeded": CARD_AT_ITS_LIMIT,
    "expired_card": CARD_EXPIRED,
    "incorrect_pin": CARD_PIN_WRONG,
    "invalid_pin": CARD_PIN_WRONG,
    "pin_try_exceeded": CARD_PIN_WRONG_TOO_OFTEN,
    "offline_pin_required": CARD_WANTS_CHIP_AND_PIN,
    "online_or_offline_pin_required": CARD_WANTS_PIN,
    "processing_error": CARD_TROUBLE_AT_BANK,
    "issuer_not_available": CARD_BANK_NOT_REACHED,
    "try_again_later": CARD_TROUBLE_AT_BANK,
    "currency_not_supported": CARD_NOT_IN_CURRENCY,
    "card_not_supported": CARD_CANNOT_PAY_HERE,
    "testmode_decline": TEST_CARD_USED,
    "customer_canceled": CANCELED_ON_READER,
    "intent_invalid_state": PAYMENT_GIVEN_UP,
}
_FINAL = frozenset({"intent_invalid_state"})


def declined(code: str) -> Declined:
    """A decline with its sentence; `code` is the bank's decline code, or the reader's failure code."""
    return Declined(code, _SENTENCES.get(code, CARD_DECLINED_BY_BANK), retryable=code not in _FINAL)
