"""What was owed in sessions at the end of any past day, and how it came to be: from the moves of credits.

opening + sold + brought in − redeemed − refunded − expired − moved on = closing, by location and plan, tied to the ledger.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from pos.core.messages.books import OWED_DIFFERS_FROM_LEDGER, REPORT_OF_A_DAY_TO_COME
from pos.core.money import Money
from pos.domain.credits.models import CreditLot, CreditMove, PurchasedPackage
from pos.domain.ledger.models import Account, JournalEntry, Posting
from pos.domain.locations.queries import Place
from pos.domain.staff.permissions import Permission
from pos.reports.analysis.opens import Word
from pos.reports.exporters import Cell
from pos.reports.period import Scope
from pos.reports.registry import Remark, report

# How a move counts in the roll-forward; moves without value count as nothing, whatever they are.
_COLUMN = {
    "grant": "sold",
    "redeem": "redeemed",
    "reverse": "redeemed",
    "burn": "redeemed",
    "restore": "redeemed",
    "refund": "refunded",
    "surrender": "refunded",
    "withdraw": "refunded",
    "reinstate": "refunded",
    "expire": "expired",
}


_ACCOUNTS = ("package_liability", "expected_breakage", "tax_not_due")


@dataclass
class Roll:
    """The value owed for one plan or in all, minor units: each part signed as it changed what is owed.

    `ahead` is what of it was recognised as breakage before its end, `tax_later` the tax that is not due yet, at the end.
    """

    opening_minor: int = 0
    sold_minor: int = 0
    brought_in_minor: int = 0
    redeemed_minor: int = 0
    refunded_minor: int = 0
    expired_minor: int = 0
    moved_minor: int = 0
    credits: int = 0
    # At the end, beside what is owed and not part of it.
    ahead: int = 0
    tax_later: int = 0

    @property
    def closing_minor(self) -> int:
        """What is owed at the end: the sum of everything before."""
        return sum(getattr(self, part.name) for part in fields(self) if part.name.endswith("_minor"))

    def add(self, other: Roll) -> None:
        """Add another of the same currency."""
        for part in fields(self):
            setattr(self, part.name, getattr(self, part.name) + getattr(other, part.name))


@dataclass(frozen=True)
class PlaceRoll:
    """A location's roll-forward by plan, and what the ledger owes at its beginning and its end."""

    place: Place
    plans: tuple[tuple[str, Roll], ...]
    ledger_opening_minor: int
    ledger_closing_minor: int
    ledger_ahead_minor: int = 0
    ledger_tax_minor: int = 0
    to_on: date | None = None

    @property
    def total(self) -> Roll:
        """All plans together."""
        found = Roll()
        for _, roll in self.plans:
            found.add(roll)
        return found

    @property
    def recognised_early(self) -> bool:
        """Whether the last day has not come: these are the figures of today, and no word of what will be owed then."""
        return self.to_on is not None and self.to_on > self.place.today()

    @property
    def agrees(self) -> bool:
        """Whether moves and ledger say the same at both ends."""
        total = self.total
        return (total.opening_minor, total.closing_minor, total.ahead, total.tax_later) == (
            self.ledger_opening_minor,
            self.ledger_closing_minor,
            self.ledger_ahead_minor,
            self.ledger_tax_minor,
        )


def _column(kind: str, origin: str) -> str:
    if origin == "opening" and kind in ("grant", "withdraw"):
        return "brought_in_minor"
    return f"{_COLUMN.get(kind, 'moved')}_minor"


def _ledger(session: Session, place: Place, scope: Scope) -> Mapping[str, tuple[int, int]]:
    """What the ledger owes before and at the end of a scope on each of the accounts, parted ones summed; minor units."""
    keys = session.scalars(select(Account.key).where(Account.location_id == place.id))
    # By name, so that the index on accounts is used: an account that is parted by rate is several keys.
    wanted = [key for key in keys if key.partition(":")[0] in _ACCOUNTS]
    found: dict[str, tuple[int, int]] = dict.fromkeys(_ACCOUNTS, (0, 0))
    before = case((JournalEntry.business_on < scope.from_on, Posting.amount_minor), else_=0)
    rows = session.execute(
        select(Posting.account_key, func.sum(before), func.sum(Posting.amount_minor))
        .join(JournalEntry, JournalEntry.id == Posting.entry_id)
        .where(
            Posting.location_id == place.id,
            Posting.account_key.in_(wanted),
            JournalEntry.business_on <= scope.to_on,
        )
        .group_by(Posting.account_key)
    )
    for key, opening, closing in rows:
        account = key.partition(":")[0]
        found[account] = (found[account][0] - int(opening), found[account][1] - int(closing))
    return found


