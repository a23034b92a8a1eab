"""What `pos doctor` says of each piece of an installation."""

from __future__ import annotations

from pos.core.i18n.message import Message

DOCTOR_OK = Message("doctor_ok", "ok")
DOCTOR_LOOK = Message("doctor_look", "look at")
DOCTOR_BROKEN = Message("doctor_broken", "broken")
PIECE_SETTINGS = Message("piece_settings", "settings")
PIECE_FOLDER = Message("piece_folder", "instance folder")
PIECE_DATABASE = Message("piece_database", "database")
PIECE_DISK = Message("piece_disk", "disk")
PIECE_BACKUP_DISK = Message("piece_backup_disk", "backup disk")
PIECE_PG_DUMP = Message("piece_pg_dump", "pg_dump")
PIECE_BACKUPS = Message("piece_backups", "backups")
PIECE_WORKER = Message("piece_worker", "worker")
PIECE_PAPER = Message("piece_paper", "paper")
PIECE_MAIL = Message("piece_mail", "mail")
PIECE_CLOCK = Message("piece_clock", "clock")
PIECE_STRIPE = Message("piece_stripe", "Stripe")

SETTINGS_USABLE = Message("settings_usable", "Every setting can be used.")
FOLDER_MISSING = Message(
    "folder_missing", "There is no folder %(folder)s: set INSTANCE_DIR to that of the installation."
)
FOLDER_READ_BY_OTHERS = Message(
    "folder_read_by_others", "Others on this machine may read %(names)s in %(folder)s: run chmod -R go= %(folder)s."
)
FOLDER_PRIVATE = Message("folder_private", "%(folder)s is readable by its owner alone.")
DATABASE_NOT_AT = Message("database_not_at", "There is no database at %(file)s: look at INSTANCE_DIR and DATABASE_URL.")
DATABASE_TABLES_OTHER = Message(
    "database_tables_other",
    "%(kind)s. Its tables are at %(revision)s, those of this version at %(newest)s: run pos migrate.",
)
DATABASE_NOT_ASKED = Message("database_not_asked", "The database cannot be asked (%(why)s): look at DATABASE_URL.")
DATABASE_WELL = Message("database_well", "%(kind)s, %(size)s MB, tables at %(revision)s.")
ROOM_NONE = Message(
    "room_none", "Only %(size)s GB are free at %(folder)s: make room now, before sales can no longer be saved."
)
ROOM_LITTLE = Message("room_little", "Only %(size)s GB are free at %(folder)s: make room.")
ROOM_ENOUGH = Message("room_enough", "%(size)s GB are free at %(folder)s.")
PROGRAMS_MISSING = Message("programs_missing", "There is no %(name)s: install postgresql-client, or set PG_BIN_DIR.")
PROGRAMS_MISSING_BOTH = Message(
    "programs_missing_both", "There is no %(name)s and no %(other)s: install postgresql-client, or set PG_BIN_DIR."
)
PROGRAMS_FOUND = Message("programs_found", "pg_dump is %(file)s.")
BACKUPS_NOT_KEPT = Message(
    "backups_not_kept", "BACKUP_DIR is not set: the worker keeps no backups, so run pos backup every day."
)
BACKUP_LAST = Message("backup_last", "The last one is %(file)s.")
WORKER_MESSAGES = Message("worker_messages", "%(count)s message waits", "%(count)s messages wait")
WORKER_STANDS = Message(
    "worker_stands",
    "%(messages)s, one for %(count)s minute: start pos worker.",
    "%(messages)s, one for %(count)s minutes: start pos worker.",
)
WORKER_LAGS = Message(
    "worker_lags", "%(messages)s, one for %(count)s second.", "%(messages)s, one for %(count)s seconds."
)
WORKER_GAVE_UP = Message(
    "worker_gave_up",
    "%(count)s message was given up: Office, Settings, Messages.",
    "%(count)s messages were given up: Office, Settings, Messages.",
)
WORKER_WELL = Message("worker_well", "No message waits for the worker.")
PAPER_NONE = Message("paper_none", "No PDF can be made: %(why)s")
PAPER_NOT_MADE = Message("paper_not_made", "The test page was not made (%(why)s): look at Pango and its fonts.")
PAPER_WITHOUT_FONT = Message(
    "paper_without_font", "The test page has no font in it: install one, for example fonts-dejavu-core."
)
PAPER_MADE = Message("paper_made", "A test page was made (%(size)s kB).")
MAIL_NOT_SET = Message("mail_not_set", "MAIL_URL is not set: receipts and sign-in links are not mailed.")
MAIL_REFUSED = Message("mail_refused", "%(host)s refuses the name or password in MAIL_URL.")
MAIL_SILENT = Message("mail_silent", "%(host)s does not answer as a mail server (%(why)s): look at MAIL_URL.")
MAIL_WELL = Message("mail_well", "%(host)s answers and takes mail from %(sender)s.")
CLOCK_ALONE = Message(
    "clock_alone", "There is no other clock to compare with: see that this machine keeps time (timedatectl)."
)
CLOCK_OF_DATABASE = Message("clock_of_database", "the database")
CLOCK_DIFFERS = Message(
    "clock_differs",
    "This machine's clock and that of %(other)s differ by %(count)s second: let it be set by NTP"
    " (timedatectl set-ntp true).",
    "This machine's clock and that of %(other)s differ by %(count)s seconds: let it be set by NTP"
    " (timedatectl set-ntp true).",
)
CLOCK_AGREES = Message("clock_agrees", "This machine's clock agrees with that of %(other)s.")
STRIPE_OFF = Message("stripe_off", "PAYMENTS_MODE is off: no cards are taken.")
STRIPE_NOT_ASKED = Message("stripe_not_asked", "Not asked, because the database is not well.")
STRIPE_NO_ENDPOINT = Message(
    "stripe_no_endpoint",
    "The key works, and no webhook endpoint points to %(url)s: make it in Office, Settings, Card payments.",
)
STRIPE_ENDPOINT_OTHER = Message(
    "stripe_endpoint_other", "The webhook endpoint speaks %(version)s, we %(ours)s: make it anew."
)
STRIPE_WELL = Message("stripe_well", "The key works (%(account)s) and messages arrive at %(url)s.")
