"""A ticket that is partly paid, asked of from another screen or by a request that no screen sends: answered in words."""

from __future__ import annotations

import io
import json

import pytest
from sqlalchemy import select

from pos.core.errors import Invalid, NotFound
from pos.domain.clients.queries import name_of
from pos.domain.payouts.models import UnmatchedTransaction
from pos.reports.clients.kept_data import write_kept_data
from pos.services.checkout.cart import drop_ticket
from pos.services.client_records.erase_client import erase_client
from pos.services.payments.next_part import TakePart, take_part
from pos.services.payments.switch_method import request_at_reader, show_code
from tests.integration.checkout.test_tenders_in_any_order import back, begin, holds, part, tap, tenders
from tests.support.cards import CARDS, Till
from tests.support.clinic import line
from tests.support.gift_card_desk import give_credit, sell_card
from tests.support.role_limits import person_of

pytestmark = CARDS


def test_gift_card_part_without_its_card_is_refused(till: Till) -> None:
    """Ana's account credit does not stand in for the card that was not named."""
    give_credit(till.clinic, till.clinic.ana, 50_00)
    ticket = till.ticket(line("trigger_60"), client=till.clinic.ana)
    first = till.charge(till.command(ticket, cash=20_00, card_minor=0))
    with pytest.raises(Invalid, match="gift card"):
        part(till, first, "gift_card", 10_00)
    assert till.look(first.order_id).rest_minor == 88_00


def test_account_credit_part_that_names_a_gift_card_pays_from_the_account_and_completes(till: Till) -> None:
    give_credit(till.clinic, till.clinic.ana, 10_00)
    card = sell_card(till.clinic, 40_00)
    ticket = till.ticket(line("trigger_60"), client=till.clinic.ana)
    first = till.charge(till.command(ticket, cash=20_00, card_minor=0))
    second = part(till, first, "account_credit", card_id=card.card_id)
    assert second.rest_minor == 78_00, "as much as the account holds, not the card"
    done = part(till, second, "cash", 78_00)
    assert tenders(till, done) == [("account_credit", 10_00), ("cash", 98_00)]


def test_ticket_begun_in_cash_has_no_card_payment_to_turn_from(till: Till) -> None:
    first = begin(till, cash=20_00, card=0)
    assert till.act(show_code, first.order_id).state == "partly_paid"
    turned = till.act(request_at_reader, first.order_id, till.own_reader(), till.clinic.usd.location_id)
    assert (turned.state, turned.rest_minor) == ("partly_paid", 88_00)
    assert till.stripe.simulator.world.store.all("payment_intent") == []


def test_second_screen_learns_that_the_parts_went_back_and_calls_nobody(till: Till) -> None:
    """Its card was charged and no sale came of it: without a word of its own that reads as an alarm at the desk."""
    first = tap(till, begin(till, card=50_00))
    given = back(till, first)
    for seen in (given.state, till.look(first.order_id)):
        assert (seen.state, seen.paid) == ("canceled", None)
        assert seen.sentence == "The sale was given up before all of it was paid."
    holds(till)


def test_card_of_a_part_is_asked_for_again_by_its_own_desk_alone(till: Till) -> None:
    first = tap(till, begin(till, card=50_00))
    part(till, first, "card", 20_00)
    with pytest.raises(NotFound):
        till.act(take_part, TakePart(first.order_id, till.clinic.usd.desks[1], "card", 20_00, 58_00))


def test_client_is_told_of_a_part_that_went_back_and_erased_from_it(till: Till) -> None:
    clinic = till.clinic
    ticket = till.ticket(line("trigger_60"), client=clinic.ana)
    back(till, tap(till, till.charge(till.command(ticket, card_minor=50_00))))
    with clinic.read() as session:
        name = name_of(session, clinic.ana)
        assert name in session.scalars(select(UnmatchedTransaction.about)).one()
        told = io.BytesIO()
        write_kept_data(session, clinic.ana, told)
        assert [one["amount_minor"] for one in json.loads(told.getvalue())["payments_without_sale"]] == [50_00]
    desk_id, person = clinic.usd.desk, person_of(clinic.manager)
    till.act(drop_ticket, ticket_id=ticket.ticket_id, desk_id=desk_id, person=person)
    till.act(
        erase_client,
        client_id=clinic.ana,
        typed_name=name,
        staff_id=clinic.manager.id,
        location_id=clinic.usd.location_id,
    )
    with clinic.read() as session:
        assert session.scalars(select(UnmatchedTransaction.about)).all() == [""]
