"""Whether what a name of a report opens sums to the figures beside the name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from pos.core.money import Money
from pos.core.paging.window import Window
from pos.reports.analysis.narrowing import parse_only
from pos.reports.analysis.opens import Behind, Opens
from pos.reports.exporters import Cell
from pos.reports.listed import reports
from pos.reports.period import Scope, parse_day
from pos.reports.registry import Report

# Of the lines sold, of those given back with a minus, and of both.
_SOLD = ("Quantity", "Discounts", "Net sales", "Tax charged", "Gift cards sold", "Credits used")

_TIPS = {
    "Given": ("Given",), "Given back": ("Given back",), "Moved and shared out": ("Moved", "Shared out"),
    "Paid out": ("Paid out",),
}  # fmt: skip

_CREDITS = {
    "Credits granted": (("Granted",), 1), "Credits used": (("Used", "Use taken back"), -1),
    "Forfeited": (("Forfeited", "Forfeit taken back"), -1), "Refunded": (("Refunded", "Refund taken back"), -1),
    "Expired": (("Expired",), -1), "Moved on": (("Moved on",), 1),
}  # fmt: skip


def minor(cell: Cell) -> int:
    """The number of a cell; 0 of none."""
    return cell.minor if isinstance(cell, Money) else cell if isinstance(cell, int) else 0


def behind(session: Session, report: Report, scope: Scope, name: Behind) -> Sequence[dict[str, Any]]:
    """The rows that a name opens."""
    opened = reports()[report.behind]
    asked = scope.only.args() | {word: text for word, text in name.args.items() if word in opened.filters}
    places = tuple(place for place in scope.places if name.args.get("location") in (None, place.slug))
    there = replace(scope, places=places, only=parse_only(asked))
    if "from" in name.args:
        there = replace(
            there, from_on=parse_day(name.args["from"], field=""), to_on=parse_day(name.args["to"], field="")
        )
    if opened.keyed:
        rows = [row for _key, row in opened.keyed.rows(session, there, Window(100_000))]
    else:
        rows = list(opened.rows(session, there))
    return [dict(zip(opened.columns, row, strict=True)) for row in rows]


def behind_differs(session: Session, scope: Scope) -> Iterator[str]:
    """What differs, in words, of every report whose names open rows."""
    for report in reports().values():
        for row in report.rows(session, scope) if report.behind else ():
            told = dict(zip(report.columns, row, strict=True))
            names = [cell for cell in row if isinstance(cell, Behind)]
            if report.name == "tax-by-rate" and not minor(told["Tax due"]) and not minor(told["Tax not due yet"]):
                continue  # what comes to no tax may be on no account
            (name,) = names
            found = behind(session, report, scope, name)
            for what, expected, sums in _pairs(report, told, name, found):
                if expected != sums:
                    yield f"{report.name}, {name}, {what}: {expected}, behind it {sums}"


def _pairs(
    report: Report, told: dict[str, Any], name: Behind, found: Sequence[dict[str, Any]]
) -> Iterator[tuple[str, int, int]]:
    match report.behind:
        case "items":
            sold = [row for row in found if isinstance(row["Receipt"], Opens) and row["Receipt"].what == "sale"]
            for column in _SOLD:
                if column in told:
                    yield column, minor(told[column]), sum(minor(row[column]) for row in sold)
            if "Net after refunds" in told:
                yield (
                    "Net after refunds",
                    minor(told["Net after refunds"]),
                    sum(minor(row["Net sales"]) for row in found),
                )
            if "Sales" in told:
                yield "Sales", told["Sales"], len({row["Receipt"].key for row in sold})
        case "sales":
            paid = sum(minor(row[str(name)]) for row in found if row["Receipt"].what == "sale")
            yield "Paid", minor(told["Paid"]), paid
        case "commission-lines":
            yield "Commission", minor(told["Commission"]), sum(minor(row["Commission"]) for row in found)
        case "tip-lines":
            for column, words in _TIPS.items():
                own = sum(minor(row["Amount"]) for row in found if row["What happened"] in words)
                yield column, minor(told[column]), own
        case "treated-clients":
            yield "Clients", told["Clients"], len(found)
            yield "New clients", told["New clients"], sum(row["New or returning"] == "New" for row in found)
            yield "Visits", told["Visits"], sum(row["Visits"] for row in found)
        case "visit-lines":
            yield "Visits", told["Visits"], len(found)
            yield "With an add-on", told["Visits with an add-on"], sum(row["Add-ons"] > 0 for row in found)
            yield "Add-ons", told["Add-ons"], sum(row["Add-ons"] for row in found)
            yield "Net", minor(told["Add-ons, net"]), sum(minor(row["Add-ons, net"]) for row in found)
        case "packages-used-up":
            yield "Used up", told["Used up"], len(found)
            yield "Renewed", told["Renewed"], sum(row["Renewed on"] is not None for row in found)
        case "credit-moves":
            for column, (words, sign) in _CREDITS.items():
                own = sum(row["Credits"] for row in found if row["What happened"] in words)
                yield column, told[column], sign * own
            yield "Packages granted", told["Packages granted"], sum(row["What happened"] == "Granted" for row in found)
        case "events-to-review":
            yield "Times", told["Times"], len(found)
            yield "Amount", minor(told["Amount"]), sum(minor(row["Amount"]) for row in found)
        case "card-lines":
            yield "Card payments", told["Card payments"], sum(row["Paid by card"] is not None for row in found)
            for column in ("Paid by card", "Given back to cards", "Fees"):
                yield column, minor(told[column]), sum(minor(row[column]) for row in found)
        case "journal" if report.name == "tax-by-rate":
            for column, code in (("Tax due", "220"), ("Tax not due yet", "221")):
                own = [row for row in found if row["Account code"].startswith(code)]
                yield column, minor(told[column]), sum(minor(row["Credit"]) - minor(row["Debit"]) for row in own)
        case "journal":
            for column in ("Debit", "Credit"):
                yield column, minor(told[column]), sum(minor(row[column]) for row in found)
