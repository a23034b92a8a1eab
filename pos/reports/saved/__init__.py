"""Saved views as a person may see them."""
