"""Rows that break a check of sales, payments, refunds or tips (`reports/invariants/payments/`): `safety_stops.sentence`."""

from __future__ import annotations

from pos.core.i18n.message import Message

# What a payment or a refund is, for the sentences with a state.
STATE_CREATED = Message("state_created", "created")
STATE_PENDING = Message("state_pending", "pending")
STATE_DECLINED = Message("state_declined", "declined")
STATE_UNKNOWN = Message("state_unknown", "unknown")
STATE_CANCELED = Message("state_canceled", "canceled")
STATE_FAILED = Message("state_failed", "failed")
STATE_MISSING = Message("state_missing", "missing")
# What an unmatched payment is.
UNMATCHED_OPEN = Message("unmatched_open", "open")
UNMATCHED_CREDITED = Message("unmatched_credited", "credited to a client")
UNMATCHED_REFUNDING = Message("unmatched_refunding", "being given back")
UNMATCHED_REFUNDED = Message("unmatched_refunded", "given back")
UNMATCHED_FAILED = Message("unmatched_failed", "not given back")
UNMATCHED_EXPLAINED = Message("unmatched_explained", "explained")

# ---- sales and payments

OFFLINE_SALE_MISSING = Message(
    "offline_sale_missing", "Sale %(sale)s was taken without the server and completed, and there is no such sale."
)
OFFLINE_TICKET_MISSING = Message(
    "offline_ticket_missing",
    "Sale %(sale)s was taken without the server and waits for a person, and there is no such ticket.",
)
OFFLINE_SALE_TWICE = Message(
    "offline_sale_twice",
    "Sale %(sale)s was taken without the server and waits for a person, and there is a sale as well.",
)
ORDER_PAID_OTHERWISE = Message(
    "order_paid_otherwise",
    "Order %(order)s at %(place)s waits for a card, and its ticket is completed already.",
)
ORDER_RECEIVED_MORE = Message(
    "order_received_more",
    "Order %(order)s at %(place)s comes to %(due)s, and %(received)s was received for it (minor units).",
)
SALE_SUMS_OTHER = Message("sale_sums_other", "Sale %(sale)s is not the sum of its lines.")
SALE_TENDERS_OTHER = Message(
    "sale_tenders_other", "Sale %(sale)s comes to %(due)s, its tenders to %(paid)s (minor units)."
)
TENDER_HANDED_OVER_OTHER = Message(
    "tender_handed_over_other",
    "Tender %(tender)s of sale %(sale)s: what was handed over is not amount, rounding and change.",
)
PAYMENT_TENDERS_OTHER = Message("payment_tenders_other", "Payment %(payment)s succeeded and has %(tenders)s tenders.")
PAYMENT_COUNTED_TWICE = Message(
    "payment_counted_twice",
    "Payment %(payment)s succeeded and has its tender, and is unmatched or a part of an open order as well.",
)
PAYMENT_TENDER_DIFFERS = Message(
    "payment_tender_differs", "Payment %(payment)s and its tender differ in amount, currency or sale."
)
TENDER_NOT_BACKED = Message(
    "tender_not_backed", "Card tender %(tender)s of sale %(sale)s has a payment that is %(state)s."
)
PAYMENT_IN_DOUBT = Message(
    "payment_in_doubt", "Payment %(payment)s at %(place)s is %(state)s for more than 15 minutes."
)
PROMO_USES_OTHER = Message("promo_uses_other", "Code %(code)s counts %(counted)s uses, and %(found)s are there.")
PROMO_USE_DIFFERS = Message(
    "promo_use_differs", "A use of code %(code)s does not agree with its order or sale %(sale)s."
)

# ---- refunds

RECEIPT_GIVEN_BACK_OTHER = Message(
    "receipt_given_back_other",
    "For receipt %(receipt)s %(given)s was given back of %(taken)s; its counter says %(counted)s (minor units).",
)
TENDER_GIVEN_BACK_OTHER = Message(
    "tender_given_back_other",
    "Tender %(tender)s of sale %(sale)s took %(taken)s; %(given)s of it went back, its counter says %(counted)s"
    " (minor units).",
)
LINE_GIVEN_BACK_MORE = Message(
    "line_given_back_more", "More was given back for line %(line)s of sale %(sale)s than it came to."
)
REFUND_SUMS_OTHER = Message(
    "refund_sums_other", "Refund %(refund)s is not the sum of its lines, or of the ways its money went."
)
REFUND_REPLACED_OTHER = Message(
    "refund_replaced_other", "Part %(part)s was paid instead of one that had not failed, or of another amount."
)
REFUND_NOT_APPROVED = Message(
    "refund_not_approved", "Refund %(refund)s by %(name)s has no approval of a second person."
)
REFUND_ENTRY_OTHER = Message("refund_entry_other", "Refund %(refund)s says other amounts than its entry.")
REFUND_ENTRY_MISSING = Message("refund_entry_missing", "Refund %(refund)s has no entry in the journal.")
REFUND_PART_BOOKED_OTHER = Message(
    "refund_part_booked_other",
    "Part %(part)s of a refund failed or was paid instead, and the journal says otherwise.",
)
REFUNDS_OWED_OTHER = Message(
    "refunds_owed_other",
    "%(place)s: refunds that did not arrive are %(found)s, the ledger owes %(owed)s (minor units).",
)
CREDIT_NOTE_MISSING = Message(
    "credit_note_missing", "The credit note of %(place)s before number %(number)s is missing."
)
CREDIT_NOTE_COUNTER_OTHER = Message(
    "credit_note_counter_other",
    "The counter of the credit notes of %(place)s is at %(counted)s, the last one is %(number)s.",
)
CREDIT_NOTE_COUNTER_MISSING = Message("credit_note_counter_missing", "The credit notes of %(place)s have no counter.")
REFUND_WITHOUT_CREDIT_NOTE = Message("refund_without_credit_note", "Refund %(refund)s has no credit note.")
REFUND_IN_DOUBT = Message("refund_in_doubt", "Refund %(refund)s at %(place)s is %(state)s for more than 15 minutes.")

