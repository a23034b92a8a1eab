"""The kinds of tender, in one table: what each is called, where the ledger keeps it, and how it goes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class TenderKind:
    """One means of payment.

    `label` and `refund_label` (the way back) are English and translated where they are shown. `account` is the base of its
    account in the ledger; no two kinds share one. `is_stored`: what is spent was received before, so it is no takings.
    `refund_rank`: money goes back by the lowest first. `has_reference`: the money is received outside the till, and the desk
    records it with a text that finds it again, such as that of a bank statement.
    """

    key: str
    label: str
    account: str
    refund_rank: int
    refund_label: str
    is_stored: bool = False
    has_reference: bool = False


# Money goes back where it came from: to the card, to stored value, and only then out of a drawer.
TENDER_KINDS: Mapping[str, TenderKind] = MappingProxyType(
    {
        kind.key: kind
        for kind in (
            TenderKind("cash", "Cash", "cash_drawer", 4, "In cash"),
            TenderKind("card", "Card", "stripe_clearing", 1, "To the card"),
            TenderKind("gift_card", "Gift card", "gift_card_liability", 2, "Onto the gift card", is_stored=True),
            TenderKind("account_credit", "Account credit", "account_credit", 3, "As account credit", is_stored=True),
        )
    }
)
STORED = frozenset(kind.key for kind in TENDER_KINDS.values() if kind.is_stored)
RECORDED = frozenset(kind.key for kind in TENDER_KINDS.values() if kind.has_reference)
# Where a location and a day see money come in: one figure for each of these, stored value is another.
RECEIVED = tuple(kind for kind in TENDER_KINDS if kind not in STORED)


def label_of(kind: str) -> str:
    """The English label of a kind; the kind itself where old rows hold one that is not in the table."""
    return TENDER_KINDS[kind].label if kind in TENDER_KINDS else kind
