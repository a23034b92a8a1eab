"""Reports as people saved them: with location, filters and days, under a name."""
