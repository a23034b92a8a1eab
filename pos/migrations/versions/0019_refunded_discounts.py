"""What a refund takes back of the discount that was given, and moves of credits found by their day."""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_COLUMNS = ("discount_minor", "discount_net_minor")


def upgrade() -> None:
    """Refunds written until now took back the price paid and left the discount as it was booked: nothing of it came back."""
    for name in _COLUMNS:
        op.execute(f"ALTER TABLE refund_lines ADD COLUMN {name} BIGINT DEFAULT '0' NOT NULL")
    op.create_index("ix_credit_moves_business_on", "credit_moves", ["business_on"])


def downgrade() -> None:
    op.drop_index("ix_credit_moves_business_on", table_name="credit_moves")
    for name in reversed(_COLUMNS):
        op.drop_column("refund_lines", name)
