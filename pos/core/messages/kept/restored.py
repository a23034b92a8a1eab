"""Why an older copy of the database stops a location: `safety_stops.words` and `safety_stops.sentence`."""

from __future__ import annotations

from pos.core.i18n.message import Message

NEWEST_DATABASE = Message("newest_database", "The database is the newest one that was used here")
BOOKS_END_EARLIER = Message(
    "books_end_earlier",
    "Entry %(seen)s of the books (%(hash)s) was seen here before, and they now end at entry %(last)s.",
)
RECEIPTS_END_EARLIER = Message(
    "receipts_end_earlier",
    "Receipt number %(seen)s was seen here before, and the last one is now number %(last)s.",
)
CREDIT_NOTES_END_EARLIER = Message(
    "credit_notes_end_earlier",
    "Credit note number %(seen)s was seen here before, and the last one is now number %(last)s.",
)
RESTORED_WITHOUT_MARK = Message(
    "restored_without_mark",
    "The database was restored from a backup of %(day)s, %(time)s UTC, and nothing here says what happened after it.",
)
STRIPE_TOOK_A_PAYMENT = Message(
    "stripe_took_a_payment", "Stripe took a payment for an order that this database does not hold."
)
STRIPE_TOOK_PAYMENTS = Message(
    "stripe_took_payments",
    "Stripe took payments for orders that this database does not hold (payments: %(payments)s).",
)
# `why` is one of the others.
OLDER_COPY_IN_USE = Message(
    "older_copy_in_use",
    "%(why)s Run “pos reconcile” to see what Stripe knows, compare the paper of the lost time, enter what is "
    "missing, then let cards and credits go on here. Receipts go on under a new prefix, so that no number is "
    "given twice.",
)
