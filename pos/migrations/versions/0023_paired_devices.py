"""Browsers that are paired with a location's desks, and those that signed in to an account before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from pos.kernel.db import UtcDateTime

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "paired_devices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("paired_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_paired_devices_location_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_paired_devices_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paired_devices")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_paired_devices_token_hash")),
    )
    op.create_index("ix_paired_devices_location_id", "paired_devices", ["location_id"])
    op.create_index("ix_paired_devices_staff_id", "paired_devices", ["staff_id"])
    # Sign-in links of mails that were sent, or given up, stood in clear.
    op.execute("UPDATE outbox_messages SET payload = '{}' WHERE topic = 'client_link' AND state <> 'pending'")


def downgrade() -> None:
    op.drop_table("paired_devices")
