"""Settings of a location and of the chain."""
