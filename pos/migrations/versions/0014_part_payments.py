"""Packages paid in parts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from pos.kernel.db import Percent
from pos.migrations.append_only import guard, unguard
from pos.migrations.checks import change_check

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

BEFORE = (
    "grant", "hold", "release", "redeem", "reverse", "burn", "restore",
    "transfer_out", "transfer_in", "carry_out", "carry_in", "expire", "refund", "surrender", "withdraw", "reinstate",
    "freeze", "unfreeze", "suspend", "resume", "extend", "breakage",
)  # fmt: skip


def _kinds(kinds: tuple[str, ...]) -> str:
    return f"kind IN ({', '.join(repr(kind) for kind in kinds)})"


def upgrade() -> None:
    op.add_column("package_plans", sa.Column("deposit_percent", Percent(), server_default="0", nullable=False))
    for name in ("price_minor", "unpaid_minor", "unpaid_net_minor"):
        op.add_column("credit_lots", sa.Column(name, sa.BigInteger(), server_default="0", nullable=False))
    op.execute(
        "ALTER TABLE credit_lots ADD COLUMN locked INTEGER DEFAULT '0' NOT NULL CONSTRAINT ck_credit_lots_unpaid"
        " CHECK (locked >= 0 AND unpaid_minor BETWEEN 0 AND price_minor)"
    )
    op.add_column("credit_lots", sa.Column("paying_id", sa.Uuid(), nullable=True))
    change_check("credit_moves", "kind", _kinds((*BEFORE, "pay")))
    op.create_table(
        "part_payments",
        sa.Column("sale_id", sa.Uuid(), nullable=False),
        sa.Column("sale_position", sa.Integer(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("move_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_part_payments_amount")),
        sa.ForeignKeyConstraint(
            ["sale_id", "sale_position"],
            ["sale_lines.sale_id", "sale_lines.position"],
            name=op.f("fk_part_payments_sale_id_sale_position"),
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["credit_lots.id"], name=op.f("fk_part_payments_lot_id")),
        sa.ForeignKeyConstraint(["move_id"], ["credit_moves.id"], name=op.f("fk_part_payments_move_id")),
        sa.PrimaryKeyConstraint("sale_id", "sale_position", name=op.f("pk_part_payments")),
        sa.UniqueConstraint("move_id", name=op.f("uq_part_payments_move_id")),
    )
    op.create_index(op.f("ix_part_payments_lot_id"), "part_payments", ["lot_id"])
    for statement in guard(op.get_bind().dialect.name, ("part_payments",)):
        op.execute(statement)


def downgrade() -> None:
    for statement in unguard(op.get_bind().dialect.name, ("part_payments",)):
        op.execute(statement)
    op.drop_table("part_payments")
    change_check("credit_moves", "kind", _kinds(BEFORE))
    op.drop_column("credit_lots", "paying_id")
    op.execute("ALTER TABLE credit_lots DROP COLUMN locked")
    for name in ("unpaid_net_minor", "unpaid_minor", "price_minor"):
        op.drop_column("credit_lots", name)
    op.drop_column("package_plans", "deposit_percent")
