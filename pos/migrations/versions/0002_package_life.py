"""Package life: every way a credit moves, its value on each move, freezes, sharing, extensions, policies of plans."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from pos.kernel.db import UtcDateTime
from pos.migrations.append_only import guard, unguard
from pos.migrations.checks import change_check
from pos.migrations.nulls import allow_null, forbid_null

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APPEND_ONLY = ("lot_extensions", "redemption_reversals")
_FROM_A_SALE = ("sale_id", "sale_position", "copy")
_KINDS = (
    "kind IN ('grant', 'hold', 'release', 'redeem', 'reverse', 'burn', 'restore', 'transfer_out', 'transfer_in', "
    "'carry_out', 'carry_in', 'expire', 'refund', 'surrender', 'withdraw', 'reinstate', "
    "'freeze', 'unfreeze', 'suspend', 'resume', 'extend')"
)
# Columns as both databases write them; {key} and {bool} stand for what they call a UUID and a truth.
_COLUMNS: dict[str, tuple[tuple[str, str], ...]] = {
    "package_plans": (
        ("sharing", "BOOLEAN DEFAULT {true} NOT NULL"),
        ("share_cap", "INTEGER CONSTRAINT ck_package_plans_share_cap CHECK (share_cap IS NULL OR share_cap > 0)"),
        ("transfer", "BOOLEAN DEFAULT {true} NOT NULL"),
        ("freeze_days", "INTEGER DEFAULT '90' NOT NULL"),
        (
            "extension_days",
            "INTEGER DEFAULT '365' NOT NULL CONSTRAINT ck_package_plans_days"
            " CHECK (freeze_days >= 0 AND extension_days >= 0)",
        ),
        ("refund_fee_percent", "VARCHAR(16) DEFAULT '0' NOT NULL"),
        ("look_back", "BOOLEAN DEFAULT {true} NOT NULL"),
    ),
    "purchased_packages": (
        (
            "kind",
            "VARCHAR(16) DEFAULT 'sale' NOT NULL CONSTRAINT ck_purchased_packages_kind"
            " CHECK (kind IN ('sale', 'complimentary', 'opening'))",
        ),
        ("reason", "VARCHAR(200) DEFAULT '' NOT NULL"),
    ),
    "credit_lots": (
        ("burned", "INTEGER DEFAULT '0' NOT NULL"),
        ("gone", "INTEGER DEFAULT '0' NOT NULL"),
        (
            "status",
            "VARCHAR(10) DEFAULT 'active' NOT NULL CONSTRAINT ck_credit_lots_status"
            " CHECK (status IN ('active', 'frozen', 'suspended', 'refunded', 'closed'))",
        ),
        ("origin_lot_id", "{key} CONSTRAINT fk_credit_lots_origin_lot_id REFERENCES credit_lots (id)"),
    ),
    "credit_moves": (
        ("approver_id", "{key} CONSTRAINT fk_credit_moves_approver_id REFERENCES staff (id)"),
        ("value_minor", "BIGINT DEFAULT '0' NOT NULL"),
        ("reason", "VARCHAR(200) DEFAULT '' NOT NULL"),
        ("reverses_id", "{key} CONSTRAINT fk_credit_moves_reverses_id REFERENCES credit_moves (id)"),
    ),
}


def _value_of_old_moves() -> None:
    """What was granted and redeemed so far gets its value; history is opened for that one statement."""
    dialect = op.get_bind().dialect.name
    for statement in unguard(dialect, ("credit_moves",)):
        op.execute(statement)
    op.execute(
        "UPDATE credit_moves SET value_minor ="
        " (SELECT net_minor FROM credit_lots WHERE credit_lots.id = credit_moves.lot_id) WHERE kind = 'grant'"
    )
    redemptions = sa.table(
        "redemptions",
        sa.column("sale_id", sa.Uuid()),
        sa.column("sale_position", sa.Integer()),
        sa.column("number", sa.Integer()),
        sa.column("value_minor", sa.BigInteger()),
    )
    rows = op.get_bind().execute(sa.select(redemptions).where(redemptions.c.value_minor != 0)).all()
    fill = sa.text("UPDATE credit_moves SET value_minor = :value WHERE key = :key")
    for row in rows:
        key = f"redeem:{row.sale_id}:{row.sale_position}:{row.number}"
        op.get_bind().execute(fill, {"value": -row.value_minor, "key": key})
    for statement in guard(dialect, ("credit_moves",)):
        op.execute(statement)


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    words = {"key": "CHAR(32)" if sqlite else "UUID", "true": "1" if sqlite else "true"}
    for table, columns in _COLUMNS.items():
        for name, kind in columns:
            op.execute(f"ALTER TABLE {table} ADD COLUMN {name} {kind.format(**words)}")
    for column in _FROM_A_SALE:
        allow_null("purchased_packages", column)
    change_check("credit_lots", "whole", "remaining + held + redeemed + burned + gone = quantity")
    change_check("credit_moves", "kind", _KINDS)
    _value_of_old_moves()
    op.create_index("uq_credit_moves_reverses_id", "credit_moves", ["reverses_id"], unique=True)

    op.create_table(
        "redemption_reversals",
        sa.Column("redemption_id", sa.Uuid(), nullable=False),
        sa.Column("move_id", sa.Uuid(), nullable=False),
        sa.Column("value_minor", sa.BigInteger(), nullable=False),
        sa.Column("business_on", sa.Date(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["redemption_id"], ["redemptions.id"], name=op.f("fk_redemption_reversals_redemption_id")
        ),
        sa.ForeignKeyConstraint(["move_id"], ["credit_moves.id"], name=op.f("fk_redemption_reversals_move_id")),
        sa.PrimaryKeyConstraint("redemption_id", name=op.f("pk_redemption_reversals")),
        sa.UniqueConstraint("move_id", name=op.f("uq_redemption_reversals_move_id")),
    )
    op.create_table(
        "lot_freezes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("cause", sa.String(length=10), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.CheckConstraint("cause IN ('freeze', 'medical', 'dispute')", name=op.f("ck_lot_freezes_cause")),
        sa.CheckConstraint("ended_on IS NULL OR ended_on >= from_on", name=op.f("ck_lot_freezes_forward")),
        sa.ForeignKeyConstraint(["lot_id"], ["credit_lots.id"], name=op.f("fk_lot_freezes_lot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot_freezes")),
    )
    open_only = sa.text("ended_on IS NULL")
    op.create_index(
        "uq_lot_freezes_open", "lot_freezes", ["lot_id"], unique=True,
        sqlite_where=open_only, postgresql_where=open_only,
    )  # fmt: skip
    op.create_index("ix_lot_freezes_lot_id", "lot_freezes", ["lot_id"])
    op.create_table(
        "lot_extensions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("move_id", sa.Uuid(), nullable=False),
        sa.Column("cause", sa.String(length=10), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.CheckConstraint("cause IN ('manager', 'freeze', 'dispute')", name=op.f("ck_lot_extensions_cause")),
        sa.ForeignKeyConstraint(["lot_id"], ["credit_lots.id"], name=op.f("fk_lot_extensions_lot_id")),
        sa.ForeignKeyConstraint(["move_id"], ["credit_moves.id"], name=op.f("fk_lot_extensions_move_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot_extensions")),
        sa.UniqueConstraint("move_id", name=op.f("uq_lot_extensions_move_id")),
    )
    op.create_index("ix_lot_extensions_lot_id", "lot_extensions", ["lot_id"])
    op.create_table(
        "lot_shares",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("cap", sa.Integer(), nullable=True),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("used >= 0 AND (cap IS NULL OR cap > 0)", name=op.f("ck_lot_shares_cap")),
        sa.ForeignKeyConstraint(["lot_id"], ["credit_lots.id"], name=op.f("fk_lot_shares_lot_id")),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_lot_shares_client_id")),
        sa.ForeignKeyConstraint(["added_by"], ["staff.id"], name=op.f("fk_lot_shares_added_by")),
        sa.ForeignKeyConstraint(["ended_by"], ["staff.id"], name=op.f("fk_lot_shares_ended_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot_shares")),
    )
    live_only = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_lot_shares_live", "lot_shares", ["lot_id", "client_id"], unique=True,
        sqlite_where=live_only, postgresql_where=live_only,
    )  # fmt: skip
    op.create_index("ix_lot_shares_client_id", "lot_shares", ["client_id"])
    for statement in guard(op.get_bind().dialect.name, APPEND_ONLY):
        op.execute(statement)


def downgrade() -> None:
    """Only a business that has used none of this can go back: its rows would have no place in the older tables."""
    op.drop_table("lot_shares")
    op.drop_table("lot_extensions")
    op.drop_table("lot_freezes")
    op.drop_table("redemption_reversals")
    op.drop_index("uq_credit_moves_reverses_id", table_name="credit_moves")
    change_check("credit_moves", "kind", "kind IN ('grant', 'hold', 'release', 'redeem')")
    change_check("credit_lots", "whole", "remaining + held + redeemed = quantity")
    for column in _FROM_A_SALE:
        forbid_null("purchased_packages", column)
    for table, columns in reversed(_COLUMNS.items()):
        for name, _ in reversed(columns):
            op.execute(f"ALTER TABLE {table} DROP COLUMN {name}")
