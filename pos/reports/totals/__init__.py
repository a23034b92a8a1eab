"""Totals of past days: how they are summed from rows, kept, and read in place of the rows."""
