"""Journals for bookkeeping programs: one balanced journal for each location and business day, and the files made of them."""
