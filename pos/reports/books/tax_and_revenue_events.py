"""Every event but sales, refunds and voids that moves tax, revenue or what clients are owed: the one list of them.

Reports and closings add these events to what was sold and given back, and the comparison with the ledger runs over all
entries: an event that is missing here shows as a difference. Amounts come from the rows of the event, never from the ledger.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session

from pos.domain.credits.models import CreditLot, CreditMove, PurchasedPackage
from pos.domain.credits.outflows import tax_share
from pos.domain.disputes.models import Dispute, DisputeStep
from pos.domain.refunds.models import Refund, RefundPart
from pos.domain.sales.models import Sale
from pos.domain.stored_value.models import AccountCreditMove, GiftCard, GiftCardMove
from pos.domain.till.models import CashMovement
from pos.reports.period import Scope
from pos.reports.sales.exempt_base import free_of_uses
from pos.reports.sales.sums import (
    STORED,
    DayKey,
    EventSum,
    Figures,
)

# The event of a journal entry, and how people say it; in the order reports show them.
EVENTS = {
    "carry": "Sessions carried to a bigger package",
    "burn": "Late cancels and no-shows",
    "restore": "Late cancels and no-shows restored",
    "reverse": "Visits reversed",
    "expire": "Packages expired",
    "gift_card_expiry": "Gift cards expired",
    "breakage": "Breakage recognised ahead",
    "transfer": "Credits given away",
    "account_credit_goodwill": "Goodwill credited",
    "dispute_lost": "Disputes lost",
    "opening_balance": "Opening balances",
    "opening_balance_undone": "Opening balances undone",
    "gift_card_cash_out": "Gift cards paid out",
    "account_credit_payout": "Account credit paid out",
    "retry_refund": "Refunds paid another way",
    "unmatched_found": "Unmatched payments credited",
    "tip_paid_out": "Tips paid out",
}
# A session used or given back: what was owed becomes revenue, and tax that was not due yet is due.
_USES = ("burn", "restore", "reverse", "carry")


def _event() -> ColumnElement[str]:
    """The event of a move; empty for moves that belong to a sale, a refund or a void."""
    kind, key = CreditMove.kind, CreditMove.key
    opening = PurchasedPackage.kind == "opening"
    return case(
        (kind.in_(("burn", "restore", "breakage", "expire")), kind),
        ((kind == "reverse") & ~key.startswith("refund:"), "reverse"),
        (kind.in_(("transfer_out", "transfer_in")), "transfer"),
        ((kind == "surrender") & key.startswith("dispute:"), "dispute_lost"),
        ((kind == "grant") & opening, "opening_balance"),
        ((kind == "withdraw") & opening, "opening_balance_undone"),
        else_="",
    )


# The old package leaves with its refund; the sessions used of it leave the new one.
_CARRIED = (CreditMove.kind == "carry_out") & ~CreditMove.key.endswith(":out")


def _total(column: Any) -> Any:
    return func.coalesce(func.sum(column), 0)


def _moved(event: EventSum, name: str, row: Any) -> None:
    """Add the sum of moves of one rate; what expired and what a dispute took says more and is added elsewhere."""
    percent, prepaid, count, value, tax, ahead = row
    event.count += count
    event.liability_minor += value
    event.breakage_minor += ahead
    event.ahead_minor += ahead
    event.taxes.later(percent, tax)
    if name in _USES:
        event.revenue_minor -= value
        if not prepaid:
            event.taxes.becomes_due(percent, -value, -tax)


_SUMS = (
    CreditLot.tax_percent,
    CreditLot.tax_prepaid,
    func.count(),
    _total(CreditMove.value_minor),
    _total(CreditMove.tax_minor),
    _total(CreditMove.breakage_minor),
)


def _whole(row: Iterable[Any]) -> tuple[Any, ...]:
    percent, prepaid, *sums = row
    return (percent, prepaid, *map(int, sums))


def add_carried(session: Session, which: ColumnElement[bool], found: dict[DayKey, Figures]) -> None:
    """Put the sessions that some sales carried to a bigger package beside them."""
    keys = (Sale.location_id, Sale.business_on)
    rows = session.execute(
        select(*keys, *_SUMS)
        .select_from(CreditMove)
        .join(CreditLot, CreditLot.id == CreditMove.lot_id)
        .join(PurchasedPackage, PurchasedPackage.id == CreditLot.package_id)
        .join(Sale, Sale.id == PurchasedPackage.sale_id)
        .where(which, _CARRIED)
        .group_by(*keys, CreditLot.tax_percent, CreditLot.tax_prepaid)
    )
    for location, on, *row in rows:
        _moved(found[location, on].event("carry"), "carry", _whole(row))
    carried = which & _CARRIED & CreditLot.tax_prepaid.is_(False) & (PurchasedPackage.sale_id == Sale.id)
    for location, on, percent, minor in free_of_uses(session, carried, keys):
        found[location, on].event("carry").taxes.free_of_tax(percent, minor)


def add_events(session: Session, scope: Scope, found: dict[DayKey, Figures], until: datetime | None) -> None:
    """Put every event of a scope's days beside its sales and refunds; `until` leaves out what came later."""
    _Adding(session, scope, found, until).all()


