"""Whether the sales and the books say the same: each measure compared with the ledger, day by day and place by place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, case, exists, func, select
from sqlalchemy.orm import Session

from pos.core.database.day_totals import DayTotals
from pos.domain.credits.models import CreditLot, CreditMove, PurchasedPackage
from pos.domain.ledger.entries import CASH_ROUNDING, rate_of_key
from pos.domain.ledger.models import JournalEntry, Posting
from pos.domain.refunds.models import Refund
from pos.domain.sales.models import Sale
from pos.domain.sales.tender_kinds import RECEIVED, STORED, TENDER_KINDS, label_of
from pos.reports.period import Scope
from pos.reports.sales.sums import DayKey, Figures
from pos.reports.totals.stored import read

# What a posting adds to, by the account it stands on. Packages sold and credits redeemed meet on one account, so the ledger
# knows their difference: what clients are owed more than before.
_MEASURES = {
    **{kind.account: "stored" if kind.is_stored else kind.key for kind in TENDER_KINDS.values()},
    "service_revenue": "revenue",
    "add_on_revenue": "revenue",
    "retail_revenue": "revenue",
    "service_charge_revenue": "revenue",
    "discounts": "revenue",
    "package_liability": "liability",
    "tax_payable": "tax",
    "tax_not_due": "not_due",
    "breakage": "breakage",
    "expected_breakage": "ahead",
    "tips_payable": "tips",
    CASH_ROUNDING: "rounding",
}
WORDS = {
    **{kind: label_of(kind).lower() for kind in RECEIVED},
    "card": "card payments",
    "net": "net sales",
    "revenue": "net revenue, credits used included",
    "liability": "packages sold less credits used",
    "tax": "tax",
    "not_due": "tax not due yet",
    "breakage": "breakage",
    "ahead": "breakage recognised ahead",
    "tips": "tips",
    "stored": "gift cards and account credit",
    "rounding": "cash rounding",
    "other": "other accounts",
}
# Location, business date, account, whether of sales, and the sum of the postings in minor units.
Booked = tuple[UUID, date, str, bool, int]
# How a sale was paid, and what it comes to, is compared for sales, refunds and voids alone: what else moves money is proved
# by the checks of drawers, of Stripe and of the bank.
_OF_SALES = (*RECEIVED, "net", "rounding", "other")


@dataclass(frozen=True)
class Discrepancy:
    """A measure of one location and day on which sales and ledger differ; minor units."""

    location_id: UUID
    business_on: date
    measure: str
    sales_minor: int
    ledger_minor: int
    currency: str


@dataclass(frozen=True)
class Agreement:
    """The outcome of a comparison: `compared` figures, and those that differ."""

    compared: int
    differences: tuple[Discrepancy, ...]

    @property
    def holds(self) -> bool:
        """Whether everything is equal."""
        return not self.differences


def _measure(account_key: str) -> str:
    """Each rate of tax is a measure of its own: `tax:8`, `not_due:8`."""
    base, _, part = account_key.partition(":")
    name = _MEASURES.get(base, "other")
    return f"{name}:{part}" if name in ("tax", "not_due") else name


def _of_figures(day: Figures) -> dict[str, int]:
    """What sales, refunds, voids and every other event say about each measure."""
    back_net = day.back_net_minor - day.back_gift_minor
    liability = day.back_liability_minor - day.visits_reversed_minor
    events = day.events.values()
    found = {
        **{kind: day.tender_minor(kind) - day.given_back_minor(kind) for kind in RECEIVED},
        "rounding": day.rounding_minor - day.back_rounding_minor,
        "net": day.net_sales_minor - back_net,
        "revenue": day.revenue_minor - day.back_revenue_minor + sum(e.revenue_minor for e in events),
        "liability": day.packages_minor - day.redeemed_minor - liability + sum(e.liability_minor for e in events),
        "breakage": day.ahead_minor + sum(e.breakage_minor for e in events),
        "ahead": -day.ahead_minor - sum(e.ahead_minor for e in events),
        "tips": day.tip_minor - day.back_tip_minor + sum(e.tips_minor for e in events),
        "stored": day.gift_minor - day.back_gift_minor - day.spent_minor + sum(e.stored_minor for e in events),
    }
    found["stored"] += day.given_back_minor(*STORED)
    taxes = day.all_taxes
    for rate, (_, tax) in taxes.due.items():
        found[f"tax:{rate.key}"] = tax
    for rate, tax in taxes.not_due.items():
        found[f"not_due:{rate.key}"] = tax
    return found


def _is_of_sales() -> ColumnElement[bool]:
    """Entries of sales, and of refunds and voids as they were decided: not of what was paid another way after a failure."""
    decided = exists().where(Refund.id == JournalEntry.subject_id)
    return (JournalEntry.event == "sale") | (JournalEntry.event.in_(("refund", "void")) & decided)


def _narrowed(which: ColumnElement[bool]) -> ColumnElement[bool]:
    """The entries of some sales, and of what they carried to a bigger package."""
    sold = select(Sale.id).where(which)
    carried = (
        select(CreditMove.id)
        .join(CreditLot, CreditLot.id == CreditMove.lot_id)
        .join(PurchasedPackage, PurchasedPackage.id == CreditLot.package_id)
        .where(CreditMove.kind == "carry_out", PurchasedPackage.sale_id.in_(sold))
    )
    return ((JournalEntry.event == "sale") & JournalEntry.subject_id.in_(sold)) | (
        (JournalEntry.event == "carry") & JournalEntry.subject_id.in_(carried)
    )


def booked_of_rows(session: Session, scope: Scope, which: ColumnElement[bool] | None = None) -> Iterator[Booked]:
    """What the entries of a scope's days come to on each account: those of sales, refunds and voids apart from others."""
    of_sales = case((_is_of_sales(), 1), else_=0).label("of_sales")
    query = (
        select(
            JournalEntry.location_id,
            JournalEntry.business_on,
            Posting.account_key,
            of_sales,
            func.sum(Posting.amount_minor),
        )
        .join(Posting, Posting.entry_id == JournalEntry.id)
        .where(
            JournalEntry.location_id.in_(scope.location_ids),
            JournalEntry.business_on.between(scope.from_on, scope.to_on),
        )
        .group_by(JournalEntry.location_id, JournalEntry.business_on, Posting.account_key, of_sales)
    )
    if which is not None:
        query = query.where(_narrowed(which))
    for location, day_on, account, sold, minor in session.execute(query):
        yield location, day_on, account, bool(sold), int(minor)


