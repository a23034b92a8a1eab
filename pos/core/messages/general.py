"""Sentences of no one subject: what was typed, what is not there."""

from __future__ import annotations

from pos.core.i18n.message import Message

NOT_A_TIME_ZONE = Message("not_a_time_zone", "“%(name)s” is not a time zone. Write it like Europe/Berlin.")
CHANGED_AT_THE_SAME_MOMENT = Message(
    "changed_at_the_same_moment", "Somebody else changed this at the same moment. Nothing was saved; please try again."
)
NOT_A_KEY = Message("not_a_key", "That is not a key this system gives out.")
NOT_A_CURRENCY = Message("not_a_currency", "“%(currency)s” is not an ISO 4217 currency code.")
NOT_AN_AMOUNT = Message("not_an_amount", "“%(typed)s” is not an amount. Write it like 12.50.")
TOO_MANY_DECIMALS = Message("too_many_decimals", "%(currency)s has %(digits)s digits after the point.")
AMOUNT_TOO_LARGE = Message("amount_too_large", "That amount is too large.")
CHOOSE_ONE_OF_THESE = Message("choose_one_of_these", "Choose one of these.")
NO_SUCH_LOCATION = Message("no_such_location", "There is no such location.")
NO_SUCH_CLINIC = Message("no_such_clinic", "There is no such clinic.")
NO_SUCH_DESK = Message("no_such_desk", "There is no such desk.")
AMOUNT_NOT_ABOVE_ZERO = Message("amount_not_above_zero", "An amount is more than zero.")
DAY_OUT_OF_RANGE = Message("day_out_of_range", "Choose a date between %(first)s and %(last)s.")
DAYS_EXCHANGED = Message("days_exchanged", "The last day is before the first. Exchange them.")
NOT_A_DAY = Message("not_a_day", "“%(typed)s” is not a date. Write it like 2026-11-22.")
NOT_A_JSON_OBJECT = Message("not_a_json_object", "The request must be a JSON object.")
AMOUNT_UNREADABLE = Message("amount_unreadable", "Write an amount of zero or more, such as 24.00.")
# What a program sent and a person may read: the answer names the field beside the sentence.
FIELD_NOT_A_WHOLE_NUMBER = Message(
    "field_not_a_whole_number", "Write a whole number between %(least)s and %(most)s here."
)
FIELD_NOT_TRUE_OR_FALSE = Message("field_not_true_or_false", "Choose yes or no here.")
FIELD_NOT_A_TEXT = Message("field_not_a_text", "This is too long: at most %(most)s characters fit here.")
NO_SUCH_MAIL = Message("no_such_mail", "There is no such mail.")
DAY_MISSING = Message("day_missing", "Choose a day.")
NO_SUCH_PAGE = Message("no_such_page", "There is no such page.")
NO_SUCH_PERIOD = Message("no_such_period", "“%(typed)s” names no days. Use one of: %(known)s.")
TWO_DAYS_MISSING = Message("two_days_missing", "Choose two dates.")
NO_SUCH_REPRINT = Message("no_such_reprint", "There is no such reprint.")
NOTHING_AT_THIS_ADDRESS = Message(
    "nothing_at_this_address", "There is nothing at this address, or it belongs to somebody else."
)
METRICS_TOKEN_MISSING = Message("metrics_token_missing", "The metrics want their token.")
PERCENTAGE_MISSING = Message("percentage_missing", "Write a percentage, like 8 or 7.5.")
PAPER_FORMAT_UNKNOWN = Message("paper_format_unknown", "This is printed as 80mm, a4 or letter.")
