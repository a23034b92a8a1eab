"""Disputes of more than a package: one part of its price, a gift card; and cards that are asked meanwhile."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from pos.core.errors import Conflict, Invalid
from pos.core.ids import new_id
from pos.core.mail import MailboxMail
from pos.domain.credits.models import CreditLot
from pos.domain.sales.cart_options import Gift
from pos.domain.stored_value.queries import CardFacts
from pos.services.checkout.cart import TicketState, change_ticket
from pos.services.payments.next_part import TakePart, take_part
from pos.services.refunds.calculate import RefundChoice
from pos.services.refunds.issue_refund import RefundCommand, refund
from pos.services.refunds.void_sale import VoidSale, void_sale
from pos.services.stored_value.gift_cards import replace_card, unblock
from tests.integration.instalments.conftest import allow_deposit, lot_of
from tests.integration.instalments.conftest import pay as pay_part
from tests.integration.instalments.test_cards import part_ticket
from tests.integration.reconciliation.conftest import PostPaymentCase
from tests.support.books import failing
from tests.support.cards import CARDS
from tests.support.clinic import line
from tests.support.gift_card_desk import (
    by_card,
    cards_of,
    content,
    on_card,
)
from tests.support.gift_card_desk import pay as pay_ticket

pytestmark = CARDS


def charge(case: PostPaymentCase, ticket: TicketState) -> UUID:
    waiting = case.till.charge(case.till.command(ticket))
    case.till.tap()
    assert case.till.look(waiting.order_id).state == "succeeded"
    return waiting.order_id


def in_parts(case: PostPaymentCase, *, used: int = 0) -> tuple[UUID, UUID, CreditLot]:
    """Ten for 900.00 with 10 % in it: 300.00 in cash, then 600.00 by card; both sales and the lot."""
    clinic = allow_deposit(case.clinic)
    sold = pay_part(clinic, 300_00).sale_id
    lot = lot_of(clinic, sold)
    paid = charge(case, part_ticket(case.till, lot.id, 600_00))
    for _ in range(used):
        clinic.sell(line("trigger_60"), client=clinic.ana)
    return sold, paid, lot


def decided(case: PostPaymentCase, sale_id: UUID, act: str, **how: int) -> str:
    stripe_id = case.disputed(sale_id, **how)
    case.hear(stripe_id)
    case.decide(stripe_id, act)
    case.hear(stripe_id)
    return stripe_id


def test_dispute_of_instalment_suspends_whole_package_until_won(case: PostPaymentCase) -> None:
    _, paid, lot = in_parts(case, used=3)
    stripe_id = case.disputed(paid)
    case.hear(stripe_id)
    assert (case.clinic.lot(lot.id).status, case.steps(stripe_id)["opened"].credits) == ("suspended", 7)
    assert failing(case.clinic) == {}
    case.decide(stripe_id, "win")
    case.hear(stripe_id)
    assert (case.clinic.lot(lot.id).status, case.steps(stripe_id)["won"].credits) == ("active", 7)
    assert failing(case.clinic) == {}


def test_dispute_of_instalment_lost_removes_credits_it_paid_for(case: PostPaymentCase) -> None:
    sold, paid, lot = in_parts(case, used=3)
    stripe_id = decided(case, paid, "lose")
    # Six are worth 540.00 with their tax; a seventh would be more than the 600.00 that were lost.
    lost, left = case.steps(stripe_id)["lost"], case.clinic.lot(lot.id)
    assert case.entry("dispute_lost", lost.id) == {
        "package_liability": 490_91, "tax_payable:10": 49_09, "bad_debt": 60_00, "stripe_disputes": -600_00
    }  # fmt: skip
    assert (lost.credits, left.status, left.remaining, left.net_minor - left.recognised_minor) == (
        6,
        "active",
        1,
        81_82,
    )
    assert failing(case.clinic) == {}
    # What lives on is used; it is not given back for money, whichever sale is asked.
    for sale_id in (sold, paid):
        with case.clinic.app.app_context(), pytest.raises((Conflict, Invalid)):
            refund(RefundCommand(new_id(), RefundChoice(sale_id), "Asked for", case.clinic.manager))
    case.clinic.sell(line("trigger_60"), client=case.clinic.ana)
    assert case.balance("package_liability") == 0
    assert failing(case.clinic) == {}


def test_dispute_of_partly_paid_package_lost_removes_only_value_received(case: PostPaymentCase) -> None:
    clinic = allow_deposit(case.clinic)
    lot = lot_of(clinic, pay_part(clinic, 300_00).sale_id)
    paid = charge(case, part_ticket(case.till, lot.id, 300_00))
    for _ in range(4):
        clinic.sell(line("trigger_60"), client=clinic.ana)
    stripe_id = decided(case, paid, "lose")
    # 600.00 was paid and 360.00 used: all that was left, 240.00, goes, and 60.00 is a loss.
    lost, left = case.steps(stripe_id)["lost"], clinic.lot(lot.id)
    assert (lost.liability_minor + lost.tax_minor, lost.bad_debt_minor) == (240_00, 60_00)
    assert (left.status, left.remaining, left.net_minor - left.recognised_minor) == ("refunded", 0, 0)
    assert case.balance("package_liability") == 0
    assert failing(clinic) == {}


def test_dispute_of_two_instalments_suspends_until_last_is_decided(case: PostPaymentCase) -> None:
    clinic = allow_deposit(case.clinic)
    lot = lot_of(clinic, pay_part(clinic, 300_00).sale_id)
    first = charge(case, part_ticket(case.till, lot.id, 200_00))
    second = charge(case, part_ticket(case.till, lot.id, 400_00))
    one, other = case.disputed(first), case.disputed(second)
    case.hear(one)
    case.hear(other)
    case.decide(one, "win")
    case.hear(one)
    assert clinic.lot(lot.id).status == "suspended"
    case.decide(other, "lose")
    case.hear(other)
    assert (clinic.lot(lot.id).status, clinic.lot(lot.id).remaining) == ("active", 6)
    assert failing(clinic) == {}


def test_dispute_lost_during_card_payment_is_booked_after_payment(case: PostPaymentCase) -> None:
    """The card was charged: completing must not fail. And what it paid must not be given up with the other's loss."""
    clinic = allow_deposit(case.clinic)
    lot = lot_of(clinic, pay_part(clinic, 300_00).sale_id)
    first = charge(case, part_ticket(case.till, lot.id, 200_00))
    waiting = case.till.charge(case.till.command(part_ticket(case.till, lot.id, 400_00)))
    stripe_id = case.disputed(first)
    case.decide(stripe_id, "lose")
    case.hear(stripe_id)
    assert sorted(case.steps(stripe_id)) == ["opened"]
    case.till.tap()
    assert case.till.look(waiting.order_id).state == "succeeded"
    assert (clinic.lot(lot.id).unpaid_minor, clinic.lot(lot.id).status) == (0, "suspended")
    with case.later(hours=2):
        case.poll_pending()
    lost = case.steps(stripe_id)["lost"]
    assert (lost.credits, lost.liability_minor + lost.tax_minor, lost.bad_debt_minor) == (2, 180_00, 20_00)
    assert (clinic.lot(lot.id).status, clinic.lot(lot.id).remaining) == ("active", 8)
    assert failing(clinic) == {}


