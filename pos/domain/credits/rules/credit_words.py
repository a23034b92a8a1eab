"""What happens to credits, and how a lot stands, in words: texts to translate, by the keys in the tables."""

from __future__ import annotations

MOVES = {
    "grant": "granted",
    "hold": "held for a payment",
    "release": "released",
    "redeem": "used",
    "reverse": "use reversed",
    "burn": "burned",
    "restore": "restored",
    "transfer_out": "given away",
    "transfer_in": "received",
    "carry_out": "carried over",
    "carry_in": "carried over",
    "expire": "expired",
    "refund": "refunded",
    "surrender": "given up",
    "withdraw": "withdrawn",
    "reinstate": "returned",
    "freeze": "frozen",
    "unfreeze": "freeze ended",
    "suspend": "suspended, payment disputed",
    "resume": "dispute ended",
    "extend": "last day moved",
    "pay": "a part of the price paid",
}
STATES = {
    "active": "Active",
    "frozen": "Frozen",
    "suspended": "Suspended: payment disputed",
    "refunded": "Refunded",
    "closed": "Closed",
}
ORIGINS = {"sale": "Bought", "complimentary": "Given free of charge", "opening": "Brought along from another system"}
