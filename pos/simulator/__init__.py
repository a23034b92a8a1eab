"""A separate process that speaks Stripe's HTTP API to the real SDK, so that tests and the demo fake the server only.

Nothing here imports from `pos`, flask or stripe. Behaviours carry a tag: *documented* by Stripe or *inferred* by us.
"""
