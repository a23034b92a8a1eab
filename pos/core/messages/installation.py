"""Settings, the database, set-up, locations and desks, for whoever looks after the installation."""

from __future__ import annotations

from pos.core.i18n.message import Message

DATABASE_IS_SIMULATED = Message(
    "database_is_simulated",
    "This database holds simulated payments, so PAYMENTS_MODE=live cannot open it. Start with a fresh one.",
)
SETTING_NOT_ONE_OF = Message("setting_not_one_of", "%(name)s is “%(value)s”; it must be one of: %(allowed)s.")
BASE_URL_MALFORMED = Message("base_url_malformed", "BASE_URL must look like https://pos.example.org, without a path.")
BASE_URL_NOT_HTTPS = Message("base_url_not_https", "PAYMENTS_MODE is live, so BASE_URL must start with https://.")
MAIL_URL_MALFORMED = Message("mail_url_malformed", "MAIL_URL must start with smtp:// or smtps://.")
MAILBOX_ON_A_PUBLIC_ADDRESS = Message(
    "mailbox_on_a_public_address",
    "MAILBOX is on, which shows every mail to whoever opens the page; it is allowed only while BASE_URL is "
    "on this machine.",
)
SECRET_KEY_TOO_SHORT = Message("secret_key_too_short", "SECRET_KEY must have at least 32 characters.")
METRICS_TOKEN_TOO_SHORT = Message("metrics_token_too_short", "METRICS_TOKEN must have at least 16 characters.")
TRUSTED_PROXIES_NOT_A_NUMBER = Message("trusted_proxies_not_a_number", "TRUSTED_PROXIES must be a whole number.")
DATABASE_URL_MALFORMED = Message("database_url_malformed", "DATABASE_URL must start with sqlite:/// or postgresql://.")
DATABASE_MISSING = Message(
    "database_missing",
    "There is no database at %(file)s. Go to the folder of the installation, or name its database in DATABASE_URL.",
)
DATABASE_WITHOUT_TABLES = Message("database_without_tables", "This database has no tables of Tenderpoint.")
DATABASE_OF_OTHER_VERSION = Message(
    "database_of_other_version",
    "This database is of another version of Tenderpoint. Run pos migrate, or read it with the version that made it.",
)
DATABASE_OF_OTHER_BUILD = Message(
    "database_of_other_build",
    "This database was made by another build of Tenderpoint (its tables are at %(found)s), which this one "
    "cannot bring up to date. Nothing was changed. Start the build that made it, or name another database.",
)
API_BASE_OUTSIDE_SIMULATOR = Message(
    "api_base_outside_simulator", "STRIPE_API_BASE may be set only when PAYMENTS_MODE is simulator."
)
SIMULATOR_KEY_OUTSIDE_SIMULATOR = Message(
    "simulator_key_outside_simulator",
    "STRIPE_SECRET_KEY is a simulator key; it works only when PAYMENTS_MODE is simulator.",
)
WEBHOOK_SECRET_MISSING = Message(
    "webhook_secret_missing",
    "STRIPE_WEBHOOK_SECRET is missing; without it nobody can tell Stripe's messages from forged ones.",
)
WEBHOOK_SECRET_MALFORMED = Message("webhook_secret_malformed", "STRIPE_WEBHOOK_SECRET must start with whsec_.")
API_BASE_MISSING = Message("api_base_missing", "PAYMENTS_MODE is simulator, so STRIPE_API_BASE must name it.")
API_BASE_MALFORMED = Message(
    "api_base_malformed", "STRIPE_API_BASE must look like http://127.0.0.1:12111, without a path."
)
API_BASE_ON_OTHER_MACHINE = Message(
    "api_base_on_other_machine", "STRIPE_API_BASE must be on this machine (127.0.0.1 or localhost)."
)
SECRET_KEY_OF_OTHER_MODE = Message(
    "secret_key_of_other_mode", "PAYMENTS_MODE is %(mode)s, so STRIPE_SECRET_KEY must start with %(beginnings)s."
)
DISK_FULL = Message(
    "disk_full",
    "The disk of this installation is full, so nothing can be saved. Nothing was changed. Tell whoever looks "
    "after the server; until there is room again, what was saved can be read.",
)
DATABASE_READ_ONLY = Message(
    "database_read_only",
    "The database of this installation is read-only, so nothing can be saved. Nothing was changed. Tell "
    "whoever looks after the server; what was saved can be read.",
)
DATABASE_AWAY = Message(
    "database_away", "The database does not answer. Nothing was changed. Wait a moment and try again."
)

