"""Saving views of reports."""
