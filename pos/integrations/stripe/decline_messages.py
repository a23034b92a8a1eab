"""What the desk is told when a card is declined. The bank's reasons are many; people need what happened and what to do."""

from __future__ import annotations

from pos.integrations.stripe.types import Declined

_ANOTHER = "Nothing was taken. Try another card, or take cash."

# Stripe asks that lost and stolen cards are not named.
_SENTENCES: dict[str, str] = {
    "insufficient_funds": f"There is not enough money on this card. {_ANOTHER}",
    "withdrawal_count_limit_exceeded": f"This card has reached its limit. {_ANOTHER}",
    "card_velocity_exceeded": f"This card has reached its limit. {_ANOTHER}",
    "expired_card": f"This card has expired. {_ANOTHER}",
    "incorrect_pin": "The PIN was wrong. Nothing was taken. Let the client try again.",
    "invalid_pin": "The PIN was wrong. Nothing was taken. Let the client try again.",
    "pin_try_exceeded": f"The PIN was wrong too often. {_ANOTHER}",
    "offline_pin_required": "The card wants to be inserted and a PIN typed. Nothing was taken. Try again with the chip.",
    "online_or_offline_pin_required": "The card wants a PIN. Nothing was taken. Try again with the chip.",
    "processing_error": "The bank had a problem with this card. Nothing was taken. Try again, or take cash.",
    "issuer_not_available": "The bank could not be reached. Nothing was taken. Try again, or take cash.",
    "try_again_later": "The bank had a problem with this card. Nothing was taken. Try again, or take cash.",
    "currency_not_supported": f"This card cannot pay in this currency. {_ANOTHER}",
    "card_not_supported": f"This card cannot pay here. {_ANOTHER}",
    "testmode_decline": "A test card was used. Nothing was taken. Use a real card.",
    "customer_canceled": "The client canceled on the reader. Nothing was taken.",
    "intent_invalid_state": "This payment was given up in the meantime. Nothing was taken. Start the payment again.",
}
_FINAL = frozenset({"intent_invalid_state"})
_GENERAL = f"The bank declined this card. {_ANOTHER}"


def declined(code: str) -> Declined:
    """A decline with its sentence; `code` is the bank's decline code, or the reader's failure code."""
    return Declined(code, _SENTENCES.get(code, _GENERAL), retryable=code not in _FINAL)
