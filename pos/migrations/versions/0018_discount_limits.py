"""Up to which discount a desk gives alone, and the discount of a ticket that a manager agreed to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from pos.kernel.db import Percent

revision = "0018"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "discount_limits",
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("percent", Percent(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_minor >= 0", name=op.f("ck_discount_limits_not_negative")),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_discount_limits_location_id")),
        sa.PrimaryKeyConstraint("location_id", name=op.f("pk_discount_limits")),
    )
    op.add_column("tickets", sa.Column("approved_discount_minor", sa.BigInteger(), server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("tickets", "approved_discount_minor")
    op.drop_table("discount_limits")
