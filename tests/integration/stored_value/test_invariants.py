"""`pos verify` over gift cards and account credit: it holds for real trade, and each planted fault is found and named."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from pos.domain.ledger import posting as ledger
from pos.domain.ledger.entries import Draft
from pos.domain.sales.cart_options import Gift
from tests.support.actions import action
from tests.support.books import book_floats, failing, found_by, tamper
from tests.support.clinic import Clinic, line
from tests.support.gift_card_desk import (
    by_account,
    by_card,
    content,
    give_credit,
    pay,
    sell_card,
)


@pytest.fixture
def cards_traded(clinic: Clinic) -> Clinic:
    """Cards sold, reloaded and spent, account credit given and spent; the books are complete."""
    book_floats(clinic)
    card = sell_card(clinic, 500_00, client=clinic.ana)
    sell_card(clinic, 50_00)
    pay(clinic, content(clinic, gifts=(Gift(20_00, card.card_id),)), cash=20_00)
    pay(clinic, content(clinic, line("five"), stored=(by_card(card.card_id),)), client=clinic.ana)
    give_credit(clinic, clinic.ana, 30_00)

    def book(session: Session) -> None:
        draft = Draft("goodwill", clinic.ana, "USD")
        draft.credit("account_credit", 30_00)
        draft.debit("discounts", 30_00)
        ledger.post(session, draft, action(session, clinic.usd.location_id), reference="goodwill")

    clinic.write(book)
    pay(clinic, content(clinic, line("ball"), stored=(by_account(),)), client=clinic.ana)
    return clinic


def test_stored_value_checks_all_hold(cards_traded: Clinic) -> None:
    assert failing(cards_traded) == {}


@pytest.mark.parametrize(
    ("fault", "found", "says"),
    [
        ("UPDATE gift_cards SET balance_minor = balance_minor + 1", "gift_card_balance", "holds"),
        ("UPDATE gift_cards SET held_minor = 5", "gift_card_balance", "sets aside"),
        ("UPDATE gift_cards SET seq = seq + 1", "gift_card_balance", "counts"),
        ("DELETE FROM gift_card_moves WHERE kind = 'reload'", "stored_value_moves", "after move 1 comes move 3"),
        (
            "UPDATE gift_card_moves SET balance_after_minor = balance_after_minor + 7 WHERE kind = 'reload'",
            "stored_value_moves",
            "move 2 says",
        ),
        ("UPDATE account_credits SET balance_minor = balance_minor - 1", "account_credit_balance", "holds"),
        ("DELETE FROM account_credit_moves WHERE seq = 1", "stored_value_moves", "first move"),
        (
            "UPDATE postings SET amount_minor = amount_minor - 1 WHERE account_key = 'gift_card_liability'",
            "stored_value_liability",
            "gift cards hold",
        ),
        (
            "UPDATE postings SET amount_minor = amount_minor - 1 WHERE account_key = 'account_credit'",
            "stored_value_liability",
            "account credit",
        ),
        (
            "UPDATE tenders SET amount_minor = amount_minor - 1 WHERE kind = 'gift_card'",
            "entries",
            "other amounts than its sale",
        ),
    ],
)
def test_stored_value_checks_planted_fault_is_found(cards_traded: Clinic, fault: str, found: str, says: str) -> None:
    assert found_by(cards_traded, found) is None
    tamper(cards_traded, fault)
    assert says in (found_by(cards_traded, found) or "nothing was found")
