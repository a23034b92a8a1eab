"""Calls about disputes, payouts and balance transactions, and their parsed answers."""
