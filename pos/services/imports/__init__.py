"""Importing clients and balances from another system."""
