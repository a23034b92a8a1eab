"""The journal entry of a completed sale. Pure: facts in, a balanced draft out."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from pos.catalogue.gift_card import GIFT_CARD
from pos.ledger.rules import Draft, cash_drawer, tax_payable
from pos.sales.rules import Cart, Settlement

LIABILITY = {"gift_card": "gift_card_liability", "account_credit": "account_credit"}
REVENUE = {"variant": "service_revenue", "add_on": "add_on_revenue", "retail": "retail_revenue"}


def entry_for_sale(
    sale_id: UUID,
    cart: Cart,
    settlement: Settlement,
    *,
    tip_minor: int,
    redeemed_minor: Iterable[int],
    drawer_id: UUID | None,
) -> Draft:
    """Debit what was received and the credits used up; credit revenue, packages owed, tax and tips.

    Revenue is booked at list price and the discount against it; a package is owed at what was paid for it, net, a gift card
    at its face value. What gift cards and account credit pay is no longer owed.
    `redeemed_minor` are the values of the credits used, which turn from liability into service revenue.
    """
    draft = Draft("sale", sale_id, cart.currency)
    if settlement.cash_minor:
        assert drawer_id is not None
        draft.debit(cash_drawer(drawer_id), settlement.cash_minor)
    draft.debit("stripe_clearing", settlement.card_minor)
    for part in settlement.stored:
        draft.debit(LIABILITY[part.kind], part.amount_minor)
    for priced in cart.lines:
        if priced.line.kind == "package":
            draft.credit("package_liability", priced.net_minor)
        elif priced.line.kind == GIFT_CARD:
            draft.credit("gift_card_liability", priced.gross_minor)
        else:
            draft.credit(REVENUE[priced.line.kind], priced.list_net_minor)
            draft.debit("discounts", priced.list_net_minor - priced.net_minor)
    for tax in cart.taxes:
        draft.credit(tax_payable(tax.percent), tax.tax_minor)
    draft.credit("tips_payable", tip_minor)
    for value in redeemed_minor:
        draft.debit("package_liability", value)
        draft.credit("service_revenue", value)
    return draft
