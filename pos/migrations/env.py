"""Alembic's entry: runs on the connection it is handed, so the application and the tests share one way in."""

from __future__ import annotations

from alembic import context

from pos.models import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    transaction_per_migration=False,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
