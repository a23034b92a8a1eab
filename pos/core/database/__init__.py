"""Sessions, units of work and statements on SQLite and PostgreSQL."""
