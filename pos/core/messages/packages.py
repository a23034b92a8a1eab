"""Purchased packages: sharing, freezes, corrections, invitations."""

from __future__ import annotations

from pos.core.i18n.message import Message

EXPECTED_NOT_TO_BE_USED = Message("expected_not_to_be_used", "Expected not to be used")
LAST_DAY_WAS = Message("last_day_was", "Last day was %(day)s.")
OPENING_BALANCE = Message("opening_balance", "Opening balance %(reference)s")
FREEZE_HAS_ENDED = Message("freeze_has_ended", "The freeze has ended.")
BANK_KEPT_PAYMENT = Message("bank_kept_payment", "The bank kept its payment.")
DISPUTE_IS_OVER = Message("dispute_is_over", "The dispute of its payment is over.")
USED_OF_SMALLER_PACKAGE = Message("used_of_smaller_package", "Sessions used of the smaller package")

REVERSED_ALREADY = Message("reversed_already", "This was reversed already.")
NO_SUCH_FORFEITED_CREDIT = Message("no_such_forfeited_credit", "There is no such burned credit.")
FREEZE_END_NOT_LATER = Message("freeze_end_not_later", "A freeze ends on a later day.")
PACKAGE_NOT_FROZEN = Message("package_not_frozen", "This package is not frozen.")
CREDITS_NEVER_EXPIRE = Message("credits_never_expire", "These credits never expire.")
LAST_DAY_NOT_LATER = Message("last_day_not_later", "The new last day is later than the present one.")
EXTENSION_ABOVE_TERMS = Message(
    "extension_above_terms",
    "The terms allow %(count)s more day in all; already given: %(given)s.",
    "The terms allow %(count)s more days in all; already given: %(given)s.",
)
PACKAGE_HAS_CHANGED = Message("package_has_changed", "This package has changed. Look at it again.")
FREEZE_DAYS_USED_UP = Message(
    "freeze_days_used_up",
    "The %(count)s day of freezing these terms allow is used up.",
    "The %(count)s days of freezing these terms allow are used up.",
)
FREEZE_ABOVE_TERMS = Message(
    "freeze_above_terms",
    "The terms allow %(count)s more day of freezing.",
    "The terms allow %(count)s more days of freezing.",
)
INSTALMENT_USED_SINCE = Message(
    "instalment_used_since",
    "Sessions this part paid for were used, or more was paid since. Refund the package by its terms.",
)
INVITED_ALREADY = Message("invited_already", "This address is already invited.")
INVITATION_ENDED = Message("invitation_ended", "This invitation has ended already.")
INSTALMENT_UNDER_WAY = Message(
    "instalment_under_way", "A card is being asked for a part of this package’s price. Wait for it."
)
CREDITS_AT_LEAST_ONE = Message("credits_at_least_one", "At least one credit.")
VALUE_ABOVE_WHAT_IS_OWED = Message("value_above_what_is_owed", "The value is more than what is still owed.")
CREDITS_HAVE_NOT_LEFT = Message("credits_have_not_left", "These credits have not left.")
CREDITS_THEIRS_ALREADY = Message("credits_theirs_already", "These credits are theirs already.")
PACKAGE_NOT_FULLY_PAID = Message(
    "package_not_fully_paid", "A part of this package is still to be paid. Credits can be given away when all is paid."
)
PACKAGE_USED_A_MOMENT_AGO = Message("package_used_a_moment_ago", "This package was used a moment ago.")
CREDIT_NOT_SHARED_ANY_MORE = Message(
    "credit_not_shared_any_more", "This credit is not shared with this client any more."
)
SHARE_CAP_TOO_SMALL = Message("share_cap_too_small", "A cap is one credit or more; leave it empty for no limit.")
SHARE_CAP_ABOVE_TERMS = Message(
    "share_cap_above_terms",
    "The terms allow at most %(count)s credit for each person.",
    "The terms allow at most %(count)s credits for each person.",
)
OWNER_NEEDS_NO_SHARE = Message("owner_needs_no_share", "The owner needs no share of their own package.")
SHARED_ALREADY = Message("shared_already", "This person may use it already.")
SHARE_ENDED = Message("share_ended", "This has ended already.")
NO_SUCH_PACKAGE = Message("no_such_package", "There is no such package.")
NO_SUCH_MOVE = Message("no_such_move", "There is no such movement.")
FORFEIT_KIND_MISSING = Message("forfeit_kind_missing", "Choose whether it was cancelled late or missed.")
ADJUSTMENT_REASON_MISSING = Message(
    "adjustment_reason_missing", "Say why: a few words that somebody can understand later."
)
COMPLIMENTARY_REASON_MISSING = Message("complimentary_reason_missing", "Choose what it is for.")
COMPLIMENTARY_CREDITS_OUT_OF_RANGE = Message(
    "complimentary_credits_out_of_range", "Give between 1 and %(most)s credits."
)
LAST_DAY_IN_THE_PAST = Message("last_day_in_the_past", "The last day is today or later.")
COMPLIMENTARY_TREATMENT_MISSING = Message(
    "complimentary_treatment_missing", "A credit is good for a treatment. Choose one."
)
EXPIRY_DAY_NOT_REACHED = Message("expiry_day_not_reached", "That day has not come yet. Use a dry run to look ahead.")
OWN_ADDRESS_INVITED = Message(
    "own_address_invited", "This is your own address. You need no invitation to your own package."
)
OWN_PACKAGE_BY_NOW = Message("own_package_by_now", "This package is your own by now.")
SHARING_NOT_IN_TERMS = Message("sharing_not_in_terms", "The terms of this package do not allow sharing.")
GIVEN_CREDITS_NOT_SHARED_AGAIN = Message(
    "given_credits_not_shared_again", "Credits that were given by somebody else cannot be shared again."
)
GIVING_NOT_IN_TERMS = Message("giving_not_in_terms", "The terms of this package do not allow giving credits away.")
PACKAGE_NOT_SOLD_ONLINE_HERE = Message("package_not_sold_online_here", "This package is not sold online here.")
NOTHING_TO_RESTORE = Message("nothing_to_restore", "There is nothing to give back to this package.")
NO_CREDIT_TO_FORFEIT = Message("no_credit_to_forfeit", "There is no credit left to burn.")
PACKAGE_PAID_OR_RETURNED_MEANWHILE = Message(
    "package_paid_or_returned_meanwhile",
    "This package was paid or given back meanwhile. Nothing was taken; look at it again.",
)
INVITATION_USED_OR_OLD = Message(
    "invitation_used_or_old", "This invitation has been used, withdrawn, or is older than 14 days."
)
PACKAGE_FROZEN = Message("package_frozen", "This package is frozen. End the freeze first.")
PACKAGE_SUSPENDED = Message("package_suspended", "This package is suspended: its payment is disputed.")
PACKAGE_REFUNDED = Message("package_refunded", "This package was refunded.")
PACKAGE_CLOSED = Message("package_closed", "This package is closed.")
PAYMENT_DUE_BEFORE_SESSION = Message(
    "payment_due_before_session", "%(amount)s is to be paid before session %(number)s of %(quantity)s can be used."
)
CREDIT_USED_A_MOMENT_AGO = Message("credit_used_a_moment_ago", "The credit was used a moment ago.")
FEWER_CREDITS_LEFT = Message(
    "fewer_credits_left",
    "There is not %(count)s credit left any more.",
    "There are not %(count)s credits left any more.",
)
PACKAGE_ENDED = Message("package_ended", "This package has ended.")
PACKAGE_EXPIRED = Message("package_expired", "This package has ended: it has expired.")
PACKAGE_USED_UP = Message("package_used_up", "This package has ended: none of its sessions is left.")
NOBODY_CHOSEN_TO_MAIL = Message("nobody_chosen_to_mail", "Choose who gets the mail.")
COMPLIMENTARY_ITEM = Message("complimentary_item", "Complimentary: %(item)s")
