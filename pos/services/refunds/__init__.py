"""Refunds and voids: what may be given back, how, and their documents."""
