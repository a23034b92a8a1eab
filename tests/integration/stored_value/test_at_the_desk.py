"""Gift cards through the register's JSON face and beside a card payment: sold, found by code, held, spent, paid out."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from pos.core import clock
from pos.core.errors import (
    Conflict,
    Invalid,
    Locked,
    NotFound,
)
from pos.core.ids import new_id
from pos.core.mail import MailboxMail
from pos.domain.catalogue.gift_card_item import GIFT_CARD_ITEM
from pos.domain.catalogue.models import Price
from pos.domain.locations.queries import places
from pos.domain.payments.models import Tender
from pos.domain.stored_value.gift_card_codes import SIGNS, read_code
from pos.domain.stored_value.models import GiftCard, GiftCardTerms
from pos.services.stored_value.gift_cards import block as block_card
from pos.services.stored_value.gift_cards import (
    expire_cards,
    look_up,
    replace_card,
    unblock,
)
from pos.worker import work_once
from tests.support.books import book_floats, failing
from tests.support.cards import CARDS, Till, take_cards
from tests.support.clinic import Clinic, line
from tests.support.gift_card_desk import (
    by_card,
    content,
    on_card,
    pay,
    sell_card,
)
from tests.web.register.conftest import Register


@pytest.fixture
def register(clinic: Clinic) -> Register:
    """The receptionist at the first desk."""
    return Register(clinic, clinic.receptionist)


def gift_row(amount_minor: int, **gift: Any) -> dict[str, Any]:
    return {
        "line_id": str(new_id()),
        "item_id": str(GIFT_CARD_ITEM),
        "quantity": 1,
        "credit": "auto",
        "gift": {"amount_minor": amount_minor, **gift},
    }


def cheaper_five(clinic: Clinic) -> None:
    table = Price.__table__
    clinic.write(
        lambda s: s.execute(update(Price).where(table.c.item_id == clinic.items["five"]).values(price_minor=450_00))
    )


def sold_at_the_desk(register: Register, amount_minor: int, **gift: Any) -> dict[str, Any]:
    """Sell a card through the face; the card with its code."""
    ticket = register.ticket(lines=[gift_row(amount_minor, **gift)])
    assert ticket["totals"]["due_minor"] == amount_minor
    done = register.send("/sales", register.cash(ticket)).get_json()
    (card,) = register.get(f"/sales/{done['sale_id']}/gift-cards").get_json()["gift_cards"]
    return dict(card)


def test_gift_card_over_http_posts_worked_figure_e(clinic: Clinic, register: Register) -> None:
    cheaper_five(clinic)
    card = sold_at_the_desk(register, 500_00, to_name="Mia")
    assert len(card["code"]) == 19
    (found,) = register.get(f"/search?q={card['code'].lower()}").get_json()["gift_cards"]
    assert (found["balance_minor"], found["can_pay"], found["last4"]) == (500_00, True, card["last4"])

    stored = [{"kind": "gift_card", "card_id": found["card_id"]}]
    ticket = register.ticket(line("five"), client=clinic.ana, stored=stored)
    totals = ticket["totals"]
    assert (totals["due_minor"], totals["stored_minor"], totals["rest_minor"]) == (486_00, 486_00, 0)
    assert ticket["stored"][0]["balance_minor"] == 500_00
    done = register.send("/sales", register.cash(ticket, 0, expected_stored_minor=486_00))
    assert done.status_code == 201, done.get_json()
    seen = register.get(f"/sales/{done.get_json()['sale_id']}").get_json()
    assert [(t["kind"], t["amount_minor"]) for t in seen["tenders"]] == [("gift_card", 486_00)]
    after = register.send("/gift-cards/look-up", {"code": card["code"]}).get_json()
    assert after["balance_minor"] == 14_00

    visit = register.ticket(line("trigger_60"), client=clinic.ana)
    visited = register.send("/sales", register.cash(visit)).get_json()
    assert clinic.postings(UUID(visited["sale_id"])) == {"package_liability": 90_00, "service_revenue": -90_00}


def wrong(code: str) -> str:
    """A code that reads well and belongs to nobody."""
    for sign in SIGNS:
        for last in SIGNS:
            found = read_code(sign + code.replace("-", "")[1:-1] + last)
            if found is not None and found != code.replace("-", ""):
                return found
    raise AssertionError("unreachable")


def test_gift_card_code_guesses_lock_desk_and_typing_errors_do_not(clinic: Clinic, register: Register) -> None:
    card = sold_at_the_desk(register, 50_00)
    for _ in range(8):
        assert register.send("/gift-cards/look-up", {"code": card["code"][:-1]}).status_code == 422
    guess = wrong(card["code"])
    for _ in range(4):
        assert register.send("/gift-cards/look-up", {"code": guess}).status_code == 404
    assert register.send("/gift-cards/look-up", {"code": card["code"]}).status_code == 200
    # A right code does not make the wrong ones before it forgotten.
    assert register.send("/gift-cards/look-up", {"code": guess}).status_code == 404
    assert register.send("/gift-cards/look-up", {"code": card["code"]}).status_code == 429
    answer = register.get(f"/search?q={card['code']}").get_json()
    assert answer["gift_cards"] == []
    assert "Too many" in answer["sentence"]
    with clinic.app.app_context(), pytest.raises(Locked):
        look_up(card["code"], door=str(clinic.usd.desk))
    with clock.at(clock.now().replace(minute=16)):
        assert register.send("/gift-cards/look-up", {"code": card["code"]}).status_code == 200


def test_gift_card_certificate_page_is_available_on_day_of_sale_only(clinic: Clinic, register: Register) -> None:
    card = sold_at_the_desk(register, 50_00, to_name="Mia", message="Happy birthday")
    path = card["html"]
    page = register.http.get(path)
    assert page.status_code == 200
    for words in (card["code"], "Mia", "Happy birthday", "$50.00"):
        assert words in page.text
    with clock.at(clock.now().replace(day=18)):
        assert Register(clinic, clinic.receptionist).http.get(path).status_code == 404


@pytest.mark.settings(MAILBOX="on")
def test_gift_card_certificate_is_mailed_on_requested_day(clinic: Clinic, register: Register) -> None:
    sold_at_the_desk(register, 50_00, to_email="mia@mail.example", send_on="2026-06-18", message="Surprise")

    def letters() -> list[str]:
        with clinic.app.app_context():
            while work_once():
                pass
        with clinic.read() as session:
            return [row.html for row in session.scalars(select(MailboxMail)) if row.to == "mia@mail.example"]

    assert letters() == []
    with clock.at(clock.now().replace(day=18, hour=11)):  # seven in New York
        assert letters() == []
    with clock.at(clock.now().replace(day=18, hour=12, minute=1)):
        (letter,) = letters()
    assert "Surprise" in letter


@CARDS
def test_gift_card_is_held_during_card_payment_and_released_on_cancel(clinic: Clinic) -> None:
    card = sell_card(clinic, 50_00)
    with take_cards(clinic) as till:
        register = Register(clinic, clinic.receptionist)
        stored = [{"kind": "gift_card", "card_id": str(card.card_id)}]
        ticket = register.ticket(line("trigger_60"), stored=stored)
        started = charge(register, ticket)
        assert (started["amount_minor"], started["stored_minor"]) == (58_00, 50_00)
        assert on_card(clinic, card.card_id) == 0
        shown = register.get("/state").get_json()["ticket"]
        assert (shown["stored"][0]["pays_minor"], shown["totals"]["rest_minor"]) == (50_00, 58_00)
        with pytest.raises(Invalid):
            pay(clinic, content(clinic, line("oil"), stored=(by_card(card.card_id),)))
        stopped = register.send(f"/payments/{started['order_id']}/cancel").get_json()
        assert stopped["state"] == "canceled"
        assert on_card(clinic, card.card_id) == 50_00

        again = charge(register, register.get(f"/tickets/{ticket['ticket_id']}").get_json())
        tap(till, again["order_id"])
        paid = register.get(f"/payments/{again['order_id']}").get_json()
        assert paid["sale"] is not None, paid
        assert on_card(clinic, card.card_id) == 0
        with clinic.read() as session:
            kept = session.execute(
                select(Tender.kind, Tender.amount_minor)
                .where(Tender.sale_id == UUID(again["order_id"]))
                .order_by(Tender.position)
            ).all()
        assert [tuple(row) for row in kept] == [("gift_card", 50_00), ("card", 58_00)]


def charge(register: Register, ticket: dict[str, Any]) -> dict[str, Any]:
    body = {
        "sale_id": str(new_id()),
        "ticket_id": ticket["ticket_id"],
        "ticket_version": ticket["version"],
        "expected_due_minor": ticket["totals"]["due_minor"],
        "expected_stored_minor": ticket["totals"]["stored_minor"],
        "expected_credits": ticket["totals"]["credits_used"],
    }
    answer = register.send("/payments", body)
    assert answer.status_code == 202, answer.get_json()
    return dict(answer.get_json())


def tap(till: Till, order_id: str) -> None:
    till.tap()


def terms(clinic: Clinic, **changed: Any) -> None:
    values = {
        "least_minor": 5_00,
        "most_minor": 500_00,
        "balance_most_minor": 900_00,
        "cash_out_minor": None,
        "validity_months": None,
        **changed,
    }
    today = clock.now().date()
    clinic.write(lambda s: s.add(GiftCardTerms(location_id=clinic.usd.location_id, from_on=today, **values)))


def test_gift_card_cash_out_of_small_balance_needs_approval(clinic: Clinic, register: Register) -> None:
    book_floats(clinic)
    card = sell_card(clinic, 50_00)
    body = {"action_id": str(new_id())}
    path = f"/gift-cards/{card.card_id}/cash-out"
    manager = Register(clinic, clinic.manager)
    assert manager.send(path, body).status_code == 409  # no terms: never
    terms(clinic, cash_out_minor=10_00)
    assert manager.send(path, body).status_code == 409  # too much on it
    pay(clinic, content(clinic, line("foot_30"), stored=(by_card(card.card_id, 42_00),)), cash=6_60)
    asked = register.send(path, body)
    assert (asked.status_code, asked.get_json()["code"]) == (403, "needs_approval")
    consent = register.send(
        "/approvals",
        {
            "action": "gift_card_cash_out",
            "subject_id": str(card.card_id),
            "amount_minor": 8_00,
            "pin": clinic.manager.pin,
        },
    ).get_json()
    for _ in range(2):
        done = register.send(path, {**body, **consent})
        assert done.get_json() == {"amount_minor": 8_00, "cash_minor": 8_00, "currency": "USD"}
    assert on_card(clinic, card.card_id) == 0
    assert clinic.postings(UUID(body["action_id"])) == {"gift_card_liability": 8_00, "cash_drawer": -8_00}
    assert failing(clinic) == {}


def test_gift_card_lost_is_replaced_and_old_code_pays_nothing(clinic: Clinic) -> None:
    book_floats(clinic)
    card = sell_card(clinic, 50_00)
    own = frozenset({clinic.usd.location_id})
    who: dict[str, Any] = {"staff_id": clinic.manager.id, "own": own}
    new_card_id = new_id()
    with clinic.app.app_context():
        with pytest.raises(Invalid):
            block_card(card_id=card.card_id, reason=" ", **who)
        with pytest.raises(NotFound):
            block_card(card_id=card.card_id, reason="lost", staff_id=who["staff_id"], own=frozenset())
        block_card(card_id=card.card_id, reason="lost", **who)
        unblock(card_id=card.card_id, reason="found", **who)
        block_card(card_id=card.card_id, reason="lost again", **who)
        made = [replace_card(card_id=card.card_id, new_card_id=new_card_id, reason="lost", **who) for _ in range(2)]
        assert made[0] == made[1]
        with pytest.raises(Conflict):
            replace_card(card_id=card.card_id, new_card_id=new_id(), reason="again", **who)
    assert (on_card(clinic, card.card_id), on_card(clinic, new_card_id)) == (0, 50_00)
    with pytest.raises(Invalid):
        pay(clinic, content(clinic, line("oil"), stored=(by_card(card.card_id),)))
    pay(clinic, content(clinic, line("oil"), stored=(by_card(new_card_id),)))
    assert failing(clinic) == {}


def test_gift_card_expired_balance_becomes_breakage_once(clinic: Clinic) -> None:
    book_floats(clinic)
    terms(clinic, validity_months=1)
    card = sell_card(clinic, 50_00)

    def expire() -> int:
        with clinic.app.app_context():
            from pos.core.database.base import reading

            return expire_cards(places(reading()))

    assert expire() == 0
    with clock.at(clock.now().replace(month=7, day=16)):
        assert expire() == 0  # the last day counts
        pay(clinic, content(clinic, line("ball"), stored=(by_card(card.card_id),)))
    with clock.at(clock.now().replace(month=7, day=17)):
        with pytest.raises(Invalid):
            pay(clinic, content(clinic, line("ball"), stored=(by_card(card.card_id),)))
        assert [expire(), expire()] == [1, 0]
    assert clinic.balance(clinic.usd, "breakage") == -39_74
    assert failing(clinic) == {}
    with clinic.read() as session:
        assert session.get_one(GiftCard, card.card_id).balance_minor == 0
