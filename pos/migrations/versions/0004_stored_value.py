"""Stored value: gift cards, account credit, and both as tenders."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from alembic import op

from pos.kernel.db import UtcDateTime
from pos.migrations.append_only import guard
from pos.migrations.checks import change_check
from pos.migrations.widths import change_width

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_ITEM = UUID("019cf2a4-0000-7000-8000-000000000001")
_ITEMS = sa.table(
    "items",
    sa.column("id", sa.Uuid()),
    *(sa.column(name, sa.String()) for name in ("kind", "name", "tax_category")),
    sa.column("position", sa.Integer()),
    sa.column("active", sa.Boolean()),
)
_APPEND_ONLY = ("account_credit_moves", "gift_card_moves")
_TENDER_KINDS = (
    "kind IN ('cash', 'card', 'gift_card', 'account_credit') AND (kind = 'gift_card') = (gift_card_id IS NOT NULL)"
)
_ITEM_KINDS = "kind IN ('variant', 'add_on', 'retail', 'package', 'gift_card')"


def upgrade() -> None:
    """New tables, two new columns, and the one item that gift cards are sold as."""
    op.create_table(
        "account_credits",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("balance_minor", sa.BigInteger(), nullable=False),
        sa.Column("held_minor", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.CheckConstraint("balance_minor >= 0", name=op.f("ck_account_credits_balance")),
        sa.CheckConstraint("held_minor >= 0", name=op.f("ck_account_credits_held")),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_account_credits_client_id")),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_account_credits_location_id")),
        sa.PrimaryKeyConstraint("client_id", "location_id", name=op.f("pk_account_credits")),
    )
    op.create_table(
        "gift_card_terms",
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("least_minor", sa.BigInteger(), nullable=False),
        sa.Column("most_minor", sa.BigInteger(), nullable=False),
        sa.Column("balance_most_minor", sa.BigInteger(), nullable=False),
        sa.Column("cash_out_minor", sa.BigInteger(), nullable=True),
        sa.Column("validity_months", sa.Integer(), nullable=True),
        sa.CheckConstraint("cash_out_minor IS NULL OR cash_out_minor >= 0", name=op.f("ck_gift_card_terms_cash_out")),
        sa.CheckConstraint(
            "least_minor > 0 AND most_minor >= least_minor AND balance_most_minor >= most_minor",
            name=op.f("ck_gift_card_terms_limits"),
        ),
        sa.CheckConstraint("validity_months IS NULL OR validity_months > 0", name=op.f("ck_gift_card_terms_validity")),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_gift_card_terms_location_id")),
        sa.PrimaryKeyConstraint("location_id", "from_on", name=op.f("pk_gift_card_terms")),
    )
    op.create_table(
        "account_credit_moves",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("delta_minor", sa.BigInteger(), nullable=False),
        sa.Column("balance_after_minor", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("business_on", sa.Date(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("sale_id", sa.Uuid(), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.CheckConstraint("kind <> ''", name=op.f("ck_account_credit_moves_kind")),
        sa.CheckConstraint("balance_after_minor >= 0", name=op.f("ck_account_credit_moves_balance_after")),
        sa.ForeignKeyConstraint(
            ["client_id", "location_id"],
            ["account_credits.client_id", "account_credits.location_id"],
            name=op.f("fk_account_credit_moves_client_id_location_id"),
        ),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_account_credit_moves_client_id")),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_account_credit_moves_location_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_account_credit_moves_order_id")),
        sa.ForeignKeyConstraint(["sale_id"], ["sales.id"], name=op.f("fk_account_credit_moves_sale_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_account_credit_moves_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_credit_moves")),
        sa.UniqueConstraint(
            "client_id", "location_id", "seq", name=op.f("uq_account_credit_moves_client_id_location_id_seq")
        ),
        sa.UniqueConstraint("key", name=op.f("uq_account_credit_moves_key")),
    )
    op.create_index("ix_account_credit_moves_sale_id", "account_credit_moves", ["sale_id"], unique=False)
    op.create_table(
        "gift_cards",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("last4", sa.String(length=4), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("face_minor", sa.BigInteger(), nullable=False),
        sa.Column("balance_minor", sa.BigInteger(), nullable=False),
        sa.Column("held_minor", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("sale_id", sa.Uuid(), nullable=True),
        sa.Column("sale_position", sa.Integer(), nullable=True),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.Column("buyer_id", sa.Uuid(), nullable=True),
        sa.Column("to_name", sa.String(length=120), nullable=False),
        sa.Column("to_email", sa.String(length=320), nullable=True),
        sa.Column("message", sa.String(length=300), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("issued_at", UtcDateTime(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.CheckConstraint("state IN ('active', 'blocked', 'replaced')", name=op.f("ck_gift_cards_state")),
        sa.CheckConstraint("balance_minor >= 0", name=op.f("ck_gift_cards_balance")),
        sa.CheckConstraint("held_minor >= 0", name=op.f("ck_gift_cards_held")),
        sa.ForeignKeyConstraint(["buyer_id"], ["clients.id"], name=op.f("fk_gift_cards_buyer_id")),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_gift_cards_location_id")),
        sa.ForeignKeyConstraint(["replaces_id"], ["gift_cards.id"], name=op.f("fk_gift_cards_replaces_id")),
        sa.ForeignKeyConstraint(
            ["sale_id", "sale_position"],
            ["sale_lines.sale_id", "sale_lines.position"],
            name=op.f("fk_gift_cards_sale_id_sale_position"),
        ),
        sa.ForeignKeyConstraint(["sale_id"], ["sales.id"], name=op.f("fk_gift_cards_sale_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gift_cards")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_gift_cards_code_hash")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_gift_cards_replaces_id")),
    )
    op.create_index("ix_gift_cards_location_id", "gift_cards", ["location_id", "issued_at"], unique=False)
    op.create_index("ix_gift_cards_sale_id", "gift_cards", ["sale_id"], unique=False)
    op.create_table(
        "gift_card_moves",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("card_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("delta_minor", sa.BigInteger(), nullable=False),
        sa.Column("balance_after_minor", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("business_on", sa.Date(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("sale_id", sa.Uuid(), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.CheckConstraint("kind <> ''", name=op.f("ck_gift_card_moves_kind")),
        sa.CheckConstraint("balance_after_minor >= 0", name=op.f("ck_gift_card_moves_balance_after")),
        sa.ForeignKeyConstraint(["card_id"], ["gift_cards.id"], name=op.f("fk_gift_card_moves_card_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_gift_card_moves_order_id")),
        sa.ForeignKeyConstraint(["sale_id"], ["sales.id"], name=op.f("fk_gift_card_moves_sale_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_gift_card_moves_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gift_card_moves")),
        sa.UniqueConstraint("card_id", "seq", name=op.f("uq_gift_card_moves_card_id_seq")),
        sa.UniqueConstraint("key", name=op.f("uq_gift_card_moves_key")),
    )
    op.create_index("ix_gift_card_moves_sale_id", "gift_card_moves", ["sale_id"], unique=False)
    op.add_column("orders", sa.Column("stored", sa.JSON(), server_default="[]", nullable=False))
    if op.get_bind().dialect.name == "sqlite":
        # A column may bring its reference along; a constraint of its own would mean building the table anew.
        op.execute(
            "ALTER TABLE tenders ADD COLUMN gift_card_id CHAR(32)"
            " CONSTRAINT fk_tenders_gift_card_id REFERENCES gift_cards (id)"
        )
    else:
        op.add_column("tenders", sa.Column("gift_card_id", sa.Uuid(), nullable=True))
        op.create_foreign_key(op.f("fk_tenders_gift_card_id"), "tenders", "gift_cards", ["gift_card_id"], ["id"])
    op.create_index(op.f("ix_tenders_gift_card_id"), "tenders", ["gift_card_id"], unique=False)
    change_width("tenders", "kind", 16)
    change_check("tenders", "kind", _TENDER_KINDS)
    change_check("items", "kind", _ITEM_KINDS)
    card = {
        "id": _ITEM,
        "kind": "gift_card",
        "name": "Gift card",
        "tax_category": "none",
        "position": 0,
        "active": True,
    }
    op.bulk_insert(_ITEMS, [card])
    for statement in guard(op.get_bind().dialect.name, _APPEND_ONLY):
        op.execute(statement)


def downgrade() -> None:
    """Take it back; only possible while no gift card was sold."""
    op.execute(_ITEMS.delete().where(_ITEMS.c.id == _ITEM))
    change_check("items", "kind", "kind IN ('variant', 'add_on', 'retail', 'package')")
    change_check("tenders", "kind", "kind IN ('cash', 'card')")
    change_width("tenders", "kind", 10)
    op.drop_index(op.f("ix_tenders_gift_card_id"), table_name="tenders")
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint(op.f("fk_tenders_gift_card_id"), "tenders", type_="foreignkey")
    op.drop_column("tenders", "gift_card_id")
    op.drop_column("orders", "stored")
    for table in ("gift_card_moves", "gift_cards", "account_credit_moves", "gift_card_terms", "account_credits"):
        op.drop_table(table)
