"""Set-up in the browser: one page at a one-time address, and the refusal of every other page until it is done."""
