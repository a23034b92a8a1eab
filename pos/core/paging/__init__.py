"""Lists by page, found by the key of a row and never by counting the rows before it."""
