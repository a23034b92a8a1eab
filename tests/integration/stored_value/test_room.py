"""Balances: raised, spent, held, given back; never below zero, every change a numbered move, each key once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.database.base import engine
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import (
    AlreadyUsedKey,
    Conflict,
    Invalid,
    NotFound,
    PosError,
)
from pos.core.ids import new_id
from pos.core.messages.stored_value import GIFT_CARD_EMPTY
from pos.domain.stored_value import queries, wallet
from pos.domain.stored_value.balances import ACCOUNTS, CARDS, StoredValueEntry
from pos.domain.stored_value.gift_card_codes import (
    SIGNS,
    code_hash,
    code_of,
    read_code,
    shown,
)
from pos.domain.stored_value.models import GiftCard, GiftCardMove
from pos.domain.stored_value.rules import CardTerms, NotEnoughValue, usual_terms
from tests.support.actions import action
from tests.support.barrier import meeting, race
from tests.support.clinic import Clinic, Site

SECRET = "a secret that only this test knows"


def issue(world: Clinic, amount_minor: int, **more: Any) -> UUID:
    """A card with a balance."""
    card_id = new_id()

    def conduct(session: Session) -> None:
        new = wallet.NewCard(card_id=card_id, currency="USD", amount_minor=amount_minor, **more)
        wallet.issue_card(session, new, action(session, world.usd.location_id, key=f"issue:{card_id}"), secret=SECRET)

    world.write(conduct)
    return card_id


def spend(world: Clinic, card_id: UUID, amount_minor: int, key: str) -> int:
    here = world.usd.location_id
    return world.write(
        lambda session: wallet.take(
            session,
            CARDS,
            {"card_id": card_id},
            amount_minor,
            StoredValueEntry("spend", action(session, here, key=key)),
        )
    )


def moves(world: Clinic, card_id: UUID) -> list[tuple[int, str, int, int]]:
    with world.read() as session:
        found = queries.card_moves(session, card_id)
    return [(move.seq, move.kind, move.delta_minor, move.balance_after_minor) for move in found]


def test_gift_card_code_misread_letters_are_accepted_and_errors_detected() -> None:
    code = code_of(new_id(), SECRET)
    assert read_code(shown(code).lower()) == code
    assert read_code(code.replace("0", "O").replace("1", "l")) == code
    for place in range(len(code)):
        for sign in SIGNS.replace(code[place], ""):
            assert read_code(code[:place] + sign + code[place + 1 :]) is None
    assert read_code(code[:-1]) is None
    assert read_code("Trigger point 60 m") is None


def test_gift_card_code_is_derived_and_stored_as_hash(clinic: Clinic) -> None:
    card_id = issue(clinic, 50_00)
    code = code_of(card_id, SECRET)
    assert code != code_of(card_id, "another secret")
    with clinic.read() as session:
        row = session.execute(text("SELECT * FROM gift_cards")).one()
        assert code not in str(tuple(row))
        assert session.get_one(GiftCard, card_id).code_hash == code_hash(code)
        found = queries.card_by_code(session, code, clock.now().date())
    assert found is not None
    assert (found.card_id, found.balance_minor, found.last4) == (card_id, 50_00, code[-4:])


def test_gift_card_spend_above_balance_is_refused(clinic: Clinic) -> None:
    card_id = issue(clinic, 50_00)
    assert spend(clinic, card_id, 36_00, "a") == 14_00
    with pytest.raises(NotEnoughValue) as refusal:
        spend(clinic, card_id, 14_01, "b")
    assert refusal.value.extra["balance_minor"] == 14_00
    assert spend(clinic, card_id, 14_00, "c") == 0
    assert moves(clinic, card_id) == [
        (1, "issue", 50_00, 50_00),
        (2, "spend", -36_00, 14_00),
        (3, "spend", -14_00, 0),
    ]


def test_gift_card_spend_same_key_is_made_once(clinic: Clinic) -> None:
    card_id = issue(clinic, 50_00)
    assert [spend(clinic, card_id, 10_00, "once") for _ in range(3)] == [40_00] * 3
    with pytest.raises(AlreadyUsedKey):
        spend(clinic, card_id, 11_00, "once")
    assert len(moves(clinic, card_id)) == 2


def test_gift_card_held_value_is_spent_or_released(clinic: Clinic) -> None:
    card_id = issue(clinic, 50_00)
    named = {"card_id": card_id}
    with clinic.read() as session:
        context = action(session, clinic.usd.location_id)

    def command(kind: str, key: str) -> StoredValueEntry:
        return StoredValueEntry(kind, context.keyed(key))

    clinic.write(lambda s: wallet.hold(s, CARDS, named, 30_00, command("hold", "h1")))
    with pytest.raises(NotEnoughValue):
        spend(clinic, card_id, 20_01, "too much while held")
    clinic.write(lambda s: wallet.unhold(s, CARDS, named, 30_00, command("release", "r1")))
    clinic.write(lambda s: wallet.hold(s, CARDS, named, 20_00, command("hold", "h2")))
    clinic.write(lambda s: CARDS.spend_held(s, named, 20_00, command("release", "r2"), command("spend", "s2")))
    assert moves(clinic, card_id) == [
        (1, "issue", 50_00, 50_00),
        (2, "hold", -30_00, 20_00),
        (3, "release", 30_00, 50_00),
        (4, "hold", -20_00, 30_00),
        (5, "release", 20_00, 50_00),
        (6, "spend", -20_00, 30_00),
    ]
    with clinic.read() as session:
        assert queries.card(session, card_id, context.business_date).held_minor == 0
        assert queries.owed_on_cards(session, clinic.usd.location_id) == 30_00


def test_gift_card_blocked_expired_or_unknown_pays_nothing(clinic: Clinic) -> None:
    blocked = issue(clinic, 50_00)
    clinic.write(lambda s: setattr(s.get_one(GiftCard, blocked), "state", "blocked"))
    yesterday = clock.now().date().replace(day=15)
    for card_id, error in (
        (blocked, Conflict),
        (issue(clinic, 50_00, expires_on=yesterday), Conflict),
        (new_id(), NotFound),
    ):
        with pytest.raises(error):
            spend(clinic, card_id, 1, "x")


def test_account_credit_is_credited_and_spent_at_its_location_only(clinic: Clinic) -> None:
    def credit(amount_minor: int, key: str, currency: str = "USD") -> int:
        def work(session: Session) -> int:
            entry = StoredValueEntry("goodwill", action(session, clinic.usd.location_id, key=key, reason="sorry"))
            return wallet.credit_account(session, clinic.ana, amount_minor, entry, currency=currency)

        return clinic.write(work)

    def debit(amount_minor: int, key: str, at: Site = clinic.usd) -> int:
        def work(session: Session) -> int:
            entry = StoredValueEntry("goodwill", action(session, at.location_id, key=key, reason="sorry"))
            named = wallet.account_of(session, clinic.ana, at.location_id)
            return wallet.take(session, ACCOUNTS, named, amount_minor, entry)

        return clinic.write(work)

    assert credit(30_00, "1") == 30_00
    assert credit(30_00, "1") == 30_00
    assert credit(5_00, "2") == 35_00
    assert debit(20_00, "3") == 15_00
    with pytest.raises(NotEnoughValue):
        debit(15_01, "4")
    with pytest.raises(NotEnoughValue):
        debit(1, "5", clinic.eur)
    with pytest.raises(Conflict):
        credit(1, "6", "EUR")
    with pytest.raises(Invalid):
        credit(0, "7")
    with clinic.read() as session:
        assert wallet.account_balance(session, clinic.ana, clinic.usd.location_id) == 15_00
        assert wallet.account_balance(session, clinic.ben, clinic.usd.location_id) == 0
        found = queries.account_moves(session, clinic.ana, clinic.usd.location_id)
    assert [(m.seq, m.delta_minor, m.balance_after_minor, m.note) for m in found] == [
        (1, 30_00, 30_00, "sorry"),
        (2, 5_00, 35_00, "sorry"),
        (3, -20_00, 15_00, "sorry"),
    ]


def test_account_credit_two_first_credits_at_once_both_count(clinic: Clinic) -> None:
    def credit(key: str) -> int:
        return clinic.write(
            lambda s: wallet.credit_account(
                s,
                clinic.ana,
                10_00,
                StoredValueEntry("goodwill", action(s, clinic.usd.location_id, key=key)),
                currency="USD",
            )
        )

    outcomes = race(lambda: credit("a"), lambda: credit("b"))
    assert sorted(outcomes) == [10_00, 20_00]


def test_gift_card_last_balance_at_four_desks_one_wins(clinic: Clinic) -> None:
    card_id = issue(clinic, 10_00)
    outcomes = race(*(lambda key=key: spend(clinic, card_id, 10_00, key) for key in "abcd"))
    assert [o for o in outcomes if o == 0] == [0]
    assert sum(isinstance(o, NotEnoughValue) for o in outcomes) == 3
    assert moves(clinic, card_id)[1:] == [(2, "spend", -10_00, 0)]


def test_gift_card_spend_by_read_balance_is_made_twice(clinic: Clinic) -> None:
    """The negative control: without the guarded UPDATE both desks find 10.00 and both take them."""
    card_id = issue(clinic, 10_00)
    meet = meeting(2)

    def careless() -> int:
        with clinic.app.app_context(), Session(engine()) as session:
            balance = session.scalar(select(GiftCard.balance_minor).where(GiftCard.id == card_id)) or 0
            session.rollback()
            meet()

            @unit_of_work
            def take(writing: Session) -> int:
                if balance < 10_00:
                    raise PosError(GIFT_CARD_EMPTY)
                writing.execute(text("UPDATE gift_cards SET balance_minor = 0"))
                return 10_00

            return take()

    assert race(careless, careless) == [10_00, 10_00]
    with clinic.read() as session:
        paid_in = session.scalars(select(GiftCardMove.delta_minor).where(GiftCardMove.card_id == card_id)).all()
    assert sum(paid_in) == 10_00  # twenty were taken from ten


def test_gift_card_terms_invalid_are_refused_and_limit_amounts() -> None:
    terms = usual_terms("USD")
    terms.require_amount(10_00)
    terms.require_amount(1_000_00)
    for wrong in (9_99, 1_000_01, -5):
        with pytest.raises(Invalid):
            terms.require_amount(wrong)
    assert usual_terms("JPY").least_minor == 10
    assert terms.expires_on(clock.now().date()) is None
    for least, most, highest, months in ((0, 1, 1, None), (5, 4, 10, None), (1, 5, 4, None), (1, 2, 3, 0)):
        with pytest.raises(Invalid):
            CardTerms(least, most, highest, None, months)
