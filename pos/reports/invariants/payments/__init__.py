"""Invariants of payments, refunds, orders, promotions and tips."""
