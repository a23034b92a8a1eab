"""Backups: one checked file with the database and the key, restored beside first, kept by days, weeks and months."""
