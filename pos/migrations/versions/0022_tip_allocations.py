"""Whose each tip is: persons and the pool. What was given, given back and paid out until now is written down by today's rule."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from alembic import op

from pos.kernel.db import UtcDateTime
from pos.kernel.money import allocate
from pos.migrations.append_only import guard
from pos.migrations.recording import record_all

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

APPEND_ONLY = ("tip_allocations",)

_SALES = sa.table(
    "sales",
    *(sa.column(name, sa.Uuid()) for name in ("id", "location_id", "staff_id", "tip_staff_id")),
    sa.column("tip_minor", sa.BigInteger()),
    sa.column("business_on", sa.Date()),
    sa.column("completed_at", UtcDateTime()),
)
_LINES = sa.table(
    "sale_lines",
    *(sa.column(name, sa.Uuid()) for name in ("sale_id", "therapist_id")),
    sa.column("position", sa.Integer()),
    sa.column("kind", sa.String()),
    sa.column("list_minor", sa.BigInteger()),
)
_REFUNDS = sa.table(
    "refunds",
    *(sa.column(name, sa.Uuid()) for name in ("id", "location_id", "sale_id", "staff_id")),
    sa.column("tip_minor", sa.BigInteger()),
    sa.column("business_on", sa.Date()),
    sa.column("created_at", UtcDateTime()),
    sa.column("reason", sa.String()),
)
_MOVEMENTS = sa.table(
    "cash_movements",
    *(sa.column(name, sa.Uuid()) for name in ("id", "location_id", "staff_id", "recipient_id")),
    sa.column("kind", sa.String()),
    sa.column("amount_minor", sa.BigInteger()),
    sa.column("business_on", sa.Date()),
    sa.column("at", UtcDateTime()),
    sa.column("reason", sa.String()),
)


def upgrade() -> None:
    table = op.create_table(
        "tip_allocations",
        sa.Column("deed_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("pool_on", sa.Date(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("sale_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("business_on", sa.Date(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('sale', 'refund', 'move', 'pool_share', 'payout')", name=op.f("ck_tip_allocations_kind")
        ),
        sa.CheckConstraint("amount_minor <> 0", name=op.f("ck_tip_allocations_amount")),
        sa.CheckConstraint("(staff_id IS NULL) = (pool_on IS NOT NULL)", name=op.f("ck_tip_allocations_pool")),
        sa.CheckConstraint(
            "(kind IN ('sale', 'refund', 'move')) = (sale_id IS NOT NULL)", name=op.f("ck_tip_allocations_sale")
        ),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_tip_allocations_location_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_tip_allocations_staff_id")),
        sa.ForeignKeyConstraint(["sale_id"], ["sales.id"], name=op.f("fk_tip_allocations_sale_id")),
        sa.ForeignKeyConstraint(["actor_id"], ["staff.id"], name=op.f("fk_tip_allocations_actor_id")),
        sa.PrimaryKeyConstraint("deed_id", "position", name=op.f("pk_tip_allocations")),
        sa.UniqueConstraint("sale_id", "position", name="uq_tip_allocations_sale_id"),
    )
    op.create_index("ix_tip_allocations_location_id_staff_id", "tip_allocations", ["location_id", "staff_id"])
    rows = [*_of_sales(), *_payouts()]
    for start in range(0, len(rows), 500):
        op.bulk_insert(table, rows[start : start + 500])
    for statement in guard(op.get_bind().dialect.name, APPEND_ONLY):
        op.execute(statement)
    record_all(op.get_bind(), {"tip_allocations": (False, frozenset())})


def _row(
    deed: Any, position: int, kind: str, holder: UUID | None, pool_on: Any, minor: int, **more: Any
) -> dict[str, Any]:
    return {
        "deed_id": deed.id,
        "position": position,
        "kind": kind,
        "location_id": deed.location_id,
        "staff_id": holder,
        "pool_on": pool_on if holder is None else None,
        "amount_minor": minor,
        "sale_id": None,
        "reason": "",
        "actor_id": deed.staff_id,
        "business_on": deed.business_on,
    } | more


def _of_sales() -> list[dict[str, Any]]:
    """What each sale's tip gave to whom, and what its refunds took back."""
    connection = op.get_bind()
    weights: dict[UUID, dict[UUID, int]] = defaultdict(dict)
    tipped = sa.select(_SALES.c.id).where(_SALES.c.tip_minor > 0)
    treated = sa.select(_LINES).where(
        _LINES.c.sale_id.in_(tipped), _LINES.c.therapist_id.is_not(None), _LINES.c.kind.in_(("variant", "add_on"))
    )
    for line in connection.execute(treated.order_by(_LINES.c.sale_id, _LINES.c.position)):
        of_sale = weights[line.sale_id]
        of_sale[line.therapist_id] = of_sale.get(line.therapist_id, 0) + line.list_minor
    back: dict[UUID, list[Any]] = defaultdict(list)
    refunds = sa.select(_REFUNDS).where(_REFUNDS.c.tip_minor > 0)
    for refund in connection.execute(refunds.order_by(_REFUNDS.c.created_at, _REFUNDS.c.id)):
        back[refund.sale_id].append(refund)
    rows = []
    for sale in connection.execute(sa.select(_SALES).where(_SALES.c.tip_minor > 0).order_by(_SALES.c.completed_at)):
        held: dict[UUID | None, int] = {sale.tip_staff_id: sale.tip_minor}
        if sale.tip_staff_id is None and (among := weights.get(sale.id)):
            values = list(among.values()) if any(among.values()) else [1] * len(among)
            shares = zip(among, allocate(sale.tip_minor, values), strict=True)
            held = {holder: part for holder, part in shares if part}
        position = 0
        for holder, part in held.items():
            position += 1
            rows.append(
                _row(sale, position, "sale", holder, sale.business_on, part, sale_id=sale.id, at=sale.completed_at)
            )
        for refund in back[sale.id]:
            order = sorted(held, key=lambda one: str(one or ""))
            for holder, part in zip(order, allocate(refund.tip_minor, [held[one] for one in order]), strict=True):
                if not part:
                    continue
                position, held[holder] = position + 1, held[holder] - part
                rows.append(
                    _row(
                        refund, position, "refund", holder, sale.business_on, -part,
                        sale_id=sale.id, reason=refund.reason, at=refund.created_at,
                    )
                )  # fmt: skip
    return rows


def _payouts() -> list[dict[str, Any]]:
    paid = sa.select(_MOVEMENTS).where(_MOVEMENTS.c.kind == "tip_paid_out").order_by(_MOVEMENTS.c.at)
    return [
        _row(row, 1, "payout", row.recipient_id, None, -row.amount_minor, reason=row.reason, at=row.at)
        for row in op.get_bind().execute(paid)
    ]


def downgrade() -> None:
    op.drop_table("tip_allocations")
