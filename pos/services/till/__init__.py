"""Drawers: shifts, cash movements, Z reports and closed periods."""
