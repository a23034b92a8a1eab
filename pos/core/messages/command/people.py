"""The people who work here, and the clinic's first owner."""

from __future__ import annotations

from pos.core.i18n.message import Message

MEANS_PIN = Message("means_pin", "PIN")
MEANS_PASSWORD = Message("means_password", "password")
MEANS_SECOND_FACTOR = Message("means_second_factor", "second factor")
IS_DEACTIVATED = Message("is_deactivated", "deactivated")
PEOPLE_IN_ALL = Message("people_in_all", "%(count)s person.", "%(count)s people.")
PERSON_ADDED = Message("person_added", "%(name)s is added.")
PERSON_CHANGED = Message("person_changed", "%(name)s is changed.")
PERSON_DEACTIVATED = Message("person_deactivated", "%(name)s is deactivated; all their sign-ins have ended.")
PERSON_ACTIVATED = Message("person_activated", "%(name)s can sign in again.")
NAME_WHAT_TO_CHANGE = Message("name_what_to_change", "Name what to change; --help lists it.")
ASK_NEW_PASSWORD = Message("ask_new_password", "New password, at least 12 characters")
SIGN_IN_RESET = Message(
    "sign_in_reset", "%(name)s signs in to the office with the new password; the second factor is off."
)
PASSWORD_IS = Message("password_is", "Password: %(password)s")

# `pos init`
ASKED_IN_LINES = Message("asked_in_lines", "%(question)s (lines; an empty one ends)")
ASKED_OPTIONAL = Message("asked_optional", "%(question)s (optional)")
ASK_SECOND_FACTOR = Message("ask_second_factor", "Set up a second factor for the office now?")
SECOND_FACTOR_ALREADY = Message("second_factor_already", "The second factor is on already.")
SCAN_THIS = Message("scan_this", "Scan this with an authenticator app, or type the secret into it: %(secret)s")
ASK_CODE = Message("ask_code", "The code it shows (empty: later, in the office)")
KEEP_THESE_CODES = Message(
    "keep_these_codes", "The second factor is on. Keep these codes; each signs you in once without the app:"
)
CLINIC_SET_UP = Message("clinic_set_up", "%(clinic)s is set up.")
START_IT = Message("start_it", "Start it with `pos serve`, then:")
REGISTER_AT = Message("register_at", "Register  %(address)s   with the PIN")
OFFICE_AT = Message("office_at", "Office    %(address)s     %(email)s")
