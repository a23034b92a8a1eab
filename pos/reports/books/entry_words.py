"""What the events of the journal are called."""

from __future__ import annotations

from pos.reports.analysis.opens import Word, words

EVENTS = words(
    {
        "sale": "Sale",
        "refund": "Refund",
        "void": "Void",
        "refund_failed": "Refund did not arrive",
        "carry": "Sessions carried to a bigger package",
        "burn": "Late cancel or no-show",
        "restore": "Late cancel or no-show restored",
        "reverse": "Visit reversed",
        "expire": "Package expired",
        "breakage": "Breakage recognised ahead",
        "transfer": "Credits given away",
        "gift_card_cash_out": "Gift card paid out",
        "gift_card_expiry": "Gift card expired",
        "account_credit_goodwill": "Goodwill credited",
        "account_credit_payout": "Account credit paid out",
        "opening_balance": "Opening balance",
        "opening_balance_undone": "Opening balance undone",
        "float": "Drawer opened with its float",
        "paid_in": "Cash paid in",
        "paid_out": "Cash paid out",
        "drop": "Cash brought to the bank",
        "tip_paid_out": "Tip paid out",
        "over_short": "Drawer over or short",
        "dispute_opened": "Dispute opened",
        "dispute_won": "Dispute won",
        "dispute_lost": "Dispute lost",
        "stripe_fee": "Stripe fee",
        "stripe_other": "Other money moved by Stripe",
        "payout": "Payout",
        "payout_returned": "Payout returned",
        "unmatched_found": "Unmatched payment found",
        "unmatched_credited": "Unmatched payment credited",
        "unmatched_explained": "Unmatched payment explained",
        "unmatched_refunded": "Unmatched payment given back",
        "unmatched_refund_failed": "Unmatched payment did not go back",
    },
    is_keyed=True,
)


def event_word(event: str) -> Word:
    """What an event is called; one that has no name here is called by its key."""
    return EVENTS.get(event) or Word(event.replace("_", " ").capitalize(), event)
