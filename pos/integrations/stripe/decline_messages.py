"""What the desk is told when a card is declined. The bank's reasons are many; people need what happened and what to do."""

from __future__ import annotations

from pos.core.messages.payments import (
    CANCELED_ON_READER,
    CARD_BANK_NOT_REACHED,
    CARD_DECLINED,
    CARD_PIN_WRONG,
    CARD_TROUBLE_AT_BANK,
    CARD_WANTS_CHIP_AND_PIN,
    CARD_WANTS_PIN,
    PAYMENT_GIVEN_UP,
    TEST_CARD_USED,
)
from pos.integrations.stripe.types import Declined

# Stripe asks that lost and stolen cards are not named.
_SENTENCES: dict[str, str] = {
    "insufficient_funds": f"There is not enough money on this card. {CARD_DECLINED}",
    "withdrawal_count_limit_exceeded": f"This card has reached its limit. {CARD_DECLINED}",
    "card_velocity_exceeded": f"This card has reached its limit. {CARD_DECLINED}",
    "expired_card": f"This card has expired. {CARD_DECLINED}",
    "incorrect_pin": CARD_PIN_WRONG,
    "invalid_pin": CARD_PIN_WRONG,
    "pin_try_exceeded": f"The PIN was wrong too often. {CARD_DECLINED}",
    "offline_pin_required": CARD_WANTS_CHIP_AND_PIN,
    "online_or_offline_pin_required": CARD_WANTS_PIN,
    "processing_error": CARD_TROUBLE_AT_BANK,
    "issuer_not_available": CARD_BANK_NOT_REACHED,
    "try_again_later": CARD_TROUBLE_AT_BANK,
    "currency_not_supported": f"This card cannot pay in this currency. {CARD_DECLINED}",
    "card_not_supported": f"This card cannot pay here. {CARD_DECLINED}",
    "testmode_decline": TEST_CARD_USED,
    "customer_canceled": CANCELED_ON_READER,
    "intent_invalid_state": PAYMENT_GIVEN_UP,
}
_FINAL = frozenset({"intent_invalid_state"})
_GENERAL = f"The bank declined this card. {CARD_DECLINED}"


def declined(code: str) -> Declined:
    """A decline with its sentence; `code` is the bank's decline code, or the reader's failure code."""
    return Declined(code, _SENTENCES.get(code, _GENERAL), retryable=code not in _FINAL)
