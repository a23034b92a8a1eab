"""Safety stops, nightly job runs and opening-balance imports."""
