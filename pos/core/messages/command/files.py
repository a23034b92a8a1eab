"""Files that come in: what would become of each row, and what was done."""

from __future__ import annotations

from pos.core.i18n.message import Message

FILE_ROW_SAYS = Message("file_row_says", "row %(number)s: %(sentence)s")
FILE_CELL_SAYS = Message("file_cell_says", "row %(number)s, %(column)s: %(sentence)s")
FILE_ROWS = Message("file_rows", "%(count)s row", "%(count)s rows")
FILE_ERRORS = Message("file_errors", "%(count)s error", "%(count)s errors")
SESSIONS_LEFT = Message("sessions_left", "%(count)s session left", "%(count)s sessions left")
BALANCES_READ = Message("balances_read", "%(rows)s, %(left)s, worth %(worth)s; %(errors)s")
COMMIT_IMPORTS = Message("commit_imports", "Nothing was changed. With --commit it is imported.")
IMPORTED_AS = Message("imported_as", "Imported as %(key)s. While nothing of it is used: pos import undo %(key)s")
IMPORT_TAKEN_OUT = Message(
    "import_taken_out",
    "%(count)s row with %(sessions)s is taken out again.",
    "%(count)s rows with %(sessions)s are taken out again.",
)
FILE_SESSIONS = Message("file_sessions", "%(count)s session", "%(count)s sessions")
VISITS_READ = Message(
    "visits_read",
    "%(count)s visit: %(new)s new, %(changed)s changed, %(cancelled)s cancelled, %(same)s same; %(errors)s",
    "%(count)s visits: %(new)s new, %(changed)s changed, %(cancelled)s cancelled, %(same)s same; %(errors)s",
)
DRY_RUN_OF_ROWS = Message("dry_run_of_rows", "Nothing was changed. Without --dry-run they are brought in.")
DRY_RUN_OF_FILE = Message("dry_run_of_file", "Nothing was changed. Without --dry-run it is brought in.")
DRY_RUN_OF_PRICES = Message("dry_run_of_prices", "Nothing was changed. Without --dry-run they are saved.")
CATALOGUE_ROW_NEW = Message("catalogue_row_new", "row %(number)s  new  %(name)s")
CATALOGUE_ROW_CHANGED = Message("catalogue_row_changed", "row %(number)s  changed  %(name)s  %(what)s")
CATALOGUE_ROW_REFUSED = Message("catalogue_row_refused", "row %(number)s  refused  %(name)s  %(what)s")
CHANGED_TO_NOTHING = Message("changed_to_nothing", "nothing")
CATALOGUE_READ = Message("catalogue_read", "%(new)s new, %(changed)s changed, %(same)s same, %(refused)s refused.")
PRICES_READ = Message("prices_read", "%(rows)s, %(prices)s to change, %(ends)s of them end a sale.")
COUNT_OF_PRICES = Message("count_of_prices", "%(count)s price", "%(count)s prices")
PRICES_CHANGED = Message(
    "prices_changed",
    "%(count)s price is changed from %(day)s on.",
    "%(count)s prices are changed from %(day)s on.",
)
