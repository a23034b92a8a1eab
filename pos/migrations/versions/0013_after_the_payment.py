"""Disputes, what moved the balance at Stripe, payouts, and what Stripe knows and we did not."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from pos.kernel.db import UtcDateTime
from pos.migrations.append_only import guard

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

APPEND_ONLY = ("dispute_steps", "payout_shares")
_TABLES = (
    "dispute_steps",
    "dispute_evidence",
    "disputes",
    "stripe_strays",
    "stripe_moves",
    "payout_shares",
    "stripe_payouts",
    "stripe_looks",
)


def upgrade() -> None:
    op.create_table(
        "stripe_looks",
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("what", name=op.f("pk_stripe_looks")),
    )
    op.create_table(
        "stripe_payouts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("stripe_payout_id", sa.String(length=120), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("reconciled", sa.Boolean(), nullable=False),
        sa.Column("arrives_on", sa.Date(), nullable=False),
        sa.Column("failure_code", sa.String(length=60), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("listed_at", UtcDateTime(), nullable=True),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "status IN ('pending', 'in_transit', 'paid', 'failed', 'canceled')", name=op.f("ck_stripe_payouts_status")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stripe_payouts")),
        sa.UniqueConstraint("stripe_payout_id", name=op.f("uq_stripe_payouts_stripe_payout_id")),
    )
    op.create_index("ix_stripe_payouts_arrives_on", "stripe_payouts", ["arrives_on"], unique=False)
    op.create_table(
        "payout_shares",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("payout_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("business_on", sa.Date(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('paid', 'returned')", name=op.f("ck_payout_shares_kind")),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_payout_shares_location_id")),
        sa.ForeignKeyConstraint(["payout_id"], ["stripe_payouts.id"], name=op.f("fk_payout_shares_payout_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_shares")),
        sa.UniqueConstraint(
            "payout_id",
            "location_id",
            "kind",
            "number",
            name=op.f("uq_payout_shares_payout_id_location_id_kind_number"),
        ),
    )
    op.create_index("ix_payout_shares_location_id", "payout_shares", ["location_id"], unique=False)
    op.create_table(
        "stripe_moves",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("stripe_id", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("category", sa.String(length=60), nullable=False),
        sa.Column("source_id", sa.String(length=120), nullable=True),
        sa.Column("description", sa.String(length=200), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("location_id", sa.Uuid(), nullable=True),
        sa.Column("trouble", sa.String(length=16), nullable=False),
        sa.Column("fee_booked", sa.Boolean(), nullable=False),
        sa.Column("account_key", sa.String(length=80), nullable=True),
        sa.Column("payout_id", sa.Uuid(), nullable=True),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("NOT settled OR trouble = ''", name=op.f("ck_stripe_moves_settled")),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_stripe_moves_location_id")),
        sa.ForeignKeyConstraint(["payout_id"], ["stripe_payouts.id"], name=op.f("fk_stripe_moves_payout_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stripe_moves")),
        sa.UniqueConstraint("stripe_id", name=op.f("uq_stripe_moves_stripe_id")),
    )
    op.create_index("ix_stripe_moves_location_id", "stripe_moves", ["location_id"], unique=False)
    op.create_index("ix_stripe_moves_payout_id", "stripe_moves", ["payout_id"], unique=False)
    op.create_index("ix_stripe_moves_subject_id", "stripe_moves", ["subject_id"], unique=False)
    op.create_table(
        "stripe_strays",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("stripe_id", sa.String(length=120), nullable=False),
        sa.Column("charge_id", sa.String(length=120), nullable=True),
        sa.Column("refund_id", sa.String(length=120), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("why", sa.String(length=16), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("about", sa.String(length=200), nullable=False),
        sa.Column("happened_at", UtcDateTime(), nullable=False),
        sa.Column("found_at", UtcDateTime(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=True),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("sentence", sa.String(length=300), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("kind IN ('payment', 'refund', 'dispute')", name=op.f("ck_stripe_strays_kind")),
        sa.CheckConstraint(
            "state IN ('open', 'credited', 'refunding', 'refunded', 'explained')", name=op.f("ck_stripe_strays_state")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'explained') OR location_id IS NOT NULL", name=op.f("ck_stripe_strays_place")
        ),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_stripe_strays_client_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["staff.id"], name=op.f("fk_stripe_strays_decided_by")),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_stripe_strays_location_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stripe_strays")),
        sa.UniqueConstraint("stripe_id", name=op.f("uq_stripe_strays_stripe_id")),
    )
    op.create_index("ix_stripe_strays_state", "stripe_strays", ["state"], unique=False)
    op.create_table(
        "disputes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("stripe_dispute_id", sa.String(length=120), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("sale_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("handed_in", sa.Integer(), nullable=False),
        sa.Column("business_on", sa.Date(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "status IN ('warning_needs_response', 'warning_under_review', 'needs_response', 'under_review', 'prevented', 'warning_closed', 'lost', 'appeal_needs_response', 'appeal_under_review', 'won')",
            name=op.f("ck_disputes_status"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_disputes_amount")),
        sa.ForeignKeyConstraint(["attempt_id"], ["payment_attempts.id"], name=op.f("fk_disputes_attempt_id")),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_disputes_location_id")),
        sa.ForeignKeyConstraint(["sale_id"], ["sales.id"], name=op.f("fk_disputes_sale_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disputes")),
        sa.UniqueConstraint("stripe_dispute_id", name=op.f("uq_disputes_stripe_dispute_id")),
    )
    op.create_index(op.f("ix_disputes_attempt_id"), "disputes", ["attempt_id"], unique=False)
    op.create_index("ix_disputes_location_id_business_on", "disputes", ["location_id", "business_on"], unique=False)
    op.create_index("ix_disputes_sale_id", "disputes", ["sale_id"], unique=False)
    op.create_index("ix_disputes_status", "disputes", ["status"], unique=False)
    op.create_table(
        "dispute_evidence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("dispute_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("file_id", sa.String(length=120), nullable=True),
        sa.Column("sentence", sa.String(length=300), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "state IN ('created', 'unknown', 'sent', 'refused')", name=op.f("ck_dispute_evidence_state")
        ),
        sa.ForeignKeyConstraint(["dispute_id"], ["disputes.id"], name=op.f("fk_dispute_evidence_dispute_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_dispute_evidence_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute_evidence")),
    )
    op.create_index("ix_dispute_evidence_dispute_id", "dispute_evidence", ["dispute_id"], unique=False)
    op.create_table(
        "dispute_steps",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("dispute_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("credits", sa.Integer(), nullable=False),
        sa.Column("liability_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("bad_debt_minor", sa.BigInteger(), nullable=False),
        sa.Column("business_on", sa.Date(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "kind <> 'lost' OR liability_minor + tax_minor + bad_debt_minor = amount_minor",
            name=op.f("ck_dispute_steps_lost_in_parts"),
        ),
        sa.CheckConstraint(
            "kind IN ('opened', 'won', 'dropped', 'lost', 'recovered')", name=op.f("ck_dispute_steps_kind")
        ),
        sa.ForeignKeyConstraint(["dispute_id"], ["disputes.id"], name=op.f("fk_dispute_steps_dispute_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute_steps")),
        sa.UniqueConstraint("dispute_id", "kind", name=op.f("uq_dispute_steps_dispute_id_kind")),
    )
    for statement in guard(op.get_bind().dialect.name, APPEND_ONLY):
        op.execute(statement)


def downgrade() -> None:
    for table in _TABLES:
        op.drop_table(table)
