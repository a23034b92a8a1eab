"""The journal entries of disputes and of Stripe's fees. Pure: facts in, balanced drafts out."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from pos.domain.credits.dispute_holds import GivenUp
from pos.domain.ledger.entries import Draft
from pos.domain.posting_rules.refunds import debit_tax_given_back
from pos.domain.posting_rules.sales import move_breakage


def entry_for_opening(step_id: UUID, currency: str, amount_minor: int, fee_minor: int) -> Draft:
    """The bank took the money back, and Stripe its fee."""
    draft = Draft("dispute_opened", step_id, currency)
    draft.debit("stripe_disputes", amount_minor)
    draft.debit("stripe_fees", fee_minor)
    draft.credit("stripe_clearing", amount_minor + fee_minor)
    return draft


def entry_for_loss(
    step_id: UUID, currency: str, amount_minor: int, given_up: Iterable[GivenUp], *, cards_minor: int
) -> Draft:
    """The bank kept the money: what is no longer owed for it goes, with its tax; the rest is a bad debt.

    `cards_minor` was left on gift cards that were sold for it.
    """
    draft = Draft("dispute_lost", step_id, currency)
    rest = amount_minor - cards_minor
    for part in given_up:
        draft.debit("package_liability", part.net_minor)
        debit_tax_given_back(draft, part)
        move_breakage(draft, part.breakage_minor)
        rest -= part.net_minor + part.tax_minor
    draft.debit("gift_card_liability", cards_minor)
    draft.debit("bad_debt", rest)
    draft.credit("stripe_disputes", amount_minor)
    return draft


def entry_for_win(step_id: UUID, currency: str, amount_minor: int, *, after_loss: bool) -> Draft:
    """The bank gave the money back; after a loss it makes good what was written off."""
    draft = Draft("dispute_won", step_id, currency)
    draft.debit("stripe_clearing", amount_minor)
    draft.credit("bad_debt" if after_loss else "stripe_disputes", amount_minor)
    return draft


def entry_for_fee(move_id: UUID, currency: str, fee_minor: int) -> Draft:
    """Stripe kept a fee."""
    draft = Draft("stripe_fee", move_id, currency)
    draft.debit("stripe_fees", fee_minor)
    draft.credit("stripe_clearing", fee_minor)
    return draft


def entry_for_own(move_id: UUID, currency: str, account_key: str, amount_minor: int, fee_minor: int) -> Draft:
    """Something that no sale here explains moved the balance: booked on an account that was chosen for it."""
    draft = Draft("stripe_other", move_id, currency)
    draft.debit("stripe_clearing", amount_minor - fee_minor)
    draft.debit("stripe_fees", fee_minor)
    draft.credit(account_key, amount_minor)
    return draft


def entry_for_share(share_id: UUID, currency: str, amount_minor: int, *, returned: bool) -> Draft:
    """A location's part of a payout reached the bank, or came back from it."""
    draft = Draft("payout_returned" if returned else "payout", share_id, currency)
    amount = -amount_minor if returned else amount_minor
    draft.debit("bank", amount)
    draft.credit("stripe_clearing", amount)
    return draft
