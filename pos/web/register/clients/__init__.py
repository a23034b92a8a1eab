"""The register's JSON interface to one client: who this is, their sheet, their contact."""
