"""The calls of Stripe's API the simulator answers, one file per kind of object.

A new call is a function with `@handles(verb, path)` in one of these files; a new file is imported here.
"""

from pos.dev.stripe_simulator.api.resources import (
    account,
    balance,
    charges,
    disputes,
    endpoints,
    events,
    files,
    intents,
    locations,
    payouts,
    readers,
    refunds,
    sessions,
)

__all__ = [
    "account",
    "balance",
    "charges",
    "disputes",
    "endpoints",
    "events",
    "files",
    "intents",
    "locations",
    "payouts",
    "readers",
    "refunds",
    "sessions",
]
