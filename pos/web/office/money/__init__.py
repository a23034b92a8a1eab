"""Journal, closings, payouts, disputes, gift cards and deferred revenue in the office."""
