"""Who buys in the shop, kept with the order until the money is there; packages shared by invitation."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from pos.kernel.db import UtcDateTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Both columns may be NULL: digests of rows that are there already stay as they are.
    op.add_column("orders", sa.Column("buyer", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("promo_uses", sa.Column("buyer_hash", sa.String(length=64), nullable=True))
    op.create_index("ix_promo_uses_promo_buyer", "promo_uses", ["promo_id", "buyer_hash"])
    op.create_table(
        "share_invitations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=True),
        sa.Column("cap", sa.Integer(), nullable=True),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("invited_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("accepted_at", UtcDateTime(), nullable=True),
        sa.Column("share_id", sa.Uuid(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("cap IS NULL OR cap > 0", name=op.f("ck_share_invitations_cap")),
        sa.CheckConstraint("ended_at IS NOT NULL OR email IS NOT NULL", name=op.f("ck_share_invitations_email")),
        sa.ForeignKeyConstraint(["lot_id"], ["credit_lots.id"], name=op.f("fk_share_invitations_lot_id")),
        sa.ForeignKeyConstraint(["share_id"], ["lot_shares.id"], name=op.f("fk_share_invitations_share_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_share_invitations")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_share_invitations_token_hash")),
    )
    waiting = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_share_invitations_waiting",
        "share_invitations",
        ["lot_id", "email"],
        unique=True,
        sqlite_where=waiting,
        postgresql_where=waiting,
    )


def downgrade() -> None:
    op.drop_table("share_invitations")
    op.drop_index("ix_promo_uses_promo_buyer", table_name="promo_uses")
    op.drop_column("promo_uses", "buyer_hash")
    op.drop_column("orders", "buyer")
