"""Till and closings: movements of cash, counts, Z reports, closed days and months, stops, nightly runs, opening balances."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from pos.kernel.db import UtcDateTime
from pos.migrations.append_only import guard

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

APPEND_ONLY = ("cash_movements", "closings", "z_reports")


def upgrade() -> None:
    op.create_table(
        "balance_imports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("lots", sa.JSON(), nullable=False),
        sa.Column("credits", sa.Integer(), nullable=False),
        sa.Column("value_minor", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("undone_at", UtcDateTime(), nullable=True),
        sa.Column("undone_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("state IN ('committed', 'undone')", name=op.f("ck_balance_imports_state")),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_balance_imports_location_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_balance_imports_staff_id")),
        sa.ForeignKeyConstraint(["undone_by"], ["staff.id"], name=op.f("fk_balance_imports_undone_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_balance_imports")),
    )
    op.create_table(
        "closings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("period_on", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("running_minor", sa.BigInteger(), nullable=False),
        sa.Column("ledger_seq", sa.Integer(), nullable=False),
        sa.Column("ledger_head", sa.String(length=64), nullable=False),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("kind IN ('day', 'month')", name=op.f("ck_closings_kind")),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_closings_location_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closings")),
        sa.UniqueConstraint("location_id", "kind", "number", name="uq_closings_number"),
        sa.UniqueConstraint("location_id", "kind", "period_on", name=op.f("uq_closings_location_id_kind_period_on")),
    )
    op.create_table(
        "night_runs",
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("job", sa.String(length=20), nullable=False),
        sa.Column("claimed_at", UtcDateTime(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.Column("outcome", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_night_runs_location_id")),
        sa.PrimaryKeyConstraint("location_id", "job", name=op.f("pk_night_runs")),
    )
    op.create_table(
        "stops",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("check_key", sa.String(length=40), nullable=False),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("sentence", sa.String(length=500), nullable=False),
        sa.Column("bad", sa.Integer(), nullable=False),
        sa.Column("stopped_at", UtcDateTime(), nullable=False),
        sa.Column("lifted_at", UtcDateTime(), nullable=True),
        sa.Column("lifted_by", sa.Uuid(), nullable=True),
        sa.Column("lift_reason", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["lifted_by"], ["staff.id"], name=op.f("fk_stops_lifted_by")),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_stops_location_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stops")),
    )
    op.create_index(
        "uq_stops_live_check",
        "stops",
        ["location_id", "check_key"],
        unique=True,
        sqlite_where=sa.text("lifted_at IS NULL"),
        postgresql_where=sa.text("lifted_at IS NULL"),
    )
    op.create_table(
        "till_limits",
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("movement_minor", sa.BigInteger(), nullable=False),
        sa.Column("difference_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("movement_minor >= 0 AND difference_minor >= 0", name=op.f("ck_till_limits_not_negative")),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_till_limits_location_id")),
        sa.PrimaryKeyConstraint("location_id", name=op.f("pk_till_limits")),
    )
    op.create_table(
        "cash_movements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("drawer_id", sa.Uuid(), nullable=False),
        sa.Column("shift_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=True),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("business_on", sa.Date(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'no_sale' AND amount_minor = 0) OR (kind <> 'no_sale' AND amount_minor > 0)",
            name=op.f("ck_cash_movements_amount"),
        ),
        sa.CheckConstraint(
            "(kind = 'tip_paid_out') = (recipient_id IS NOT NULL)", name=op.f("ck_cash_movements_recipient")
        ),
        sa.CheckConstraint(
            "kind IN ('paid_in', 'paid_out', 'drop', 'no_sale', 'tip_paid_out')", name=op.f("ck_cash_movements_kind")
        ),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_cash_movements_reason")),
        sa.ForeignKeyConstraint(["approved_by"], ["staff.id"], name=op.f("fk_cash_movements_approved_by")),
        sa.ForeignKeyConstraint(["drawer_id"], ["drawers.id"], name=op.f("fk_cash_movements_drawer_id")),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_cash_movements_location_id")),
        sa.ForeignKeyConstraint(["recipient_id"], ["staff.id"], name=op.f("fk_cash_movements_recipient_id")),
        sa.ForeignKeyConstraint(["shift_id"], ["shifts.id"], name=op.f("fk_cash_movements_shift_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_cash_movements_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cash_movements")),
    )
    op.create_index("ix_cash_movements_shift_id", "cash_movements", ["shift_id"], unique=False)
    op.create_table(
        "z_reports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("drawer_id", sa.Uuid(), nullable=False),
        sa.Column("shift_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("business_on", sa.Date(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["drawer_id"], ["drawers.id"], name=op.f("fk_z_reports_drawer_id")),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_z_reports_location_id")),
        sa.ForeignKeyConstraint(["shift_id"], ["shifts.id"], name=op.f("fk_z_reports_shift_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_z_reports")),
        sa.UniqueConstraint("drawer_id", "number", name=op.f("uq_z_reports_drawer_id_number")),
        sa.UniqueConstraint("shift_id", name=op.f("uq_z_reports_shift_id")),
    )
    op.create_index("ix_z_reports_location_id_business_on", "z_reports", ["location_id", "business_on"], unique=False)
    op.create_index("ix_journal_entries_shift_id", "journal_entries", ["shift_id"], unique=False)
    op.add_column("shifts", sa.Column("found_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.add_column("shifts", sa.Column("opening_counts", sa.JSON(), nullable=True))
    op.add_column("shifts", sa.Column("opening_note", sa.String(length=200), server_default="", nullable=False))
    op.add_column("shifts", sa.Column("closing_counts", sa.JSON(), nullable=True))
    op.add_column("shifts", sa.Column("closing_note", sa.String(length=200), server_default="", nullable=False))
    op.add_column("shifts", sa.Column("left_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.add_column("shifts", sa.Column("close_approved_by", sa.Uuid(), nullable=True))
    for statement in guard(op.get_bind().dialect.name, APPEND_ONLY):
        op.execute(statement)


def downgrade() -> None:
    op.drop_column("shifts", "close_approved_by")
    op.drop_column("shifts", "left_minor")
    op.drop_column("shifts", "closing_note")
    op.drop_column("shifts", "closing_counts")
    op.drop_column("shifts", "opening_note")
    op.drop_column("shifts", "opening_counts")
    op.drop_column("shifts", "found_minor")
    op.drop_index("ix_journal_entries_shift_id", table_name="journal_entries")
    op.drop_index("ix_z_reports_location_id_business_on", table_name="z_reports")
    op.drop_table("z_reports")
    op.drop_index("ix_cash_movements_shift_id", table_name="cash_movements")
    op.drop_table("cash_movements")
    op.drop_table("till_limits")
    op.drop_index("uq_stops_live_check", table_name="stops")
    op.drop_table("stops")
    op.drop_table("night_runs")
    op.drop_table("closings")
    op.drop_table("balance_imports")
