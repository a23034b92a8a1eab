"""Adjusting packages: credits, freezes, extensions, sharing, transfers and expiry."""
