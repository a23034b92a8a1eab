"""Clients, staff, sign-ins, approvals and devices."""

from __future__ import annotations

from pos.core.i18n.message import Message

NO_SUCH_CLIENT = Message("no_such_client", "There is no such client.")
PHONE_NUMBER_WRONG_LENGTH = Message("phone_number_wrong_length", "That phone number has too many or too few digits.")
CLIENT_NAME_MISSING = Message("client_name_missing", "Please write a name.")
CLIENT_NAME_TOO_LONG = Message("client_name_too_long", "A name has at most 80 characters here.")
EMAIL_TAKEN = Message("email_taken", "There is already a client with this e-mail address.")
EMAIL_TAKEN_BY = Message("email_taken_by", "%(name)s has this e-mail address. Use that client instead.")
CLIENT_KNOWN_ALREADY = Message(
    "client_known_already",
    "This may be somebody who is a client already. Choose them, or say that it is another person.",
)
CLIENT_CHANGED_MEANWHILE = Message(
    "client_changed_meanwhile",
    "Somebody else has changed this client meanwhile. Open the page anew and change it again.",
)
CONTACT_OF_MANAGERS = Message(
    "contact_of_managers", "A name, and an address that is there already, are changed by a manager."
)
CLIENT_MERGED_ALREADY = Message(
    "client_merged_already", "These are one client already, or one of them was merged meanwhile. Open the page anew."
)
CLIENT_WITH_ITSELF = Message("client_with_itself", "Choose another client: this is the same one.")
CLIENT_IS_ERASED = Message("client_is_erased", "This client was erased. Papers that were issued keep the name.")
MERGE_REASON_MISSING = Message("merge_reason_missing", "Say why they are the same person, in up to 200 characters.")
MERGE_CREDIT_IN_USE = Message(
    "merge_credit_in_use",
    "A card payment under way holds account credit of %(name)s. Merge them once it is over.",
)
MERGE_TEXT_TOO_LONG = Message(
    "merge_text_too_long", "Both together have more than %(most)s characters. Shorten one of them first."
)
MERGE_OTHER_CURRENCY = Message(
    "merge_other_currency", "Their account credit at %(place)s is in two currencies. Pay one of them out first."
)
MERGE_NOT_FOUND = Message("merge_not_found", "There is no such merge, or it was taken back already.")
MERGE_USED_SINCE = Message(
    "merge_used_since",
    "Something was recorded or changed for this client since the merge, so it cannot be taken back any more.",
)
CLIENT_STILL_OWED = Message(
    "client_still_owed", "Something is still owed or under way for this client. Settle it first; the page lists what."
)
ERASURE_NOT_CONFIRMED = Message("erasure_not_confirmed", "Type the name exactly as it stands above: %(name)s.")
CLIENT_TEXT_TOO_LONG = Message("client_text_too_long", "This has at most %(most)s characters.")
CLIENT_LANGUAGE_UNKNOWN = Message("client_language_unknown", "Choose one of the languages.")
LINK_USED_OR_TOO_OLD = Message(
    "link_used_or_too_old", "This link has been used already or is older than 15 minutes. Ask for a new one."
)
EMAIL_WITHOUT_AT = Message("email_without_at", "An e-mail address has one @ in it, like name@clinic.example.")
EMAIL_WITHOUT_NAME = Message("email_without_name", "Something has to stand before the @ of an e-mail address.")
EMAIL_WITHOUT_DOMAIN = Message(
    "email_without_domain", "After the @ of an e-mail address stands a domain with a point, like clinic.example."
)
EMAIL_HAS_SPACE = Message("email_has_space", "An e-mail address has no space in it.")
EMAIL_HAS_CHARACTER = Message("email_has_character", "An e-mail address cannot have %(character)s in it.")
EMAIL_HAS_TWO_POINTS = Message("email_has_two_points", "An e-mail address has no two points in a row.")
PHONE_NUMBER_UNREADABLE = Message(
    "phone_number_unreadable", "That phone number cannot be read. Write it with its area code."
)
EMAIL_UNUSABLE = Message("email_unusable", "That e-mail address cannot be used.")
APPROVAL_NEEDED = Message("approval_needed", "A manager has to approve this.")
APPROVAL_UNFIT_OR_OLD = Message("approval_unfit_or_old", "This approval does not fit or is too old. Ask for it again.")
APPROVER_MAY_NOT = Message("approver_may_not", "This person may not approve that. Ask a manager.")
ABOVE_LIMIT_OF_ROLE = Message(
    "above_limit_of_role",
    "This is above what your role may do alone at this location. An owner, or somebody with a higher limit, can do it.",
)
ABOVE_LIMIT_OF_APPROVER = Message(
    "above_limit_of_approver", "This is above what this person may do alone at this location. Ask an owner."
)
LOCKED_FOR_MINUTES = Message(
    "locked_for_minutes", "Too many wrong attempts. Try again in %(minutes)s min, or ask a manager."
)
LIMIT_PERCENT_OUT_OF_RANGE = Message("limit_percent_out_of_range", "A percentage is between 0 and 100.")
LIMIT_BELOW_ZERO = Message("limit_below_zero", "A limit is zero or more.")
LIMIT_TOO_LARGE = Message("limit_too_large", "A limit here is at most %(most)s. Leave it empty for no limit.")
LIMIT_NOT_WHOLE = Message("limit_not_whole", "Write a whole number, or leave it empty for no limit.")
ONLY_OWNER_SETS_ROLES = Message("only_owner_sets_roles", "Only an owner changes what a role needs and may do alone.")
SECOND_FACTOR_OWN_FIRST = Message(
    "second_factor_own_first", "Set up a second factor for yourself first, so that you do not lock yourself out."
)
SECOND_FACTOR_SET_UP_FIRST = Message(
    "second_factor_set_up_first", "Your role needs a second factor. Set it up before you go on."
)
PIN_TOO_WEAK = Message("pin_too_weak", "A PIN has 6 to 12 digits, at least three of them different.")
PIN_TAKEN = Message("pin_taken", "Please choose another PIN.")
PASSWORD_TOO_SHORT = Message("password_too_short", "A password has at least 12 characters.")
DEVICE_NAME_MISSING_OR_LONG = Message(
    "device_name_missing_or_long", "Give the device a name of up to %(most)s characters."
)
NOT_LOCKED_ANY_MORE = Message("not_locked_any_more", "This is not locked any more.")
NO_SUCH_DEVICE = Message("no_such_device", "There is no such device.")
BROWSER_NOT_PAIRED = Message(
    "browser_not_paired", "This browser is not paired with this location. A manager pairs it in the office."
)
NO_SUCH_PERSON = Message("no_such_person", "There is no such person.")
SEVERAL_PEOPLE_HAVE_NAME = Message(
    "several_people_have_name", "Several people have this name. Give the e-mail address instead."
)
NOT_OF_THIS_LOCATION = Message("not_of_this_location", "You do not work at this location.")
HOLDS_AT_EVERY_LOCATION = Message(
    "holds_at_every_location", "This holds at every location. Ask an owner, or somebody who works at all of them."
)
SIGN_IN_TO_SEE = Message("sign_in_to_see", "Please sign in to see this.")
ROLE_WITHOUT_PERMISSION = Message("role_without_permission", "Your role does not include this. Ask a manager.")
SIGN_IN_AGAIN = Message("sign_in_again", "Please sign in. What was on the screen is kept.")
SEVERAL_CLIENTS_FIT = Message("several_clients_fit", "Several clients fit. Choose one of them.")
NO_CLIENT_FITS = Message("no_client_fits", "Nobody is called that. Type a name, an e-mail or a phone number.")
NO_SUCH_LOCATION_OR_NOT_YOURS = Message(
    "no_such_location_or_not_yours", "There is no such location, or you do not work there."
)
NO_LOCATION_YET = Message("no_location_yet", "You do not work at any location yet. Ask the owner to add you to one.")
APPROVAL_ACTION_MISSING = Message("approval_action_missing", "Say what is to be approved.")
SIGN_IN_AT_A_DESK = Message("sign_in_at_a_desk", "Sign in at a desk first.")
DESK_MISSING = Message("desk_missing", "Choose the desk first.")
PIN_WRONG = Message("pin_wrong", "That PIN is not right. If it should do this here, ask a manager.")
ADDRESS_OR_PASSWORD_WRONG = Message("address_or_password_wrong", "The address or the password is not right.")
STAFF_LINK_USED_OR_TOO_OLD = Message(
    "staff_link_used_or_too_old", "This link has been used already or is too old. Ask for a new one."
)
SECOND_FACTOR_CODE_WRONG = Message(
    "second_factor_code_wrong", "That code is not right, or was used before. Wait for the next one and type it."
)
STAFF_NAME_MISSING_OR_LONG = Message("staff_name_missing_or_long", "Write a name of up to 80 characters.")
STAFF_EMAIL_TAKEN = Message("staff_email_taken", "Somebody who works here has this e-mail address already.")
STAFF_EMAIL_MISSING = Message("staff_email_missing", "This needs an e-mail address. Save one first.")
STAFF_LOCATIONS_MISSING = Message("staff_locations_missing", "Choose at least one location.")
LOCATION_NOT_YOURS = Message("location_not_yours", "You can add people to your own locations only.")
LICENCE_NUMBER_TOO_LONG = Message("licence_number_too_long", "A licence number has at most 40 characters.")
NPI_WRONG = Message("npi_wrong", "An NPI has ten digits, and this one does not pass its check digit.")
ONLY_OWNER_CHANGES_OWNER = Message(
    "only_owner_changes_owner", "Only an owner makes somebody an owner or changes an owner."
)
NOT_YOUR_OWN_ROLE = Message(
    "not_your_own_role", "Nobody changes their own role or takes away their own locations. Ask an owner."
)
NOT_YOURSELF = Message("not_yourself", "Nobody deactivates themselves. Ask somebody else.")
LAST_OWNER = Message("last_owner", "This is the last active owner. Make somebody else an owner first.")
PERSON_IS_INACTIVE = Message("person_is_inactive", "This person is deactivated. Take them back first.")
PIN_OF_NO_USE = Message("pin_of_no_use", "This role does not sign in at a desk, so it needs no PIN.")
PASSWORD_OF_NO_USE = Message("password_of_no_use", "This role does not sign in to the office, so it needs no password.")
PRESENT_PASSWORD_WRONG = Message("present_password_wrong", "That is not your present password.")
COMMISSION_OUT_OF_RANGE = Message("commission_out_of_range", "A commission is between 0 and 100 percent.")
COMMISSION_DAY_PAST = Message("commission_day_past", "A commission starts today or later; what is past stays.")
ERASED_CLIENT = Message("erased_client", "Erased client")
