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
SECOND_TAX = Message("second_tax", "second tax")
ACCOUNT_OF_RATE = Message("account_of_rate", "%(account)s %(percent)s %%")
ACCOUNT_OF_TAX = Message("account_of_tax", "%(account)s %(tax)s %(percent)s %%")
ACCOUNT_WITH_CODE = Message("account_with_code", "%(code)s %(account)s")
POOL_OF_TIPS = Message("pool_of_tips", "Pool")
FROM_DAY_TO_DAY = Message("from_day_to_day", "%(first)s – %(last)s")
WITH_REASON = Message("with_reason", "%(what)s; %(reason)s")
POOL_OF_DAY = Message("pool_of_day", "Pool of %(day)s")
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
CHECK_HOLDS_AGAIN = Message("check_holds_again", "The check holds again.")
REPORT_OF_A_DAY_TO_COME = Message(
    "report_of_a_day_to_come", "%(day)s has not come yet. These are the figures of today."
)
OWED_DIFFERS_FROM_LEDGER = Message("owed_differs_from_ledger", "What is owed does not agree with the ledger.")
TIPS_DIFFER_FROM_LEDGER = Message(
    "tips_differ_from_ledger", "What persons and pools are owed in tips does not agree with the ledger."
)
NO_COMMISSION_RULES = Message(
    "no_commission_rules", "Nobody has a commission yet. It is set on the page of a person, under Settings, Staff."
)
BREAKAGE_DIFFERS_FROM_LEDGER = Message("breakage_differs_from_ledger", "Breakage does not agree with the ledger.")
TRIAL_BALANCE_NOT_ZERO = Message(
    "trial_balance_not_zero", "The accounts of %(location)s do not sum to zero. Please report this."
)
RECEIPT_NUMBERS_MISSING = Message(
    "receipt_numbers_missing",
    "%(count)s number is missing in a series.",
    "%(count)s numbers are missing in their series.",
)
NARROWED = Message("narrowed", "Only some of the sales are shown, so they are not compared with the ledger.")
FILTER_UNKNOWN = Message("filter_unknown", "The filter “%(filter)s” has no “%(typed)s”.")
FILTER_GONE = Message("filter_gone", "What the filter “%(filter)s” asks for is not here, or not any more.")
FILTER_COMPARE = Message("filter_compare", "Compared with")
FILTER_PERSON = Message("filter_person", "Person")
FILTER_SHIFT = Message("filter_shift", "Shift")
FILTER_WHAT = Message("filter_what", "What")
FILTER_ROWS = Message("filter_rows", "Rows")
FILTER_STATE = Message("filter_state", "State")
FILTER_VIEW = Message("filter_view", "How")
FILTER_ABOUT = Message("filter_about", "About")
FILTER_BECAME = Message("filter_became", "What became of it")
COMPARED_WITH = Message("compared_with", "Compared with %(first)s to %(last)s.")
COMPARED_WITH_A_DAY = Message("compared_with_a_day", "Compared with %(day)s.")
TOO_LONG_FOR_PAPER = Message(
    "too_long_for_paper",
    "This report has more than %(most)s rows, which is too long for a PDF. Take the workbook or the CSV, or fewer days.",
)
FIGURES_DIFFER_FROM_LEDGER = Message(
    "figures_differ_from_ledger",
    "%(count)s figure does not agree with the ledger.",
    "%(count)s figures do not agree with the ledger.",
)
NO_SUCH_PROGRAM = Message("no_such_program", "There is no such bookkeeping program.")
EXPORT_SETTING_MALFORMED = Message("export_setting_malformed", "%(label)s: write %(hint)s.")
QUICKBOOKS_ACCOUNT_MALFORMED = Message(
    "quickbooks_account_malformed",
    "A name in QuickBooks has up to %(most)s characters in each part, no quotation mark, and does not begin with a sign.",
)
QUICKBOOKS_LETTERS = Message(
    "quickbooks_letters", "An IIF file has only the letters of Western European languages. Write the name with these."
)
XERO_ACCOUNT_MALFORMED = Message(
    "xero_account_malformed", "A code in Xero is up to 10 letters, digits, points, hyphens and underscores."
)
BEANCOUNT_ACCOUNT_MALFORMED = Message(
    "beancount_account_malformed",
    "An account begins with Assets, Liabilities, Equity, Income or Expenses and a colon. Each part after it begins with a "
    "capital letter or a digit and has letters, digits and hyphens only.",
)
HLEDGER_ACCOUNT_MALFORMED = Message(
    "hledger_account_malformed",
    "An account has parts joined by colons, no two blanks in a row, no semicolon, and does not begin with a sign.",
)
DATEV_ACCOUNT_MALFORMED = Message(
    "datev_account_malformed", "An account in DATEV is a number of up to %(digits)s digits."
)
DATEV_ACCOUNT_IS_CLEARING = Message(
    "datev_account_is_clearing", "This is the clearing account, which no other account may be."
)
EXPORT_CURRENCY_NOT_TAKEN = Message(
    "export_currency_not_taken", "%(program)s takes no amounts in %(currency)s. Choose another format."
)
EXPORT_NOT_READY = Message(
    "export_not_ready",
    "%(count)s thing is missing before these days can be exported.",
    "%(count)s things are missing before these days can be exported.",
)
NOTHING_BOOKED = Message("nothing_booked", "Nothing was booked on these days.")
EXPORT_AGAIN = Message(
    "export_again", "These days were exported before. Say that they are to be exported again, or choose other days."
)
EXPORT_NOT_CLOSED = Message(
    "export_not_closed",
    "Some of these days are not closed yet, so they may still change. Say that you want them all the same.",
)
NO_SUCH_EXPORT = Message("no_such_export", "There is no such export.")
EXPORT_WRITTEN_DIFFERENTLY = Message(
    "export_written_differently",
    "This version of Tenderpoint writes the format differently, so the same file cannot be made again. Export the days "
    "anew.",
)
CASH_DATA_NOT_GERMAN = Message(
    "cash_data_not_german",
    "The DSFinV-K is the export of cash data in Germany: this location is not there, or not in euro.",
)
CASH_DATA_NO_CLOSING = Message(
    "cash_data_no_closing",
    "No drawer was closed on these days. The export is made from the Z reports of closed drawers.",
)
CASH_DATA_TOO_MANY_DAYS = Message(
    "cash_data_too_many_days", "Choose at most %(most)s days here; the command line takes more."
)
CASH_DATA_DISAGREE = Message(
    "cash_data_disagree",
    "The lines and the money of %(bon)s in Z report %(number)s do not agree, so nothing was written. Run the checks.",
)
MONTH_MALFORMED = Message("month_malformed", "Write a month like 2026-10.")
MONTH_TO_COME = Message("month_to_come", "This month has not begun yet.")
MONTH_IS_BEING_MADE = Message("month_is_being_made", "The file of this month is being made already.")
NO_SUCH_MONTH_FILE = Message("no_such_month_file", "There is no such file.")
MONTH_FILE_NOT_READY = Message("month_file_not_ready", "This file is not ready.")
MONTH_FILE_INTERRUPTED = Message("month_file_interrupted", "Making the file was interrupted. Make it again.")
MONTH_FILE_FAILED = Message(
    "month_file_failed", "The file could not be made. Make it again; if it fails again, look at the log of the server."
)
MONTH_FILE_GONE = Message("month_file_gone", "This file was removed. Make it again.")
# Saved views of reports, and sending them by mail.
NO_SUCH_VIEW = Message("no_such_view", "There is no such view, or it is not shared with you.")
NO_SUCH_REPORT = Message("no_such_report", "There is no such report, or it is not shown to you.")
VIEW_NAME_MISSING = Message("view_name_missing", "Give the view a name.")
VIEW_NAME_TAKEN = Message("view_name_taken", "You have a view of this name already. Choose another name.")
VIEW_SHARED_EVERYWHERE = Message(
    "view_shared_everywhere", "Only a view of one location can be shared. Choose the location on the report first."
)
VIEW_NOT_YOURS = Message("view_not_yours", "Only whoever saved this view can change it. Save your own from the report.")
VIEW_SHARED_BY_MANAGER = Message("view_shared_by_manager", "Only managers and owners share views.")
TOO_MANY_VIEWS = Message("too_many_views", "You have %(most)s views. Delete one before you save another.")
SCHEDULE_MALFORMED = Message("schedule_malformed", "Choose how often, at which hour and as which file.")
SCHEDULE_OF_GIVEN_DAYS = Message(
    "schedule_of_given_days",
    "Only days by name can be sent, such as “yesterday” or “last month”: given days would be the same each time.",
)
SCHEDULE_WITHOUT_ADDRESS = Message(
    "schedule_without_address", "You have no e-mail address. A manager adds one in your record."
)
SCHEDULE_NO_FILES = Message("schedule_no_files", "Your role does not include the files of this report.")
SCHEDULE_PEOPLE_BY_MANAGER = Message("schedule_people_by_manager", "Only managers and owners choose who else gets it.")
SCHEDULE_PERSON_UNKNOWN = Message(
    "schedule_person_unknown",
    "Choose people of the view’s location who may see this report and have an e-mail address.",
)
SCHEDULE_KEEPS_NAMED_DAYS = Message(
    "schedule_keeps_named_days",
    "This view is sent by mail with days by name. End that before you save it with given days.",
)
REPORT_TOO_LARGE_TO_MAIL = Message(
    "report_too_large_to_mail", "Its file is too large to be mailed. Open the report and save it."
)
