"""Opening a clinic on an empty database: its answers, its first catalogue, the one-time link."""
