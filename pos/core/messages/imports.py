"""Files of opening balances."""

from __future__ import annotations

from pos.core.i18n.message import Message

FILE_SESSIONS_DIFFER = Message(
    "file_sessions_differ",
    "The file has %(count)s session, not %(expected)s. Nothing was imported.",
    "The file has %(count)s sessions, not %(expected)s. Nothing was imported.",
)
FILE_VALUE_DIFFERS = Message(
    "file_value_differs", "The value of the file is not the control total. Nothing was imported."
)
FILE_IMPORTED_ALREADY = Message("file_imported_already", "This very file has been imported already.")
NO_SUCH_IMPORT = Message("no_such_import", "There is no such import.")
IMPORT_UNDONE_BEFORE = Message("import_undone_before", "This import was undone before.")
IMPORT_OF_OTHER_FILE = Message("import_of_other_file", "This import was made with another file.")
IMPORTED_ROW_USED = Message(
    "imported_row_used",
    "Row %(row)s (%(reference)s) was used since. An import can be undone while nothing of it is used.",
)
NEITHER_YES_NOR_NO = Message("neither_yes_nor_no", "“%(typed)s” is neither yes nor no.")
FILE_TOO_LARGE = Message("file_too_large", "This file is larger than %(most)s MB. Split it.")
HEADING_INCOMPLETE = Message("heading_incomplete", "The heading lacks %(missing)s.")
COLUMNS_UNKNOWN = Message("columns_unknown", "Columns nobody knows: %(strange)s. There are %(columns)s.")
COLUMN_TWICE = Message("column_twice", "The heading names %(column)s twice.")
TOO_MANY_ROWS = Message("too_many_rows", "More than %(most)s rows. Split the file.")
NOT_A_NUMBER_OF_SESSIONS = Message(
    "not_a_number_of_sessions", "“%(typed)s” is not a number of sessions between 1 and 999."
)
TAX_PERCENT_OUT_OF_RANGE = Message("tax_percent_out_of_range", "A tax rate is between 0 and 100 %.")
REFERENCE_MISSING = Message("reference_missing", "Write the package's number in the old system.")
ROW_WRONG = Message("row_wrong", "Row %(number)s, %(column)s: %(sentence)s Nothing was imported.")
FILE_WITHOUT_ROWS = Message("file_without_rows", "There is no row in this file.")
FILE_NOT_UTF8 = Message("file_not_utf8", "This file is not UTF-8 text. Save it as “CSV UTF-8”.")
FILE_NOT_CSV = Message("file_not_csv", "This file is not a CSV table: %(why)s.")
ROW_TOO_LONG = Message("row_too_long", "Row %(number)s has a value under no heading. Is a comma missing its quotes?")
ROW_NOT_A_DAY = Message("row_not_a_day", "“%(typed)s” is not a date. Write it like 2027-05-12.")
NOT_A_PERCENTAGE = Message("not_a_percentage", "“%(typed)s” is not a percentage.")
NEITHER_PACKAGE_NOR_TREATMENT = Message(
    "neither_package_nor_treatment", "“%(typed)s” is neither a package nor a treatment sold at %(place)s."
)
REFERENCE_IMPORTED_BEFORE = Message(
    "reference_imported_before", "%(reference)s was imported before, or stands twice in the file."
)
FILE_TOO_LARGE_FOR_PAGE = Message(
    "file_too_large_for_page",
    "This file is too large for this page. Split it, or bring it in with pos import.",
)
FILE_MISSING = Message("file_missing", "Choose a file.")
CONTROL_TOTAL_MISSING = Message("control_total_missing", "A control total is missing. Look at the file again.")
FILE_NOT_WHOLE = Message("file_not_whole", "The file did not arrive whole. Choose it again.")
FILE_NOT_THE_ONE_SEEN = Message(
    "file_not_the_one_seen", "This is not the file that was looked at. Nothing was imported; choose it again."
)
MORE_LEFT_THAN_SOLD = Message("more_left_than_sold", "%(left)s left of %(sessions)s cannot be.")
ROW_PACKAGE_EXPIRED = Message("row_package_expired", "This package has expired. Leave it out, or give it a later day.")
EMAIL_OF_OTHER_CLIENT = Message(
    "email_of_other_client", "%(email)s belongs to %(other)s. Correct the name, or leave the address of this row empty."
)
# The catalogue as a file.
ROW_KIND_UNKNOWN = Message("row_kind_unknown", "“%(typed)s” is no kind of item. Write one of %(kinds)s.")
ROW_KIND_STAYS = Message("row_kind_stays", "The item with this id is of the kind %(kind)s, which stays as it is.")
ROW_SERVICE_MISSING = Message("row_service_missing", "Write the service this duration belongs to.")
ROW_SERVICE_STAYS = Message(
    "row_service_stays",
    "This is a duration of %(service)s. Services are renamed in the office, under Services and items.",
)
ROW_MINUTES_STAY = Message(
    "row_minutes_stay", "The duration with this id is of %(minutes)s min. Leave the id empty to add another."
)
ROW_NAME_OF_DURATION = Message(
    "row_name_of_duration", "A duration is called %(name)s, after the short name of its service. Leave its name empty."
)
ROW_SERVICE_TEXTS_DIFFER = Message("row_service_texts_differ", "Row %(number)s says otherwise for the same service.")
ROW_ITEM_TWICE = Message("row_item_twice", "Row %(number)s names this item already.")
ROW_ITEM_RETIRED = Message("row_item_retired", "This item is retired. Bring it back in the office first.")
ROW_TAX_CATEGORY_UNKNOWN = Message(
    "row_tax_category_unknown", "“%(typed)s” is no tax category in use. There are %(categories)s."
)
ROW_NOT_A_WHOLE_NUMBER = Message("row_not_a_whole_number", "“%(typed)s” is not a whole number.")
ROW_NOT_IN_CATALOGUE = Message("row_not_in_catalogue", "“%(typed)s” is not on offer. Write names as they stand here.")
ROW_ONE_OF = Message("row_one_of", "“%(typed)s” is none of %(choices)s.")
ROW_BARCODE_ROUNDED = Message(
    "row_barcode_rounded", "A spreadsheet has shortened this barcode. Make the column text and write all digits."
)
CATALOGUE_FILE_REFUSED = Message(
    "catalogue_file_refused",
    "%(count)s row of the file cannot be used. Nothing was changed.",
    "%(count)s rows of the file cannot be used. Nothing was changed.",
)
CATALOGUE_CHANGED_MEANWHILE = Message(
    "catalogue_changed_meanwhile",
    "The catalogue has changed since the file was looked at. Nothing was saved; look at it again.",
)
