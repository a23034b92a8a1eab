"""Account credit outside a sale: goodwill given by a manager, a balance paid out at the desk, and the books of both."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from pos.core.errors import (
    AlreadyUsedKey,
    Conflict,
    Invalid,
    NeedsApproval,
    NotFound,
    PosError,
)
from pos.core.ids import new_id
from pos.domain.staff import approvals
from pos.domain.stored_value.queries import account_moves
from pos.domain.till.shifts import current_shift
from pos.services.packages.authorization import PackageAction
from pos.services.stored_value import account_credit
from pos.services.stored_value.account_credit import Changed, give_goodwill
from pos.services.till.shifts import close_shift, expected_in
from tests.support.barrier import race
from tests.support.books import book_floats, failing
from tests.support.clinic import Clinic, Colleague, line
from tests.support.gift_card_desk import (
    by_account,
    content,
    on_account,
    pay,
)
from tests.support.package_actions import entries, package_action


@pytest.fixture
def books(clinic: Clinic) -> Clinic:
    return book_floats(clinic)


def give(world: Clinic, amount: int = 40_00, *, by: PackageAction | None = None, client: UUID | None = None) -> Changed:
    with world.app.app_context():
        return give_goodwill(
            by or package_action(world, "A long wait"),
            client_id=client or world.ana,
            location_id=world.usd.location_id,
            amount_minor=amount,
        )


def consent(world: Clinic, amount: int, *, asked_by: Colleague, action: str = "account_credit_payout") -> UUID:
    """The manager's or owner's PIN, given for a payout to Ana."""
    giver = world.owner if asked_by is world.manager else world.manager

    def conduct(session: Session) -> UUID:
        return approvals.approve(
            session,
            action=action,
            subject_id=world.ana,
            amount_minor=amount,
            location_id=world.usd.location_id,
            asked_by=asked_by.id,
            approver_id=giver.id,
        ).id

    return world.write(conduct)


def pay_out(
    world: Clinic,
    *,
    by: Colleague | None = None,
    key: UUID | None = None,
    approval: UUID | None = None,
    reason: str = "Moves away",
) -> Changed:
    with world.app.app_context():
        return account_credit.pay_out(
            client_id=world.ana,
            action_id=key or new_id(),
            desk_id=world.usd.desk,
            staff_id=(by or world.owner).id,
            reason=reason,
            approval_id=approval,
        )


def in_drawer(world: Clinic) -> int:
    with world.read() as session:
        shift = current_shift(session, world.usd.desk)
        assert shift is not None
        return expected_in(session, shift)


def test_account_credit_goodwill_reduces_revenue_and_is_owed(books: Clinic) -> None:
    assert give(books) == Changed(40_00, 40_00, "USD")
    assert give(books, 2_50) == Changed(2_50, 42_50, "USD")
    assert [amounts for _, amounts in entries(books, "account_credit_goodwill")] == [
        {"discounts": 40_00, "account_credit": -40_00},
        {"discounts": 2_50, "account_credit": -2_50},
    ]
    with books.read() as session:
        moves = account_moves(session, books.ana, books.usd.location_id)
    assert [(m.seq, m.kind, m.delta_minor, m.note, m.staff_id) for m in moves] == [
        (1, "goodwill", 40_00, "A long wait", books.manager.id),
        (2, "goodwill", 2_50, "A long wait", books.manager.id),
    ]
    assert failing(books) == {}


def test_account_credit_paying_treatment_leaves_full_tax(books: Clinic) -> None:
    give(books, 108_00)
    done = pay(books, content(books, line("trigger_60"), stored=(by_account(),)), client=books.ana)
    assert books.postings(done.sale_id) == {
        "account_credit": 108_00,
        "service_revenue": -100_00,
        "tax_payable:8": -8_00,
    }
    assert on_account(books, books.ana) == 0
    assert books.balance(books.usd, "discounts") + books.balance(books.usd, "service_revenue") == 8_00
    assert failing(books) == {}


def test_account_credit_goodwill_same_key_is_given_once(books: Clinic) -> None:
    once = package_action(books, "A long wait")
    assert give(books, by=once) == give(books, by=once) == Changed(40_00, 40_00, "USD")
    with pytest.raises(AlreadyUsedKey, match="another amount"):
        give(books, 41_00, by=once)
    with pytest.raises(AlreadyUsedKey, match="another client"):
        give(books, by=once, client=books.ben)
    assert on_account(books, books.ana) == 40_00


def test_account_credit_goodwill_same_key_at_once_is_given_once(books: Clinic) -> None:
    once = package_action(books, "A long wait")
    race(lambda: give(books, by=once), lambda: give(books, by=once))
    assert on_account(books, books.ana) == 40_00
    assert failing(books) == {}


@pytest.mark.parametrize("amount", [0, -1, 1_000_01])
def test_account_credit_goodwill_invalid_amount_is_refused(books: Clinic, amount: int) -> None:
    with pytest.raises(Invalid, match=r"at most 1000\.00") as refused:
        give(books, amount)
    assert refused.value.field == "amount"


def test_account_credit_goodwill_not_permitted_is_refused(books: Clinic) -> None:
    with pytest.raises(NeedsApproval):
        give(books, by=package_action(books, "A long wait", by=books.receptionist))
    with pytest.raises(Invalid, match="Say why"):
        give(books, by=package_action(books, " "))
    with pytest.raises(NotFound, match="location"), books.app.app_context():
        give_goodwill(
            package_action(books, "A long wait"),
            client_id=books.ana,
            location_id=books.eur.location_id,
            amount_minor=1_00,
        )
    with pytest.raises(NotFound):
        give(books, client=new_id())
    assert on_account(books, books.ana) == 0
    assert entries(books, "account_credit_goodwill") == []


def test_account_credit_goodwill_by_receptionist_with_approval_is_given(books: Clinic) -> None:
    asked = package_action(books, "A long wait", by=books.receptionist)
    agreed = consent(books, 40_00, asked_by=books.receptionist, action="account_credit_goodwill")
    give(books, by=PackageAction(asked.action_id, asked.person, asked.reason, agreed))
    assert on_account(books, books.ana) == 40_00


def test_account_credit_payout_leaves_drawer_once(books: Clinic) -> None:
    give(books)
    before, key = in_drawer(books), new_id()
    agreed = consent(books, 40_00, asked_by=books.receptionist)
    done = pay_out(books, by=books.receptionist, key=key, approval=agreed)
    assert done == Changed(40_00, 0, "USD")
    assert [amounts for _, amounts in entries(books, "account_credit_payout")] == [
        {"account_credit": 40_00, f"cash_drawer:{drawer_of(books)}": -40_00}
    ]
    assert in_drawer(books) == before - 40_00
    assert pay_out(books, by=books.receptionist, key=key) == done  # asked again: the same answer, no consent spent
    assert in_drawer(books) == before - 40_00
    assert failing(books) == {}
    with books.app.app_context():
        closed = close_shift(desk_id=books.usd.desk, staff_id=books.owner.id, counted_minor=before - 40_00)
    assert closed.over_short_minor == 0
    assert failing(books) == {}


def drawer_of(world: Clinic) -> UUID:
    with world.read() as session:
        shift = current_shift(session, world.usd.desk)
        assert shift is not None
        return shift.drawer_id


def test_account_credit_payout_by_manager_needs_second_person(books: Clinic) -> None:
    give(books)
    for who in (books.receptionist, books.manager):
        with pytest.raises(NeedsApproval) as refused:
            pay_out(books, by=who)
        assert refused.value.extra["amount_minor"] == 40_00
    with pytest.raises(NeedsApproval, match="does not fit"):  # given for another amount
        pay_out(books, by=books.receptionist, approval=consent(books, 39_00, asked_by=books.receptionist))
    assert (
        pay_out(books, by=books.manager, approval=consent(books, 40_00, asked_by=books.manager)).amount_minor == 40_00
    )


def test_account_credit_payout_without_balance_or_cash_is_refused(books: Clinic) -> None:
    with pytest.raises(Conflict, match="no account credit"):
        pay_out(books)
    give(books, 150_00)
    with pytest.raises(
        Conflict, match=r"There is 100\.00 USD in the drawer, and 150\.00"
    ):  # the drawer holds its float of 100.00
        pay_out(books)
    with pytest.raises(Invalid, match="Say why"):
        pay_out(books, reason="")
    with books.app.app_context():
        close_shift(desk_id=books.usd.desk, staff_id=books.owner.id, counted_minor=100_00)
    with pytest.raises(Conflict, match="drawer of this desk is closed"):
        pay_out(books)
    assert on_account(books, books.ana) == 150_00
    assert failing(books) == {}


def test_account_credit_payout_at_two_desks_is_paid_once(books: Clinic) -> None:
    give(books)
    before = in_drawer(books)
    outcomes: list[Changed | PosError] = race(lambda: pay_out(books), lambda: pay_out(books))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Changed", "Conflict"]
    assert (on_account(books, books.ana), in_drawer(books)) == (0, before - 40_00)
    assert failing(books) == {}
