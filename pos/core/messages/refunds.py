"""What is given back, and how."""

from __future__ import annotations

from pos.core.i18n.message import Message

REFUND_KEY_USED = Message("refund_key_used", "This refund was made already with other content. Start a new one.")
NO_SUCH_REFUND = Message("no_such_refund", "There is no such refund.")
SALE_RETURNED_ALREADY = Message("sale_returned_already", "This sale was voided or refunded already. Nothing was done.")
NO_SUCH_ONLINE_PURCHASE = Message("no_such_online_purchase", "There is no such online purchase.")
ABOVE_WHAT_IS_LEFT_OF_PAYMENT = Message("above_what_is_left_of_payment", "That is more than is left of what was paid.")
ABOVE_WHAT_IS_LEFT_OF_LINES = Message("above_what_is_left_of_lines", "That is more than is left of these lines.")
GIFT_CARD_RETURNED_WHOLE = Message(
    "gift_card_returned_whole", "A gift card is given back whole. Leave the amount as it is."
)
REFUND_OF_RECEIPT = Message("refund_of_receipt", "Refund of %(receipt)s: %(reason)s")
VOID_OF_RECEIPT = Message("void_of_receipt", "Void of %(receipt)s: %(reason)s")
SALE_VOIDED = Message("sale_voided", "This sale was voided. Nothing is left to give back.")
ABOVE_WHAT_IS_LEFT_OF_TIP = Message("above_what_is_left_of_tip", "That is more than is left of the tip.")
NOTHING_TO_RETURN = Message("nothing_to_return", "There is nothing to give back. Choose lines, or write an amount.")
ACCOUNT_CREDIT_NEEDS_NAMED_CLIENT = Message(
    "account_credit_needs_named_client", "Only a client with a name has account credit."
)
PACKAGE_RETURNED_ALONE = Message("package_returned_alone", "A package is refunded by its terms, without other lines.")
SALE_WITHOUT_THIS_LINE = Message("sale_without_this_line", "This sale has no such line.")
MORE_PAID_FOR_PACKAGE = Message(
    "more_paid_for_package", "More was paid for “%(package)s” since. Refund the package by its terms instead."
)
SESSION_OF_PACKAGE_USED = Message(
    "session_of_package_used", "A session of “%(package)s” was used or given away. Refund the package instead."
)
LINE_NOT_RETURNABLE = Message("line_not_returnable", "%(line)s: %(why)s")
REFUND_DESTINATION_MISSING = Message(
    "refund_destination_missing", "Choose cash, the card once more, or account credit."
)
REFUND_PART_DECIDED_ALREADY = Message(
    "refund_part_decided_already", "This was given back already, or it is still on its way. Nothing was done."
)
CASH_REFUND_NEEDS_DESK = Message("cash_refund_needs_desk", "Cash is given back at a desk, out of its drawer.")
CARD_OF_OTHER_MODE = Message(
    "card_of_other_mode",
    "This card was charged in another mode of Stripe (live or test). Nothing can be given back to it here.",
)
REFUND_AMOUNT_CHANGED = Message(
    "refund_amount_changed",
    "The amount has changed since it was shown: a session was used, or something was given back meanwhile. "
    "Look at it again; nothing was done.",
)
SHIFT_CLOSED_FOR_REFUND = Message(
    "shift_closed_for_refund", "The drawer of this desk is closed. Open it first: part of this is given back in cash."
)
PART_IN_CASH_NEEDS_DESK = Message(
    "part_in_cash_needs_desk", "Part of this is given back in cash. Do it at a desk, out of its drawer."
)
SALE_WITHOUT_THIS_PACKAGE = Message("sale_without_this_package", "There is no such package in this sale.")
VOID_OUTSIDE_SHIFT = Message(
    "void_outside_shift", "Only a sale of this desk’s open shift can be voided. Give it back as a refund instead."
)
WITHDRAWAL_PERIOD_OVER = Message(
    "withdrawal_period_over", "There is no time to withdraw from this purchase, or it is over."
)
REFUND_AMOUNT_NOT_SEEN = Message("refund_amount_not_seen", "Look at the amount first, then give it back.")
REFUND_LINES_MISSING = Message("refund_lines_missing", "Choose what goes back.")
UNITS_MALFORMED = Message("units_malformed", "Say how many of which line come back.")
UNITS_OUT_OF_RANGE = Message("units_out_of_range", "Of %(line)s between 1 and %(most)s can come back.")
UNITS_NOT_COUNTED = Message("units_not_counted", "%(line)s comes back as a whole or by an amount.")
UNITS_OR_AMOUNT = Message("units_or_amount", "Say how many come back, or an amount, not both.")
STOCK_ABOVE_UNITS = Message(
    "stock_above_units", "Of %(line)s no more goes back into stock than comes back, which is %(most)s."
)
NOT_COUNTED_IN_STOCK = Message("not_counted_in_stock", "This article was not taken from a counted stock.")
POSITIONS_MALFORMED = Message("positions_malformed", "“positions” must be a list of line numbers.")
AS_CREDIT_MALFORMED = Message("as_credit_malformed", "Choose whether it is given back as account credit.")
PAYMENT_DISPUTED = Message(
    "payment_disputed",
    "The client’s bank has taken this payment back. Nothing can be given back until that is decided.",
)
PAYMENT_LOST_IN_DISPUTE = Message(
    "payment_lost_in_dispute",
    "The client’s bank has kept this payment. Nothing is given back for this sale any more. What was paid for it in another "
    "way is given as account credit, in the office.",
)
SALE_RETURNED_MEANWHILE = Message(
    "sale_returned_meanwhile",
    "Meanwhile something was given back for this sale already. Nothing was done; look at it again.",
)
CARD_LOST_OR_STOLEN = Message("card_lost_or_stolen", "The card is lost or stolen, so its bank sent the money back.")
CARD_EXPIRED_OR_CLOSED = Message(
    "card_expired_or_closed", "The card has expired or was closed, so its bank sent the money back."
)
REFUNDED_AT_STRIPE_ALREADY = Message(
    "refunded_at_stripe_already", "Stripe says that this payment was given back already. Look at it there."
)
REFUND_ABOVE_REST_AT_STRIPE = Message(
    "refund_above_rest_at_stripe", "Stripe says that this is more than is left of the payment. Look at it there."
)
REFUND_NOT_TAKEN_BY_BANK = Message(
    "refund_not_taken_by_bank", "The bank did not take this refund. The client is owed it: give it back another way."
)
INSTEAD_OTHER_DESK_OR_WAY = Message(
    "instead_other_desk_or_way", "Pay cash in first, or give it back at another desk or another way. Nothing was done."
)
REFUND_DOES_NOT_FIT = Message("refund_does_not_fit", "The refund at Stripe does not fit this one. Compare them.")
INSTEAD_OTHER_DESK = Message(
    "instead_other_desk", "Pay cash in first, or give it back at another desk. Nothing was done."
)
VISIT_IS_FIRST_OF_PACKAGE = Message(
    "visit_is_first_of_package", "This visit is the first of a package. Refund the package by its terms instead."
)
REFUND_WAITS_FOR_DISPUTE = Message(
    "refund_waits_for_dispute", "The payment of this package is disputed. Its refund waits until that is decided."
)
REFUND_BIGGER_PACKAGE = Message(
    "refund_bigger_package", "A bigger package takes its place. Refund that one by its terms."
)
REFUND_PACKAGE_FROM_ITS_RECEIPT = Message(
    "refund_package_from_its_receipt", "A package is refunded by its terms, from the receipt it was sold on."
)
PART_OF_PRICE_AT_CARD = Message(
    "part_of_price_at_card", "A card is being asked for a part of its price right now. Finish or cancel that first."
)
CREDIT_PAID_FOR_IT = Message("credit_paid_for_it", "A credit paid for it. Restore the credit on the client’s page.")
CREDIT_AT_CARD = Message(
    "credit_at_card", "A visit is being paid with one of its credits right now. Finish or cancel that first."
)
NOTHING_LEFT = Message("nothing_left", "Nothing is left to give back.")
PACKAGE_REFUNDED_ALREADY = Message("package_refunded_already", "This package was refunded already.")
SESSIONS_ALL_USED = Message("sessions_all_used", "All its sessions are used.")
GIFT_CARD_SPENT_OR_BLOCKED = Message(
    "gift_card_spent_or_blocked", "Something of this gift card is spent, or it is blocked."
)
INSTEAD_PAY_IN_AND_VOID = Message("instead_pay_in_and_void", "Pay cash in first, then void the sale. Nothing was done.")
CHARGE_GOES_BACK_WITH_VISITS = Message(
    "charge_goes_back_with_visits", "It goes back with the visits it was charged for, in proportion."
)
