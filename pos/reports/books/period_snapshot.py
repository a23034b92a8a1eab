"""What a closed day or month consists of: plain JSON facts of the journal and of the Z reports, and their hash."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from pos.core.hashing import digest
from pos.core.money import Rate
from pos.domain.ledger.models import (
    Account,
    Closing,
    JournalEntry,
    Posting,
)
from pos.domain.locations.models import Desk
from pos.domain.locations.queries import Place
from pos.domain.receipts.models import Receipt
from pos.domain.receipts.repository import TEST_SERIES
from pos.domain.sales.models import Sale
from pos.domain.till.models import Drawer, ZReport
from pos.reports.books.tax_and_revenue_events import EVENTS
from pos.reports.period import Scope
from pos.reports.sales.sales_totals import by_day_of_rows, totals
from pos.reports.sales.sums import Figures, TaxSums, rate_order

Facts = dict[str, Any]


def _number(label: str | None, number: str | None) -> str:
    """A tax number with its name; nothing where there is no number."""
    return f"{label or ''} {number}".strip() if number else ""


def _second_tax(place: Place) -> Facts:
    return {
        "second_tax_label": place.second_tax_label,
        "second_tax_id": _number(place.second_tax_id_label, place.second_tax_id),
    }


def place_facts(place: Place) -> Facts:
    """Whose paper it is, and how its money and times are written."""
    return {
        "clinic_name": place.clinic_name,
        "location": place.name,
        "address_lines": list(place.address_lines),
        "tax_id": _number(place.tax_id_label, place.tax_id),
        "tax_label": place.tax_label,
        # Only where there is one: what was frozen before is hashed without it.
        **(_second_tax(place) if place.second_tax_label else {}),
        "locale": place.locale,
        "currency": place.currency,
        "time_zone": place.time_zone,
        # Said on numbered papers where an older copy was restored: the same number may be on paper already.
        "restored": place.receipt_prefix if "." in place.receipt_prefix else "",
    }


def _rate(rate: Rate) -> Facts:
    """A rate; that of a second tax says so."""
    return {"percent": f"{rate.percent.normalize():f}", **({"second": True} if rate.is_second else {})}


def _due(taxes: TaxSums) -> list[Facts]:
    return [{**_rate(rate), "net_minor": taxes.due[rate][0], "tax_minor": taxes.due[rate][1]} for rate in taxes.rates]


def _not_due(taxes: TaxSums) -> list[Facts]:
    """Tax charged with packages that is due when they are used, less what became due, by rate."""
    return [
        {**_rate(rate), "tax_minor": minor}
        for rate in sorted(taxes.not_due, key=rate_order)
        if (minor := taxes.not_due[rate])
    ]


def tax_facts(found: Figures) -> Facts:
    """Tax by rate of refunds and voids (positive: taken back), of every other event, and of all together with the sales.

    Closings and Z reports frozen before have none of these facts: who reads them does without.
    """
    return {
        "back_taxes": _due(found.back_taxes),
        "back_not_due": _not_due(found.back_taxes),
        "other": [
            {
                "event": name,
                "count": event.count,
                "revenue_minor": event.revenue_minor,
                "breakage_minor": event.breakage_minor,
                "taxes": _due(event.taxes),
                "not_due": _not_due(event.taxes),
            }
            for name in EVENTS
            if (event := found.events.get(name)) and event.moves_tax_or_revenue
        ],
        "all_taxes": _due(found.all_taxes),
        "all_not_due": _not_due(found.all_taxes),
    }


def sold_facts(found: Figures) -> Facts:
    """What was sold, taxed, paid and redeemed: what packages and gift cards brought stands apart from what was delivered.

    `gift_cards_minor` is in gross, net and total, and no sale; `received_minor` is cash and card. Facts frozen before have
    neither.
    """
    return {
        "sales": found.sales,
        "gross_minor": found.list_minor - found.covered_minor,
        "discount_minor": found.discount_minor,
        "net_minor": found.net_minor,
        "tax_minor": found.tax_minor,
        "total_minor": found.total_minor,
        "tip_minor": found.tip_minor,
        "gift_cards_minor": found.gift_minor,
        "received_minor": found.takings_minor,
        "taxes": _due(found.taxes),
        # What the cash received is more, or less, than what it paid for; and the cash given back.
        **({"rounding_minor": found.rounding_minor} if found.rounding_minor else {}),
        **({"back_rounding_minor": found.back_rounding_minor} if found.back_rounding_minor else {}),
        # Only where it occurs: closings made before it could are hashed without it.
        **({"not_due": not_due} if (not_due := _not_due(found.taxes)) else {}),
        "tenders": [
            {"kind": kind, "count": count, "minor": minor} for kind, (count, minor) in sorted(found.tenders.items())
        ],
        "sold": [
            {"kind": kind, "count": part.quantity, "net_minor": part.net_minor}
            for kind, part in sorted(found.kinds.items())
        ],
        "redeemed": {"count": found.redeemed, "minor": found.redeemed_minor},
    }


def facts_of_tests(session: Session, *which: ColumnElement[bool]) -> Facts:
    """How many of some sales were tests, and their amounts in all; nothing where there was none.

    They are among the sales and voids, and left out of running totals: they freeze no currency (decision 22).
    """
    query = select(func.count(), func.sum(Sale.total_minor)).join(Receipt, Receipt.sale_id == Sale.id)
    count, minor = session.execute(query.where(Receipt.series == TEST_SERIES, *which)).one()
    return {"tests": {"count": count, "minor": int(minor)}} if count else {}


def running_total(before_minor: int, document: Facts) -> int:
    """The running total after a Z or a closing: all receipts but those of tests."""
    return before_minor + int(document.get("total_minor", 0)) - int(document.get("tests", {}).get("minor", 0))


def closing_hash(closing: Closing) -> str:
    """SHA-256 over everything a closing says and the hash of the one before."""
    return digest(
        [
            str(closing.location_id),
            closing.kind,
            closing.period_on.isoformat(),
            closing.number,
            closing.document,
            closing.running_minor,
            closing.ledger_seq,
            closing.ledger_head,
            closing.previous_hash,
        ]
    )


def period_end(kind: str, period_on: date) -> date:
    """The last day of a closed period: the day itself, or the last of the month."""
    if kind == "day":
        return period_on
    return period_on.replace(day=monthrange(period_on.year, period_on.month)[1])


def postings_of(session: Session, location_id: UUID, from_on: date, to_on: date) -> Facts:
    """Debits and credits of each account on some days: account key → [debit, credit], minor units."""
    debit = func.sum(case((Posting.amount_minor > 0, Posting.amount_minor), else_=0))
    credit = func.sum(case((Posting.amount_minor < 0, -Posting.amount_minor), else_=0))
    rows = session.execute(
        select(Posting.account_key, debit, credit)
        .join(JournalEntry, JournalEntry.id == Posting.entry_id)
        .where(JournalEntry.location_id == location_id, JournalEntry.business_on.between(from_on, to_on))
        .group_by(Posting.account_key)
        .order_by(Posting.account_key)
    )
    return {key: [int(debits), int(credits)] for key, debits, credits in rows}


def _account_names(session: Session, location_id: UUID, keys: Iterable[str]) -> dict[str, list[str]]:
    """Code and name of accounts as the bookkeeper calls them now."""
    rows = session.execute(
        select(Account.key, Account.code, Account.name)
        .where(Account.location_id == location_id, Account.key.in_(list(keys)))
        .order_by(Account.key)
    )
    return {key: [code, name] for key, code, name in rows}


def _events(session: Session, location_id: UUID, from_on: date, to_on: date) -> dict[str, int]:
    rows = session.execute(
        select(JournalEntry.event, func.count())
        .where(JournalEntry.location_id == location_id, JournalEntry.business_on.between(from_on, to_on))
        .group_by(JournalEntry.event)
        .order_by(JournalEntry.event)
    )
    return dict(iter(rows))


def _z(session: Session, location_id: UUID, from_on: date, to_on: date) -> list[Facts]:
    rows = session.execute(
        select(Desk.name, ZReport.number, ZReport.hash, ZReport.document)
        .join(Drawer, Drawer.id == ZReport.drawer_id)
        .join(Desk, Desk.id == Drawer.desk_id)
        .where(ZReport.location_id == location_id, ZReport.business_on.between(from_on, to_on))
        .order_by(Desk.name, ZReport.number)
    )
    return [
        {
            "desk": desk,
            "number": number,
            "restored": document.get("restored", ""),
            "hash": own,
            "total_minor": document["total_minor"],
            "over_short_minor": document["over_short_minor"],
            "banked_minor": document["banked_minor"],
        }
        for desk, number, own, document in rows
    ]


def closing_facts(session: Session, place: Place, from_on: date, to_on: date) -> Facts:
    """The facts of some days of a location, all drawers and the shop together."""
    scope = Scope((place,), from_on, to_on)
    # What is frozen is summed from the rows, whatever totals there are.
    (found,) = totals(scope, by_day_of_rows(session, scope))
    return {
        **place_facts(place),
        "from_on": from_on.isoformat(),
        "to_on": to_on.isoformat(),
        **sold_facts(found),
        "refunds": found.refunds,
        "back_net_minor": found.back_net_minor,
        "back_tax_minor": found.back_tax_minor,
        "back_tip_minor": found.back_tip_minor,
        "back_discount_minor": found.back_discount_minor,
        # Gift cards are in `back_net_minor`; closings frozen before do not say how much they are.
        "back_gift_cards_minor": found.back_gift_minor,
        "back": dict(sorted(found.back.items())),
        **tax_facts(found),
        **facts_of_tests(session, Sale.location_id == place.id, Sale.business_on.between(from_on, to_on)),
        "events": _events(session, place.id, from_on, to_on),
        "z": _z(session, place.id, from_on, to_on),
        "accounts": (accounts := postings_of(session, place.id, from_on, to_on)),
        "account_names": _account_names(session, place.id, accounts),
    }
