"""Services, durations, add-ons, retail articles and the price list."""

from __future__ import annotations

from pos.core.i18n.message import Message

NO_SUCH_ITEM = Message("no_such_item", "There is no such item.")
NO_SUCH_SERVICE = Message("no_such_service", "There is no such service.")
NAME_MISSING_OR_LONG = Message("name_missing_or_long", "Write a name of at most %(most)s characters.")
DESCRIPTION_TOO_LONG = Message("description_too_long", "At most %(most)s characters.")
MINUTES_OUT_OF_RANGE = Message("minutes_out_of_range", "A duration is between 1 and %(most)s minutes.")
KEY_NOT_A_LETTER = Message("key_not_a_letter", "A key is one letter from A to Z.")
KEY_OF_REGISTER = Message(
    "key_of_register", "The register itself uses %(key)s. Choose another letter, not one of: %(keys)s."
)
KEY_TAKEN = Message("key_taken", "%(name)s has this key. Choose another letter.")
CODE_TOO_LONG = Message("code_too_long", "A barcode has at most %(most)s characters.")
CODE_TAKEN = Message("code_taken", "%(name)s has this barcode. An article has a code of its own.")
WRONG_CHECK_DIGIT = Message(
    "wrong_check_digit", "The last digit of this barcode would be %(right)s. Look at the number again."
)
ITEM_NAME_TAKEN = Message(
    "item_name_taken", "Another one on offer is called that. Choose a name that tells them apart."
)
DURATION_TAKEN = Message("duration_taken", "The service has this duration already. Bring it back if it is retired.")
SERVICE_IS_RETIRED = Message(
    "service_is_retired", "The service of this duration is retired. Bring the service back first."
)
ITEM_CHANGED_MEANWHILE = Message(
    "item_changed_meanwhile", "Somebody changed this meanwhile. Nothing was saved; look at it again."
)
ITEM_NEEDED_BY_PLANS = Message(
    "item_needed_by_plans",
    "These package plans on offer need %(item)s: %(plans)s. Retire them or take it out of them first. Packages already "
    "sold stay as they are.",
)
ITEM_NEEDED_BY_CREDITS = Message(
    "item_needed_by_credits",
    "Clients still hold %(count)s credit for %(item)s. It stays on sale until that is used, exchanged or refunded.",
    "Clients still hold %(count)s credits for %(item)s. It stays on sale until these are used, exchanged or refunded.",
)
PACKAGE_COSTS_MORE_THAN_NOTHING = Message(
    "package_costs_more_than_nothing",
    "A package costs more than nothing. Leave the price empty to stop selling it here.",
)
PRICE_CHANGED_MEANWHILE = Message(
    "price_changed_meanwhile", "Somebody changed this price meanwhile. It is shown as it is now; change it again."
)
NO_SCHEDULED_PRICE = Message(
    "no_scheduled_price", "There is no price to take back: it holds already, or somebody took it back."
)
PRICES_WRONG = Message(
    "prices_wrong",
    "%(count)s price cannot be saved. Nothing was saved yet.",
    "%(count)s prices cannot be saved. Nothing was saved yet.",
)
PRICE_TWICE_IN_FILE = Message("price_twice_in_file", "The file names this item at this location twice.")
LOCATION_NOT_YOURS = Message("location_not_yours", "There is no such location among yours.")
