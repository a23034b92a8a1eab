"""What breaks a check of the ledger, of closings, of papers or of history: `safety_stops.sentence`.

A `subject` is one of the first messages here. Amounts are minor units.
"""

from __future__ import annotations

from pos.core.i18n.message import Message

# ---- what a sentence is about

ENTRY_OF_LOCATION = Message("entry_of_location", "Entry %(number)s of %(location)s")
RECORD_OF_CHANGE_LOG = Message("record_of_change_log", "Record %(number)s of the change log")
Z_OF_DESK = Message("z_of_desk", "Z %(number)s of %(location)s, %(desk)s")
Z_OF_LOCATION = Message("z_of_location", "Z %(number)s of %(location)s")
CLOSING_OF_DAY = Message("closing_of_day", "The closing %(number)s of %(location)s (day %(day)s)")
CLOSING_OF_MONTH = Message("closing_of_month", "The closing %(number)s of %(location)s (month %(day)s)")
LOCATION_NOT_THERE = Message("location_not_there", "location %(id)s, which is not there,")

# ---- of more than one of them

ROW_NOT_READABLE = Message(
    "row_not_readable",
    "A row of this check cannot be read (%(error)s), so the check was not made to its end. The log says where.",
)
HASH_DOES_NOT_FIT = Message("hash_does_not_fit", "%(subject)s was changed: its hash does not fit what it says.")
HEAD_NOT_IN_CHAIN = Message(
    "head_not_in_chain", "%(subject)s names a head that is not in the chain: entries were cut off or rewritten."
)

# ---- the ledger

POSTING_ELSEWHERE = Message("posting_elsewhere", "%(subject)s has a posting on an account of another location.")
POSTINGS_DO_NOT_BALANCE = Message(
    "postings_do_not_balance",
    "%(subject)s does not balance with two postings or more (postings: %(postings)s, sum: %(sum)s).",
)
ENTRIES_MISSING = Message(
    "entries_missing",
    "The chain of %(location)s goes from entry %(before)s to entry %(number)s: one or more are missing.",
)
ENTRY_UNLINKED = Message("entry_unlinked", "%(subject)s does not carry the hash of the entry before it.")
BOOKS_WITHOUT_HEAD = Message(
    "books_without_head", "The books of %(location)s have entries, the last one %(number)s, but no head."
)
HEAD_NAMES_OTHER_ENTRY = Message(
    "head_names_other_entry", "The head of %(location)s names entry %(named)s; the last entry found is %(number)s."
)
END_OF_CHAIN_CUT = Message(
    "end_of_chain_cut", "The hash %(hash)s… is not in the chain of %(location)s: its end was cut off."
)
ENTRY_UNLIKE_SALE = Message("entry_unlike_sale", "%(subject)s says other amounts than its sale %(reference)s.")
ENTRY_WITHOUT_SALE = Message("entry_without_sale", "%(subject)s belongs to no sale.")
RECEIPT_WITHOUT_ENTRY = Message("receipt_without_entry", "Receipt %(label)s has no entry in the journal.")
CREDITS_UNLIKE_LEDGER = Message(
    "credits_unlike_ledger",
    "%(location)s: unused credits are worth %(worth)s, the ledger owes %(owed)s (minor units).",
)
DRAWER_UNLIKE_LEDGER = Message(
    "drawer_unlike_ledger",
    "Drawer %(drawer)s of %(location)s should hold %(should)s, the ledger says %(found)s (minor units).",
)
LEDGER_OF_NO_DRAWER = Message(
    "ledger_of_no_drawer",
    "The ledger has %(amount)s (minor units) in %(account)s, and there is no such drawer.",
)
TIPS_UNLIKE_LEDGER = Message(
    "tips_unlike_ledger",
    "%(location)s: tips given are %(given)s, paid out %(paid)s, tips owed %(owed)s (minor units).",
)

# ---- closings