def _booked(session: Session, scope: Scope, which: ColumnElement[bool] | None) -> Iterator[Booked]:
    """The same, of whole past days from their totals."""
    if which is not None:
        yield from booked_of_rows(session, scope, which)
        return
    stored = read(session, scope, DayTotals.booked)
    for (location, day_on), sums in stored.read():
        for account, sold, minor in sums:
            yield location, day_on, account, bool(sold), minor
    for gap in stored.gaps:
        yield from booked_of_rows(session, gap)


def compare(
    session: Session, scope: Scope, days: dict[DayKey, Figures], *, which: ColumnElement[bool] | None = None
) -> Agreement:
    """Compare the figures of a scope with the postings of all its entries. `which` are the sales the figures were narrowed
    to; only their entries are looked at then.

    An entry that belongs to no row, or to an event that reports do not know, shows as a difference.
    """
    booked: dict[DayKey, dict[str, int]] = {}
    for location, day_on, account, sold, minor in _booked(session, scope, which):
        name = _measure(account)
        if name in _OF_SALES and not sold:
            continue
        sums = booked.setdefault((location, day_on), {})
        sums[name] = sums.get(name, 0) + minor * (1 if name in RECEIVED else -1)
        if sold and name in ("revenue", "liability"):
            sums["net"] = sums.get("net", 0) - minor

    compared, differences = 0, []
    for key in sorted({*days, *booked}, key=lambda k: (k[1], k[0])):
        of_rows = _of_figures(days[key]) if key in days else {}
        in_books = booked.get(key, {})
        for name in sorted({*of_rows, *in_books}):
            compared += 1
            if of_rows.get(name, 0) != in_books.get(name, 0):
                differences.append(
                    Discrepancy(
                        key[0],
                        key[1],
                        name,
                        of_rows.get(name, 0),
                        in_books.get(name, 0),
                        scope.place(key[0]).currency,
                    )
                )
    return Agreement(compared, tuple(differences))


def measure_label(measure: str) -> str:
    """A measure as people say it: `tax:8` is “tax 8 %”, `tax:second:9.975` “second tax 9.975 %”."""
    base, _, part = measure.partition(":")
    if not part:
        return WORDS[base]
    rate = rate_of_key(part)
    return f"{'second ' if rate.is_second else ''}{WORDS[base]} {rate.percent} %"
