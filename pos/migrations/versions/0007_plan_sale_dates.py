"""From when to when a package plan is offered."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Added as both databases write it: to rebuild the table in SQLite would drop what points to it.
    op.execute("ALTER TABLE package_plans ADD COLUMN sale_from_on DATE")
    op.execute(
        "ALTER TABLE package_plans ADD COLUMN sale_to_on DATE CONSTRAINT ck_package_plans_sale_dates"
        " CHECK (sale_from_on IS NULL OR sale_to_on IS NULL OR sale_to_on >= sale_from_on)"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE package_plans DROP COLUMN sale_to_on")
    op.execute("ALTER TABLE package_plans DROP COLUMN sale_from_on")
