"""Checking the books, and the safety stops that follow."""
