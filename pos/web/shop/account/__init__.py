"""Pages of a client who is signed in."""
