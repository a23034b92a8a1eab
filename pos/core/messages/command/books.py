"""Checks, reports, totals, what Stripe knows; credits that end."""

from __future__ import annotations

from pos.core.i18n.message import Message

NOT_A_HEAD = Message("not_a_head", "“%(typed)s” is not LOCATION=HASH, as pos verify prints it.")
CHECK_HOLDS = Message("check_holds", "holds  %(words)s (%(examined)s)")
CHECK_FAILS = Message("check_fails", "FAILS  %(words)s (%(examined)s)")
MORE_BREAK_IT = Message("more_break_it", "%(first)s And %(more)s more.")
CHECKS_FAIL = Message("checks_fail", "%(count)s of %(all)s checks fails.", "%(count)s of %(all)s checks fail.")
CHECKS_HOLD = Message("checks_hold", "All %(all)s checks hold.")
HEAD_OF_BOOKS = Message(
    "head_of_books",
    "head   %(location)s=%(hash)s (%(count)s entry)",
    "head   %(location)s=%(hash)s (%(count)s entries)",
)
DAYS_SUMMED = Message("days_summed", "%(location)s: %(count)s day summed.", "%(location)s: %(count)s days summed.")
SEEN_AT_STRIPE = Message(
    "seen_at_stripe",
    "%(count)s payment, refund or dispute at Stripe since %(day)s.",
    "%(count)s payments, refunds and disputes at Stripe since %(day)s.",
)
MOVED_ON_AND_FOUND = Message(
    "moved_on_and_found", "%(moved_on)s known ones have moved on. %(found)s not known here were found."
)
WAIT_TO_BE_DECIDED = Message(
    "wait_to_be_decided",
    "%(count)s waits to be decided about: Office, Money, Payments to look at.",
    "%(count)s wait to be decided about: Office, Money, Payments to look at.",
)
NOTHING_WAITS = Message("nothing_waits", "Nothing waits to be decided about.")
NOT_FOR_TERMINAL = Message(
    "not_for_terminal", "A workbook or a PDF is no text for a terminal: name a file with --output."
)
RUN_VERIFY = Message("run_verify", "%(sentence)s Run pos verify.")
LOT_ENDS = Message(
    "lot_ends",
    "%(location)s  %(last_day)s  %(credits)s of %(package)s: %(kept)s to account credit, %(earned)s earned (%(currency)s)",
)
CREDITS_OF = Message("credits_of", "%(count)s credit of %(packages)s", "%(count)s credits of %(packages)s")
COUNT_OF_PACKAGES = Message("count_of_packages", "%(count)s package", "%(count)s packages")
WOULD_END = Message("would_end", "%(credits)s would end.")
HAVE_ENDED = Message("have_ended", "%(credits)s ended.")
ONLY_LOOKED_AT = Message("only_looked_at", "Entries carry today: another day can only be looked at, with --dry-run.")
BREAKAGE_OF = Message("breakage_of", "%(location)s  %(package)s: %(change)s, %(now)s in all (%(currency)s)")
BREAKAGE_WOULD_CHANGE = Message("breakage_would_change", "Breakage of %(packages)s would change.")
BREAKAGE_CHANGED = Message("breakage_changed", "Breakage of %(packages)s changed.")
REMINDED_OF = Message("reminded_of", "%(location)s  %(last_day)s  %(credits)s of %(package)s, %(client)s: %(address)s")
REMINDERS_DUE = Message(
    "reminders_due",
    "%(count)s reminder is due; %(without)s without address.",
    "%(count)s reminders are due; %(without)s without address.",
)
REMINDERS_SENT = Message(
    "reminders_sent",
    "%(count)s reminder on its way; %(without)s without address.",
    "%(count)s reminders on their way; %(without)s without address.",
)
