"""What nobody should send: each gets a page that says so, nothing is written, and never an error of ours."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import func, select

from pos.core.ids import new_id
from pos.domain.catalogue.models import PackagePlan, PlanItem
from pos.domain.clients import registration as clients
from pos.domain.clients.models import Client
from pos.domain.credits.models import CreditLot
from pos.domain.sales.models import Order, Sale
from pos.web.shop.order_tokens import form_key, order_token
from tests.support.clinic import Clinic
from tests.web.shop.conftest import (
    NORA,
    SHOP,
    Browser,
    Shop,
    hidden,
)

pytestmark = SHOP


def assert_nothing_written(shop: Shop) -> None:
    with shop.clinic.read() as session:
        assert session.scalar(select(func.count()).select_from(Order)) == 0
        assert session.scalar(select(func.count()).select_from(Client)) == 2


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("given_name", "", "Please write your first name."),
        ("given_name", "\x00\x07", "Please write a name."),
        ("given_name", "x" * 81, "at most 80 characters"),
        ("family_name", "x" * 100_000, "at most 80 characters"),
        ("email", "", "Please write your e-mail address."),
        ("email", "nora", "has one @ in it"),
        ("email", "nora@mail.example\r\nBcc: all@mail.example", "has no space in it"),
        ("email", "nora@mail.example, all@mail.example", "cannot have , in it"),
        ("email", "x" * 250 + "@mail.example", "longer than 254"),
        ("email", "no\x00ra@mail.example", "cannot be used"),
        ("phone", "abc", "cannot be read"),
        ("phone", "1", "cannot be read"),
        ("phone", "9" * 41, "longer than 40"),
        ("terms", "", "Please accept the terms"),
    ],
)
def test_shop_form_invalid_value_is_refused_in_place(shop: Shop, field: str, value: str, says: str) -> None:
    browser = shop.browser()
    page = browser.get(shop.path()).text
    fields = {key: text for key, text in (NORA | {field: value}).items() if text or key != "terms"}
    answer = browser.post(shop.path(), page, order_key=hidden(page, "order_key"), **fields)
    assert answer.status_code == 422
    assert says in answer.text
    kept = "given_name" if field == "email" else "email"
    assert f'value="{NORA[kept]}"' in answer.text
    assert hidden(answer.text, "order_key") == hidden(page, "order_key")
    assert_nothing_written(shop)


@pytest.mark.parametrize("key", ["", "nonsense", "\x00", "x" * 5000, "01a20420-d437-7f77-b478-6fe8c4e8e976"])
def test_shop_form_unknown_order_key_is_replaced(shop: Shop, key: str) -> None:
    browser = shop.browser()
    page = browser.get(shop.path()).text
    answer = browser.post(shop.path(), page, order_key=key, **NORA)
    assert answer.status_code == 422
    assert "press the button once more" in answer.text
    assert_nothing_written(shop)
    assert browser.buy(shop.path(), page=answer.text).status_code == 303


def test_shop_form_without_csrf_token_is_refused(shop: Shop) -> None:
    browser = shop.browser()
    page = browser.get(shop.path()).text
    answer = browser.web.post(shop.path(), data=NORA | {"order_key": hidden(page, "order_key")})
    assert answer.status_code == 400
    assert "This page was open too long." in answer.text
    for path in ("/account/sign-in", "/account/enter/abc", "/account/sign-out"):
        assert browser.web.post(path, data={"email": "a@mail.example"}).status_code == 400
    assert_nothing_written(shop)


def test_shop_address_unknown_is_not_found(shop: Shop) -> None:
    browser = shop.browser()
    items = shop.clinic.items
    with shop.clinic.app.app_context():
        unknown_order, for_forms = order_token(new_id()), form_key(new_id())
    for path in (
        "/shop/nowhere/",
        "/shop/%00/",
        "/shop/riverside/%00",
        f"/shop/nowhere/{items['ten']}",
        f"/shop/riverside/{uuid4()}",
        f"/shop/riverside/{items['trigger_60']}",
        f"/shop/riverside/{items['oil']}",
        "/shop/riverside/-1",
        f"/shop/riverside/{'9' * 400}",
        "/shop/order/nonsense",
        "/shop/order/nonsense/back",
        "/shop/order/%00",
        f"/shop/order/{unknown_order}",
        f"/shop/order/{unknown_order}/back",
        f"/shop/order/{unknown_order[:-1]}",
        f"/shop/order/{for_forms}",
        "/r/nonsense",
        "/r/nonsense.pdf",
        "/r/%00",
        f"/r/{'x' * 3000}",
    ):
        answer = browser.get(path)
        assert answer.status_code == 404, path
        assert "Nothing was changed." in answer.text


def test_shop_order_tampered_address_is_not_found(shop: Shop) -> None:
    browser = shop.browser()
    landing = shop.pay(browser.buy(shop.path()).location)
    head, _, tail = landing.partition("?")[0].rpartition("/")
    swapped = tail[:5] + ("A" if tail[5] != "A" else "B") + tail[6:]
    assert browser.get(f"{head}/{swapped}").status_code == 404
    assert shop.browser().get(landing).status_code == 200


@pytest.mark.parametrize("why", ["not_in_shop", "nothing_eligible"])
def test_shop_package_not_sold_online_is_not_found(shop: Shop, why: str) -> None:
    ten = shop.clinic.items["ten"]

    def change(session: object) -> None:
        if why == "not_in_shop":
            session.get_one(PackagePlan, ten).in_shop = False
        else:
            session.query(PlanItem).filter_by(plan_id=ten, role="eligible").delete()

    browser = shop.browser()
    page = browser.get(shop.path()).text
    shop.clinic.write(change)
    assert str(ten) not in browser.get("/shop/riverside/").text
    assert browser.get(shop.path()).status_code == 404
    answer = browser.post(shop.path(), page, order_key=hidden(page, "order_key"), **NORA)
    assert answer.status_code == 404
    assert_nothing_written(shop)


@pytest.mark.settings
def test_shop_with_payments_off_shows_prices_and_refers_to_desk(clinic: Clinic) -> None:
    browser = Browser(clinic.app.test_client())
    window = browser.get("/shop/riverside/").text
    path = f"/shop/riverside/{clinic.items['ten']}"
    assert "Packages are sold at the desk." in window
    assert "$90.00" in window
    assert path not in window
    page = browser.get(path)
    assert "sold at the desk" in page.text
    assert 'name="order_key"' not in page.text


def test_shop_plan_list_compares_prices_per_session(shop: Shop) -> None:
    def change(session: object) -> None:
        session.get_one(PackagePlan, shop.clinic.items["three"]).expiry_policy = "never"

    shop.clinic.write(change)
    window = shop.browser().get("/shop/riverside/").text
    cards = {card.split("</h3>")[0].rpartition(">")[2]: card for card in window.split("<article")[1:5]}
    assert "$90.00 <small>per session" in cards["10 × 60 min"]
    assert "$100.00 less than singles" in cards["10 × 60 min"]
    assert (
        "Look before you choose: “Buy 5 get 1” costs less in all, and $70.83 instead of $90.00" in cards["10 × 60 min"]
    )
    assert "about</small> $70.83" in cards["Buy 5 get 1"]
    assert "Lowest price per session" in cards["Buy 5 get 1"]
    assert "5 sessions and 1 on the house" in cards["Buy 5 get 1"]
    assert "Cheaper per session: “Buy 5 get 1”" in cards["3 × 60 min"]
    assert "The sessions do not expire." in cards["3 × 60 min"]
    assert "Included with each visit: Aromatherapy, Hot compress" in cards["5 × 60 min"]
    assert "plus tax" in window
    assert "plus tax" not in shop.browser().get("/shop/altstadt/").text


def test_shop_order_with_address_of_other_client_is_not_theirs_when_paid(shop: Shop) -> None:
    """Smallest input: a relative buys with Ana's address. Before, Ana owned the sessions."""
    clinic = shop.clinic
    for path in (shop.path(), "/shop/riverside/gift-card"):
        extra = {"amount": "50"} if path.endswith("gift-card") else {}
        answer = shop.browser().buy(path, given_name="Rosa", family_name="Núñez", email="ana@mail.example", **extra)
        assert answer.status_code == 303
        assert "Ana" not in answer.text
        shop.pay(answer.location)
    with clinic.read() as session:
        assert set(session.scalars(select(Order.client_id))) == {None}
    shop.webhooks()
    with clinic.read() as session:
        buyers = set(session.scalars(select(Sale.client_id)))
        assert len(session.scalars(select(Sale.id)).all()) == 2
        assert clinic.ana not in buyers
        assert session.scalars(select(CreditLot.client_id)).one() in buyers - {None}
        assert {session.get_one(Client, buyer).given_name for buyer in buyers if buyer} == {"Rosa"}


def test_shop_order_of_signed_in_client_under_another_first_name_is_theirs(shop: Shop) -> None:
    clinic, signed_in = shop.clinic, shop.browser()
    signed_in.sign_in(clinic.write(lambda s: clients.open_session(s, clinic.ana)))
    shop.pay(signed_in.buy(shop.path(), given_name="Anita", family_name="", email="ana@mail.example").location)
    shop.webhooks()
    with clinic.read() as session:
        assert session.scalars(select(CreditLot.client_id)).one() == clinic.ana
