"""History is recorded as digests: in the journal entry of its transaction, or in a hash-chained change log.

What is there already is recorded as it stands, so that nothing of it can be changed from here on.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from pos.kernel.db import UtcDateTime
from pos.migrations.append_only import guard, unguard
from pos.migrations.recording import record_all

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_fixed_: tuple[bool, frozenset[str]] = (False, frozenset())
_changes_: tuple[bool, frozenset[str]] = (True, frozenset())


def _but(*columns: str) -> tuple[bool, frozenset[str]]:
    return True, frozenset(columns)


# As pos/tables.py had it at this version.
_HISTORY = {
    "account_credit_moves": _fixed_,
    "account_credits": _but("balance_minor", "held_minor", "seq"),
    "approvals": _but("used_at"),
    "audit_events": _fixed_,
    "balance_imports": _changes_,
    "cash_movements": _fixed_,
    "closings": _fixed_,
    "credit_lots": _but(
        "remaining", "held", "redeemed", "burned", "gone", "seq", "recognised_minor", "tax_due_minor", "breakage_minor",
        "paying_id",
    ),
    "credit_moves": _fixed_,
    "credit_note_files": _fixed_,
    "credit_notes": _fixed_,
    "dispute_evidence": _changes_,
    "dispute_steps": _fixed_,
    "disputes": _changes_,
    "drawers": _changes_,
    "express_requests": _fixed_,
    "gift_card_moves": _fixed_,
    "gift_cards": _but("balance_minor", "held_minor", "seq", "to_name", "to_email", "message"),
    "looked_back": _changes_,
    "lot_extensions": _fixed_,
    "lot_freezes": _changes_,
    "lot_items": _fixed_,
    "lot_shares": _but("used"),
    "orders": _changes_,
    "part_payments": _fixed_,
    "payment_attempts": _but("dispatches", "changed_at", "session_url", "sentence", "reason_code"),
    "payout_shares": _fixed_,
    "promo_uses": _changes_,
    "purchased_packages": _changes_,
    "receipt_files": _fixed_,
    "receipt_prints": _fixed_,
    "receipts": _fixed_,
    "redemption_reversals": _fixed_,
    "redemptions": _fixed_,
    "refund_lines": _fixed_,
    "refund_parts": _changes_,
    "refunds": _fixed_,
    "sale_lines": _fixed_,
    "sale_refunded": _changes_,
    "sales": _fixed_,
    "shifts": _changes_,
    "stops": _changes_,
    "stripe_moves": _changes_,
    "stripe_payouts": _changes_,
    "stripe_strays": _changes_,
    "tax_exemptions": _fixed_,
    "tender_refunded": _changes_,
    "tenders": _fixed_,
    "z_reports": _fixed_,
}  # fmt: skip


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    op.create_table(
        "change_log",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=True),
        sa.Column("recorded", sa.JSON(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_change_log")),
    )
    op.create_table(
        "change_log_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("head_hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_log_head")),
    )
    head = sa.table("change_log_head", sa.column("id"), sa.column("seq"), sa.column("head_hash"))
    op.execute(head.insert().values(id=1, seq=0, head_hash="0" * 64))
    op.add_column("journal_entries", sa.Column("recorded", sa.JSON(), nullable=True))
    op.add_column("journal_entries", sa.Column("log_seq", sa.BigInteger(), nullable=True))
    op.add_column("journal_entries", sa.Column("log_head", sa.String(length=64), nullable=True))
    record_all(op.get_bind(), _HISTORY)
    for statement in guard(dialect, ("change_log",)):
        op.execute(statement)


def downgrade() -> None:
    for statement in unguard(op.get_bind().dialect.name, ("change_log",)):
        op.execute(statement)
    for column in ("log_head", "log_seq", "recorded"):
        op.drop_column("journal_entries", column)
    op.drop_table("change_log_head")
    op.drop_table("change_log")
