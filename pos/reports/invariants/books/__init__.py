"""Invariants of the ledger, closings, documents and recorded history."""