# ---- what Stripe holds

CLEARING_OTHER = Message(
    "clearing_other",
    "%(place)s: %(taken)s was taken by card and not paid out yet, Stripe clearing says %(booked)s (minor units).",
)
DISPUTES_HELD_OTHER = Message(
    "disputes_held_other",
    "%(place)s: disputes that are not decided hold %(held)s, the ledger says %(booked)s (minor units).",
)
FEES_KEPT_OTHER = Message(
    "fees_kept_other", "%(place)s: Stripe kept %(kept)s in fees, the ledger says %(booked)s (minor units)."
)
PAYOUT_BOOKED_OTHER = Message(
    "payout_booked_other",
    "Of payout %(payout)s %(booked)s is booked, its explained rows come to %(explained)s (minor units).",
)
UNMATCHED_ENTRIES_OTHER = Message(
    "unmatched_entries_other", "The unmatched payment %(payment)s is %(state)s, and its entries say otherwise."
)
UNMATCHED_REFUNDS_OTHER = Message(
    "unmatched_refunds_other", "The unmatched payment %(payment)s is %(state)s, and its refunds say otherwise."
)
UNMATCHED_CREDIT_OTHER = Message(
    "unmatched_credit_other",
    "The unmatched payment %(payment)s is %(state)s, and the account credit says otherwise.",
)
UNMATCHED_OF_ENTRIES_GONE = Message(
    "unmatched_of_entries_gone",
    "Entries of an unmatched payment (%(subject)s) are there, and the payment is not.",
)
UNMATCHED_OF_CREDIT_GONE = Message(
    "unmatched_of_credit_gone",
    "Account credit of an unmatched payment (%(key)s) is there, and the payment is not.",
)

# ---- tips

TIPS_OWED_OTHER = Message(
    "tips_owed_other",
    "%(place)s: persons and the pool have %(tips)s of tips, the ledger owes %(owed)s (minor units).",
)
TIP_ROWS_MISSING = Message(
    "tip_rows_missing",
    "Rows of the tip of sale %(sale)s are missing, or of another place or date.",
)
TIP_GIVEN_ELSEWHERE = Message(
    "tip_given_elsewhere",
    "Sale %(sale)s has a tip that was given in another sale, at another time or by somebody else.",
)
TIP_SHARED_OTHERWISE = Message(
    "tip_shared_otherwise",
    "Sale %(sale)s gave its tip to somebody else than its lines and its choice say.",
)
TIP_BACK_WITHOUT_REFUND = Message(
    "tip_back_without_refund", "Sale %(sale)s took a tip back without a refund, or at another time."
)
TIP_BACK_MORE_THAN_THERE = Message(
    "tip_back_more_than_there", "Sale %(sale)s took back more of its tip than there was."
)
TIP_BACK_FROM_OTHER = Message("tip_back_from_other", "Sale %(sale)s took its tip back from somebody else than had it.")
TIP_MOVED_NOT_EVEN = Message("tip_moved_not_even", "Sale %(sale)s moved a tip that does not sum to nothing.")
TIP_MOVED_MORE_THAN_THERE = Message("tip_moved_more_than_there", "Sale %(sale)s moved more of its tip than there was.")
TIP_OF_NOBODY = Message("tip_of_nobody", "Sale %(sale)s has a tip that belongs to nobody.")
TIP_BACK_STILL_THERE = Message("tip_back_still_there", "Sale %(sale)s gave a tip back that is still somebody’s.")
TIP_AT_OTHER_PLACE = Message("tip_at_other_place", "A tip of sale %(sale)s stands at another location than the sale.")
TIP_PAID_NOT_TAKEN = Message(
    "tip_paid_not_taken", "A tip paid out of a drawer (%(movement)s) is not taken from who got it."
)
TIP_TAKEN_NOT_PAID = Message("tip_taken_not_paid", "A tip was taken from somebody (%(action)s) and left no drawer.")
TIPS_MOVED_OTHERWISE = Message(
    "tips_moved_otherwise", "Tips were moved or shared out (%(action)s) otherwise than was noted."
)
TIPS_MOVED_GONE = Message("tips_moved_gone", "Tips were moved or shared out (%(action)s), and the rows of it are gone.")
TIPS_LEFT_POOL_MORE = Message(
    "tips_left_pool_more",
    "%(place)s: %(amount)s more of tips left the pool of %(day)s than was there (minor units).",
)
TIPS_LEFT_PERSON_MORE = Message(
    "tips_left_person_more", "%(place)s: %(amount)s more of tips left %(name)s than was there (minor units)."
)
