"""Packages in the office: statement and adjustments."""
