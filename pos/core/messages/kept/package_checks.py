"""Rows that break a check of packages, clients or the stock (`reports/invariants/packages/`): `safety_stops.sentence`."""

from __future__ import annotations

from pos.core.i18n.message import Message

# ---- merged clients

CLIENT_MERGED_TWICE = Message("client_merged_twice", "Client %(client)s was merged twice.")
CLIENT_STANDS_ALONE = Message(
    "client_stands_alone", "Client %(client)s is taken for themselves, the merges say %(merged)s."
)
CLIENT_NEVER_MERGED = Message(
    "client_never_merged", "Client %(client)s is taken for %(taken)s, the merges say themselves."
)
CLIENT_TAKEN_FOR_OTHER = Message(
    "client_taken_for_other", "Client %(client)s is taken for %(taken)s, the merges say %(merged)s."
)
MERGED_CLIENT_HAS_CREDIT = Message(
    "merged_client_has_credit",
    "Client %(client)s was merged and has account credit of %(amount)s left (minor units).",
)

# ---- credits

LOT_LEFT_OTHER = Message(
    "lot_left_other", "Lot %(lot)s of %(place)s: the credits left are %(left)s, its moves say %(moved)s."
)
LOT_COUNTS_OTHER = Message(
    "lot_counts_other",
    "Lot %(lot)s of %(place)s does not say what its moves say of credits that are held, used, burned or gone.",
)
MOVE_LEAVES_OTHER = Message(
    "move_leaves_other",
    "Move %(move)s of lot %(lot)s leaves %(left)s; by the moves before it, it should leave %(expected)s.",
)
LOT_MOVES_MISSING = Message("lot_moves_missing", "Lot %(lot)s counts %(counted)s moves and has %(found)s.")
LOT_USED_OTHER = Message(
    "lot_used_other",
    "Lot %(lot)s of %(place)s says %(used)s used; its redemptions are %(redemptions)s, its moves %(moves)s.",
)
LOT_EARNED_OTHER = Message(
    "lot_earned_other",
    "Lot %(lot)s of %(place)s earned %(earned)s by its moves; its redemptions are %(redemptions)s for %(worth)s"
    " (minor units).",
)
LOT_USED_FOR_OTHER = Message(
    "lot_used_for_other",
    "Lot %(lot)s of %(place)s was used for somebody else than line %(line)s of sale %(sale)s is for.",
)
LOT_OWED_OTHER = Message(
    "lot_owed_other", "Lot %(lot)s of %(place)s is owed %(stands)s, its moves say %(moved)s (minor units)."
)
LOT_TAX_LATER_OTHER = Message(
    "lot_tax_later_other",
    "Lot %(lot)s of %(place)s has tax not due yet of %(stands)s, its moves say %(moved)s (minor units).",
)
LOT_SECOND_TAX_LATER_OTHER = Message(
    "lot_second_tax_later_other",
    "Lot %(lot)s of %(place)s has second tax not due yet of %(stands)s, its moves say %(moved)s (minor units).",
)
LOT_BREAKAGE_OTHER = Message(
    "lot_breakage_other",
    "Lot %(lot)s of %(place)s has breakage recognised ahead of %(stands)s, its moves say %(moved)s (minor units).",
)
MOVE_REVERSES_NO_USE = Message(
    "move_reverses_no_use",
    "Move %(move)s of lot %(lot)s reverses no use of it, or another value than that use had.",
)
LOT_GIVEN_OTHER = Message(
    "lot_given_other",
    "Lot %(lot)s of %(place)s was given other credits, or another value, than left the lot it came from.",
)
LOT_SHARE_OVER_CAP = Message(
    "lot_share_over_cap", "A share of lot %(lot)s of %(place)s used %(used)s of its credits; its cap is %(cap)s."
)
LOT_RESTS_OTHER = Message(
    "lot_rests_other",
    "Lot %(lot)s of %(place)s rests without a freeze, or its last day is not where its extensions put it.",
)

# ---- tax that is not due yet, and breakage

