"""What clients have paid ahead, at the end of any past day: sessions, gift cards and account credit alike, and how old."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from pos.core.clock import add_months
from pos.core.messages.books import OWED_DIFFERS_FROM_LEDGER
from pos.core.money import Money
from pos.domain.credits.models import CreditLot, CreditMove, PurchasedPackage
from pos.domain.ledger.models import JournalEntry, Posting
from pos.domain.stored_value.models import AccountCreditMove, GiftCard, GiftCardMove
from pos.reports.analysis.opens import Word
from pos.reports.analysis.packages import CHANGE
from pos.reports.books.deferred_revenue import AGES
from pos.reports.exporters import Cell
from pos.reports.period import Scope
from pos.reports.registry import Remark, days_to_come, report

COLUMNS = (
    "Location", "Owed as", "Opening", "Sold or credited", "Used", "Refunded or paid out", "Expired", "Other",
    "Closing", "In the ledger", "Currency",
)  # fmt: skip
OLD = ("Location", "Plan", "Age", "Credits left", "Owed", "Currency")
# What is owed, the account it stands on, and what people call it.
_OWED = {
    "sessions": ("package_liability", Word("Sessions")),
    "gift_cards": ("gift_card_liability", Word("Gift cards")),
    "account_credit": ("account_credit", Word("Account credit")),
}
# How a move counts; what is not named is `other`.
_COUNTS = {
    **dict.fromkeys(("grant", "pay", "issue", "reload", "lapse", "goodwill"), "sold"),
    **dict.fromkeys(("redeem", "reverse", "burn", "restore", "spend"), "used"),
    **dict.fromkeys(("refund", "surrender", "withdraw", "reinstate", "void", "cash_out"), "refunded"),
    "expire": "expired",
}


@dataclass
class Owed:
    """What is owed in one way, minor units: each part signed as it changed it."""

    opening: int = 0
    sold: int = 0
    used: int = 0
    refunded: int = 0
    expired: int = 0
    other: int = 0

    @property
    def closing(self) -> int:
        """What is owed at the end: the sum of everything before."""
        return sum(getattr(self, part.name) for part in fields(self))


def _moves(scope: Scope) -> Iterator[tuple[str, Any]]:
    """For each way the query of its moves: location, kind, whether before the days, and the sum."""

    def query(move: Any, where: Any, amount: Any) -> Any:
        before = move.business_on < scope.from_on
        return select(where, move.kind, before, func.sum(amount)).where(
            where.in_(scope.location_ids), move.business_on <= scope.to_on
        ).group_by(where, move.kind, before)  # fmt: skip

    yield (
        "sessions",
        query(CreditMove, CreditLot.location_id, CreditMove.value_minor).join_from(
            CreditMove, CreditLot, CreditLot.id == CreditMove.lot_id
        ),
    )
    # What is set aside for a card payment is owed as before.
    yield (
        "gift_cards",
        query(GiftCardMove, GiftCard.location_id, GiftCardMove.delta_minor)
        .join_from(GiftCardMove, GiftCard, GiftCard.id == GiftCardMove.card_id)
        .where(GiftCardMove.kind.not_in(("hold", "release"))),
    )
    yield (
        "account_credit",
        query(AccountCreditMove, AccountCreditMove.location_id, AccountCreditMove.delta_minor).where(
            AccountCreditMove.kind.not_in(("hold", "release"))
        ),
    )


def owed(session: Session, scope: Scope) -> Mapping[tuple[UUID, str], Owed]:
    """What is owed by location and way."""
    found: dict[tuple[UUID, str], Owed] = defaultdict(Owed)
    for way, query in _moves(scope):
        for where, kind, before, minor in session.execute(query):
            # What expired of packages by their terms comes onto the account of the client.
            came = way == "account_credit" and kind == "expire"
            name = "opening" if before else "sold" if came else _COUNTS.get(kind, "other")
            one = found[where, way]
            setattr(one, name, getattr(one, name) + int(minor))
    return found


def _booked(session: Session, scope: Scope) -> dict[tuple[UUID, str], int]:
    """What the ledger owes at the end of the last day, by location and way."""
    accounts = {account: way for way, (account, _) in _OWED.items()}
    # No condition on the day: the few postings of these accounts are read by their index, not the entries of all days.
    until = case((JournalEntry.business_on <= scope.to_on, Posting.amount_minor), else_=0)
    rows = session.execute(
        select(Posting.location_id, Posting.account_key, func.sum(until))
        .join(JournalEntry, JournalEntry.id == Posting.entry_id)
        .where(
            Posting.location_id.in_(scope.location_ids),
            Posting.account_key.in_(accounts),
        )
        .group_by(Posting.location_id, Posting.account_key)
    )
    return {(where, accounts[key]): -int(minor) for where, key, minor in rows}


def _remarks(session: Session, scope: Scope) -> Sequence[Remark]:
    found, booked = owed(session, scope), _booked(session, scope)
    ways = [(place.id, way) for place in scope.places for way in _OWED]
    remarks = days_to_come(scope)
    if any((found[key].closing if key in found else 0) != booked.get(key, 0) for key in ways):
        remarks.append(Remark(OWED_DIFFERS_FROM_LEDGER, bad=True))
    return remarks


@report(
    "owed",
    title="Owed to clients",
    about="Owed at the first and the last day in sessions, on gift cards and as account credit, and what changed it.",
    columns=COLUMNS,
    summed=COLUMNS[2:-1],
    by=COLUMNS[:2],
    remarks=_remarks,
)
def owed_report(session: Session, scope: Scope) -> Iterator[tuple[Cell, ...]]:
    """A row for each location and way there ever was anything of, with what the ledger owes."""
    found, booked = owed(session, scope), _booked(session, scope)
    for place in scope.places:
        for way, (_, word) in _OWED.items():
            if one := found.get((place.id, way)):
                parts = [getattr(one, part.name) for part in fields(one)]
                minors = (*parts, one.closing, booked.get((place.id, way), 0))
                yield (place.name, word, *(Money(minor, place.currency) for minor in minors), place.currency)


@report(
    "credits-by-age",
    title="Credits by age",
    about="Credits left at the end of the last day and what is owed for them, by plan and by how long ago they were bought.",
    columns=OLD,
    summed=("Credits left", "Owed"),
    by=OLD[:3],
)
def credits_by_age(session: Session, scope: Scope) -> Iterator[tuple[Cell, ...]]:
    """A row for each location, plan and age with anything left; a past day read again gives the same rows."""
    lots = (
        select(
            CreditLot.location_id, PurchasedPackage.name, PurchasedPackage.purchased_on, func.sum(CHANGE),
            func.sum(CreditMove.value_minor),
        )
        .select_from(CreditMove)
        .join(CreditLot, CreditLot.id == CreditMove.lot_id)
        .join(PurchasedPackage, PurchasedPackage.id == CreditLot.package_id)
        .where(CreditLot.location_id.in_(scope.location_ids), CreditMove.business_on <= scope.to_on)
        .group_by(CreditLot.location_id, PurchasedPackage.name, PurchasedPackage.purchased_on)
    )  # fmt: skip
    begins = [add_months(scope.to_on, -months) for _, months in AGES]
    sums: dict[tuple[UUID, str, int], list[int]] = defaultdict(lambda: [0, 0])
    for where, name, bought, credits, minor in session.execute(lots):
        if credits or minor:
            # As old as the last age that begins on the day it was bought, or after it.
            age = max(at for at, begin in enumerate(begins) if at == 0 or bought <= begin)
            one = sums[where, name, age]
            one[0], one[1] = one[0] + int(credits), one[1] + int(minor)
    for place in scope.places:
        for (where, name, age), (count, minor) in sorted(sums.items(), key=lambda pair: pair[0][1:]):
            if where == place.id:
                yield place.name, name, Word(AGES[age][0]), count, Money(minor, place.currency), place.currency
