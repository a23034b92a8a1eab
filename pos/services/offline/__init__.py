"""Sales that a desk took while the server did not answer."""
