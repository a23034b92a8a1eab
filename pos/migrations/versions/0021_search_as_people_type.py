"""Write anew what clients are searched by, and what their lists are ordered by: as people type and sort names."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from pos.kernel.folding import folded, searchable

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_CLIENTS = sa.table(
    "clients",
    *(sa.column(name, sa.Uuid()) for name in ("id",)),
    *(
        sa.column(name, sa.String())
        for name in ("given_name", "family_name", "email", "phone", "search_text", "sort_key")
    ),
)


def upgrade() -> None:
    connection = op.get_bind()
    kind = sa.String(330).with_variant(sa.String(330, collation="C"), "postgresql")
    op.add_column("clients", sa.Column("sort_key", kind, server_default="", nullable=False))
    for row in connection.execute(sa.select(_CLIENTS)).all():
        text = searchable(f"{row.given_name} {row.family_name} {row.email or ''} {row.phone or ''}")[:500]
        key = folded(f"{row.family_name} {row.given_name}")
        connection.execute(sa.update(_CLIENTS).where(_CLIENTS.c.id == row.id).values(search_text=text, sort_key=key))
    op.create_index("ix_clients_sort_key", "clients", ["sort_key", "id"])


def downgrade() -> None:
    op.drop_index("ix_clients_sort_key", "clients")
    op.drop_column("clients", "sort_key")