def roll_forward(session: Session, scope: Scope) -> list[PlaceRoll]:
    """How what is owed in sessions changed from the first to the last day of a scope, by location and plan."""
    plans: dict[UUID, dict[str, Roll]] = {place.id: {} for place in scope.places}
    is_before = CreditMove.business_on < scope.from_on
    rows = session.execute(
        select(
            CreditLot.location_id,
            PurchasedPackage.name,
            PurchasedPackage.kind,
            CreditMove.kind,
            is_before,
            func.sum(CreditMove.value_minor),
            func.sum(CreditMove.delta),
            func.sum(CreditMove.breakage_minor),
            func.sum(CreditMove.tax_minor),
        )
        .join(CreditLot, CreditLot.id == CreditMove.lot_id)
        .join(PurchasedPackage, PurchasedPackage.id == CreditLot.package_id)
        .where(CreditLot.location_id.in_(scope.location_ids), CreditMove.business_on <= scope.to_on)
        .group_by(CreditLot.location_id, PurchasedPackage.name, PurchasedPackage.kind, CreditMove.kind, is_before)
    )
    for location, name, origin, kind, before, value, credits, ahead, tax in rows:
        roll = plans[location].setdefault(name, Roll())
        column = "opening_minor" if before else _column(kind, origin)
        setattr(roll, column, getattr(roll, column) + int(value))
        roll.credits += int(credits)
        roll.ahead, roll.tax_later = roll.ahead + int(ahead), roll.tax_later + int(tax)
    return [_place_roll(place, plans[place.id], _ledger(session, place, scope), scope) for place in scope.places]


def _place_roll(
    place: Place, plans: Mapping[str, Roll], ledger: Mapping[str, tuple[int, int]], scope: Scope
) -> PlaceRoll:
    opening, closing = ledger["package_liability"]
    return PlaceRoll(
        place=place,
        plans=tuple(sorted(plans.items())),
        ledger_opening_minor=opening,
        ledger_closing_minor=closing,
        ledger_ahead_minor=-ledger["expected_breakage"][1],
        ledger_tax_minor=ledger["tax_not_due"][1],
        to_on=scope.to_on,
    )


COLUMNS = (
    "Location", "Plan", "Opening", "Sold", "Brought in", "Redeemed", "Refunded", "Expired", "Moved on", "Closing",
    "Of it recognised as breakage", "Tax not due yet", "Credits left", "Currency",
)  # fmt: skip


def _remarks(session: Session, scope: Scope) -> list[Remark]:
    rolls = roll_forward(session, scope)
    found = []
    if any(one.recognised_early for one in rolls):
        found.append(Remark(REPORT_OF_A_DAY_TO_COME(day=scope.to_on)))
    if not all(one.agrees for one in rolls):
        found.append(Remark(OWED_DIFFERS_FROM_LEDGER, bad=True))
    return found


@report(
    "liability",
    title="Owed in sessions",
    about="What was owed in sessions at the first and the last day, and what changed it, by plan.",
    columns=COLUMNS,
    file_permission=Permission.EXPORT_LEDGER,
    for_programs=True,
    remarks=_remarks,
)
def liability_rows(session: Session, scope: Scope) -> list[tuple[Cell, ...]]:
    """A row for each plan, a total, and the ledger's own sums for each location.

    A past period read again gives the same rows.
    """

    def cells(place: Place, name: str, roll: Roll) -> tuple[Cell, ...]:
        amounts = (
            roll.opening_minor, roll.sold_minor, roll.brought_in_minor, roll.redeemed_minor, roll.refunded_minor,
            roll.expired_minor, roll.moved_minor, roll.closing_minor, roll.ahead, roll.tax_later,
        )  # fmt: skip
        money = tuple(Money(minor, place.currency) for minor in amounts)
        return (place.name, name, *money, roll.credits, place.currency)

    rows: list[tuple[Cell, ...]] = []
    for found in roll_forward(session, scope):
        rows += [cells(found.place, name, roll) for name, roll in found.plans]
        rows.append(cells(found.place, Word("Total"), found.total))
        opening = Money(found.ledger_opening_minor, found.place.currency)
        sides = (found.ledger_closing_minor, found.ledger_ahead_minor, found.ledger_tax_minor)
        closing = tuple(Money(minor, found.place.currency) for minor in sides)
        blank: tuple[Cell, ...] = (None,) * 6
        rows.append((found.place.name, Word("In the ledger"), opening, *blank, *closing, None, found.place.currency))
    return rows
