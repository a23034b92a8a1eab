"""Tips: who each belongs to, the pool of a business date, and payouts."""
