"""Who buys in the shop, kept with the order until the money is there; packages shared by invitation."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Both columns may be NULL: digests of rows that are there already stay as they are.
    op.add_column("orders", sa.Column("buyer", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("promo_uses", sa.Column("buyer_hash", sa.String(length=64), nullable=True))
    op.create_index("ix_promo_uses_promo_buyer", "promo_uses", ["promo_id", "buyer_hash"])


def downgrade() -> None:
    op.drop_index("ix_promo_uses_promo_buyer", table_name="promo_uses")
    op.drop_column("promo_uses", "buyer_hash")
    op.drop_column("orders", "buyer")
