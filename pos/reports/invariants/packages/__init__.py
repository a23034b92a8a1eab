"""Invariants of credits, stored value and instalments."""
