"""How many messages of Stripe's were refused on a day, and why."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from pos.kernel.db import UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "webhook_refusals",
        sa.Column("refused_on", sa.Date(), nullable=False),
        sa.Column("why", sa.String(length=20), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("refused_on", "why", name=op.f("pk_webhook_refusals")),
    )


def downgrade() -> None:
    op.drop_table("webhook_refusals")
