"""Breakage: what of packages and gift cards ended unused and became the clinic's own, by plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from pos.core.messages.books import BREAKAGE_DIFFERS_FROM_LEDGER
from pos.core.money import Money
from pos.domain.credits.models import CreditLot, CreditMove, PurchasedPackage
from pos.domain.ledger.models import JournalEntry, Posting
from pos.domain.stored_value.models import AccountCreditMove, GiftCard, GiftCardMove
from pos.reports.exporters import Cell
from pos.reports.period import Scope
from pos.reports.registry import Remark, report

COLUMNS = (
    "Location", "Plan", "Credits expired", "Value expired", "Kept as account credit", "Lapsed",
    "Recognised ahead, less taken back", "Breakage", "Currency",
)  # fmt: skip


@dataclass
class Expired:
    """What ended of one plan, minor units before tax; `ahead` is signed as it changed what was recognised."""

    credits: int = 0
    value: int = 0
    kept: int = 0
    ahead: int = 0

    @property
    def lapsed(self) -> int:
        """What of the value nobody has any more."""
        return self.value - self.kept

    @property
    def breakage(self) -> int:
        """What was booked as breakage."""
        return self.lapsed + self.ahead


def breakage(session: Session, scope: Scope) -> dict[tuple[UUID, str], Expired]:
    """By location and plan; gift cards have an empty name."""
    found: dict[tuple[UUID, str], Expired] = defaultdict(Expired)
    days = (scope.from_on, scope.to_on)
    # What became account credit has a move of its own, named after the move that ended the credits.
    accounts = set(
        session.scalars(
            select(AccountCreditMove.key).where(
                AccountCreditMove.location_id.in_(scope.location_ids),
                AccountCreditMove.kind == "expire",
                AccountCreditMove.business_on.between(*days),
            )
        )
    )
    moves = (
        select(
            CreditLot.location_id, PurchasedPackage.name, CreditMove.id, CreditMove.kind, CreditMove.delta,
            CreditMove.value_minor, CreditMove.breakage_minor,
        )
        .select_from(CreditMove)
        .join(CreditLot, CreditLot.id == CreditMove.lot_id)
        .join(PurchasedPackage, PurchasedPackage.id == CreditLot.package_id)
        .where(
            CreditLot.location_id.in_(scope.location_ids),
            CreditMove.business_on.between(*days),
            or_(CreditMove.kind == "expire", CreditMove.breakage_minor != 0),
        )
    )  # fmt: skip
    for where, name, key, kind, delta, value, ahead in session.execute(moves):
        one = found[where, name]
        one.ahead += ahead
        if kind == "expire":
            one.credits -= delta
            one.value -= value
            one.kept -= value if f"expire:{key}" in accounts else 0
    cards = (
        select(GiftCard.location_id, func.sum(GiftCardMove.delta_minor))
        .join(GiftCard, GiftCard.id == GiftCardMove.card_id)
        .where(
            GiftCard.location_id.in_(scope.location_ids),
            GiftCardMove.kind == "expire",
            GiftCardMove.business_on.between(*days),
        )
        .group_by(GiftCard.location_id)
    )
    for where, minor in session.execute(cards):
        found[where, ""].value -= int(minor)
    return found


def _remarks(session: Session, scope: Scope) -> Sequence[Remark]:
    sums: dict[UUID, int] = defaultdict(int)
    for (where, _), one in breakage(session, scope).items():
        sums[where] += one.breakage
    # No condition on the day: the few postings of the account are read by their index, not the entries of the days.
    within = JournalEntry.business_on.between(scope.from_on, scope.to_on)
    rows = session.execute(
        select(Posting.location_id, func.sum(case((within, Posting.amount_minor), else_=0)))
        .join(JournalEntry, JournalEntry.id == Posting.entry_id)
        .where(
            Posting.location_id.in_(scope.location_ids),
            Posting.account_key == "breakage",
        )
        .group_by(Posting.location_id)
    )
    booked = {where: -int(minor) for where, minor in rows}
    agrees = all(sums[place.id] == booked.get(place.id, 0) for place in scope.places)
    return [] if agrees else [Remark(BREAKAGE_DIFFERS_FROM_LEDGER, bad=True)]


@report(
    "breakage",
    title="Breakage",
    about="What of packages and gift cards ended unused in these days, by plan, and what of it became the clinic’s own.",
    columns=COLUMNS,
    summed=COLUMNS[2:-1],
    by=COLUMNS[:2],
    remarks=_remarks,
)
def breakage_report(session: Session, scope: Scope) -> Iterator[tuple[Cell, ...]]:
    """A row for each location and plan, gift cards last; the breakage sums to what the ledger’s account moved by."""
    found = breakage(session, scope)
    for place in scope.places:
        for (where, name), one in sorted(found.items(), key=lambda pair: (not pair[0][1], pair[0][1])):
            if where == place.id:
                minors = (one.value, one.kept, one.lapsed, one.ahead, one.breakage)
                money = (Money(minor, place.currency) for minor in minors)
                yield (place.name, name or "Gift cards", one.credits if name else None, *money, place.currency)
