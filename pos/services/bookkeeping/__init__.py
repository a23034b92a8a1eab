"""What a bookkeeper is given: journals for their program, and everything of a month in one file."""
