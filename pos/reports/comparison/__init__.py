"""Comparison of a report's figures with those of other days."""
