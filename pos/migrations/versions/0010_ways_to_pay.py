"""Tips on the reader, payments by QR code, and what a location lets people pay with online."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Until a clinic says otherwise its readers ask for no tip and its pages take cards, as before."""
    op.add_column("locations", sa.Column("reader_tips", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("locations", sa.Column("online_methods", sa.JSON(), server_default='["card"]', nullable=False))
    op.add_column("payment_attempts", sa.Column("number", sa.Integer(), server_default="1", nullable=False))
    op.add_column("payment_attempts", sa.Column("tip_base_minor", sa.BigInteger(), nullable=True))
    op.add_column("payment_attempts", sa.Column("tip_minor", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("payment_attempts", sa.Column("next_kind", sa.String(length=10), nullable=True))
    op.add_column("payment_attempts", sa.Column("short_code", sa.String(length=16), nullable=True))
    op.create_index("uq_payment_attempts_short_code", "payment_attempts", ["short_code"], unique=True)


def downgrade() -> None:
    op.drop_index("uq_payment_attempts_short_code", table_name="payment_attempts")
    for name in ("short_code", "next_kind", "tip_minor", "tip_base_minor", "number"):
        op.drop_column("payment_attempts", name)
    for name in ("online_methods", "reader_tips"):
        op.drop_column("locations", name)
