"""Every event but sales, refunds and voids that moves tax, revenue or what clients are owed: the one list of them.

Reports and closings add these events to what was sold and given back, and the comparison with the ledger runs over all
entries: an event that is missing here shows as a difference. Amounts come from the rows of the event, never from the ledger.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, literal, select
from sqlalchemy.orm import Session

from pos.core.money import rates_of
from pos.domain.credits.lot_writes import CreditTax
from pos.domain.credits.models import CreditLot, CreditMove, PurchasedPackage
from pos.domain.credits.outflows import tax_share
from pos.domain.disputes.models import Dispute, DisputeStep
from pos.domain.refunds.models import Refund, RefundPart
from pos.domain.sales.models import Sale
from pos.domain.sales.tender_kinds import STORED
from pos.domain.stored_value.models import AccountCreditMove, GiftCard, GiftCardMove
from pos.domain.till.models import CashMovement
from pos.reports.analysis.opens import words
from pos.reports.day_sums import DayRow, DaySum, from_tables, total
from pos.reports.period import Scope
from pos.reports.sales.exempt_base import FreeUses, free_of_uses
from pos.reports.sales.sums import (
    DayKey,
    EventSum,
    Figures,
)

# The event of a journal entry, and how people say it; in the order reports show them.
EVENTS = words({
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
})  # fmt: skip
# A session used or given back: what was owed becomes revenue, and tax that was not due yet is due.
_USES = ("burn", "restore", "reverse", "carry")


@cache
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


def _moved(event: EventSum, name: str, row: DayRow) -> None:
    """Add the sum of moves of one rate; what expired and what a dispute took says more and is added elsewhere."""
    count, value, tax, ahead, second, *_ = row.amounts
    event.count += count
    event.liability_minor += value
    event.breakage_minor += ahead
    event.ahead_minor += ahead
    event.taxes.later(row.rates, tax, second)
    if name in _USES:
        event.revenue_minor -= value
        if not row.flag:
            event.taxes.becomes_due(row.rates, -value, -tax, -second)


_SUMS = (
    func.count(), total(CreditMove.value_minor), total(CreditMove.tax_minor), total(CreditMove.breakage_minor),
    total(CreditMove.second_tax_minor),
)  # fmt: skip
_LOT = (CreditLot, CreditLot.id == CreditMove.lot_id)
_PACKAGE = (PurchasedPackage, PurchasedPackage.id == CreditLot.package_id)


def carried_sum(which: ColumnElement[bool], found: dict[DayKey, Figures]) -> DaySum:
    """The sum that puts the sessions that some sales carried to a bigger package beside them."""
    return DaySum(
        from_tables(CreditMove, _LOT, _PACKAGE, (Sale, Sale.id == PurchasedPackage.sale_id), where=which & _CARRIED),
        (Sale.location_id, Sale.business_on),
        _SUMS,
        lambda row: _moved(found[row.location_id, row.on].event("carry"), "carry", row),
        taxed=CreditLot,
        flag=CreditLot.tax_prepaid,
    )


def carried_free(which: ColumnElement[bool]) -> FreeUses:
    """What of those sessions was sold free of tax, as event `carry`."""
    carried = which & _CARRIED & CreditLot.tax_prepaid.is_(False) & (PurchasedPackage.sale_id == Sale.id)
    return FreeUses(carried, (Sale.location_id, Sale.business_on), literal("carry"))


def _share(move: CreditMove, lot: CreditLot) -> CreditTax:
    """The tax that was paid for the credits a move took out of a lot that nothing is held of."""
    return tax_share(lot, lot.quantity - move.balance_after + move.delta, -move.delta)


class Events:
    """Every event of a scope's days, on its way into the figures of its sales and refunds."""

    def __init__(self, session: Session, scope: Scope, found: dict[DayKey, Figures]) -> None:
        self.session, self.scope, self.found = session, scope, found
        self.currency = {place.id: place.currency for place in scope.places}
        self.disputes_lost = 0

    def in_scope(self, location: Any, on: Any) -> ColumnElement[bool]:
        """What happened in the scope."""
        chosen: ColumnElement[bool] = location.in_(self.scope.location_ids)
        chosen &= on.between(self.scope.from_on, self.scope.to_on)
        return chosen

    def day(self, location: UUID, on: date) -> Figures:
        """The figures of a day, made where there are none yet."""
        return self.found.setdefault((location, on), Figures(self.currency[location]))

    def sums(self) -> list[DaySum]:
        """The sums of everything but what `add_single_rows` looks at."""
        return [*self._moves(), self._lost(), self._gift_cards(), self._account_credit(), *self._other()]

    def add_single_rows(self) -> None:
        """Add what says more than its sum: packages that expired, and disputes lost. Asks nothing where there was none."""
        if any("expire" in day.events for day in self.found.values()):
            self._expired()
        if self.disputes_lost:
            self._disputes_lost()

    @property
    def _of_moves(self) -> ColumnElement[bool]:
        return self.in_scope(CreditLot.location_id, CreditMove.business_on)

    def _moves(self) -> list[DaySum]:
        event = _event()
        keys = (CreditLot.location_id, CreditMove.business_on)

        def moved(row: DayRow) -> None:
            _moved(self.day(row.location_id, row.on).event(row.words[0]), row.words[0], row)

        def ahead(row: DayRow) -> None:
            self.day(row.location_id, row.on).ahead_minor += row.amounts[0]

        taken_back = and_(
            self._of_moves,
            CreditMove.breakage_minor != 0,
            CreditMove.kind.in_(("refund", "surrender", "carry_out", "reverse")),
            ~CreditMove.key.startswith("dispute:"),
            ~((CreditMove.kind == "reverse") & ~CreditMove.key.startswith("refund:")),
            ~_CARRIED,
        )
        return [
            DaySum(
                from_tables(CreditMove, _LOT, _PACKAGE, where=self._of_moves & (event != "")),
                keys,
                _SUMS,
                moved,
                words=(event,),
                taxed=CreditLot,
                flag=CreditLot.tax_prepaid,
            ),
            DaySum(from_tables(CreditMove, _LOT, where=taken_back), keys, (total(CreditMove.breakage_minor),), ahead),
        ]

    def free_uses(self) -> FreeUses:
        """Bases of sessions that were sold free of tax, by event."""
        uses = self._of_moves & _event().in_(_USES) & CreditLot.tax_prepaid.is_(False)
        return FreeUses(uses, (CreditLot.location_id, CreditMove.business_on), _event())

    def _free_of(self, which: ColumnElement[bool]) -> dict[UUID, int]:
        """What of the value of some moves was sold free of tax, by move."""
        keys = (CreditLot.location_id, CreditMove.business_on)
        found = free_of_uses(self.session, FreeUses(self._of_moves & which, keys, CreditMove.id))
        return {move_id: minor for _, _, move_id, _, minor in found}

    def _expired(self) -> None:
        """What became account credit came back with its tax; what lapsed is breakage, and its tax is due."""
        kept = {
            key: int(minor)
            for key, minor in self.session.execute(
                select(AccountCreditMove.key, AccountCreditMove.delta_minor).where(
                    self.in_scope(AccountCreditMove.location_id, AccountCreditMove.business_on),
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
                    event.taxes.becomes_due(rates_of(lot), -net, net - account, -_share(move, lot).second_minor)
                    event.taxes.free_of_tax(rates_of(lot), -free.get(move.id, 0))
                continue
            event.breakage_minor += net
            if not lot.tax_prepaid:
                event.taxes.becomes_due(rates_of(lot), net, -move.tax_minor, -move.second_tax_minor)
                event.taxes.free_of_tax(rates_of(lot), free.get(move.id, 0))

    def _lost(self) -> DaySum:
        """How many disputes were lost."""

        def count(row: DayRow) -> None:
            self.disputes_lost += row.amounts[0]

        keys = (Dispute.location_id, DisputeStep.business_on)
        return DaySum(
            from_tables(
                DisputeStep,
                (Dispute, Dispute.id == DisputeStep.dispute_id),
                where=(DisputeStep.kind == "lost") & self.in_scope(*keys),
            ),
            keys,
            (func.count(),),
            count,
        )

    def _disputes_lost(self) -> None:
        """The bank kept the money: tax that was due with the credits given up is not due any more."""
        steps = self.session.execute(
            select(DisputeStep, Dispute.location_id)
            .join(Dispute, Dispute.id == DisputeStep.dispute_id)
            .where(DisputeStep.kind == "lost", self.in_scope(Dispute.location_id, DisputeStep.business_on))
        ).all()
        free = self._free_of((CreditMove.kind == "surrender") & CreditMove.key.startswith("dispute:"))
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
            second_due = step.second_tax_minor + sum(move.second_tax_minor for move, _ in gone)
            prepaid = [(move, lot) for move, lot in gone if lot.tax_prepaid]
            for number, (move, lot) in enumerate(prepaid, start=1):
                # The step keeps the sum of all rates; the last lot takes what the others leave of it.
                tax, second = (was_due, second_due) if number == len(prepaid) else _share(move, lot)
                was_due, second_due = was_due - tax, second_due - second
                event.taxes.becomes_due(rates_of(lot), move.value_minor, -tax, -second)
                event.taxes.free_of_tax(rates_of(lot), -free.get(move.id, 0))

    def _gift_cards(self) -> DaySum:
        keys = (GiftCard.location_id, GiftCardMove.business_on)

        def moved(row: DayRow) -> None:
            count, minor, *_ = row.amounts
            is_expired = row.words[0] == "expire"
            event = self.day(row.location_id, row.on).event("gift_card_expiry" if is_expired else "gift_card_cash_out")
            event.count += count
            event.stored_minor += minor
            event.breakage_minor -= minor if is_expired else 0

        return DaySum(
            from_tables(
                GiftCardMove,
                (GiftCard, GiftCard.id == GiftCardMove.card_id),
                where=self.in_scope(*keys) & GiftCardMove.kind.in_(("expire", "cash_out")),
            ),
            keys,
            (func.count(), total(GiftCardMove.delta_minor)),
            moved,
            words=(GiftCardMove.kind,),
        )

    def _account_credit(self) -> DaySum:
        move = AccountCreditMove
        name = case(
            (move.kind == "goodwill", "account_credit_goodwill"),
            (move.kind == "cash_out", "account_credit_payout"),
            (move.key.startswith("unmatched:"), "unmatched_found"),
            else_="",
        )
        keys = (move.location_id, move.business_on)

        def moved(row: DayRow) -> None:
            count, minor, *_ = row.amounts
            event = self.day(row.location_id, row.on).event(row.words[0])
            event.count += count
            event.stored_minor += minor
            event.revenue_minor -= minor if row.words[0] == "account_credit_goodwill" else 0

        return DaySum(
            from_tables(move, where=self.in_scope(*keys) & (name != "")),
            keys,
            (func.count(), total(move.delta_minor)),
            moved,
            words=(name,),
        )

    def _other(self) -> list[DaySum]:
        """What moves neither tax nor revenue: refunds that failed and were paid another way, and tips paid out."""

        def again(row: DayRow) -> None:
            count, minor, *_ = row.amounts
            event = self.day(row.location_id, row.on).event("retry_refund")
            event.count, event.stored_minor = event.count + count, event.stored_minor + minor

        def tips(row: DayRow) -> None:
            count, minor, *_ = row.amounts
            event = self.day(row.location_id, row.on).event("tip_paid_out")
            event.count, event.tips_minor = event.count + count, event.tips_minor - minor

        parts = (Refund.location_id, RefundPart.business_on)
        replaced = RefundPart.replaces_id.is_not(None) & RefundPart.kind.in_(STORED)
        paid = (CashMovement.location_id, CashMovement.business_on)
        return [
            DaySum(
                from_tables(
                    RefundPart, (Refund, Refund.id == RefundPart.refund_id), where=self.in_scope(*parts) & replaced
                ),
                parts,
                (func.count(), total(RefundPart.amount_minor)),
                again,
            ),
            DaySum(
                from_tables(CashMovement, where=self.in_scope(*paid) & (CashMovement.kind == "tip_paid_out")),
                paid,
                (func.count(), total(CashMovement.amount_minor)),
                tips,
            ),
        ]
