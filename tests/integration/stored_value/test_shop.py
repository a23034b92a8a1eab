"""Gift cards online: bought and mailed to somebody, looked up by code; and account credit in the client's account."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from pos.core import clock
from pos.core.errors import Invalid
from pos.core.ids import new_id
from pos.domain.clients import registration as clients
from pos.domain.sales.models import Order
from pos.domain.stored_value import queries
from pos.domain.stored_value.gift_card_codes import code_of, shown
from pos.domain.stored_value.models import GiftCard
from tests.conftest import SECRET_KEY
from tests.support.cards import CARDS, take_cards
from tests.support.clinic import Clinic, line
from tests.support.gift_card_desk import (
    by_account,
    content,
    give_credit,
    pay,
    sell_card,
)
from tests.web.shop.conftest import SHOP, Shop, shop

__all__ = ["shop"]

BALANCE = "/shop/riverside/gift-card/balance"
BUY = "/shop/riverside/gift-card"


def token(page: str) -> str:
    """The form token of a page."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found is not None
    return found[1]


def ask_balance(browser: Any, code: str) -> Any:
    return browser.post(BALANCE, data={"code": code, "csrf_token": token(browser.get(BALANCE).text)})


def test_gift_card_balance_page_shows_balance_and_locks_after_guesses(clinic: Clinic) -> None:
    card = sell_card(clinic, 50_00)
    code = code_of(card.card_id, SECRET_KEY)
    browser = clinic.app.test_client()
    answer = ask_balance(browser, code.lower())
    assert answer.status_code == 200
    assert "$50.00" in answer.text
    assert card.last4 in answer.text
    assert ask_balance(browser, code[:-1]).status_code == 422
    assert ask_balance(browser, "").status_code == 422
    strange = code_of(new_id(), SECRET_KEY)
    assert [ask_balance(browser, strange).status_code for _ in range(5)] == [404] * 5
    assert ask_balance(browser, code).status_code == 429


@SHOP
def test_gift_card_bought_online_is_made_once_and_mailed_to_recipient(shop: Shop, clinic: Clinic) -> None:
    browser = shop.browser()
    gift = {"amount": "80", "to_name": "Mia", "to_email": "mia@mail.example", "message": "Rest well"}
    answer = browser.buy(BUY, **gift)
    assert answer.status_code == 303, answer.text
    landing = shop.pay(answer.headers["Location"])
    thanks = browser.get(landing).text
    assert "$80.00" in thanks
    assert "mia@mail.example" in thanks
    shop.webhooks()
    browser.get(landing)
    with clinic.read() as session:
        (card,) = session.scalars(select(GiftCard)).all()
        order_id = shop.order_id(landing)
        assert (card.balance_minor, card.sale_id, card.to_name) == (80_00, order_id, "Mia")
    assert clinic.postings(order_id) == {"stripe_clearing": 80_00, "gift_card_liability": -80_00}
    letters = {mail.to: mail for mail in shop.mails()}
    assert set(letters) == {"nora@mail.example", "mia@mail.example"}
    code = shown(code_of(card.id, SECRET_KEY))
    assert code in letters["mia@mail.example"].html
    assert "Rest well" in letters["mia@mail.example"].text
    assert code not in letters["nora@mail.example"].html


@SHOP
def test_gift_card_bought_online_without_recipient_is_mailed_to_buyer(shop: Shop, clinic: Clinic) -> None:
    browser = shop.browser()
    answer = browser.buy(BUY, amount="50")
    back = browser.get(shop.leave(answer.headers["Location"]))
    assert back.headers["Location"].startswith(BUY)
    landing = shop.pay(browser.buy(BUY, amount="50").headers["Location"])
    browser.get(landing)
    shop.webhooks()
    with clinic.read() as session:
        (card,) = session.scalars(select(GiftCard)).all()
    assert card.to_email == "nora@mail.example"
    assert len([mail for mail in shop.mails() if mail.to == "nora@mail.example"]) == 2


@CARDS
def test_gift_card_shop_form_invalid_field_is_refused_in_place(clinic: Clinic) -> None:
    with take_cards(clinic):
        browser = clinic.app.test_client()
        page = browser.get(BUY)
        assert page.status_code == 200
        key = re.search(r'name="order_key"[^>]*value="([^"]+)"', page.text)
        assert key is not None
        good = {
            "csrf_token": token(page.text),
            "order_key": key[1],
            "given_name": "Nora",
            "email": "nora@mail.example",
            "terms": "y",
            "amount": "50",
        }
        yesterday = (clock.now() - timedelta(days=1)).date().isoformat()
        for wrong in ({"amount": "1"}, {"amount": "many"}, {"send_on": yesterday}, {"to_email": "x"}, {"terms": ""}):
            answer = browser.post(BUY, data=good | wrong)
            assert answer.status_code == 422, wrong
            assert "field-error" in answer.text
        with clinic.read() as session:
            assert session.scalars(select(Order.id)).all() == []
        assert browser.post(BUY, data=good).status_code == 303


def test_client_account_shows_account_credit_and_moves(clinic: Clinic) -> None:
    give_credit(clinic, clinic.ana, 30_00)
    pay(clinic, content(clinic, line("ball"), stored=(by_account(),)), client=clinic.ana)
    browser = clinic.app.test_client()
    cookie = clinic.write(lambda session: clients.open_session(session, clinic.ana))
    browser.set_cookie("tp_client", cookie)
    page = browser.get("/account/")
    assert page.status_code == 200
    for words in ("Account credit at Riverside", "$19.74", "Goodwill", "Paid with", "−10.26"):
        assert words in page.text


def test_gift_card_office_lists_replaces_and_sets_terms(clinic: Clinic) -> None:
    card = sell_card(clinic, 50_00, to_name="Mia")
    browser = clinic.app.test_client()
    browser.set_cookie("tp_office", clinic.office_cookie(clinic.manager), path="/office")
    listed = browser.get("/office/money/gift-cards?state=active&ends=" + card.last4)
    assert card.last4 in listed.text
    assert "Agrees with the ledger" in listed.text
    assert card.last4 not in browser.get("/office/money/gift-cards?state=used_up").text
    form = {
        "csrf_token": token(listed.text),
        "from_on": clock.now().date().isoformat(),
        "least": "20",
        "most": "300",
        "balance_most": "600",
        "cash_out": "10",
        "validity_months": "36",
    }
    for wrong in (
        {"least": "400"},
        {"most": "x"},
        {"validity_months": "-1"},
        {"from_on": "2020-01-01"},
        {"from_on": ""},
    ):
        assert browser.post("/office/money/gift-cards", data=form | wrong).status_code == 422, wrong
    assert browser.post("/office/money/gift-cards", data=form).status_code == 303
    with pytest.raises(Invalid):
        sell_card(clinic, 19_99)
    path = f"/office/money/gift-cards/{card.card_id}"
    story = browser.get(path).text
    assert browser.post(f"{path}/block", data={"csrf_token": token(story), "reason": ""}).status_code == 422
    assert browser.post(f"{path}/block", data={"csrf_token": token(story), "reason": "Lost"}).status_code == 303
    new_card = re.search(r'name="new_card_id" value="([^"]+)"', browser.get(path).text)
    assert new_card is not None
    moved = browser.post(
        f"{path}/replace", data={"csrf_token": token(story), "reason": "Lost", "new_card_id": new_card[1]}
    )
    assert moved.status_code == 303
    with clinic.read() as session:
        assert session.get_one(GiftCard, card.card_id).balance_minor == 0
        assert queries.successor(session, card.card_id) is not None
