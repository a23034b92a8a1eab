"""People who work here: added, changed, given ways to sign in, and locked out."""
