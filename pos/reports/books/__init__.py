"""Journal, ledger reconciliation, deferred revenue and closed periods."""
