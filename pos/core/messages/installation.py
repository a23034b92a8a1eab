"""Settings and the database, for whoever looks after the installation; locations and desks."""

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

# Locations and desks.
LOCATION_TEXT_MISSING_OR_LONG = Message(
    "location_text_missing_or_long", "This is needed, with at most %(most)s characters."
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
