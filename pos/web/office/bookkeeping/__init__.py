"""Pages for the bookkeeper: exports for bookkeeping programs, and everything of a month in one file."""
