"""When tax of a package becomes due, sessions free of tax, and breakage recognised ahead of a package's end."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from pos.kernel.db import Percent
from pos.migrations.append_only import guard
from pos.migrations.checks import change_check

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

APPEND_ONLY = ("tax_exemptions",)
_KINDS = (
    "kind IN ('grant', 'hold', 'release', 'redeem', 'reverse', 'burn', 'restore', 'transfer_out', 'transfer_in', "
    "'carry_out', 'carry_in', 'expire', 'refund', 'surrender', 'withdraw', 'reinstate', "
    "'freeze', 'unfreeze', 'suspend', 'resume', 'extend'{})"
)
_ZERO = "BIGINT DEFAULT '0' NOT NULL"
_POINT = "VARCHAR(10) DEFAULT 'sale' NOT NULL CONSTRAINT ck_{}_tax_point CHECK (tax_point IN ('sale', 'redemption'))"
_COLUMNS = (
    ("tax_rates", "tax_point", _POINT.format("tax_rates")),
    ("sale_lines", "tax_point", _POINT.format("sale_lines")),
    (
        "credit_lots",
        "tax_due_minor",
        f"{_ZERO} CONSTRAINT ck_credit_lots_tax_due CHECK (tax_due_minor BETWEEN 0 AND tax_minor)",
    ),
    (
        "credit_lots",
        "breakage_minor",
        f"{_ZERO} CONSTRAINT ck_credit_lots_breakage CHECK (breakage_minor BETWEEN 0 AND net_minor - recognised_minor)",
    ),
    ("credit_moves", "tax_minor", _ZERO),
    ("credit_moves", "breakage_minor", _ZERO),
    ("redemptions", "tax_minor", _ZERO),
    ("refund_lines", "not_due_minor", _ZERO),
)


def upgrade() -> None:
    """Until now the tax of every package was due when it was sold."""
    for table, name, kind in _COLUMNS:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {name} {kind}")
    op.execute("UPDATE credit_lots SET tax_due_minor = tax_minor")
    change_check("credit_moves", "kind", _KINDS.format(", 'breakage'"))
    op.create_table(
        "tax_exemptions",
        sa.Column("sale_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("exempt", sa.Integer(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.CheckConstraint("exempt BETWEEN 1 AND units", name=op.f("ck_tax_exemptions_exempt")),
        sa.CheckConstraint(
            "reason IN ('prescription', 'certificate', 'exempt_client')", name=op.f("ck_tax_exemptions_reason")
        ),
        sa.ForeignKeyConstraint(
            ["sale_id", "position"],
            ["sale_lines.sale_id", "sale_lines.position"],
            name=op.f("fk_tax_exemptions_sale_id_position"),
        ),
        sa.PrimaryKeyConstraint("sale_id", "position", name=op.f("pk_tax_exemptions")),
    )
    op.create_table(
        "breakage_rules",
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("method", sa.String(length=12), nullable=False),
        sa.Column("expected_percent", Percent(), nullable=False),
        sa.Column("remote_months", sa.Integer(), nullable=False),
        sa.CheckConstraint("method IN ('lapse', 'proportional', 'remote')", name=op.f("ck_breakage_rules_method")),
        sa.CheckConstraint("remote_months > 0", name=op.f("ck_breakage_rules_remote_months")),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_breakage_rules_location_id")),
        sa.PrimaryKeyConstraint("location_id", "from_on", name=op.f("pk_breakage_rules")),
    )
    for statement in guard(op.get_bind().dialect.name, APPEND_ONLY):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("breakage_rules")
    op.drop_table("tax_exemptions")
    change_check("credit_moves", "kind", _KINDS.format(""))
    for table, name, _ in reversed(_COLUMNS):
        op.drop_column(table, name)
