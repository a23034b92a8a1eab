"""Tiers of therapists, what they cost more, and the tier a package is good for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    tiers = op.create_table(
        "tiers",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.CheckConstraint("level >= 0", name=op.f("ck_tiers_level")),
        sa.PrimaryKeyConstraint("level", name=op.f("pk_tiers")),
        sa.UniqueConstraint("name", name=op.f("uq_tiers_name")),
    )
    op.bulk_insert(tiers, [{"level": 0, "name": "Standard"}])
    op.create_table(
        "tier_prices",
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("surcharge_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("surcharge_minor >= 0", name=op.f("ck_tier_prices_not_negative")),
        sa.ForeignKeyConstraint(["level"], ["tiers.level"], name=op.f("fk_tier_prices_level")),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_tier_prices_item_id")),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_tier_prices_location_id")),
        sa.PrimaryKeyConstraint("level", "item_id", "location_id", "from_on", name=op.f("pk_tier_prices")),
    )
    # Plain numbers: SQLite adds no column that points elsewhere and has a default.
    for table in ("staff", "package_plans", "credit_lots"):
        op.add_column(table, sa.Column("tier", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    for table in ("credit_lots", "package_plans", "staff"):
        op.drop_column(table, "tier")
    op.drop_table("tier_prices")
    op.drop_table("tiers")
