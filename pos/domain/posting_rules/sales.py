"""The journal entry of a completed sale. Pure: facts in, a balanced draft out."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from pos.core.money import Rates, rates_of
from pos.domain.catalogue.gift_card_item import GIFT_CARD
from pos.domain.catalogue.service_charge_item import SERVICE_CHARGE
from pos.domain.credits.lot_writes import Moved
from pos.domain.ledger.entries import (
    CASH_ROUNDING,
    Draft,
    cash_drawer,
    tax_not_due,
    tax_payable,
)
from pos.domain.sales.pricing import Cart, Settlement
from pos.domain.sales.tender_kinds import TENDER_KINDS

REVENUE = {
    "variant": "service_revenue",
    "add_on": "add_on_revenue",
    "retail": "retail_revenue",
    SERVICE_CHARGE: "service_charge_revenue",
}


def move_breakage(draft: Draft, minor: int) -> None:
    """Recognise breakage ahead of a package's end; a negative amount takes it back. What is owed in credits stays as it is:
    the account beside it says what of that is expected not to be used.
    """
    draft.debit("expected_breakage", minor)
    draft.credit("breakage", minor)


def tax_becomes_due(draft: Draft, rates: Rates, minor: int, second_minor: int) -> None:
    """Tax that was paid with a package is due now; a negative amount is not due again."""
    draft.debit_tax(tax_not_due, rates, minor, second_minor)
    draft.credit_tax(tax_payable, rates, minor, second_minor)


def book_use(draft: Draft, moved: Moved) -> None:
    """A credit used, burned or carried over: what was owed becomes revenue, and its tax due. The reverse, turned round."""
    draft.debit("package_liability", -moved.value_minor)
    draft.credit("service_revenue", -moved.value_minor)
    tax_becomes_due(draft, rates_of(moved), -moved.tax_minor, -moved.second_tax_minor)
    move_breakage(draft, moved.breakage_minor)


def entry_for_sale(
    sale_id: UUID,
    cart: Cart,
    settlement: Settlement,
    *,
    tip_minor: int,
    redeemed: Iterable[Moved],
    drawer_id: UUID | None,
) -> Draft:
    """Debit what was received and the credits used up; credit revenue, packages owed, tax and tips.

    Revenue is booked at list price and the discount against it; a package is owed at what was paid for it, net, a gift card
    at its face value. What gift cards and account credit pay is no longer owed. Tax of a package whose tax point is the
    redemption is owed later: it waits on an account of its own, so that what is owed in packages stays net.
    `redeemed` are the moves of the credits used, whose value turns from liability into service revenue.
    """
    draft = Draft("sale", sale_id, cart.currency)
    if settlement.cash_minor:
        assert drawer_id is not None
        draft.debit(cash_drawer(drawer_id), settlement.cash_kept_minor)
        draft.credit(CASH_ROUNDING, settlement.rounding_minor)
    draft.debit("stripe_clearing", settlement.card_minor)
    for part in settlement.stored:
        draft.debit(TENDER_KINDS[part.kind].account, part.amount_minor)
    for priced in cart.lines:
        if priced.line.kind == "package":
            draft.credit("package_liability", priced.net_minor)
        elif priced.line.kind == GIFT_CARD:
            draft.credit("gift_card_liability", priced.gross_minor)
        else:
            draft.credit(REVENUE[priced.line.kind], priced.list_net_minor)
            draft.debit("discounts", priced.list_net_minor - priced.net_minor)
        tax_account = tax_payable if priced.line.tax_point == "sale" else tax_not_due
        draft.credit_tax(tax_account, rates_of(priced.line), priced.tax_minor, priced.second_tax_minor)
    draft.credit("tips_payable", tip_minor)
    for moved in redeemed:
        book_use(draft, moved)
    return draft
