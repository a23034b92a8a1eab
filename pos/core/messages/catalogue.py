"""What is sold: packages, prices, tiers, taxes, promo codes."""

from __future__ import annotations

from pos.core.i18n.message import Message

NO_SUCH_PACKAGE_PLAN = Message("no_such_package_plan", "There is no such package plan.")
ITEM_NOT_SOLD_ANY_MORE = Message(
    "item_not_sold_any_more", "One of the items is not sold here any more. Take it off the ticket."
)
TREATMENTS_TAXED_DIFFERENTLY = Message(
    "treatments_taxed_differently", "These treatments are taxed differently. Make a package of each kind."
)
PACKAGE_PLAN_NAME_TAKEN = Message(
    "package_plan_name_taken", "Another package is called that. Choose a name that tells them apart."
)
TERMS_VERSION_USED = Message("terms_version_used", "The text has changed: give it a version it has not had yet.")
NOT_IN_CATALOGUE = Message("not_in_catalogue", "One of these is not in the catalogue any more. Choose again.")
NO_SUCH_CATEGORY = Message("no_such_category", "There is no such tax category in use.")
NO_SUCH_TAX_RATE = Message("no_such_tax_rate", "There is no such rate, or its day has come: set another one.")
TAX_CATEGORY_NAME_MISSING_OR_LONG = Message(
    "tax_category_name_missing_or_long", "Write a name for the category, of at most 40 characters."
)
TAX_CATEGORY_NAME_TAKEN = Message("tax_category_name_taken", "Another tax category is called that.")
TAX_CATEGORY_IN_USE = Message(
    "tax_category_in_use",
    "%(count)s item on sale is taxed by it. Give it another category or retire it first.",
    "%(count)s items on sale are taxed by it. Give them another category or retire them first.",
)
SECOND_TAX_HAS_NO_NAME = Message(
    "second_tax_has_no_name", "This location has one tax. Name the second one first, among the facts of the location."
)
TAX_RATE_OUT_OF_RANGE = Message("tax_rate_out_of_range", "A rate is between 0 and 100 %, with three decimals at most.")
TAX_POINT_MISSING = Message("tax_point_missing", "Choose when the tax of a package becomes due.")
NO_SUCH_PROMO_CODE = Message("no_such_promo_code", "There is no such code.")
PROMO_CODE_TAKEN = Message("promo_code_taken", "There is such a code already. Choose another word.")
PROMO_CODE_USED_MORE_OFTEN = Message(
    "promo_code_used_more_often", "It was used %(count)s time already.", "It was used %(count)s times already."
)
PROMO_CODE_USED_UP = Message(
    "promo_code_used_up", "This code was used up a moment ago. Take it off, or choose another one."
)
PROMO_CODE_USED_BY_CLIENT = Message("promo_code_used_by_client", "This client has used this code already.")
PROMO_CODE_MALFORMED = Message("promo_code_malformed", "A code has 3 to 24 letters, digits or hyphens.")
PROMO_LABEL_MISSING = Message("promo_label_missing", "Say what the client reads on the receipt.")
PROMO_EITHER_PERCENT_OR_AMOUNT = Message(
    "promo_either_percent_or_amount", "A code takes off either a percentage or an amount."
)
PROMO_PERCENT_OUT_OF_RANGE = Message("promo_percent_out_of_range", "A percentage is more than 0 and at most 100.")
LAST_DAY_BEFORE_FIRST = Message("last_day_before_first", "The last day is before the first.")
PROMO_LIMIT_TOO_SMALL = Message("promo_limit_too_small", "A limit is 1 or more; leave it empty for none.")
TERMS_START_IN_THE_PAST = Message(
    "terms_start_in_the_past", "What was sold until yesterday stays as it was. Choose today or a later day."
)
PLAN_CHANGED_MEANWHILE = Message(
    "plan_changed_meanwhile", "Somebody changed this plan meanwhile. Nothing was saved; look at it again."
)
PRICE_START_IN_THE_PAST = Message(
    "price_start_in_the_past", "A price counts from today or later: what was sold before keeps its own."
)
PACKAGE_PRICE_NOT_ABOVE_ZERO = Message(
    "package_price_not_above_zero", "A package costs more than nothing. To stop selling it, retire it."
)
TIER_NAME_MISSING_OR_LONG = Message("tier_name_missing_or_long", "Write a name of at most 40 characters.")
NO_SUCH_TIER = Message("no_such_tier", "There is no such tier.")
TIER_NAME_TAKEN = Message("tier_name_taken", "Another tier is called that.")
PERSON_WORKS_ELSEWHERE_TOO = Message(
    "person_works_elsewhere_too", "This person also works at another location, and a tier holds at each. Ask an owner."
)
STANDARD_TIER_HAS_NO_SURCHARGE = Message(
    "standard_tier_has_no_surcharge", "The standard tier costs what the visit costs. Choose another."
)
TREATMENT_MISSING = Message("treatment_missing", "Choose a treatment.")
SURCHARGE_MISSING = Message("surcharge_missing", "Write what it costs more, or 0 for nothing.")
TOO_MANY_TIERS = Message("too_many_tiers", "There are at most %(most)s tiers.")
PLAN_NAME_MISSING_OR_LONG = Message("plan_name_missing_or_long", "Write a name of at most 160 characters.")
PLAN_SESSIONS_OUT_OF_RANGE = Message("plan_sessions_out_of_range", "A package has between 1 and %(most)s sessions.")
BONUS_SESSIONS_OUT_OF_RANGE = Message("bonus_sessions_out_of_range", "Between 0 and %(most)s sessions.")
PLAN_MONTHS_OUT_OF_RANGE = Message("plan_months_out_of_range", "Between 1 and %(most)s months.")
PLAN_FEE_OUT_OF_RANGE = Message("plan_fee_out_of_range", "A fee is between 0 and 100 % of what was paid.")
DEPOSIT_PERCENT_OUT_OF_RANGE = Message("deposit_percent_out_of_range", "A deposit is between 0 and 100 % of the price.")
SHARE_LIMIT_OUT_OF_RANGE = Message("share_limit_out_of_range", "Between 1 and 999, or nothing for no limit.")
PLAN_DAYS_OUT_OF_RANGE = Message("plan_days_out_of_range", "Between 0 and %(most)s days.")
PLAN_TREATMENTS_MISSING = Message("plan_treatments_missing", "Choose what its sessions are good for.")
PLAN_TERMS_TOO_LONG = Message("plan_terms_too_long", "At most %(most)s characters.")
TERMS_VERSION_MISSING_OR_LONG = Message(
    "terms_version_missing_or_long", "Give the text a version of at most 20 characters."
)
PROMO_CODE_OF_OTHER_LOCATION = Message("promo_code_of_other_location", "This code does not hold here.")
PROMO_CODE_NOT_YET = Message("promo_code_not_yet", "This code does not hold yet.")
PROMO_CODE_ENDED = Message("promo_code_ended", "This code has ended.")
PROMO_CODE_WITHOUT_USES = Message("promo_code_without_uses", "This code has been used up.")
PROMO_CODE_NEEDS_CLIENT = Message(
    "promo_code_needs_client", "This code holds for known clients: choose the client first."
)
PROMO_CODE_FOR_NOTHING_HERE = Message("promo_code_for_nothing_here", "This code holds for nothing here.")
# Services, durations, add-ons, retail articles and the price list.
NO_SUCH_ITEM = Message("no_such_item", "There is no such item.")
NO_SUCH_SERVICE = Message("no_such_service", "There is no such service.")
NAME_MISSING_OR_LONG = Message("name_missing_or_long", "Write a name of at most %(most)s characters.")
DESCRIPTION_TOO_LONG = Message("description_too_long", "A description has at most %(most)s characters.")
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
PRICES_OF_OTHER_LOCATION = Message("prices_of_other_location", "There is no such location among yours.")
STOCK_COUNT_OUT_OF_RANGE = Message("stock_count_out_of_range", "Write a whole number between 0 and %(most)s.")
STOCK_RECEIPT_OUT_OF_RANGE = Message("stock_receipt_out_of_range", "Write a whole number between 1 and %(most)s.")
STOCK_ADJUSTMENT_OUT_OF_RANGE = Message(
    "stock_adjustment_out_of_range", "Write how many more, like 2, or fewer, like -2; %(most)s at most."
)
STOCK_REASON_MISSING = Message("stock_reason_missing", "Say why, for whoever looks at it later.")
STOCK_REASON_TOO_LONG = Message("stock_reason_too_long", "A reason has at most %(most)s characters.")
STOCK_NOT_BEGUN = Message("stock_not_begun", "This article is not counted here yet. Receive or count it first.")
STOCK_NUMBERS_MISSING = Message("stock_numbers_missing", "Write a number for at least one article.")
SERVICE_CHARGE_WITHOUT_NAME = Message("service_charge_without_name", "Write what the charge is called on the receipt.")
SERVICE_CHARGE_NAME_TAKEN = Message("service_charge_name_taken", "There is a charge of this name here already.")
SERVICE_CHARGE_EITHER_PERCENT_OR_AMOUNT = Message(
    "service_charge_either_percent_or_amount",
    "A charge is a percentage up to 100, or an amount, and more than nothing.",
)
SERVICE_CHARGE_ENDS_BEFORE = Message("service_charge_ends_before", "The charge would end before its first day.")
SERVICE_CHARGE_DAYS_MISSING = Message("service_charge_days_missing", "Choose the days on which it is charged.")
SERVICE_CHARGE_HOURS_MALFORMED = Message(
    "service_charge_hours_malformed", "Write two different times, such as 18:00 and 22:00."
)
TOO_MANY_SERVICE_CHARGES = Message(
    "too_many_service_charges", "A location has at most %(most)s charges. Change one that has ended."
)
SERVICE_CHARGES_CHANGED_MEANWHILE = Message(
    "service_charges_changed_meanwhile", "Somebody else has changed this charge. Look at it again; nothing was saved."
)
NO_SUCH_SERVICE_CHARGE = Message("no_such_service_charge", "There is no such charge.")
