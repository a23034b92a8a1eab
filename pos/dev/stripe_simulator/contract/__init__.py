"""The strict contract every request is held to, read from the source files of the installed SDK without importing it."""