# Opening a clinic on an empty database.
ANSWER_MISSING = Message("answer_missing", "Please answer this.")
ANSWER_TOO_LONG = Message("answer_too_long", "Use at most %(most)s characters.")
PREFIX_UNUSABLE = Message("prefix_unusable", "Use 1 to 8 capital letters and digits, like RIV.")
NOT_A_COUNTRY = Message("not_a_country", "“%(typed)s” is not a country code. Write it like US or DE.")
YES_OR_NO = Message("yes_or_no", "Answer yes or no.")
PRICE_NOT_ABOVE_ZERO = Message("price_not_above_zero", "Write a price above zero.")
ROLE_UNKNOWN = Message("role_unknown", "“%(typed)s” is not a role. Roles are: %(roles)s.")
QUESTION_UNKNOWN = Message("question_unknown", "There is no such question.")
PEOPLE_NOT_A_LIST = Message("people_not_a_list", "Write each person as a [[staff]] table.")
FILE_NOT_TOML = Message("file_not_toml", "%(file)s is not a TOML file: %(why)s.")
CLINIC_IN_USE = Message(
    "clinic_in_use",
    "Here a drawer was opened or something was sold already. Change the clinic in the office, under Settings.",
)
CLINIC_HAS_MORE_LOCATIONS = Message(
    "clinic_has_more_locations", "This clinic has several locations. Change them in the office, under Settings."
)
SETUP_LINK_OVER = Message(
    "setup_link_over",
    "This set-up address has been used, or is not the newest one. The newest is printed when the server starts.",
)
SETUP_NOT_DONE = Message(
    "setup_not_done",
    "This clinic is not set up yet. Whoever started the server has the address of the set-up page.",
)

# The questions, as they stand beside a field and at the prompt.
QUESTION_CLINIC_NAME = Message("question_clinic_name", "Name of the clinic")
QUESTION_LOCATION_NAME = Message("question_location_name", "Name of the location")
QUESTION_ADDRESS = Message("question_address", "Address")
QUESTION_COUNTRY = Message("question_country", "Country, two letters")
QUESTION_PHONE = Message("question_phone", "Phone")
QUESTION_EMAIL = Message("question_email", "E-mail of the clinic")
QUESTION_CURRENCY = Message("question_currency", "Currency, three letters")
QUESTION_TIME_ZONE = Message("question_time_zone", "Time zone")
QUESTION_LOCALE = Message("question_locale", "Language and region")
QUESTION_CUTOFF_HOUR = Message("question_cutoff_hour", "Hour at which a business day ends")
QUESTION_CASH_ROUNDING = Message("question_cash_rounding", "What is paid in cash is")
HINT_CASH_ROUNDING = Message(
    "hint_cash_rounding",
    "Where small coins are out of use. Card payments, prices and tax stay exact; the difference has its own account.",
)
CASH_ROUNDING_WORDS = {
    "none": Message("cash_rounding_none", "not rounded"),
    "5": Message("cash_rounding_5", "rounded to 0.05"),
    "10": Message("cash_rounding_10", "rounded to 0.10, 0.05 up"),
    "10_down": Message("cash_rounding_10_down", "rounded to 0.10, 0.05 down"),
    "50": Message("cash_rounding_50", "rounded to 0.50"),
    "100": Message("cash_rounding_100", "rounded to 1.00"),
    "500": Message("cash_rounding_500", "rounded to 5.00"),
}
CASH_ROUNDING_NEEDS_HUNDREDTHS = Message(
    "cash_rounding_needs_hundredths", "Cash is rounded only in a currency with two decimals."
)
QUESTION_TAX_LABEL = Message("question_tax_label", "Name of the tax")
QUESTION_TAX_INCLUSIVE = Message("question_tax_inclusive", "Prices include the tax")
QUESTION_TAX_ID_LABEL = Message("question_tax_id_label", "Name of the tax number")
QUESTION_TAX_ID = Message("question_tax_id", "Tax number")
QUESTION_TAX_SERVICE = Message("question_tax_service", "Tax on treatments, percent")
QUESTION_TAX_ADD_ON = Message("question_tax_add_on", "Tax on add-ons, percent")
QUESTION_TAX_RETAIL = Message("question_tax_retail", "Tax on retail, percent")
QUESTION_RECEIPT_PREFIX = Message("question_receipt_prefix", "Receipt numbers begin with")
QUESTION_RECEIPT_NOTE = Message("question_receipt_note", "Text at the foot of receipts")
QUESTION_DESK = Message("question_desk", "Name of the first desk")
QUESTION_CATALOGUE = Message("question_catalogue", "Which catalogue to begin with")
CATALOGUE_STARTER = Message("catalogue_starter", "The starter catalogue of a trigger point clinic")
CATALOGUE_OF_FILE = Message("catalogue_of_file", "My own, from a CSV file")
CATALOGUE_EMPTY = Message("catalogue_empty", "None yet: I add what I sell in the office")
QUESTION_CATALOGUE_FILE = Message("question_catalogue_file", "CSV file of the catalogue")
HINT_CATALOGUE_FILE = Message(
    "hint_catalogue_file",
    "One row each, with the columns kind (variant, add_on, retail, package), service, minutes, name, key, barcode, price, "
    "sessions, good_for. A refused file says which row is wrong and why.",
)
QUESTION_SINGLE_PRICE = Message("question_single_price", "Price of 60 minutes of trigger point therapy")
QUESTION_OWNER_NAME = Message("question_owner_name", "Your name")
QUESTION_OWNER_EMAIL = Message("question_owner_email", "Your e-mail")
QUESTION_OWNER_PASSWORD = Message("question_owner_password", "Your password for the office")
QUESTION_OWNER_PIN = Message("question_owner_pin", "Your PIN for the register")

