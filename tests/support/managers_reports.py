"""Whether the reports managers ask for say what the raw rows of a location say, summed again by other code.

`reports_differ` reads them over a location's whole life and returns what differs; it shares no query with `pos.reports`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy.orm import Session

from pos.core.money import Money
from pos.domain.locations.queries import Place
from pos.domain.sales.tender_kinds import label_of
from pos.reports.listed import reports
from pos.reports.period import Scope
from pos.reports.sales.sales_totals import by_day, totals
from tests.support.paged import pages_differ
from tests.support.recomputed import day_of, key_of, rows_in
from tests.support.rows_behind import behind_differs

_TABLES = (
    "tip_allocations", "commission_rules", "sales", "sale_lines", "refunds", "refund_lines", "redemptions",
    "redemption_reversals", "tenders", "refund_parts", "credit_lots", "gift_cards", "account_credits",
    "journal_entries", "postings", "receipts", "credit_notes",
)  # fmt: skip


def rows_of(session: Session, name: str, scope: Scope) -> list[dict[str, Any]]:
    """The rows of a report by their columns; money as minor units."""
    found = reports()[name]
    return [
        {
            column: cell.minor if isinstance(cell, Money) else cell
            for column, cell in zip(found.columns, row, strict=True)
        }
        for row in found.rows(session, scope)
    ]


def _differs(what: str, report: Any, raw: Any) -> Iterator[str]:
    if report != raw:
        yield f"{what}: report {report}, rows {raw}"


def _sum(rows: list[dict[str, Any]], column: str) -> int:
    return sum(row[column] or 0 for row in rows)


def reports_differ(session: Session, place: Place, *, rows_too: bool = True) -> list[str]:
    """What differs, in words. `rows_too`: the rows behind each figure and the pages of long reports are read as well."""
    today = place.today()
    whole = Scope((place,), date(2026, 1, 1), today)
    halves = Scope((place,), today - timedelta(days=60), today - timedelta(days=1))
    # Several reports make the same remarks.
    remarking = {one.remarks: one for one in reports().values() if one.remarks}
    bad = [
        f"{one.name}: {remark.sentence}"
        for one in remarking.values()
        for scope in (whole, halves)
        for remark in one.remarks_on(session, scope)
        if remark.bad
    ]
    here = key_of(place.id)
    tables = {
        name: [row for row in rows_in(session, name) if key_of(row.get("location_id") or here) == here]
        for name in _TABLES
    }
    return [
        *bad,
        *(behind_differs(session, whole) if rows_too else ()),
        *(pages_differ(session, whole, 15) if rows_too else ()),
        *(line for scope in (whole, halves) for check in _CHECKS for line in check(session, scope, tables)),
    ]


def _tips(session: Session, scope: Scope, tables: dict[str, list[Any]]) -> Iterator[str]:
    rows = rows_of(session, "tips", scope)
    sums: dict[str, int] = defaultdict(int)
    for row in tables["tip_allocations"]:
        on = day_of(row["business_on"])
        if on <= scope.to_on:
            sums["Due at the end"] += row["amount_minor"]
        if on < scope.from_on:
            sums["Due before"] += row["amount_minor"]
        elif on <= scope.to_on:
            name = {"sale": "Given", "refund": "Given back", "payout": "Paid out"}.get(row["kind"])
            sums[name or "Moved and shared out"] += row["amount_minor"]
    for column in ("Due before", "Given", "Given back", "Moved and shared out", "Paid out", "Due at the end"):
        yield from _differs(f"tips, {column}", _sum(rows, column), sums[column])


def _commissions(session: Session, scope: Scope, tables: dict[str, list[Any]]) -> Iterator[str]:
    """Each line by itself: what it earned, less what is earned of it after each thing that went back."""
    rows = rows_of(session, "commissions", scope)
    sales = {key_of(row["id"]): row for row in tables["sales"]}
    lines = {
        (key_of(row["sale_id"]), row["position"]): row
        for row in tables["sale_lines"]
        if key_of(row["sale_id"]) in sales
    }
    refunds = {key_of(row["id"]): row for row in tables["refunds"]}
    used: dict[Any, int] = defaultdict(int)
    events: dict[Any, list[tuple[str, date, int, str]]] = defaultdict(list)
    uses = {key_of(row["id"]): row for row in tables["redemptions"]}
    for row in uses.values():
        used[key_of(row["sale_id"]), row["sale_position"]] += row["value_minor"]
    for row in tables["refund_lines"]:
        refund = refunds.get(key_of(row["refund_id"]))
        if refund:
            key = key_of(row["sale_id"]), row["sale_position"]
            events[key].append((str(refund["created_at"]), day_of(refund["business_on"]), row["net_minor"], "money"))
    for row in tables["redemption_reversals"]:
        use = uses[key_of(row["redemption_id"])]
        key = key_of(use["sale_id"]), use["sale_position"]
        events[key].append((str(row["at"]), day_of(row["business_on"]), row["value_minor"], "credit"))
    found: dict[str, Decimal] = defaultdict(Decimal)
    for key, line in lines.items():
        sale = sales[key[0]]
        sold_on = day_of(sale["business_on"])
        treats = line["kind"] in ("variant", "add_on")
        grounds = [
            ("visit", line["therapist_id"], (line["net_minor"] if treats else 0) + used[key]),
            ("sale", line["therapist_id"] or sale["staff_id"], line["net_minor"]),
        ]
        for ground, who, base in grounds:
            if (ground == "sale") != (line["kind"] in ("package", "retail")) and not (ground == "visit" and used[key]):
                continue
            rules = [
                rule
                for rule in tables["commission_rules"]
                if who and key_of(rule["staff_id"]) == key_of(who) and day_of(rule["from_on"]) <= sold_on
            ]
            if not rules:
                continue
            percent = Decimal(max(rules, key=lambda rule: day_of(rule["from_on"]))[f"{ground}_percent"])
            if scope.from_on <= sold_on <= scope.to_on:
                found[f"Commission on {ground}s"] += _of(base, percent)
                found["Commission"] += _of(base, percent)
            counts = {"money"} if ground == "sale" else {"credit", "money"} if treats else {"credit"}
            for _, on, minor, what in sorted(events[key], key=lambda event: event[0]):
                if what not in counts:
                    continue
                part = _of(base, percent) - _of(base - minor, percent)
                base -= minor
                if scope.from_on <= on <= scope.to_on:
                    found["Taken back"] -= part
                    found["Commission"] -= part
    for column in ("Commission on visits", "Commission on sales", "Taken back", "Commission"):
        yield from _differs(f"commissions, {column}", _sum(rows, column), int(found[column]))


def _of(minor: int, percent: Decimal) -> Decimal:
    sign = -1 if minor < 0 else 1
    return sign * (abs(minor) * percent / 100).quantize(Decimal(1), ROUND_HALF_UP)


def _tenders(session: Session, scope: Scope, tables: dict[str, list[Any]]) -> Iterator[str]:
    """Takings, stored value and what was given back, tender by tender."""
    sums: dict[str, int] = defaultdict(int)
    for name, part, owner, sign in (("sales", "tenders", "sale_id", 1), ("refunds", "refund_parts", "refund_id", -1)):
        of_days = {
            key_of(row["id"]) for row in tables[name] if scope.from_on <= day_of(row["business_on"]) <= scope.to_on
        }
        for row in tables[part]:
            if key_of(row[owner]) in of_days and row.get("replaces_id") is None:
                sums[label_of(row["kind"])] += sign * (row["amount_minor"] + row["rounding_minor"])
    said = {row["Paid by"]: row["Paid less given back"] for row in rows_of(session, "sales-by-tender", scope)}
    yield from _differs("tenders", {k: v for k, v in said.items() if v}, {k: v for k, v in sums.items() if v})


def _tickets(session: Session, scope: Scope, tables: dict[str, list[Any]]) -> Iterator[str]:
    """The sums of tickets and of clients are those of the figures of the same days."""
    (found,) = totals(scope, by_day(session, scope))
    rows = rows_of(session, "average-ticket", scope)
    said = [_sum(rows, column) for column in ("Sales", "Net sales", "Credits used")]
    yield from _differs("tickets", said, [found.sales, found.net_sales_minor, found.redeemed_minor])
    of_clients = {key_of(row["id"]) for row in tables["sales"] if row["client_id"] is not None}
    days = {key_of(row["id"]): day_of(row["business_on"]) for row in tables["sales"]}
    net = sum(
        row["net_minor"]
        for row in tables["sale_lines"]
        if key_of(row["sale_id"]) in of_clients
        and row["kind"] != "gift_card"
        and scope.from_on <= days[key_of(row["sale_id"])] <= scope.to_on
    )
    yield from _differs("clients", _sum(rows_of(session, "clients", scope), "Net sales"), net)


def _owed(session: Session, scope: Scope, tables: dict[str, list[Any]]) -> Iterator[str]:
    """What is owed now by the rows that keep balances; of a past day the remark compares with the ledger."""
    if scope.to_on < today_of(scope):
        return
    said = {row["Owed as"]: row["Closing"] for row in rows_of(session, "owed", scope)}
    sums = {
        "Sessions": sum(row["net_minor"] - row["recognised_minor"] for row in tables["credit_lots"]),
        "Gift cards": sum(row["balance_minor"] + row["held_minor"] for row in tables["gift_cards"]),
        "Account credit": sum(row["balance_minor"] + row["held_minor"] for row in tables["account_credits"]),
    }
    yield from _differs("owed", {k: v for k, v in said.items() if v}, {k: v for k, v in sums.items() if v})
    aged = rows_of(session, "credits-by-age", scope)
    yield from _differs("credits by age", _sum(aged, "Owed"), sums["Sessions"])
    left = sum(row["remaining"] + row["held"] for row in tables["credit_lots"])
    yield from _differs("credits left by age", _sum(aged, "Credits left"), left)
    ends = Scope(scope.places, scope.from_on, scope.to_on + timedelta(days=4000))
    live = [row for row in tables["credit_lots"] if row["expires_on"] and row["remaining"] + row["held"]]
    said_left = _sum(rows_of(session, "expiring-credits", ends), "Credits left")
    yield from _differs("expiring credits", said_left, sum(row["remaining"] + row["held"] for row in live))


def _registers(session: Session, scope: Scope, tables: dict[str, list[Any]]) -> Iterator[str]:
    """Accounts at both ends by the postings themselves; papers and refunds by their rows."""
    on = {key_of(row["id"]): day_of(row["business_on"]) for row in tables["journal_entries"]}
    sums: dict[str, int] = defaultdict(int)
    for row in tables["postings"]:
        day, minor = on[key_of(row["entry_id"])], row["amount_minor"]
        sums["Debit"] += max(0, minor) if scope.from_on <= day <= scope.to_on else 0
        sums["Credit"] += max(0, -minor) if scope.from_on <= day <= scope.to_on else 0
    rows = rows_of(session, "trial-balance", scope)
    yield from _differs("trial balance", [_sum(rows, n) for n in ("Debit", "Credit")], [sums["Debit"], sums["Credit"]])
    accounts: dict[str, int] = defaultdict(int)
    for row in tables["postings"]:
        if on[key_of(row["entry_id"])] <= scope.to_on:
            accounts[row["account_key"]] += row["amount_minor"]
    closing = sorted(row["Closing"] for row in rows if row["Closing"])
    yield from _differs("accounts", closing, sorted(minor for minor in accounts.values() if minor))
    papers = rows_of(session, "receipts", scope)
    made = [
        row
        for name in ("receipts", "credit_notes")
        for row in tables[name]
        if scope.from_on <= day_of(row["business_on"]) <= scope.to_on
    ]
    yield from _differs("papers", sorted(row["Number"] for row in papers), sorted(row["label"] for row in made))
    (found,) = totals(scope, by_day(session, scope))
    given = _sum(rows_of(session, "refunds", scope), "Given back")
    yield from _differs("refunds and voids", given, found.given_back_minor(*found.back))


def today_of(scope: Scope) -> date:
    """The business date of the first location."""
    return scope.places[0].today()


_CHECKS = (_tips, _commissions, _tenders, _tickets, _owed, _registers)
