"""Reports as files of other kinds than tables."""
