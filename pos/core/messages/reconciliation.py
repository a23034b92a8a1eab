"""Disputes, payouts, unmatched transactions and Stripe's messages."""

from __future__ import annotations

from pos.core.i18n.message import Message

NO_SUCH_DISPUTE = Message("no_such_dispute", "There is no such dispute.")
EVENT_OF_OTHER_MODE = Message("event_of_other_mode", "This message belongs to the other mode of Stripe (live or test).")
EVENT_OF_OTHER_VERSION = Message(
    "event_of_other_version", "This message is written in version %(found)s of Stripe's API; %(read)s is read here."
)
EVENT_NOT_GIVEN_UP = Message("event_not_given_up", "This message is not given up any more.")
NO_SUCH_EVENT = Message("no_such_event", "There is no such message.")
EVENT_NOTE_MISSING_OR_LONG = Message(
    "event_note_missing_or_long", "Say in 3 to %(most)s characters why it is put aside."
)
EVIDENCE_TOO_LONG = Message("evidence_too_long", "At most %(most)s letters.")
DISPUTE_CLOSED = Message("dispute_closed", "This dispute cannot be answered any more.")
EVIDENCE_HANDED_IN_ALREADY = Message(
    "evidence_handed_in_already", "Evidence was handed in already. The bank looks at it once."
)
EVIDENCE_KEY_USED = Message("evidence_key_used", "This was handed in already with other words.")
STRIPE_LIST_MISSING = Message(
    "stripe_list_missing", "Stripe did not give its list of %(what)s. Nothing was changed; try again."
)
NO_SUCH_PAYOUT_ROW = Message("no_such_payout_row", "There is no such row.")
EXPLANATION_KIND_MISSING = Message("explanation_kind_missing", "Choose what it was.")
EXPLANATION_MISSING = Message("explanation_missing", "Write why, for whoever reads this later.")
PAYOUT_ROW_EXPLAINED_ALREADY = Message(
    "payout_row_explained_already", "This row is explained already. Nothing was done."
)
LOCATION_OF_OTHER_CURRENCY = Message("location_of_other_currency", "That location does not trade in %(currency)s.")
UNMATCHED_DECIDED_ALREADY = Message(
    "unmatched_decided_already", "Somebody has decided about this already. Nothing was done."
)
UNMATCHED_OF_OTHER_LOCATION = Message("unmatched_of_other_location", "This payment was taken at another location.")
UNMATCHED_IS_NO_PAYMENT = Message(
    "unmatched_is_no_payment", "Only a payment can be credited or given back. Explain what this was."
)
PAYER_MISSING = Message("payer_missing", "Choose the client who paid.")
NO_SUCH_PAYOUT = Message("no_such_payout", "There is no such payout.")
DO_NOT_CHARGE_AGAIN = Message(
    "do_not_charge_again", "Do not charge again. The office has it as an unmatched payment and can give it back."
)
CHARGED_AND_PAID_OTHERWISE = Message(
    "charged_and_paid_otherwise", "The card was charged, and this ticket had been paid in another way."
)
CHARGED_AFTER_GIVING_UP = Message(
    "charged_after_giving_up", "The card was charged after this payment had been given up."
)
CHARGED_OTHER_AMOUNT = Message("charged_other_amount", "The card was charged, and not what was asked for.")
CHARGED_AND_NOT_COMPLETED = Message(
    "charged_and_not_completed", "The card was charged, and the sale could not be completed."
)
EVIDENCE_REFUSED = Message("evidence_refused", "Stripe did not take this evidence. Look at the dispute there.")
PACKAGE_PAYMENT_DISPUTED = Message("package_payment_disputed", "The payment of this package is disputed.")
UNMATCHED_DECIDE_AGAIN = Message(
    "unmatched_decide_again", "Decide once more: credit it to a client, give it back again, or explain it."
)
UNMATCHED_REFUND_DOES_NOT_FIT = Message(
    "unmatched_refund_does_not_fit", "The refund at Stripe does not fit this payment. Compare them."
)
UNMATCHED_REFUND_NOT_TAKEN = Message("unmatched_refund_not_taken", "The bank did not take this refund.")
UNMATCHED_REFUND_REFUSED = Message("unmatched_refund_refused", "Stripe refused to give this back.")
