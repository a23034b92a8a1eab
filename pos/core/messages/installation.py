"""Settings and the database, for whoever looks after the installation."""

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