SHIFT_WITHOUT_Z = Message("shift_without_z", "Shift %(shift)s of %(location)s is closed and has no Z report.")
Z_MISSING = Message(
    "z_missing",
    "The Z reports of %(location)s, %(desk)s, go from %(before)s to %(number)s: one or more are missing.",
)
Z_UNLINKED = Message("z_unlinked", "%(subject)s does not carry the hash of the Z before.")
Z_RUNS_OTHERWISE = Message("z_runs_otherwise", "%(subject)s: its running total does not follow from the Z before.")
Z_WITHOUT_SHIFT = Message("z_without_shift", "%(subject)s belongs to no closed shift.")
Z_COUNTED_OTHERWISE = Message("z_counted_otherwise", "%(subject)s and its shift were counted differently.")
DAYS_MISSING = Message(
    "days_missing",
    "The closings of %(location)s (day) go from %(before)s to %(number)s: some are missing.",
)
MONTHS_MISSING = Message(
    "months_missing",
    "The closings of %(location)s (month) go from %(before)s to %(number)s: some are missing.",
)
CLOSING_UNLINKED = Message("closing_unlinked", "%(subject)s does not carry the hash of the closing before.")
CLOSING_NOT_LATER = Message("closing_not_later", "%(subject)s is not after the closing before.")
CLOSING_UNLIKE_JOURNAL = Message(
    "closing_unlike_journal", "%(subject)s says other sums than the journal of those days."
)
TOTALS_UNLIKE_ROWS = Message(
    "totals_unlike_rows",
    "The totals of %(location)s on %(day)s are not what its rows come to: run pos totals --again.",
)

# ---- receipts and credit notes

NUMBER_MISSING = Message(
    "number_missing", "In series %(series)s of %(location)s the number before %(number)s is missing."
)
COUNTER_UNLIKE_RECEIPTS = Message(
    "counter_unlike_receipts",
    "The counter of series %(series)s of %(location)s is at %(counted)s, the last receipt is %(last)s.",
)
SERIES_WITHOUT_COUNTER = Message("series_without_counter", "Series %(series)s of %(location)s has no counter.")
SALE_WITHOUT_ONE_RECEIPT = Message(
    "sale_without_one_receipt", "Sale %(sale)s of %(location)s has no receipt of its own, or more than one."
)
TEST_SALE_NOT_VOIDED = Message("test_sale_not_voided", "The test sale %(label)s was not voided.")
RECEIPT_NAMED_OTHERWISE = Message(
    "receipt_named_otherwise", "Receipt %(label)s carries another number or date than its sale."
)
RECEIPT_SAYS_OTHER_TOTAL = Message("receipt_says_other_total", "Receipt %(label)s says another total than its sale.")
RECEIPT_SAYS_OTHER_NUMBER_OF_LINES = Message(
    "receipt_says_other_number_of_lines", "Receipt %(label)s says another number of lines than its sale."
)
RECEIPT_SAYS_OTHER_LINES = Message("receipt_says_other_lines", "Receipt %(label)s says other lines than its sale.")
RECEIPT_SAYS_OTHER_AMOUNTS = Message(
    "receipt_says_other_amounts", "Receipt %(label)s says other amounts of lines than its sale."
)
RECEIPT_SAYS_OTHER_NUMBER_OF_PAYMENTS = Message(
    "receipt_says_other_number_of_payments", "Receipt %(label)s says another number of payments than its sale."
)
RECEIPT_SAYS_OTHER_PAYMENT = Message(
    "receipt_says_other_payment", "Receipt %(label)s says another payment than its sale."
)
CREDIT_NOTE_UNLIKE_REFUND = Message(
    "credit_note_unlike_refund", "Credit note %(label)s says another number or total than its refund."
)

# ---- history

ROW_NOT_AS_RECORDED = Message("row_not_as_recorded", "%(table)s %(key)s is not as it was recorded.")
RECORDED_ROW_GONE = Message("recorded_row_gone", "%(table)s %(key)s was recorded and is not there any more.")
ROW_OF_ENTRY_GONE = Message(
    "row_of_entry_gone",
    "A row of %(table)s that entry %(number)s of %(location)s recorded is changed or gone.",
)
ROW_OF_RECORD_AT_LOCATION_GONE = Message(
    "row_of_record_at_location_gone",
    "A row of %(table)s that record %(number)s of the change log of %(location)s recorded is changed or gone.",
)
ROW_OF_RECORD_GONE = Message(
    "row_of_record_gone",
    "A row of %(table)s that record %(number)s of the change log recorded is changed or gone.",
)
RECORDS_MISSING = Message(
    "records_missing",
    "The change log goes from record %(before)s to record %(number)s: one or more are missing.",
)
RECORD_UNLINKED = Message("record_unlinked", "%(subject)s does not carry the hash of the record before it.")
HEAD_OF_CHANGE_LOG_WRONG = Message(
    "head_of_change_log_wrong", "The head of the change log does not name its last record, %(number)s."
)
ENTRY_NAMES_NO_RECORD = Message(
    "entry_names_no_record",
    "%(subject)s names a record that is not in the change log: its end was cut off or rewritten.",
)
FILE_CHANGED = Message("file_changed", "The stored PDF of %(label)s (%(paper)s) was changed: its hash does not fit.")
