"""What Stripe reports after a payment: disputes, fees, payouts and unmatched transactions."""
