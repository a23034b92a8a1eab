"""How the simulated objects change: payments, refunds, disputes, payouts, readers."""
