"""Which journal entry each business event posts. Pure."""
