"""The state machine of a card attempt: its states, how it may move between them, and what each group of states means. Pure.

`repository.move_attempt` is the one place that changes a state; docs/payments.md draws this table.
"""

from __future__ import annotations

CREATED = "created"
PENDING = "pending"
DECLINED = "declined"
UNKNOWN = "unknown"
SUCCEEDED = "succeeded"
CANCELED = "canceled"
FAILED = "failed"

# Forward only: once the money is there, nothing takes the state back. An unknown outcome is not a failure.
TRANSITIONS: dict[str, frozenset[str]] = {
    CREATED: frozenset({CREATED, PENDING, DECLINED, UNKNOWN, SUCCEEDED, CANCELED, FAILED}),
    PENDING: frozenset({PENDING, DECLINED, UNKNOWN, SUCCEEDED, CANCELED, FAILED}),
    DECLINED: frozenset({DECLINED, PENDING, UNKNOWN, SUCCEEDED, CANCELED}),
    UNKNOWN: frozenset({UNKNOWN, PENDING, DECLINED, SUCCEEDED, CANCELED, FAILED}),
    SUCCEEDED: frozenset(),
    CANCELED: frozenset(),
    FAILED: frozenset(),
}
FINAL = frozenset(state for state, onward in TRANSITIONS.items() if not onward)
# Its order has no other active attempt beside it.
ACTIVE = tuple(state for state in TRANSITIONS if state not in FINAL)
# Ended, and no money was taken.
ENDED_UNPAID = (CANCELED, FAILED)
# The money may arrive without anybody here doing anything; a declined attempt waits for the desk.
AWAITED = (CREATED, PENDING, UNKNOWN)


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
# Why an attempt is in doubt, or its money unmatched: what Stripe took is not what was asked for.
MISMATCH = "mismatch"
