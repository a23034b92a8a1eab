"""The people who work here, and how each signs in."""