HINT_ADDRESS = Message("hint_address", "As it stands on receipts.")
HINT_LOCATION = Message("hint_location", "What tells it from your other locations: the street, the town.")
HINT_CUTOFF = Message("hint_cutoff", "0 is midnight; 3 counts sales until three in the night to the day before.")
HINT_PERCENT = Message("hint_percent", "0 for none. Rates can be changed from a day on, in the office.")
HINT_TAX = Message("hint_tax", "A proposal for the country, not advice. Ask whoever does your taxes.")
HINT_PREFIX = Message("hint_prefix", "It can be changed until the first sale.")
HINT_CATALOGUE = Message(
    "hint_catalogue", "Treatments, add-ons, retail and packages; the other prices are in proportion to this one."
)
HINT_PASSWORD = Message("hint_password", "At least 12 characters.")
HINT_PIN = Message("hint_pin", "6 to 12 digits, at least three of them different.")

# Locations and desks.
SECOND_TAX_HAS_RATES = Message(
    "second_tax_has_rates",
    "The second tax has a rate here, so it keeps a name. Where it is charged no more, set its rate to 0.",
)
SECOND_TAX_NAME_MISSING = Message("second_tax_name_missing", "Name the second tax this number belongs to.")
SECOND_TAX_NAMED_LIKE_FIRST = Message("second_tax_named_like_first", "Give the two taxes different names.")
LOCATION_TEXT_MISSING_OR_LONG = Message(
    "location_text_missing_or_long", "This is needed, with at most %(most)s characters."
)
ACCENT_MALFORMED = Message("accent_malformed", "Write the colour like #1F6F5C, or leave the field empty.")
ACCENT_TOO_LIGHT = Message(
    "accent_too_light",
    "This colour is too light to be read on white paper: its contrast is %(contrast)s to 1, and %(least)s is needed. "
    "Choose a darker one.",
)
LOGO_NOT_PNG_OR_JPEG = Message("logo_not_png_or_jpeg", "The logo must be a PNG or a JPEG picture.")
LOGO_TOO_LARGE = Message("logo_too_large", "The logo may have at most %(most)s kB. Save it smaller.")
LOGO_TOO_MANY_PIXELS = Message(
    "logo_too_many_pixels", "The logo may be at most %(most)s pixels wide and high. Save it smaller."
)
LOGO_DAMAGED = Message("logo_damaged", "This picture is damaged. Save it again as a PNG or JPEG.")
RECEIPT_LOOK_CHANGED_MEANWHILE = Message(
    "receipt_look_changed_meanwhile", "Somebody changed these receipts meanwhile. Load the page anew, then change it."
)
LOCATION_TEXT_TOO_LONG = Message("location_text_too_long", "Write at most %(most)s characters here.")
ADDRESS_LINES_MISSING = Message("address_lines_missing", "Write the address, 1 to %(most)s lines.")
SLUG_MALFORMED = Message(
    "slug_malformed", "Use 2 to 40 small letters, digits and hyphens, with a letter or digit at both ends."
)
SLUG_TAKEN = Message("slug_taken", "Another location has this word in its address.")
COUNTRY_UNKNOWN = Message("country_unknown", "Choose a country.")
CURRENCY_UNKNOWN = Message(
    "currency_unknown", "“%(currency)s” is not a currency in use. Write its three letters, like EUR."
)
LOCALE_UNKNOWN = Message("locale_unknown", "“%(locale)s” is not a known language and region. Write it like de_DE.")
CUTOFF_OUT_OF_RANGE = Message("cutoff_out_of_range", "A day ends at an hour between 0 and 12.")
RECEIPT_PREFIX_MALFORMED = Message(
    "receipt_prefix_malformed", "Use 1 to 12 capital letters, digits and hyphens, beginning with a letter or digit."
)
RECEIPT_PREFIX_OF_TESTS = Message(
    "receipt_prefix_of_tests", "Numbers of test sales begin with TEST-. Choose another beginning."
)
RECEIPT_PREFIX_TAKEN = Message("receipt_prefix_taken", "Another location’s receipt numbers begin with this.")
FROZEN_WITH_FIRST_SALE = Message(
    "frozen_with_first_sale", "This cannot change any more: something was sold or booked at this location."
)
CUTOFF_MOVES_TODAY = Message(
    "cutoff_moves_today",
    "With this hour, today would become another business day. Change it between hour %(hour)s and midnight.",
)
CUTOFF_SHIFT_OPEN = Message(
    "cutoff_shift_open", "A drawer is open at this location. Close it before the end of the day is changed."
)
LOCATION_CHANGED_MEANWHILE = Message(
    "location_changed_meanwhile", "Somebody changed this location meanwhile. Nothing was saved; look at it again."
)
LOCATION_SHIFT_OPEN = Message("location_shift_open", "The drawer of “%(desk)s” is open. Close it first.")
LOCATION_PAYMENT_WAITS = Message(
    "location_payment_waits", "A payment at this location still waits for its money. Finish or cancel it first."
)
LAST_LOCATION = Message("last_location", "This is the only open location. Add another one first.")
PRICES_HAVE_OTHER_DIGITS = Message(
    "prices_have_other_digits",
    "Prices are set here, and %(currency)s has another number of digits after the point.",
)
DESK_NAME_MISSING_OR_LONG = Message("desk_name_missing_or_long", "Write a name of at most 60 characters.")
SCANNER_MARK_UNUSABLE = Message(
    "scanner_mark_unusable",
    "What a scanner sends around a code begins with a sign nobody types in a search, such as ~ or #, and has at most"
    " %(most)s characters without blanks.",
)
DESK_NAME_TAKEN = Message("desk_name_taken", "Another desk of this location is called that.")
DESK_SHIFT_OPEN = Message("desk_shift_open", "The drawer of this desk is open. Close it first.")
DESK_TICKET_WAITS = Message(
    "desk_ticket_waits", "A ticket at this desk is not finished. Complete it, park it or drop it first."
)
DESK_PAYMENT_WAITS = Message(
    "desk_payment_waits", "A card payment of this desk still waits for its money. Finish or cancel it first."
)
HOURS_UNREADABLE = Message("hours_unreadable", "Write hours like 09:00–12:30, 14:00–18:00, or nothing for closed.")
HOURS_OVERLAP = Message("hours_overlap", "These hours overlap.")
CLOSED_DAY_UNREADABLE = Message(
    "closed_day_unreadable", "“%(typed)s” does not begin with a date. Write it like 2026-12-25 Christmas."
)
TOO_MANY_CLOSED_DAYS = Message("too_many_closed_days", "At most %(most)s closed days. Take out those of past years.")

