"""Locations, days, files and refusals, in every command; what starts and migrates."""

from __future__ import annotations

from pos.core.i18n.message import Message

IN_SETTINGS = Message("in_settings", "Settings")
FIELD_SAYS = Message("field_says", "%(field)s: %(sentence)s")
DATABASE_IS = Message("database_is", "Database: %(database)s")
DATABASE_OF_SERVER = Message("database_of_server", "PostgreSQL %(name)s at %(host)s%(port)s")
THIS_MACHINE = Message("this_machine", "this machine")
WHICH_DAYS = Message("which_days", "Say which days: --from and --to, or --period.")
WHICH_LOCATION = Message("which_location", "Say which location: --location SLUG.")
NO_LOCATION_CALLED = Message("no_location_called", "There is no location “%(slug)s”.")
NO_LOCATION_AT_ALL = Message("no_location_at_all", "There is no location yet.")
NAMED_BY_SEVERAL = Message("named_by_several", "%(number)s have the name “%(typed)s”; give the key.")
NAMED_BY_NONE = Message("named_by_none", "there is no “%(typed)s” here.")
CHOOSE_ONE_OF = Message("choose_one_of", "Choose one of %(choices)s.")
ROWS_SO_FAR = Message("rows_so_far", "%(shown)s row", "%(shown)s rows")
ROWS_IN_FILE = Message("rows_in_file", "%(count)s row in %(file)s", "%(count)s rows in %(file)s")
BYTES_IN_FILE = Message("bytes_in_file", "%(file)s, %(count)s byte", "%(file)s, %(count)s bytes")
NOTHING_CHANGED = Message("nothing_changed", "Nothing was changed.")
CLOSINGS_IN_FILE = Message("closings_in_file", "%(file)s: %(count)s closing", "%(file)s: %(count)s closings")
DOCUMENTS_IN_FILE = Message("documents_in_file", "%(file)s: %(count)s document", "%(file)s: %(count)s documents")
EXPORT_LACKS_ACCOUNT = Message("export_lacks_account", "no account yet")
EXPORTED_DAYS = Message("exported_days", "%(first)s to %(last)s, exported %(at)s UTC")
GIVE_AGAIN = Message("give_again", "Give --again to export them all the same.")
DATABASE_UP_TO_DATE = Message("database_up_to_date", "The database is up to date.")
NO_DEVELOPMENT_TOOLS = Message(
    "no_development_tools",
    "This installation has neither the demo nor the simulated Stripe. Run it from the source.",
)
NO_SIMULATOR_IN_MODE = Message(
    "no_simulator_in_mode", "PAYMENTS_MODE is %(mode)s, so there is no simulated Stripe here. Unset it to start one."
)
