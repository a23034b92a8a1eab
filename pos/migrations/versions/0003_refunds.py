"""Refunds: decisions, their parts, how much of each tender is gone, and the credit notes that prove them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from pos.kernel.db import Percent, UtcDateTime
from pos.migrations.append_only import guard

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

APPEND_ONLY = ("credit_note_files", "credit_notes", "express_requests", "refund_lines", "refunds")
_TABLES = (
    "credit_note_files", "credit_notes", "credit_note_series", "express_requests", "tender_refunded", "sale_refunded",
    "refund_parts", "refund_lines", "refunds",
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "refunds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("sale_id", sa.Uuid(), nullable=False),
        sa.Column("package_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("desk_id", sa.Uuid(), nullable=True),
        sa.Column("shift_id", sa.Uuid(), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("staff_role", sa.String(length=16), nullable=False),
        sa.Column("approver_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("policy", sa.String(length=16), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("tip_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("liability_minor", sa.BigInteger(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("business_on", sa.Date(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("(kind = 'package') = (package_id IS NOT NULL)", name=op.f("ck_refunds_package")),
        sa.CheckConstraint("channel IN ('register', 'office')", name=op.f("ck_refunds_channel")),
        sa.CheckConstraint("kind IN ('lines', 'package', 'void')", name=op.f("ck_refunds_kind")),
        sa.CheckConstraint("approver_id IS NULL OR approver_id <> staff_id", name=op.f("ck_refunds_approver")),
        sa.CheckConstraint(
            "net_minor >= 0 AND tax_minor >= 0 AND tip_minor >= 0", name=op.f("ck_refunds_not_negative")
        ),
        sa.CheckConstraint("total_minor = net_minor + tax_minor + tip_minor", name=op.f("ck_refunds_total")),
        sa.ForeignKeyConstraint(["approver_id"], ["staff.id"], name=op.f("fk_refunds_approver_id")),
        sa.ForeignKeyConstraint(["desk_id"], ["desks.id"], name=op.f("fk_refunds_desk_id")),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_refunds_location_id")),
        sa.ForeignKeyConstraint(["package_id"], ["purchased_packages.id"], name=op.f("fk_refunds_package_id")),
        sa.ForeignKeyConstraint(["sale_id"], ["sales.id"], name=op.f("fk_refunds_sale_id")),
        sa.ForeignKeyConstraint(["shift_id"], ["shifts.id"], name=op.f("fk_refunds_shift_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_refunds_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refunds")),
    )
    op.create_index("ix_refunds_location_id_business_on", "refunds", ["location_id", "business_on"], unique=False)
    op.create_index(op.f("ix_refunds_package_id"), "refunds", ["package_id"], unique=False)
    op.create_index("ix_refunds_sale_id", "refunds", ["sale_id"], unique=False)
    op.create_index(op.f("ix_refunds_shift_id"), "refunds", ["shift_id"], unique=False)
    op.create_table(
        "refund_lines",
        sa.Column("refund_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sale_id", sa.Uuid(), nullable=False),
        sa.Column("sale_position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_percent", Percent(), nullable=False),
        sa.Column("liability_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("net_minor >= 0 AND tax_minor >= 0", name=op.f("ck_refund_lines_not_negative")),
        sa.ForeignKeyConstraint(["refund_id"], ["refunds.id"], name=op.f("fk_refund_lines_refund_id")),
        sa.ForeignKeyConstraint(
            ["sale_id", "sale_position"],
            ["sale_lines.sale_id", "sale_lines.position"],
            name=op.f("fk_refund_lines_sale_id_sale_position"),
        ),
        sa.PrimaryKeyConstraint("refund_id", "position", name=op.f("pk_refund_lines")),
    )
    op.create_index("ix_refund_lines_sale", "refund_lines", ["sale_id", "sale_position"], unique=False)
    op.create_table(
        "refund_parts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("refund_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("sale_id", sa.Uuid(), nullable=True),
        sa.Column("tender_position", sa.Integer(), nullable=True),
        sa.Column("attempt_id", sa.Uuid(), nullable=True),
        sa.Column("shift_id", sa.Uuid(), nullable=True),
        sa.Column("key", sa.String(length=80), nullable=True),
        sa.Column("stripe_refund_id", sa.String(length=120), nullable=True),
        sa.Column("reason_code", sa.String(length=60), nullable=True),
        sa.Column("sentence", sa.String(length=300), nullable=True),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("approver_id", sa.Uuid(), nullable=True),
        sa.Column("business_on", sa.Date(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("(kind = 'card') = (attempt_id IS NOT NULL)", name=op.f("ck_refund_parts_card_has_attempt")),
        sa.CheckConstraint("(kind = 'cash') = (shift_id IS NOT NULL)", name=op.f("ck_refund_parts_cash_has_shift")),
        sa.CheckConstraint("kind = 'card' OR state = 'paid_back'", name=op.f("ck_refund_parts_done_at_once")),
        sa.CheckConstraint(
            "kind IN ('card', 'gift_card', 'account_credit', 'cash')", name=op.f("ck_refund_parts_kind")
        ),
        sa.CheckConstraint(
            "state IN ('created', 'waiting', 'unknown', 'paid_back', 'failed')", name=op.f("ck_refund_parts_state")
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_refund_parts_amount")),
        sa.CheckConstraint("approver_id IS NULL OR approver_id <> staff_id", name=op.f("ck_refund_parts_approver")),
        sa.ForeignKeyConstraint(["approver_id"], ["staff.id"], name=op.f("fk_refund_parts_approver_id")),
        sa.ForeignKeyConstraint(["attempt_id"], ["payment_attempts.id"], name=op.f("fk_refund_parts_attempt_id")),
        sa.ForeignKeyConstraint(["refund_id"], ["refunds.id"], name=op.f("fk_refund_parts_refund_id")),
        sa.ForeignKeyConstraint(["replaces_id"], ["refund_parts.id"], name=op.f("fk_refund_parts_replaces_id")),
        sa.ForeignKeyConstraint(
            ["sale_id", "tender_position"],
            ["tenders.sale_id", "tenders.position"],
            name=op.f("fk_refund_parts_sale_id_tender_position"),
        ),
        sa.ForeignKeyConstraint(["shift_id"], ["shifts.id"], name=op.f("fk_refund_parts_shift_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_refund_parts_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund_parts")),
        sa.UniqueConstraint("key", name=op.f("uq_refund_parts_key")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_refund_parts_replaces_id")),
        sa.UniqueConstraint("stripe_refund_id", name=op.f("uq_refund_parts_stripe_refund_id")),
    )
    op.create_index("ix_refund_parts_refund_id", "refund_parts", ["refund_id"], unique=False)
    op.create_index(op.f("ix_refund_parts_shift_id"), "refund_parts", ["shift_id"], unique=False)
    op.create_index("ix_refund_parts_state", "refund_parts", ["state"], unique=False)
    op.create_index("ix_refund_parts_tender", "refund_parts", ["sale_id", "tender_position"], unique=False)
    op.create_table(
        "sale_refunded",
        sa.Column("sale_id", sa.Uuid(), nullable=False),
        sa.Column("captured_minor", sa.BigInteger(), nullable=False),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("tip_minor", sa.BigInteger(), nullable=False),
        sa.Column("tip_refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.CheckConstraint("refunded_minor BETWEEN 0 AND captured_minor", name=op.f("ck_sale_refunded_refunded")),
        sa.CheckConstraint("tip_refunded_minor BETWEEN 0 AND tip_minor", name=op.f("ck_sale_refunded_tip")),
        sa.ForeignKeyConstraint(["sale_id"], ["sales.id"], name=op.f("fk_sale_refunded_sale_id")),
        sa.PrimaryKeyConstraint("sale_id", name=op.f("pk_sale_refunded")),
    )
    op.create_table(
        "tender_refunded",
        sa.Column("sale_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("captured_minor", sa.BigInteger(), nullable=False),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("refunded_minor BETWEEN 0 AND captured_minor", name=op.f("ck_tender_refunded_refunded")),
        sa.ForeignKeyConstraint(
            ["sale_id", "position"],
            ["tenders.sale_id", "tenders.position"],
            name=op.f("fk_tender_refunded_sale_id_position"),
        ),
        sa.PrimaryKeyConstraint("sale_id", "position", name=op.f("pk_tender_refunded")),
    )
    op.create_table(
        "express_requests",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_express_requests_order_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_express_requests_staff_id")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_express_requests")),
    )
    op.create_table(
        "credit_note_series",
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_credit_note_series_location_id")),
        sa.PrimaryKeyConstraint("location_id", name=op.f("pk_credit_note_series")),
    )
    op.create_table(
        "credit_notes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("refund_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=40), nullable=False),
        sa.Column("business_on", sa.Date(), nullable=False),
        sa.Column("issued_at", UtcDateTime(), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_credit_notes_location_id")),
        sa.ForeignKeyConstraint(["refund_id"], ["refunds.id"], name=op.f("fk_credit_notes_refund_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_notes")),
        sa.UniqueConstraint("location_id", "number", name=op.f("uq_credit_notes_location_id_number")),
        sa.UniqueConstraint("refund_id", name=op.f("uq_credit_notes_refund_id")),
        sa.UniqueConstraint("token", name=op.f("uq_credit_notes_token")),
    )
    op.create_index(op.f("ix_credit_notes_label"), "credit_notes", ["label"], unique=False)
    op.create_table(
        "credit_note_files",
        sa.Column("note_id", sa.Uuid(), nullable=False),
        sa.Column("format", sa.String(length=16), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("rendered_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["note_id"], ["credit_notes.id"], name=op.f("fk_credit_note_files_note_id")),
        sa.PrimaryKeyConstraint("note_id", "format", name=op.f("pk_credit_note_files")),
    )

    for statement in guard(op.get_bind().dialect.name, APPEND_ONLY):
        op.execute(statement)


def downgrade() -> None:
    for table in _TABLES:
        op.drop_table(table)