@pytest.mark.parametrize("paid", [True, False])
def test_dispute_lost_while_credit_is_held_is_booked_after_hold_ends(case: PostPaymentCase, paid: bool) -> None:
    sale_id, lot_id = case.ten_with_three_used()
    ticket = case.till.ticket(line("trigger_60", credit=lot_id), line("oil"), client=case.clinic.ana)
    waiting = case.till.charge(case.till.command(ticket))
    stripe_id = case.disputed(sale_id)
    case.decide(stripe_id, "lose")
    case.hear(stripe_id)
    assert sorted(case.steps(stripe_id)) == ["opened"]
    if paid:
        case.till.tap()
        assert case.till.look(waiting.order_id).state == "succeeded"
    else:
        case.till.cancel(waiting.order_id)
    with case.later(hours=2):
        case.poll_pending()
    lost, lot = case.steps(stripe_id)["lost"], case.clinic.lot(lot_id)
    assert (lost.credits, lost.bad_debt_minor) == ((6, 360_00) if paid else (7, 270_00))
    assert (lot.status, lot.remaining, lot.held, case.balance("package_liability")) == ("refunded", 0, 0, 0)
    assert failing(case.clinic) == {}


def gift_sold(case: PostPaymentCase, amount_minor: int, card_id: UUID | None = None) -> UUID:
    """A gift card sold, or reloaded, by card."""
    till, clinic = case.till, case.clinic
    opened = till.ticket(line("oil"))
    with clinic.app.app_context():
        ticket = change_ticket(
            ticket_id=opened.ticket_id,
            desk_id=opened.desk_id,
            staff_id=clinic.receptionist.id,
            client_id=None,
            wanted=content(clinic, gifts=(Gift(amount_minor, card_id=card_id),)),
            version=opened.version,
        )
    return charge(case, ticket)


