"""A separate process that speaks Stripe's HTTP API to the real SDK, so that tests and the demo fake the server only.

Nothing here imports from `pos`, flask or stripe. Behaviours carry a tag: *documented* by Stripe or *inferred* by us.
"""

import os

# Where real or test money is taken there is nothing to simulate with, whoever asks.
if (_mode := os.environ.get("PAYMENTS_MODE", "").strip()) not in ("", "simulator"):
    raise ImportError(f"PAYMENTS_MODE is {_mode}: the simulated Stripe does not exist here.")
