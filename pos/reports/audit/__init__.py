"""The audit log, and what its actions and fields are called."""
