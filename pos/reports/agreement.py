"""Whether the sales and the books say the same: each measure compared with the ledger, day by day and place by place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from pos.ledger.models import JournalEntry, Posting
from pos.payments.refund_models import Refund
from pos.reports.figures import DayKey, Figures
from pos.reports.scope import Scope
from pos.sales.models import Sale

# What a posting of a sale or refund adds to, by the account it stands on. Packages sold and credits redeemed meet on one
# account, so the ledger knows their difference: what clients are owed more than before.
_MEASURES = {
    "cash_drawer": "cash",
    "stripe_clearing": "card",
    "service_revenue": "revenue",
    "add_on_revenue": "revenue",
    "retail_revenue": "revenue",
    "discounts": "revenue",
    "package_liability": "liability",
    "tax_payable": "tax",
    "tax_not_due": "not_due",
    "breakage": "ahead",
    "expected_breakage": "ahead",
    "tips_payable": "tips",
    "gift_card_liability": "stored",
    "account_credit": "stored",
}
WORDS = {
    "cash": "cash",
    "card": "card payments",
    "net": "net sales",
    "revenue": "net revenue, credits used included",
    "liability": "packages sold less credits used",
    "tax": "tax",
    "not_due": "tax not due yet",
    "ahead": "breakage recognised ahead",
    "tips": "tips",
    "stored": "gift cards and account credit",
    "other": "other accounts",
}
_DEBITS = ("cash", "card")


@dataclass(frozen=True)
class Difference:
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
    differences: tuple[Difference, ...]

    @property
    def holds(self) -> bool:
        """Whether everything is equal."""
        return not self.differences


def _measure(account_key: str) -> str:
    """Each rate of tax is a measure of its own: `tax:8`, `not_due:8`. Breakage that a use takes back sums to nothing."""
    base, _, part = account_key.partition(":")
    name = _MEASURES.get(base, "other")
    return f"{name}:{part}" if name in ("tax", "not_due") else name


def _of_sales(day: Figures) -> dict[str, int]:
    gifts = day.kind("gift_card").net_minor
    back_net = day.back_net_minor - day.back_gift_minor
    liability = day.back_liability_minor - day.visits_reversed_minor
    found = {
        "cash": day.tender_minor("cash") - day.back.get("cash", 0),
        "card": day.tender_minor("card") - day.back.get("card", 0),
        "net": day.net_minor - gifts - back_net,
        "revenue": day.revenue_minor - back_net + liability,
        "liability": day.packages_minor - day.redeemed_minor - liability,
        "tips": day.tip_minor - day.back_tip_minor,
        "stored": gifts - day.back_gift_minor,
    }
    for kind in ("gift_card", "account_credit"):
        found["stored"] += day.back.get(kind, 0) - day.tender_minor(kind)
    for percent in {*day.taxes, *day.back_taxes}:
        taken, back = day.taxes.get(percent, (0, 0))[1], day.back_taxes.get(percent, 0)
        found[f"tax:{percent.normalize():f}"] = taken - back
    for percent in {*day.not_due, *day.back_not_due}:
        later = day.not_due.get(percent, 0) - day.back_not_due.get(percent, 0)
        found[f"not_due:{percent.normalize():f}"] = later
    return found


def _compared(*, narrowed: bool) -> ColumnElement[bool]:
    """The entries whose amounts the figures know."""
    sold = JournalEntry.event == "sale"
    if narrowed:
        return sold
    decided = exists().where(Refund.id == JournalEntry.subject_id)
    return sold | (JournalEntry.event.in_(("refund", "void")) & decided)


def compare(
    session: Session, scope: Scope, days: dict[DayKey, Figures], *, which: ColumnElement[bool] | None = None
) -> Agreement:
    """Compare the figures of a scope with the postings of its sales and refunds. `which` are the sales the figures were
    narrowed to; refunds are left out then. What is paid another way after a failure is proved by the checks instead.

    Without `which`, an entry that belongs to no sale shows as a difference too.
    """
    query = (
        select(
            JournalEntry.location_id,
            JournalEntry.business_on,
            Posting.account_key,
            func.sum(Posting.amount_minor),
        )
        .join(Posting, Posting.entry_id == JournalEntry.id)
        .where(
            _compared(narrowed=which is not None),
            JournalEntry.location_id.in_(scope.location_ids),
            JournalEntry.business_on.between(scope.from_on, scope.to_on),
        )
        .group_by(JournalEntry.location_id, JournalEntry.business_on, Posting.account_key)
    )
    if which is not None:
        query = query.join(Sale, Sale.id == JournalEntry.subject_id).where(which)
    booked: dict[DayKey, dict[str, int]] = {}
    for location, day_on, account, minor in session.execute(query):
        name = _measure(account)
        sums = booked.setdefault((location, day_on), {})
        sums[name] = sums.get(name, 0) + int(minor) * (1 if name in _DEBITS else -1)
    for sums in booked.values():
        sums["net"] = sums.get("revenue", 0) + sums.get("liability", 0)

    compared, differences = 0, []
    for key in sorted({*days, *booked}, key=lambda k: (k[1], k[0])):
        sold = _of_sales(days[key]) if key in days else {}
        in_books = booked.get(key, {})
        for name in sorted({*sold, *in_books}):
            compared += 1
            if sold.get(name, 0) != in_books.get(name, 0):
                differences.append(
                    Difference(
                        key[0],
                        key[1],
                        name,
                        sold.get(name, 0),
                        in_books.get(name, 0),
                        scope.place(key[0]).currency,
                    )
                )
    return Agreement(compared, tuple(differences))


def measure_words(measure: str) -> str:
    """A measure as people say it: `tax:8` is “tax 8 %”."""
    base, _, part = measure.partition(":")
    return f"{WORDS[base]} {part} %" if part else WORDS[base]