def card_sold(case: PostPaymentCase, amount_minor: int = 200_00) -> tuple[UUID, CardFacts]:
    sale_id = gift_sold(case, amount_minor)
    return sale_id, cards_of(case.clinic, sale_id)[0]


def spend(case: PostPaymentCase, card_id: UUID) -> None:
    """75.00 of it."""
    pay_ticket(case.clinic, content(case.clinic, line("foot_60"), stored=(by_card(card_id),)))


def test_dispute_of_gift_card_blocks_it_until_won(
    case: PostPaymentCase,
) -> None:
    sale_id, card = card_sold(case)
    stripe_id = case.disputed(sale_id)
    case.hear(stripe_id)
    who: dict[str, Any] = {
        "staff_id": case.clinic.manager.id,
        "own": frozenset({case.clinic.usd.location_id}),
        "reason": "asked",
    }
    with pytest.raises((Conflict, Invalid)):
        spend(case, card.card_id)
    with case.clinic.app.app_context():
        with pytest.raises(Conflict, match="stays blocked"):
            unblock(card_id=card.card_id, **who)
        with pytest.raises(Conflict, match="stays blocked"):
            replace_card(card_id=card.card_id, new_card_id=new_id(), **who)
    assert failing(case.clinic) == {}
    case.decide(stripe_id, "win")
    case.hear(stripe_id)
    spend(case, card.card_id)
    assert failing(case.clinic) == {}


def test_dispute_of_gift_card_lost_takes_remaining_balance(case: PostPaymentCase) -> None:
    sale_id, card = card_sold(case)
    spend(case, card.card_id)
    stripe_id = decided(case, sale_id, "lose")
    lost = case.steps(stripe_id)["lost"]
    assert case.entry("dispute_lost", lost.id) == {
        "gift_card_liability": 125_00, "bad_debt": 75_00, "stripe_disputes": -200_00
    }  # fmt: skip
    assert (on_card(case.clinic, card.card_id), case.balance("gift_card_liability")) == (0, 0)
    assert failing(case.clinic) == {}


def test_dispute_of_gift_card_reload_lost_takes_only_reload(case: PostPaymentCase) -> None:
    _, card = card_sold(case, 100_00)
    stripe_id = decided(case, gift_sold(case, 50_00, card.card_id), "lose")
    assert (case.steps(stripe_id)["lost"].liability_minor, on_card(case.clinic, card.card_id)) == (50_00, 100_00)
    spend(case, card.card_id)
    assert failing(case.clinic) == {}


@pytest.mark.settings(**CARDS.kwargs, MAILBOX="on")
def test_dispute_opened_and_lost_mail_managers_amount_and_link(case: PostPaymentCase) -> None:
    """Each step of a dispute, as text and as a page, with what happened, what to do and where."""
    sale_id, _ = case.ten_with_three_used()
    case.work()
    stripe_id = decided(case, sale_id, "lose")
    case.work()
    with case.clinic.read() as session:
        mails = session.scalars(select(MailboxMail).where(MailboxMail.subject.contains("disput"))).all()
    subjects = [mail.subject for mail in mails]
    assert set(subjects) == {"A payment of $900.00 is disputed", "The dispute of $900.00 is lost"}
    link = f"/office/money/disputes/{case.dispute(stripe_id).id}"
    for mail in mails:
        for body in (mail.text, mail.html):
            assert "$900.00" in body
            assert link in body
            assert "RIV-" in body
            assert "None" not in body
            assert "%(" not in body
    opened = next(mail for mail in mails if mail.subject.startswith("A payment"))
    lost = next(mail for mail in mails if "lost" in mail.subject)
    assert "suspended" in opened.text
    assert "booked as a loss" in lost.text


def test_dispute_of_a_card_that_had_paid_a_part_holds_the_sale_that_it_became(case: PostPaymentCase) -> None:
    """50.00 of a package by a first card, disputed before the second card pays the rest: nothing goes back besides."""
    till = case.till
    first = till.charge(till.command(till.ticket(line("ten"), client=case.clinic.ana), card_minor=50_00))
    till.tap()
    first = till.look(first.order_id)
    stripe_id = case.disputed(first.order_id)
    case.hear(stripe_id)
    assert case.dispute(stripe_id).sale_id is None
    rest = TakePart(first.order_id, case.clinic.usd.desk, "card", None, first.rest_minor)
    till.act(take_part, rest)
    till.tap()
    assert till.look(first.order_id).state == "succeeded"
    case.hear(stripe_id)
    with pytest.raises(Conflict, match="taken this payment back"):
        till.act(
            void_sale, VoidSale(new_id(), first.order_id, "Rung up twice", case.clinic.owner, case.clinic.usd.desk)
        )
    assert failing(case.clinic) == {}
