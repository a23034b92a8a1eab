"""The ledger, breakage, closings, and the stop after a failed check."""

from __future__ import annotations

from pos.core.i18n.message import Message

BREAKAGE_METHOD_MISSING = Message("breakage_method_missing", "Choose how breakage is recognised.")
BREAKAGE_PERCENT_OUT_OF_RANGE = Message(
    "breakage_percent_out_of_range", "What is expected to stay unused is more than 0 and less than 100 %."
)
BREAKAGE_MONTHS_OUT_OF_RANGE = Message("breakage_months_out_of_range", "Months are between 1 and %(most)s.")
NO_SUCH_ACCOUNT = Message("no_such_account", "There is no such account.")
ACCOUNT_CODE_MALFORMED = Message("account_code_malformed", "A code is up to 20 letters, digits, points and hyphens.")
ACCOUNT_NAME_MISSING = Message("account_name_missing", "Write a name.")
ACCOUNT_CODE_TAKEN = Message("account_code_taken", "Another account has the code %(code)s.")
ENTRY_DOES_NOT_BALANCE = Message(
    "entry_does_not_balance", "The books would not balance, so nothing was saved. Please report this."
)
NO_SUCH_CLOSING = Message("no_such_closing", "There is no such closing.")
LOCATION_STOPPED = Message(
    "location_stopped",
    "Cards and credits are stopped at this location, because a check of the books failed. Cash sales go on. "
    "A manager finds what to do in the office, under Checks.",
)
LIFT_REASON_MISSING = Message("lift_reason_missing", "Write down why cards and credits may go on.")
NOTHING_STOPPED = Message("nothing_stopped", "Nothing is stopped at this location any more.")
MONTHS_NOT_A_NUMBER = Message("months_not_a_number", "Write a whole number of months.")
COPY_RESTORED_WHAT_NOW = Message(
    "copy_restored_what_now",
    "Run “pos reconcile” to see what Stripe knows, compare the paper of the lost time, enter what is "
    "missing, then let cards and credits go on here. Receipts go on under a new prefix, so that no number is "
    "given twice.",
)
BOOKS_END_EARLIER = Message(
    "books_end_earlier",
    "Entry %(seen)s of the books (%(hash)s) was seen here before, and they now end at entry %(last)s.",
)
NUMBERS_END_EARLIER = Message(
    "numbers_end_earlier", "%(what)s number %(seen)s was seen here before, and the last one is now number %(last)s."
)
CHECK_HOLDS_AGAIN = Message("check_holds_again", "The check holds again.")
REPORT_OF_A_DAY_TO_COME = Message(
    "report_of_a_day_to_come", "%(day)s has not come yet. These are the figures of today."
)
OWED_DIFFERS_FROM_LEDGER = Message("owed_differs_from_ledger", "What is owed does not agree with the ledger.")
NARROWED = Message("narrowed", "Only some of the sales are shown, so they are not compared with the ledger.")
TOO_LONG_FOR_PAPER = Message(
    "too_long_for_paper",
    "This report has more than %(most)s rows, which is too long for a PDF. Take the workbook or the CSV, or fewer days.",
)
FIGURES_DIFFER_FROM_LEDGER = Message(
    "figures_differ_from_ledger",
    "%(count)s figure does not agree with the ledger.",
    "%(count)s figures do not agree with the ledger.",
)
