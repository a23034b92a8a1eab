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
    "%(count)s checks of the books in this backup fail, the first one: %(words)s: %(first)s. Nothing was changed.",
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
BACKUP_RUNNING = Message("backup_running", "Another backup is running; wait until it is done.")
BACKUP_HOUR_NOT_AN_HOUR = Message("backup_hour_not_an_hour", "BACKUP_AT must be an hour from 0 to 23.")
BACKUP_DIR_NOT_ABSOLUTE = Message(
    "backup_dir_not_absolute",
    "BACKUP_DIR must be a whole path that starts with /, so that every process means the same.",
)
RESTORED_WITHOUT_MARK = Message(
    "restored_without_mark",
    "The database was restored from a backup of %(at)s, and nothing here says what happened after it.",
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
