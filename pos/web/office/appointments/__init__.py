"""Visits that are expected, in the office."""
