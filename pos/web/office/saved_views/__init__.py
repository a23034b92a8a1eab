"""Pages on which views of reports are saved, changed and deleted."""
