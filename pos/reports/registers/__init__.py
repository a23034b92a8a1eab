"""Lists a bookkeeper goes through: balances of accounts, drawers, receipts and credit notes, fees and payouts."""
