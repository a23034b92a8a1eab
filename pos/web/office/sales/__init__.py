"""Sales, refunds and tips in the office."""
