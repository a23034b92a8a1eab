"""Visits that are expected: planned, brought in from a file, rung up."""
