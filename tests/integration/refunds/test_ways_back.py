"""Which way money goes back, and how a card's part may move: pure, before a drawer or a bank is asked."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from pos.core.errors import Invalid
from pos.domain.refunds.rules import (
    TRANSITIONS,
    Destination,
    TenderLeft,
    destinations,
    may_move,
    wants_second_person,
)

CASH = TenderLeft(1, "cash", 300_00)
CARD = TenderLeft(2, "card", 600_00)


def test_refund_destination_card_first_then_cash() -> None:
    """Paid 300.00 in cash and 600.00 by card."""
    assert destinations([CASH, CARD], 600_00) == (Destination("card", 600_00, 2),)
    assert destinations([CASH, CARD], 630_00) == (Destination("card", 600_00, 2), Destination("cash", 30_00, 1))
    assert destinations([CASH, CARD], 900_00) == (Destination("card", 600_00, 2), Destination("cash", 300_00, 1))
    assert destinations([CASH, CARD], 1) == (Destination("card", 1, 2),)


def test_refund_destination_more_than_left_is_refused() -> None:
    for tenders, much in (([CASH, CARD], 900_01), ([CARD], 600_01), ([], 1)):
        with pytest.raises(Invalid, match="more than is left") as refused:
            destinations(tenders, much)
        assert refused.value.field == "amount"


def test_refund_destination_order_is_card_gift_card_account_credit_cash() -> None:
    kinds = ("cash", "account_credit", "gift_card", "card")
    paid = [TenderLeft(place, kind, 10_00) for place, kind in enumerate(kinds, start=1)]
    assert [(way.kind, way.tender_position) for way in destinations(paid, 40_00)] == [
        ("card", 4),
        ("gift_card", 3),
        ("account_credit", 2),
        ("cash", 1),
    ]
    assert [way.kind for way in destinations(paid, 15_00)] == ["card", "gift_card"]


def test_refund_destination_two_cards_first_to_pay_is_first() -> None:
    paid = [TenderLeft(3, "card", 50_00), TenderLeft(2, "card", 20_00)]
    assert destinations(paid, 60_00) == (Destination("card", 20_00, 2), Destination("card", 40_00, 3))


def test_refund_destination_tender_already_refunded_is_skipped() -> None:
    paid = [TenderLeft(1, "card", 0), TenderLeft(2, "card", 50_00), TenderLeft(3, "cash", 10_00)]
    assert destinations(paid, 50_00) == (Destination("card", 50_00, 2),)
    # Less than nothing left on one tender is not lent by another.
    assert destinations([TenderLeft(1, "card", -5_00), TenderLeft(2, "cash", 10_00)], 10_00) == (
        Destination("cash", 10_00, 2),
    )


def test_refund_destination_kept_as_credit_goes_to_account() -> None:
    assert destinations([CASH, CARD], 630_00, as_credit=True) == (Destination("account_credit", 630_00),)
    assert destinations([CASH, CARD], 630_00, as_credit=True)[0].tender_position is None


def test_refund_destination_of_zero_is_empty() -> None:
    assert destinations([CASH], 0) == ()
    assert destinations([], 0, as_credit=True) == ()


def test_refund_in_cash_of_money_not_paid_in_cash_needs_second_person() -> None:
    cash, card = Destination("cash", 30_00, 1), Destination("card", 600_00, 2)
    assert wants_second_person([CASH, CARD], [card, cash])
    assert wants_second_person([CARD], [cash])
    assert not wants_second_person([CASH, CARD], [card])
    assert not wants_second_person([CASH], [cash])
    assert not wants_second_person([CASH, CARD], [])
    for kind in ("account_credit", "gift_card"):
        assert wants_second_person([CASH, TenderLeft(2, kind, 5_00)], [cash])
    assert not wants_second_person([CASH, TenderLeft(2, "gift_card", 5_00)], [Destination("gift_card", 5_00, 2)])


def test_refund_part_state_transitions_are_exact() -> None:
    """An answer may be lost and found; the bank may send money back days later; a failure is the end."""
    states = list(TRANSITIONS)
    allowed = {(state, onward) for state in states for onward in states if may_move(state, onward)}
    assert allowed == {
        ("created", "waiting"),
        ("created", "unknown"),
        ("created", "paid_back"),
        ("created", "failed"),
        ("waiting", "paid_back"),
        ("waiting", "failed"),
        ("unknown", "waiting"),
        ("unknown", "paid_back"),
        ("unknown", "failed"),
        ("paid_back", "failed"),
    }
    with pytest.raises(KeyError):
        may_move("lost", "failed")


def test_refund_destination_is_immutable() -> None:
    with pytest.raises(FrozenInstanceError):
        CARD.left_minor = 1
    with pytest.raises(FrozenInstanceError):
        destinations([CARD], 1)[0].amount_minor = 2
