"""Today's visits at the desk."""