TAX_LATER_OTHER = Message(
    "tax_later_other",
    "%(place)s: tax of %(percent)s %% not due yet is %(lots)s by the unused credits, %(ledger)s in the ledger"
    " (minor units).",
)
SECOND_TAX_LATER_OTHER = Message(
    "second_tax_later_other",
    "%(place)s: second tax of %(percent)s %% not due yet is %(lots)s by the unused credits, %(ledger)s in the ledger"
    " (minor units).",
)
TAX_ACCOUNT_WITHOUT_RATE = Message(
    "tax_account_without_rate",
    "%(place)s: the ledger has %(ledger)s (minor units) in %(account)s, which is of no rate of tax.",
)
BREAKAGE_AHEAD_OTHER = Message(
    "breakage_ahead_other",
    "%(place)s: breakage recognised ahead is %(lots)s by the lots, %(ledger)s in the ledger (minor units).",
)

# ---- instalments

LOT_PARTS_OTHER = Message(
    "lot_parts_other",
    "Lot %(lot)s of %(place)s: %(paid)s of %(price)s was paid and %(unpaid)s is to be paid (minor units); its parts and"
    " their sales say otherwise.",
)
LOT_LOCKS_OTHER = Message(
    "lot_locks_other",
    "Lot %(lot)s of %(place)s locks other credits than those not paid for, or more credits are used than paid for.",
)
LOT_PAYMENT_STUCK = Message(
    "lot_payment_stuck", "Lot %(lot)s of %(place)s waits for the payment of an order that is not open."
)
LOT_LOCKS_PAID_CREDITS = Message(
    "lot_locks_paid_credits", "Lot %(lot)s of %(place)s was paid at once and locks credits all the same."
)

# ---- stock

STOCK_SOLD_OTHER = Message(
    "stock_sold_other", "What sale %(sale)s took from the stock of %(item)s is not what it sold."
)
STOCK_OF_VOID_GONE = Message(
    "stock_of_void_gone", "What sale %(sale)s took of %(item)s is not there again although it was voided."
)
STOCK_RETURNED_OTHER = Message(
    "stock_returned_other", "What refund %(refund)s brought back of %(item)s is not what came back."
)

# ---- gift cards and account credit

WALLET_HOLDS_OTHER = Message("wallet_holds_other", "%(subject)s holds %(amount)s, its moves say %(moved)s.")
WALLET_SETS_ASIDE_OTHER = Message(
    "wallet_sets_aside_other", "%(subject)s sets aside %(amount)s, its moves say %(moved)s."
)
WALLET_COUNTS_OTHER = Message(
    "wallet_counts_other", "%(subject)s counts moves to %(counted)s, its moves say %(found)s."
)
WALLET_BEGINS_OTHERWISE = Message(
    "wallet_begins_otherwise",
    "%(subject)s: its first move is number %(move)s and leaves %(left)s after %(change)s.",
)
WALLET_MOVE_MISSING = Message("wallet_move_missing", "%(subject)s: after move %(move)s comes move %(following)s.")
WALLET_MOVE_LEAVES_OTHER = Message(
    "wallet_move_leaves_other", "%(subject)s: move %(move)s says %(left)s are left, it should be %(expected)s."
)
GIFT_CARDS_OWED_OTHER = Message(
    "gift_cards_owed_other", "%(place)s: gift cards hold %(held)s, the ledger owes %(owed)s (minor units)."
)
ACCOUNT_CREDIT_OWED_OTHER = Message(
    "account_credit_owed_other",
    "%(place)s: clients have account credit of %(held)s, the ledger owes %(owed)s (minor units).",
)

# ---- visits and packages that became part of a package

CONVERSION_NOT_GIVEN_BACK = Message(
    "conversion_not_given_back",
    "What receipt %(receipt)s sold became part of a package: %(given)s of %(paid)s was given back for it (minor units).",
)
CONVERSION_NOT_SPENT = Message(
    "conversion_not_spent",
    "What receipt %(receipt)s sold became part of a package, and the package was not paid with what was given back.",
)
CONVERSION_WITHOUT_VISIT = Message(
    "conversion_without_visit",
    "What receipt %(receipt)s sold became part of a package, and the package has no first visit.",
)

# What the sentences with a subject are about.
GIFT_CARD_ENDING_IN = Message("gift_card_ending_in", "Gift card •••• %(digits)s")
ACCOUNT_CREDIT_OF_CLIENT = Message("account_credit_of_client", "Account credit of client %(client)s")
