"""Selling gift cards and paying with stored value: worked figure e of the domain, and what the desk refuses."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from pos.core import clock
from pos.core.errors import (
    AlreadyUsedKey,
    Conflict,
    Invalid,
    PosError,
)
from pos.core.ids import new_id
from pos.domain.payments.models import Tender
from pos.domain.receipts.models import Receipt
from pos.domain.sales.cart_options import Gift, gift_from_json, stored_from_json
from pos.domain.sales.carts import Tip, cart_request_from_json
from pos.domain.sales.pricing import Discount
from pos.domain.sales.shown_totals import ShownTotals
from pos.domain.stored_value import queries
from pos.domain.stored_value.models import GiftCard
from pos.domain.stored_value.rules import NotEnoughValue
from pos.services.stored_value.gift_cards import code_to_print
from tests.support.barrier import race
from tests.support.clinic import Clinic, line
from tests.support.gift_card_desk import (
    by_account,
    by_card,
    cards_of,
    command,
    content,
    give_credit,
    on_account,
    on_card,
    pay,
    sell_card,
)


@pytest.fixture
def five(clinic: Clinic) -> Clinic:
    """The clinic where five sessions cost 450.00."""
    from pos.domain.catalogue.models import Price

    def conduct(session: object) -> None:
        session.execute(
            Price.__table__.update().where(Price.item_id == clinic.items["five"]).values(price_minor=450_00)
        )

    clinic.write(conduct)
    return clinic


def test_gift_card_sold_and_spent_posts_worked_figure_e(five: Clinic) -> None:
    sold = pay(five, content(five, gifts=(Gift(500_00),)), cash=500_00)
    # No tax, no revenue: what was paid is owed.
    assert five.postings(sold.sale_id) == {"cash_drawer": 500_00, "gift_card_liability": -500_00}
    (card,) = cards_of(five, sold.sale_id)
    assert card.balance_minor == 500_00

    bought = pay(five, content(five, line("five"), stored=(by_card(card.card_id),)), client=five.ana)
    assert bought.total_minor == 486_00
    assert five.postings(bought.sale_id) == {
        "gift_card_liability": 486_00,
        "package_liability": -450_00,
        "tax_payable:8": -36_00,
    }
    assert on_card(five, card.card_id) == 14_00

    visit = five.sell(line("trigger_60"), client=five.ana, cash=0)
    assert five.postings(visit.sale_id) == {"package_liability": 90_00, "service_revenue": -90_00}
    assert five.balance(five.usd, "gift_card_liability") == -14_00
    with five.read() as session:
        assert queries.owed_on_cards(session, five.usd.location_id) == 14_00


def tenders(world: Clinic, sale_id: object) -> list[tuple[str, int]]:
    with world.read() as session:
        rows = session.execute(
            select(Tender.kind, Tender.amount_minor).where(Tender.sale_id == sale_id).order_by(Tender.position)
        )
        return [(kind, amount) for kind, amount in rows]


def test_sale_stored_value_pays_first_and_cash_the_rest(clinic: Clinic) -> None:
    card = sell_card(clinic, 50_00)
    give_credit(clinic, clinic.ana, 20_00)
    wanted = content(
        clinic, line("trigger_60"), stored=(by_card(card.card_id), by_account()), tip=Tip(amount_minor=12_00)
    )
    done = pay(clinic, wanted, cash=60_00, client=clinic.ana)
    assert tenders(clinic, done.sale_id) == [("gift_card", 50_00), ("account_credit", 20_00), ("cash", 50_00)]
    assert done.change_minor == 10_00
    assert (on_card(clinic, card.card_id), on_account(clinic, clinic.ana)) == (0, 0)
    assert clinic.postings(done.sale_id) == {
        "gift_card_liability": 50_00,
        "account_credit": 20_00,
        "cash_drawer": 50_00,
        "service_revenue": -100_00,
        "tax_payable:8": -8_00,
        "tips_payable": -12_00,
    }


def test_sale_part_of_gift_card_leaves_rest_on_card(clinic: Clinic) -> None:
    card = sell_card(clinic, 500_00)
    done = pay(clinic, content(clinic, line("foot_60"), stored=(by_card(card.card_id, 30_00),)), cash=51_00)
    assert tenders(clinic, done.sale_id) == [("gift_card", 30_00), ("cash", 51_00)]
    assert on_card(clinic, card.card_id) == 470_00


def test_receipt_gift_card_shows_balance_and_last_four_digits_and_never_the_code(clinic: Clinic) -> None:
    sold = pay(clinic, content(clinic, gifts=(Gift(50_00, to_name="Mia"),)), cash=50_00)
    (card,) = cards_of(clinic, sold.sale_id)
    used = pay(clinic, content(clinic, line("foot_30"), stored=(by_card(card.card_id, 40_00),)), cash=8_60)
    with clinic.read() as session:
        documents = {row.sale_id: row.document for row in session.scalars(select(Receipt).order_by(Receipt.number))}
    (row,) = documents[sold.sale_id]["lines"]
    assert row["description"] == "Gift card"
    assert row["details"] == [f"•••• {card.last4}", "$50.00 on it", "does not expire", "for Mia"]
    first = documents[used.sale_id]["tenders"][0]
    assert (first["label"], first["detail"]) == ("Gift card", f"•••• {card.last4} · $10.00 left")
    with clinic.app.app_context():
        code = code_to_print(card.card_id)
    assert code.endswith(card.last4)
    for document in documents.values():
        printed = json.dumps(document)
        assert code not in printed
        assert code.replace("-", "") not in printed
        assert code[:-5] not in printed


def test_sale_paid_by_gift_card_sent_twice_pays_once(clinic: Clinic) -> None:
    card = sell_card(clinic, 100_00)
    asked = command(clinic, content(clinic, line("oil"), stored=(by_card(card.card_id),)), cash=0)
    first, second = clinic.ring_up(asked), clinic.ring_up(asked)
    assert (first.sale_id, second.replayed, second.change_minor) == (second.sale_id, True, 0)
    assert on_card(clinic, card.card_id) == 80_56
    other = command(
        clinic, content(clinic, line("ball"), stored=(by_card(card.card_id),)), cash=0, sale_id=asked.sale_id
    )
    with pytest.raises(AlreadyUsedKey):
        clinic.ring_up(other)


def test_gift_card_reload_above_highest_balance_is_refused(clinic: Clinic) -> None:
    card = sell_card(clinic, 1_000_00)
    for amount, left in ((900_00, 1_900_00), (100_00, 2_000_00)):
        done = pay(clinic, content(clinic, gifts=(Gift(amount, card.card_id),)), cash=amount)
        assert on_card(clinic, card.card_id) == left
        assert clinic.postings(done.sale_id) == {"cash_drawer": amount, "gift_card_liability": -amount}
    with pytest.raises(Invalid) as refusal:
        pay(clinic, content(clinic, gifts=(Gift(10_00, card.card_id),)), cash=10_00)
    assert refusal.value.field == "amount_minor"
    with clinic.read() as session:
        assert [m.kind for m in queries.card_moves(session, card.card_id)] == ["issue", "reload", "reload"]


def test_gift_card_does_not_pay_for_gift_card(clinic: Clinic) -> None:
    card = sell_card(clinic, 500_00)
    wanted = content(clinic, line("oil"), gifts=(Gift(50_00),), stored=(by_card(card.card_id),))
    with pytest.raises(Invalid, match="not enough cash"):
        pay(clinic, wanted)
    done = pay(clinic, wanted, cash=50_00)
    assert tenders(clinic, done.sale_id) == [("gift_card", 19_44), ("cash", 50_00)]


def test_discount_does_not_reduce_gift_card(clinic: Clinic) -> None:
    wanted = content(clinic, line("foot_60"), gifts=(Gift(50_00),), discount=Discount(amount_minor=70_00, reason="x"))
    done = pay(clinic, wanted, cash=55_40)
    assert clinic.postings(done.sale_id) == {
        "cash_drawer": 55_40,
        "service_revenue": -75_00,
        "discounts": 70_00,
        "tax_payable:8": -40,
        "gift_card_liability": -50_00,
    }
    alone = content(clinic, gifts=(Gift(50_00),), discount=Discount(amount_minor=10_00, reason="x"))
    assert pay(clinic, alone, cash=50_00).total_minor == 50_00


@pytest.mark.parametrize("amount", [9_99, 1_000_01, 10**12 + 1])
def test_gift_card_sale_amount_outside_limits_is_refused(clinic: Clinic, amount: int) -> None:
    with pytest.raises(Invalid):
        pay(clinic, content(clinic, gifts=(Gift(amount),)), cash=amount)
    with clinic.read() as session:
        assert session.scalars(select(GiftCard.id)).all() == []


def test_sale_gift_card_of_other_location_blocked_or_unknown_is_refused(clinic: Clinic) -> None:
    card = sell_card(clinic, 100_00)
    abroad = command(
        clinic,
        content(clinic, line("oil"), stored=(by_card(card.card_id),)),
        cash=0,
        desk_id=clinic.eur.desk,
        staff_id=clinic.eur_receptionist.id,
    )
    with pytest.raises(Invalid):
        clinic.ring_up(abroad)
    clinic.write(lambda s: setattr(s.get_one(GiftCard, card.card_id), "state", "blocked"))
    for card_id in (card.card_id, new_id()):
        with pytest.raises(Invalid):
            pay(clinic, content(clinic, line("oil"), stored=(by_card(card_id),)))
    assert on_card(clinic, card.card_id) == 100_00


def test_sale_account_credit_without_its_client_is_refused(clinic: Clinic) -> None:
    give_credit(clinic, clinic.ana, 50_00)
    for client in (None, clinic.ben):
        with pytest.raises(Invalid):
            pay(clinic, content(clinic, line("oil"), stored=(by_account(),)), client=client)
    assert on_account(clinic, clinic.ana) == 50_00


def test_sale_stored_value_differs_from_screen_is_refused(clinic: Clinic) -> None:
    card = sell_card(clinic, 100_00)
    pay(clinic, content(clinic, line("foot_60"), stored=(by_card(card.card_id),)))
    with pytest.raises(Conflict) as refusal:
        pay(
            clinic,
            content(clinic, line("oil", 2), stored=(by_card(card.card_id),)),
            cash=38_88,
            shown=ShownTotals(stored_minor=38_88),
        )
    assert refusal.value.extra == {"why": "stored_changed", "stored_minor": 19_00, "rest_minor": 19_88}
    assert on_card(clinic, card.card_id) == 19_00


def test_sale_last_balance_of_gift_card_at_two_desks_one_wins(clinic: Clinic) -> None:
    card = sell_card(clinic, 10_26)
    wanted = content(clinic, line("ball"), stored=(by_card(card.card_id),))
    shown = ShownTotals(stored_minor=10_26)
    actions = [command(clinic, wanted, cash=0, desk_id=desk, shown=shown) for desk in clinic.usd.desks]
    outcomes = race(*(lambda action=action: clinic.ring_up(action) for action in actions))
    refused = [outcome for outcome in outcomes if isinstance(outcome, PosError)]
    assert len(refused) == 1
    assert isinstance(refused[0], Conflict | NotEnoughValue)
    assert on_card(clinic, card.card_id) == 0
    assert clinic.balance(clinic.usd, "gift_card_liability") == 0


def test_gift_card_new_terms_apply_to_new_cards_only(clinic: Clinic) -> None:
    from pos.domain.stored_value.models import GiftCardTerms

    today = clock.now().date()
    plain = sell_card(clinic, 100_00)
    clinic.write(
        lambda s: s.add(
            GiftCardTerms(
                location_id=clinic.usd.location_id,
                from_on=today,
                least_minor=25_00,
                most_minor=200_00,
                balance_most_minor=400_00,
                cash_out_minor=10_00,
                validity_months=36,
            )
        )
    )
    dated = sell_card(clinic, 25_00)
    assert plain.expires_on is None
    assert dated.expires_on == today.replace(year=today.year + 3)
    with pytest.raises(Invalid):
        sell_card(clinic, 24_99)


@pytest.mark.parametrize(
    "gift",
    [
        "50",
        {},
        {"amount_minor": 0},
        {"amount_minor": True},
        {"amount_minor": 5.5},
        {"amount_minor": 50_00, "card_id": "x"},
        {"amount_minor": 50_00, "to_email": "nobody"},
        {"amount_minor": 50_00, "send_on": "tomorrow"},
    ],
)
def test_gift_card_request_invalid_is_refused_with_field(gift: object) -> None:
    with pytest.raises(Invalid) as refusal:
        gift_from_json(gift)
    assert refusal.value.field


@pytest.mark.parametrize(
    "stored",
    [
        "card",
        [1],
        [{"kind": "cash"}],
        [{"kind": "gift_card"}],
        [{"kind": "account_credit", "amount_minor": 0}],
        [{"kind": "account_credit"}] * 2,
        [{"kind": "gift_card", "card_id": str(new_id())} for _ in range(7)],
    ],
)
def test_stored_value_request_invalid_is_refused(stored: object) -> None:
    with pytest.raises(Invalid) as refusal:
        stored_from_json(stored)
    assert refusal.value.field == "stored"


def test_cart_request_with_stored_value_survives_json_round_trip(clinic: Clinic) -> None:
    gift = Gift(50_00, None, "Mia", "mia@mail.example", "Happy birthday", clock.now().date())
    wanted = content(clinic, line("oil"), gifts=(gift,), stored=(by_card(new_id(), 5_00), by_account()))
    assert cart_request_from_json(wanted.to_json()) == wanted
