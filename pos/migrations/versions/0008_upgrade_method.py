"""How a plan charges a visit that is longer than its credits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Plans sold until now go by list prices; the column has no check, for SQLite would have to write the table anew."""
    op.add_column(
        "package_plans", sa.Column("upgrade_method", sa.String(length=8), server_default="list", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("package_plans", "upgrade_method")
