"""How a card attempt may move. Pure."""

from __future__ import annotations

# Forward only: once the money is there, nothing takes the state back. An unknown outcome is not a failure.
TRANSITIONS: dict[str, frozenset[str]] = {
    "created": frozenset({"created", "pending", "declined", "unknown", "succeeded", "canceled", "failed"}),
    "pending": frozenset({"pending", "declined", "unknown", "succeeded", "canceled", "failed"}),
    "declined": frozenset({"declined", "pending", "unknown", "succeeded", "canceled"}),
    "unknown": frozenset({"unknown", "pending", "declined", "succeeded", "canceled", "failed"}),
    "succeeded": frozenset(),
    "canceled": frozenset(),
    "failed": frozenset(),
}
FINAL = frozenset(state for state, onward in TRANSITIONS.items() if not onward)


def may_move(state: str, onward: str) -> bool:
    """Whether an attempt in `state` may become `onward`."""
    return onward in TRANSITIONS[state]


# A debit from a bank account, in Stripe's words, where Stripe has one for the currency. It takes days to be paid.
BANK_DEBITS = {
    "AUD": "au_becs_debit",
    "CAD": "acss_debit",
    "EUR": "sepa_debit",
    "GBP": "bacs_debit",
    "USD": "us_bank_account",
}
# Why an attempt is pending whose page is completed and whose bank debit is under way; Stripe says `complete` and `unpaid`.
BANK_TAKES_DAYS = "checkout_unpaid"
