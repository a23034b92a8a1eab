"""Gift cards and account credit."""

from __future__ import annotations

from pos.core.i18n.message import Message

GIFT_CARD_WITHOUT_AMOUNT = Message("gift_card_without_amount", "A gift card has an amount.")
GIFT_CARD_AMOUNT_MISSING = Message("gift_card_amount_missing", "Write the amount of the gift card.")
TOO_MANY_GIFT_CARDS = Message("too_many_gift_cards", "A ticket is paid with %(most)s gift cards at most.")
GIFT_CARD_ON_TICKET_ALREADY = Message("gift_card_on_ticket_already", "This gift card is on the ticket already.")
TENDER_REFERENCE_MISSING = Message("tender_reference_missing", "Enter the reference of this payment.")
STORED_VALUE_KIND_UNKNOWN = Message("stored_value_kind_unknown", "Stored value is a gift card or account credit.")
CREDITED_ALREADY_WITH_OTHER_AMOUNT = Message(
    "credited_already_with_other_amount", "This was done already with another amount."
)
NO_SUCH_GIFT_CARD = Message("no_such_gift_card", "There is no such gift card.")
GIFT_CARD_LIMITS_OUT_OF_ORDER = Message(
    "gift_card_limits_out_of_order", "The smallest amount must not exceed the largest, nor that the highest balance."
)
CASH_OUT_LIMIT_OUT_OF_RANGE = Message(
    "cash_out_limit_out_of_range", "The amount paid out in cash is between zero and the highest balance."
)
GIFT_CARD_VALIDITY_OUT_OF_RANGE = Message(
    "gift_card_validity_out_of_range", "A validity is between 1 and 240 months, or empty for ever."
)
GIFT_CARD_AMOUNT_NOT_SOLD = Message(
    "gift_card_amount_not_sold", "This amount is outside what gift cards are sold for here."
)
ACCOUNT_CREDIT_TOO_LOW = Message(
    "account_credit_too_low", "There is not that much account credit left. Nothing was taken."
)
GIFT_CARD_TOO_LOW = Message(
    "gift_card_too_low", "There is not that much left on the gift card •••• %(last4)s. Nothing was taken."
)
VALUE_NOT_ABOVE_ZERO = Message("value_not_above_zero", "An amount must be more than zero.")
ACCOUNT_CREDIT_IN_OTHER_CURRENCY = Message(
    "account_credit_in_other_currency", "This client's account credit is kept in another currency."
)
GIFT_CARD_BLOCKED = Message("gift_card_blocked", "This gift card is blocked. Ask a manager; nothing was taken.")
GIFT_CARD_EXPIRED = Message("gift_card_expired", "This gift card has expired. Nothing was taken.")
SEND_DAY_TOO_LATE = Message("send_day_too_late", "A gift card is sent within a year.")
GIFT_CARD_NOT_PAID_BY_GIFT_CARD = Message(
    "gift_card_not_paid_by_gift_card", "A gift card is paid with cash or card, not with another gift card."
)
GIFT_CARD_NOT_RELOADABLE_HERE = Message("gift_card_not_reloadable_here", "This gift card cannot be reloaded here.")
GIFT_CARD_BALANCE_TOO_HIGH = Message("gift_card_balance_too_high", "That would be more than a gift card may hold here.")
CREDITED_ALREADY_TO_OTHER_CLIENT = Message(
    "credited_already_to_other_client", "This was done already for another client."
)
ACCOUNT_CREDIT_OUT_OF_RANGE = Message(
    "account_credit_out_of_range", "Give more than nothing, and at most %(most)s at once: what a gift card may be here."
)
NO_ACCOUNT_CREDIT = Message("no_account_credit", "This client has no account credit here.")
ACCOUNT_CREDIT_IN_USE = Message(
    "account_credit_in_use", "A card payment is using this account credit right now. Wait for it, then try again."
)
NO_GIFT_CARD_WITH_CODE = Message("no_gift_card_with_code", "There is no gift card with this code.")
CERTIFICATE_NOT_PRINTABLE = Message(
    "certificate_not_printable", "This certificate cannot be printed any more. Replace the card to get a new code."
)
GIFT_CARD_PAYMENT_DISPUTED = Message(
    "gift_card_payment_disputed",
    "The bank has taken back what this card was paid with. It stays blocked until that is decided.",
)
GIFT_CARD_REASON_MISSING = Message("gift_card_reason_missing", "Write why, so that somebody else understands it later.")
GIFT_CARD_REPLACED = Message("gift_card_replaced", "This card was replaced already.")
GIFT_CARD_REPLACED_BY_NEW = Message("gift_card_replaced_by_new", "This card was replaced; its new one pays.")
GIFT_CARD_IN_USE = Message(
    "gift_card_in_use", "A card payment is using this gift card right now. Wait for it, then try again."
)
GIFT_CARD_EMPTY = Message("gift_card_empty", "There is nothing on this card to move.")
GIFT_CARD_USED_A_MOMENT_AGO = Message(
    "gift_card_used_a_moment_ago", "The card was used a moment ago. Look at it again."
)
GIFT_CARDS_NOT_CASHED_HERE = Message("gift_cards_not_cashed_here", "Gift cards are not paid out in cash here.")
GIFT_CARD_NOT_CASHABLE_NOW = Message("gift_card_not_cashable_now", "This gift card cannot be paid out now.")
GIFT_CARD_ABOVE_CASH_OUT = Message("gift_card_above_cash_out", "There is too much on this card to be paid out in cash.")
GIFT_CARD_TERMS_START_IN_THE_PAST = Message(
    "gift_card_terms_start_in_the_past",
    "Terms count from today or later: what was sold before keeps what it was sold with.",
)
VALIDITY_NOT_A_NUMBER = Message("validity_not_a_number", "Write a number of months, or nothing for ever.")
NO_CARD_OR_CODE_OF_THAT_NAME = Message(
    "no_card_or_code_of_that_name", "No gift card and no promo code is called that. Read it once more."
)
SEND_DAY_IN_THE_PAST = Message("send_day_in_the_past", "Choose a day to come, or none.")
GIFT_CARD_OF_OTHER_LOCATION = Message("gift_card_of_other_location", "This gift card belongs to another location.")
GIFT_CARD_HAS_EXPIRED = Message("gift_card_has_expired", "This gift card has expired.")
GIFT_CARD_IS_BLOCKED = Message("gift_card_is_blocked", "This gift card is blocked.")
GIFT_CARD_HAS_NOTHING_LEFT = Message("gift_card_has_nothing_left", "There is nothing left on this gift card.")
CLIENT_WITHOUT_ACCOUNT_CREDIT = Message("client_without_account_credit", "This client has no account credit.")
