"""Locations and desks: what is set, what is frozen, what may be retired."""

from __future__ import annotations

from pos.core.i18n.message import Message

LOCATION_TEXT_MISSING_OR_LONG = Message(
    "location_text_missing_or_long", "This is needed, with at most %(most)s characters."
)
LOCATION_TEXT_TOO_LONG = Message("location_text_too_long", "At most %(most)s characters.")
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
