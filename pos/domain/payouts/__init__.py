"""Payouts and balance transactions of Stripe."""
