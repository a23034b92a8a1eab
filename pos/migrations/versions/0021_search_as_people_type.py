"""Write anew what clients are searched by: apostrophes, dashes and letters without an accent of their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from pos.kernel.folding import searchable

revision = "0021"
down_revision = "0018"
branch_labels = None
depends_on = None

_CLIENTS = sa.table(
    "clients",
    *(sa.column(name, sa.Uuid()) for name in ("id",)),
    *(sa.column(name, sa.String()) for name in ("given_name", "family_name", "email", "phone", "search_text")),
)


def upgrade() -> None:
    connection = op.get_bind()
    for row in connection.execute(sa.select(_CLIENTS)).all():
        text = searchable(f"{row.given_name} {row.family_name} {row.email or ''} {row.phone or ''}")[:500]
        connection.execute(sa.update(_CLIENTS).where(_CLIENTS.c.id == row.id).values(search_text=text))


def downgrade() -> None:
    """The older spelling is found less, but nothing reads it otherwise."""
