"""Sales taken at a desk while the server did not answer."""