class _Adding:
    """The events of a scope on their way into its figures."""

    def __init__(self, session: Session, scope: Scope, found: dict[DayKey, Figures], until: datetime | None) -> None:
        self.session, self.scope, self.found, self.until = session, scope, found, until
        self.currency = {place.id: place.currency for place in scope.places}

    def here(self, location: Any, on: Any, at: Any) -> ColumnElement[bool]:
        chosen: ColumnElement[bool] = location.in_(self.scope.location_ids)
        chosen &= on.between(self.scope.from_on, self.scope.to_on)
        return chosen if self.until is None else chosen & (at <= self.until)

    def day(self, location: UUID, on: date) -> Figures:
        return self.found.setdefault((location, on), Figures(self.currency[location]))

    def all(self) -> None:
        self._moves()
        self._free_of_tax()
        self._expired()
        self._disputes_lost()
        self._gift_cards()
        self._account_credit()
        self._other()

    @property
    def _of_moves(self) -> ColumnElement[bool]:
        return self.here(CreditLot.location_id, CreditMove.business_on, CreditMove.at)

    def _moves(self) -> None:
        event = _event()
        keys = (CreditLot.location_id, CreditMove.business_on, event)
        rows = self.session.execute(
            select(*keys, *_SUMS)
            .select_from(CreditMove)
            .join(CreditLot, CreditLot.id == CreditMove.lot_id)
            .join(PurchasedPackage, PurchasedPackage.id == CreditLot.package_id)
            .where(self._of_moves, event != "")
            .group_by(*keys, CreditLot.tax_percent, CreditLot.tax_prepaid)
        )
        for location, on, name, *row in rows:
            _moved(self.day(location, on).event(name), name, _whole(row))
        days = (CreditLot.location_id, CreditMove.business_on)
        ahead = self.session.execute(
            select(*days, _total(CreditMove.breakage_minor))
            .join(CreditLot, CreditLot.id == CreditMove.lot_id)
            .where(
                self._of_moves,
                CreditMove.breakage_minor != 0,
                CreditMove.kind.in_(("refund", "surrender", "carry_out", "reverse")),
                ~CreditMove.key.startswith("dispute:"),
                ~((CreditMove.kind == "reverse") & ~CreditMove.key.startswith("refund:")),
                ~_CARRIED,
            )
            .group_by(*days)
        )
        for location, on, minor in ahead:
            self.day(location, on).ahead_minor += int(minor)

    def _free_of_tax(self) -> None:
        """Bases of sessions that were sold free of tax."""
        uses = self._of_moves & _event().in_(_USES) & CreditLot.tax_prepaid.is_(False)
        keys = (CreditLot.location_id, CreditMove.business_on)
        for location, on, name, percent, minor in free_of_uses(self.session, uses, keys, _event()):
            self.day(location, on).event(name).taxes.free_of_tax(percent, minor)

    def _free_of(self, which: ColumnElement[bool]) -> dict[UUID, int]:
        """What of the value of some moves was sold free of tax, by move."""
        keys = (CreditLot.location_id, CreditMove.business_on)
        found = free_of_uses(self.session, self._of_moves & which, keys, CreditMove.id)
        return {move_id: minor for _, _, move_id, _, minor in found}

    def _expired(self) -> None:
        """What became account credit came back with its tax; what lapsed is breakage, and its tax is due."""
        kept = {
            key: int(minor)
            for key, minor in self.session.execute(
                select(AccountCreditMove.key, AccountCreditMove.delta_minor).where(
                    self.here(AccountCreditMove.location_id, AccountCreditMove.business_on, AccountCreditMove.at),
                    AccountCreditMove.kind == "expire",
                )
            )
        }
        rows = self.session.execute(
            select(CreditMove, CreditLot)
            .join(CreditLot, CreditLot.id == CreditMove.lot_id)
            .where(self._of_moves, CreditMove.kind == "expire")
        ).all()
        free = self._free_of(CreditMove.kind == "expire")
        for move, lot in rows:
            event = self.day(lot.location_id, move.business_on).event("expire")
            account, net = kept.get(f"expire:{move.id}"), -move.value_minor
            if account is not None:
                event.stored_minor += account
                if lot.tax_prepaid:
                    event.taxes.becomes_due(lot.tax_percent, -net, net - account)
                    event.taxes.free_of_tax(lot.tax_percent, -free.get(move.id, 0))
                continue
            event.breakage_minor += net
            if not lot.tax_prepaid:
                event.taxes.becomes_due(lot.tax_percent, net, -move.tax_minor)
                event.taxes.free_of_tax(lot.tax_percent, free.get(move.id, 0))

    def _disputes_lost(self) -> None:
        """The bank kept the money: tax that was due with the credits given up is not due any more."""
        steps = self.session.execute(
            select(DisputeStep, Dispute.location_id)
            .join(Dispute, Dispute.id == DisputeStep.dispute_id)
            .where(DisputeStep.kind == "lost", self.here(Dispute.location_id, DisputeStep.business_on, DisputeStep.at))
        ).all()
        free = self._free_of((CreditMove.kind == "surrender") & CreditMove.key.startswith("dispute:")) if steps else {}
        for step, location in steps:
            event = self.day(location, step.business_on).event("dispute_lost")
            gone = self.session.execute(
                select(CreditMove, CreditLot)
                .join(CreditLot, CreditLot.id == CreditMove.lot_id)
                .where(CreditMove.kind == "surrender", CreditMove.key.startswith(f"dispute:{step.dispute_id}:lost:"))
                .order_by(CreditMove.at, CreditMove.id)
            ).all()
            event.stored_minor -= step.liability_minor + sum(move.value_minor for move, _ in gone)
            was_due = step.tax_minor + sum(move.tax_minor for move, _ in gone)
            prepaid = [(move, lot) for move, lot in gone if lot.tax_prepaid]
            for number, (move, lot) in enumerate(prepaid, start=1):
                # The step keeps the sum of all rates; the last lot takes what the others leave of it.
                tax = (
                    was_due
                    if number == len(prepaid)
                    else tax_share(lot, lot.quantity - move.balance_after + move.delta, -move.delta)
                )
                was_due -= tax
                event.taxes.becomes_due(lot.tax_percent, move.value_minor, -tax)
                event.taxes.free_of_tax(lot.tax_percent, -free.get(move.id, 0))

    def _gift_cards(self) -> None:
        rows = self.session.execute(
            select(
                GiftCard.location_id,
                GiftCardMove.business_on,
                GiftCardMove.kind,
                func.count(),
                _total(GiftCardMove.delta_minor),
            )
            .join(GiftCard, GiftCard.id == GiftCardMove.card_id)
            .where(
                self.here(GiftCard.location_id, GiftCardMove.business_on, GiftCardMove.at),
                GiftCardMove.kind.in_(("expire", "cash_out")),
            )
            .group_by(GiftCard.location_id, GiftCardMove.business_on, GiftCardMove.kind)
        )
        for location, on, kind, count, minor in rows:
            event = self.day(location, on).event("gift_card_expiry" if kind == "expire" else "gift_card_cash_out")
            event.count += count
            event.stored_minor += int(minor)
            event.breakage_minor -= int(minor) if kind == "expire" else 0

    def _account_credit(self) -> None:
        move = AccountCreditMove
        name = case(
            (move.kind == "goodwill", "account_credit_goodwill"),
            (move.kind == "cash_out", "account_credit_payout"),
            (move.key.startswith("unmatched:"), "unmatched_found"),
            else_="",
        )
        keys = (move.location_id, move.business_on, name)
        rows = self.session.execute(
            select(*keys, func.count(), _total(move.delta_minor))
            .where(self.here(move.location_id, move.business_on, move.at), name != "")
            .group_by(*keys)
        )
        for location, on, found, count, minor in rows:
            event = self.day(location, on).event(found)
            event.count += count
            event.stored_minor += int(minor)
            event.revenue_minor -= int(minor) if found == "account_credit_goodwill" else 0

    def _other(self) -> None:
        """What moves neither tax nor revenue: refunds that failed and were paid another way, and tips paid out."""
        again = self.session.execute(
            select(Refund.location_id, RefundPart.business_on, func.count(), _total(RefundPart.amount_minor))
            .join(Refund, Refund.id == RefundPart.refund_id)
            .where(
                self.here(Refund.location_id, RefundPart.business_on, RefundPart.created_at),
                and_(RefundPart.replaces_id.is_not(None), RefundPart.kind.in_(STORED)),
            )
            .group_by(Refund.location_id, RefundPart.business_on)
        )
        for location, on, count, minor in again:
            event = self.day(location, on).event("retry_refund")
            event.count, event.stored_minor = event.count + count, event.stored_minor + int(minor)
        keys = (CashMovement.location_id, CashMovement.business_on)
        tips = self.session.execute(
            select(*keys, func.count(), _total(CashMovement.amount_minor))
            .where(self.here(*keys, CashMovement.at), CashMovement.kind == "tip_paid_out")
            .group_by(*keys)
        )
        for location, on, count, minor in tips:
            event = self.day(location, on).event("tip_paid_out")
            event.count, event.tips_minor = event.count + count, event.tips_minor - int(minor)