# ---- backups

BACKUP_EXISTS = Message(
    "backup_exists", "There is a file at %(file)s already. Nothing was written; choose another name."
)
BACKUP_NOT_READABLE = Message("backup_not_readable", "%(file)s cannot be read: %(why)s. Nothing was changed.")
BACKUP_NOT_WRITABLE = Message("backup_not_writable", "%(file)s cannot be written: %(why)s. There is no backup.")
NOT_A_BACKUP = Message(
    "not_a_backup",
    "%(file)s is not a whole backup of Tenderpoint: its end is missing or it is another kind of file. "
    "Nothing was changed.",
)
BACKUP_ALTERED = Message(
    "backup_altered",
    "%(file)s is damaged: its content does not have the checksum written at its end. Nothing was changed.",
)
BACKUP_MEMBER_ALTERED = Message(
    "backup_member_altered",
    "%(file)s is damaged: “%(member)s” in it is missing or does not have its checksum. Nothing was changed.",
)
BACKUP_OF_NEWER_VERSION = Message(
    "backup_of_newer_version",
    "This backup was made by Tenderpoint %(version)s, whose tables (%(revision)s) this version does not know. "
    "Install that version or a newer one, then restore. Nothing was changed.",
)
BACKUP_OF_OTHER_DATABASE = Message(
    "backup_of_other_database",
    "This backup holds a %(found)s database and DATABASE_URL names a %(here)s database. Name one of the kind of "
    "the backup. Nothing was changed.",
)
BACKUP_COPY_DAMAGED = Message(
    "backup_copy_damaged", "The database in this backup cannot be opened: %(why)s. Nothing was changed."
)
BACKUP_HEADS_DIFFER = Message(
    "backup_heads_differ",
    "The books in this backup do not end where the backup says they do (%(location)s). Nothing was changed.",
)
BACKUP_CHECKS_FAIL = Message(
    "backup_checks_fail",
    "A check of the books in this backup fails: %(words)s: %(first)s Nothing was changed.",
    "%(count)s checks of the books in this backup fail, the first one: %(words)s: %(first)s Nothing was changed.",
)
TARGET_NOT_EMPTY = Message(
    "target_not_empty",
    "The database here is not empty. With --replace it is kept beside as a copy and the backup takes its place. "
    "Nothing was changed.",
)
TARGET_IN_USE = Message(
    "target_in_use",
    "The database is in use: stop pos serve, pos worker and every other program that has it open, then restore. "
    "Nothing was changed.",
)
TOOL_MISSING = Message(
    "tool_missing",
    "There is no %(tool)s here. Install the client programs of PostgreSQL (Debian: postgresql-client), or name their "
    "folder in PG_BIN_DIR.",
)
TOOL_FAILED = Message("tool_failed", "%(tool)s failed: %(why)s")
TOOL_TOO_SLOW = Message("tool_too_slow", "%(tool)s was not done within its limit of %(limit)s and was stopped.")
SCRATCH_NOT_ALLOWED = Message(
    "scratch_not_allowed",
    "The database user may not make a database on this server (%(why)s). Restoring needs that: "
    "ALTER ROLE … CREATEDB. Nothing was changed.",
)
BACKUP_HOUR_NOT_AN_HOUR = Message("backup_hour_not_an_hour", "BACKUP_AT must be an hour from 0 to 23.")
BACKUP_DIR_NOT_ABSOLUTE = Message(
    "backup_dir_not_absolute",
    "BACKUP_DIR must be a whole path that starts with /, so that every process means the same.",
)
NO_COPY_BEFORE_MIGRATION = Message(
    "no_copy_before_migration",
    "The database could not be copied before its tables are changed (%(why)s), so nothing was changed. Make room on the "
    "disk and start again.",
)
BACKUP_NEVER = Message("backup_never", "No backup was made yet; the worker makes the first one into %(folder)s.")
BACKUP_FAILED = Message(
    "backup_failed", "The backup of %(at)s failed: %(why)s. It is tried again every hour; pos backup tries it now."
)
BACKUP_OLD = Message(
    "backup_old", "The last backup is of %(at)s. See that pos serve or pos worker runs, or run pos backup."
)
# The test sale of a new clinic.
NO_TEST_AFTER_SALES = Message(
    "no_test_after_sales",
    "Something was sold at this location already. To try the desk, ring a sale up and void it there.",
)
TEST_ITEM_MISSING = Message("test_item_missing", "Choose something that costs more than nothing here today.")
