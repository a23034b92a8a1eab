"""Visits that became the first of a package."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from pos.kernel.db import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "looked_back",
        sa.Column("sale_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sale_id", "position"],
            ["sale_lines.sale_id", "sale_lines.position"],
            name=op.f("fk_looked_back_sale_id_position"),
        ),
        sa.PrimaryKeyConstraint("sale_id", "position", name=op.f("pk_looked_back")),
    )
    op.create_index(op.f("ix_looked_back_by_id"), "looked_back", ["by_id"])


def downgrade() -> None:
    op.drop_table("looked_back")
