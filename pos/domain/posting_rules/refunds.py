"""The journal entries of money given back. Pure: facts in, balanced drafts out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from pos.core.money import rates_of
from pos.domain.catalogue.gift_card_item import GIFT_CARD
from pos.domain.credits.dispute_holds import GivenUp
from pos.domain.ledger.entries import (
    CASH_ROUNDING,
    Draft,
    cash_drawer,
    tax_not_due,
    tax_payable,
)
from pos.domain.posting_rules.sales import REVENUE, move_breakage
from pos.domain.refunds.rules import Destination
from pos.domain.sales.tender_kinds import TENDER_KINDS


@dataclass(frozen=True)
class LineBack:
    """What a refund takes back of one line; of a package, `liability_minor` is what the credits given up were worth.

    `not_due_minor` is what of their tax was not due yet, `ahead_minor` what had been recognised of them as breakage.
    `discount_minor` is what of the line's discount goes with it, as displayed, `discount_net_minor` as it was booked.
    Of both amounts of tax `second_…` is the part of the location's second tax. `units` of the line go back; 0 for an amount.
    """

    position: int
    kind: str
    name: str
    net_minor: int
    tax_minor: int
    tax_percent: Decimal
    liability_minor: int = 0
    not_due_minor: int = 0
    ahead_minor: int = 0
    discount_minor: int = 0
    discount_net_minor: int = 0
    second_tax_minor: int = 0
    second_tax_percent: Decimal = Decimal(0)
    second_not_due_minor: int = 0
    units: int = 0

    @property
    def gross_minor(self) -> int:
        """Net and tax."""
        return self.net_minor + self.tax_minor


def account_of(way_kind: str, drawer_id: UUID | None) -> str:
    """The account that a way of giving back takes from."""
    if way_kind == "card":
        return "stripe_clearing"
    if way_kind == "cash":
        assert drawer_id is not None
        return cash_drawer(drawer_id)
    return TENDER_KINDS[way_kind].account


def pay_out(draft: Draft, drawer_id: UUID, amount_minor: int, rounding_minor: int) -> None:
    """Cash leaves a drawer for an amount that is owed: `rounding_minor` more than it, or less where that is negative."""
    draft.credit(cash_drawer(drawer_id), amount_minor + rounding_minor)
    draft.debit(CASH_ROUNDING, rounding_minor)


def _pay_back(draft: Draft, way: Destination, drawer_id: UUID | None) -> None:
    draft.credit(account_of(way.kind, drawer_id), way.moved_minor)
    draft.debit(CASH_ROUNDING, way.rounding_minor)


def debit_tax_given_back(draft: Draft, part: LineBack | GivenUp) -> None:
    """The tax of what went back is owed no longer: what was due of it, and what was not due yet."""
    rates, second_due = rates_of(part), part.second_tax_minor - part.second_not_due_minor
    draft.debit_tax(tax_payable, rates, part.tax_minor - part.not_due_minor, second_due)
    draft.debit_tax(tax_not_due, rates, part.not_due_minor, part.second_not_due_minor)


def entry_for_refund(
    refund_id: UUID,
    currency: str,
    lines: Iterable[LineBack],
    ways: Sequence[Destination],
    *,
    tip_minor: int,
    drawer_id: UUID | None,
) -> Draft:
    """Debit revenue, packages owed, tax and tips; credit what gives the money back.

    What the credits given up were worth beyond the refund is revenue now; where the refund is more, revenue is taken back.
    Their tax that was not due yet goes the same way: what of it is not given back is due now.
    """
    draft = Draft("refund", refund_id, currency)
    for line in lines:
        if line.kind == "package":
            draft.debit("package_liability", line.liability_minor)
            draft.debit("service_revenue", line.net_minor - line.liability_minor)
        elif line.kind == GIFT_CARD:
            draft.debit("gift_card_liability", line.net_minor)
        else:
            # Revenue was booked at list price and the discount against it: both go back, as a void takes back both.
            draft.debit(REVENUE[line.kind], line.net_minor + line.discount_net_minor)
            draft.credit("discounts", line.discount_net_minor)
        debit_tax_given_back(draft, line)
        move_breakage(draft, -line.ahead_minor)
    draft.debit("tips_payable", tip_minor)
    for way in ways:
        _pay_back(draft, way, drawer_id)
    return draft


def entry_for_void(refund_id: UUID, currency: str, sold: Mapping[str, int]) -> Draft:
    """The entry of a sale turned round: `sold` are its postings, account → signed minor units."""
    draft = Draft("void", refund_id, currency)
    for account, minor in sold.items():
        draft.credit(account, minor)
    return draft


def entry_for_failure(part_id: UUID, currency: str, amount_minor: int) -> Draft:
    """A refund that did not reach its card: the money is at Stripe again, and the client is owed it."""
    draft = Draft("refund_failed", part_id, currency)
    draft.debit("stripe_clearing", amount_minor)
    draft.credit("refunds_payable", amount_minor)
    return draft


def entry_for_retried_refund(part_id: UUID, currency: str, way: Destination, *, drawer_id: UUID | None) -> Draft:
    """What was owed after a failure is given back another way."""
    draft = Draft("refund", part_id, currency)
    draft.debit("refunds_payable", way.amount_minor)
    _pay_back(draft, way, drawer_id)
    return draft
