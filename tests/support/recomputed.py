"""The figures of sales made again from raw rows, by other code than the reports: plain sums in Python, no shared query.

`recomputed` reads whole tables of one location and sums them by business date; it imports nothing of `pos.reports`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from pos.domain.locations.queries import Place

STORED = ("gift_card", "account_credit")
# Of a figure what sales came to, and what refunds and voids took back of it.
Pair = tuple[int, int]


def rows_in(session: Session, name: str) -> list[Any]:
    """All rows of a table."""
    return list(session.execute(text(f"SELECT * FROM {name}")).mappings())


def day_of(value: Any) -> date:
    """A date as SQLite and PostgreSQL write it."""
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def key_of(value: Any) -> str:
    """A key as SQLite and PostgreSQL write it."""
    return (value.hex() if isinstance(value, bytes) else str(value)).replace("-", "")


def recomputed(session: Session, place: Place) -> dict[date, dict[str, Pair]]:
    """Each figure of each business date of a location, by its key in `pos.reports.sales.figures`; minor units."""
    sold: dict[date, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    back: dict[date, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    here = key_of(place.id)
    sales = {key_of(row["id"]): row for row in rows_in(session, "sales") if key_of(row["location_id"]) == here}
    refunds = {key_of(row["id"]): row for row in rows_in(session, "refunds") if key_of(row["location_id"]) == here}

    for row in sales.values():
        day = sold[day_of(row["business_on"])]
        day["total"] += row["total_minor"]
        day["tips"] += row["tip_minor"]
    for row, day in _within(session, "sale_lines", sales, "sale_id", sold):
        day["tax"] += row["tax_minor"]
        day["discounts"] += row["discount_minor"]
        day["gross"] += row["list_minor"] - row["covered_minor"]
        if row["kind"] == "gift_card":
            day["gift_sold"] += row["net_minor"]
            day["gross"] -= row["net_minor"]
        else:
            day["net"] += row["net_minor"]
        if row["kind"] == "package":
            day["packages"] += row["net_minor"]
        elif row["kind"] != "gift_card":
            day["revenue"] += row["net_minor"]
    for row, day in _within(session, "tenders", sales, "sale_id", sold):
        day["spent" if row["kind"] in STORED else "takings"] += row["amount_minor"] + row["rounding_minor"]
        day["rounding"] += row["rounding_minor"]
    for row, day in _within(session, "redemptions", sales, "sale_id", sold):
        day["credits"] += row["value_minor"]
        day["revenue"] += row["value_minor"]

    for row in refunds.values():
        day = back[day_of(row["business_on"])]
        day["tips"] += row["tip_minor"]
        day["total"] += row["net_minor"] + row["tax_minor"]
        day["revenue"] += row["net_minor"] - row["liability_minor"]
    for row, day in _within(session, "refund_lines", refunds, "refund_id", back):
        day["tax"] += row["tax_minor"]
        day["discounts"] += row["discount_minor"]
        if row["kind"] == "gift_card":
            day["gift_sold"] += row["net_minor"]
            day["revenue"] -= row["net_minor"]
        else:
            day["net"] += row["net_minor"]
    for row, day in _within(session, "refund_parts", refunds, "refund_id", back):
        if row["replaces_id"] is None:
            minor = row["amount_minor"] + row["rounding_minor"]
            day["spent" if row["kind"] in STORED else "takings"] += minor
            day["rounding"] += row["rounding_minor"]
            sold[day_of(refunds[key_of(row["refund_id"])]["business_on"])]["refunds"] += minor
    _visits_of_voids(session, refunds, back)

    keys = ("gross", "discounts", "net", "tax", "gift_sold", "total", "tips", "takings", "spent", "packages", "credits",
            "refunds", "rounding", "revenue")  # fmt: skip
    return {on: {key: (sold[on][key], back[on][key]) for key in keys} for on in sorted({*sold, *back})}


def _within(
    session: Session, table: str, owners: dict[str, Any], column: str, days: dict[date, dict[str, int]]
) -> Iterator[tuple[Any, dict[str, int]]]:
    for row in rows_in(session, table):
        owner = owners.get(key_of(row[column]))
        if owner is not None:
            yield row, days[day_of(owner["business_on"])]


def _visits_of_voids(session: Session, refunds: dict[str, Any], back: dict[date, dict[str, int]]) -> None:
    """The value of the sessions that voids gave back to their packages; those reversed alone are another event."""
    voids = {key_of(row["sale_id"]): row for row in refunds.values() if row["kind"] == "void"}
    moves = {key_of(row["id"]): row["key"] for row in rows_in(session, "credit_moves")}
    uses = {key_of(row["id"]): row for row in rows_in(session, "redemptions")}
    for row in rows_in(session, "redemption_reversals"):
        void = voids.get(key_of(uses[key_of(row["redemption_id"])]["sale_id"]))
        if void is not None and moves[key_of(row["move_id"])].startswith("refund:"):
            day = back[day_of(void["business_on"])]
            day["credits"] += row["value_minor"]
            day["revenue"] += row["value_minor"]
