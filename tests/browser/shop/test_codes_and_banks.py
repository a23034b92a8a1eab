"""Before the payment page: promo codes, gift cards, account credit, a price that moved. After it: banks that take days."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from pos.core import clock
from pos.core.app_context import settings
from pos.core.database.base import reading
from pos.core.ids import new_id
from pos.domain.catalogue.models import Price
from pos.domain.clients import registration as clients
from pos.domain.clients.models import Client
from pos.domain.credits.models import CreditLot
from pos.domain.disputes.models import DisputeStep
from pos.domain.locations.models import Location
from pos.domain.promotions import repository as promotions
from pos.domain.promotions.models import PromoCode, PromoUse
from pos.domain.promotions.rules import PromoTerms
from pos.domain.refunds.repository import requested_immediate_start
from pos.domain.sales.models import Order, Sale
from pos.domain.stored_value import gift_card_codes
from pos.domain.stored_value.models import GiftCard
from pos.services.jobs.event_handlers import poll_pending
from pos.services.payments.payment_state import PaymentState, payment_state
from pos.services.payments.terminal_payment import refresh_unattended
from pos.services.stored_value.account_credit import give_goodwill
from tests.support.gift_card_desk import on_account, sell_card
from tests.support.package_actions import package_action
from tests.support.remembered_checks import broken_checks
from tests.web.shop.conftest import (
    SHOP,
    Browser,
    Shop,
    hidden,
)

pytestmark = SHOP


@pytest.fixture
def database(sqlite_database: str) -> str:
    """SQLite alone: the last use of a code is raced on both elsewhere."""
    return sqlite_database


def code(shop: Shop, name: str = "SPRING", **more: Any) -> PromoTerms:
    """A code of 10 % for everything, or as told."""
    terms = {
        "promo_id": new_id(), "code": name, "label": "Spring offer", "percent": Decimal(10), "amount_minor": None,
        "currency": "USD", "location_id": None, "items": frozenset(), "from_on": clock.now().date(), "until_on": None,
        "most_uses": None, "most_per_client": None,
    }  # fmt: skip
    made = PromoTerms(**(terms | more))
    shop.clinic.write(lambda s: promotions.write(s, made))
    return made


def gift_code(shop: Shop, amount_minor: int) -> str:
    """The code of a gift card just sold at the desk."""
    card = sell_card(shop.clinic, amount_minor)
    with shop.clinic.app.app_context():
        return gift_card_codes.code_of(card.card_id, settings().secret_key)


def look(browser: Browser, shop: Shop, **typed: str) -> str:
    """The page after “See what it comes to”."""
    page = browser.get(shop.path()).text
    return browser.post(shop.path(), page, order_key=hidden(page, "order_key"), look="1", **typed).text


def to_pay(page: str) -> str:
    found = re.search(r'class="money total">([^<]+)<', page)
    assert found is not None
    return found[1]


def holds(shop: Shop) -> None:
    with shop.clinic.read() as session:
        assert broken_checks(session, but="drawers") == {}


def uses(shop: Shop) -> list[int]:
    with shop.clinic.read() as session:
        return list(session.scalars(select(PromoCode.uses)))


# Ten for 900.00 and 8 %: 972.00.


def test_promo_code_in_shop_is_quoted_charged_and_booked(shop: Shop) -> None:
    code(shop)
    browser = shop.browser()
    assert to_pay(look(browser, shop, promo=" spring ")) == "$874.80"
    hosted = browser.buy(shop.path(), promo="spring", shown="87480")
    assert hosted.status_code == 303
    landing = shop.pay(hosted.headers["Location"])
    assert "Thank you" in browser.get(landing).text
    assert shop.till.charges() == [874_80]
    postings = shop.clinic.postings(shop.order_id(landing))
    assert postings == {"stripe_clearing": 874_80, "package_liability": -810_00, "tax_payable:8": -64_80}
    assert uses(shop) == [1]
    holds(shop)


def test_promo_code_once_per_client_second_order_is_refused(shop: Shop) -> None:
    """The quote knows no client yet and takes the buyer for somebody new; the order knows better."""
    code(shop, most_per_client=1)
    browser = shop.browser()
    assert to_pay(look(browser, shop, promo="SPRING")) == "$874.80"
    shop.pay(browser.buy(shop.path(), promo="SPRING", shown="87480").headers["Location"])
    shop.webhooks()
    assert (shop.till.charges(), uses(shop)) == ([874_80], [1])

    again = shop.browser().buy(shop.path(), promo="SPRING", shown="87480")
    assert again.status_code == 422
    assert "has used this code already" in again.text
    assert to_pay(again.text) == "$972.00"
    other = shop.browser().buy(shop.path(), promo="SPRING", shown="87480", email="olga@mail.example")
    assert other.status_code == 303
    assert (shop.till.charges(), uses(shop)) == ([874_80], [2])
    holds(shop)


def test_promo_code_once_per_client_signed_in_quote_knows_earlier_use(shop: Shop) -> None:
    code(shop, most_per_client=1)
    cookie = shop.clinic.write(lambda session: clients.open_session(session, shop.clinic.ana))
    ana = {"email": "ana@mail.example"}
    browser = shop.browser()
    browser.sign_in(cookie)
    assert to_pay(look(browser, shop, promo="SPRING", **ana)) == "$874.80"
    assert browser.buy(shop.path(), promo="SPRING", shown="87480", **ana).status_code == 303
    page = look(browser, shop, promo="SPRING", **ana)
    assert "has used this code already" in page
    assert to_pay(page) == "$972.00"
    assert to_pay(look(browser, shop, promo="SPRING", email="olga@mail.example")) == "$874.80"


def test_gift_card_in_shop_leaves_least_card_charge(shop: Shop) -> None:
    """971.70 on it would leave 0.30: it pays 0.20 less, and 0.50 is charged."""
    typed = gift_code(shop, 971_70)
    browser = shop.browser()
    page = look(browser, shop, gift_code=typed)
    assert to_pay(page) == "$0.50"
    assert "so $0.20 of your gift card or credit stays yours" in page
    landing = shop.pay(browser.buy(shop.path(), gift_code=typed, shown="50").headers["Location"])
    assert "Thank you" in browser.get(landing).text
    assert shop.till.charges() == [50]
    with shop.clinic.read() as session:
        assert session.scalars(select(GiftCard.balance_minor)).one() == 20
    holds(shop)


def test_shop_order_below_least_card_charge_is_refused(shop: Shop) -> None:
    code(shop, percent=None, amount_minor=899_73)  # 0.27 and 8 % are left
    browser = shop.browser()
    assert to_pay(look(browser, shop, promo="SPRING")) == "$0.29"
    refused = browser.buy(shop.path(), promo="SPRING", shown="29")
    assert refused.status_code == 422
    assert "0.29 is less than a card can be charged: 0.50 or more. Ask at the desk" in refused.text
    assert shop.till.stripe.simulator.world.store.all("checkout.session") == []
    assert uses(shop) == [0]


def test_promo_code_order_left_unpaid_frees_its_use(shop: Shop) -> None:
    code(shop, most_uses=1)
    browser = shop.browser()
    hosted = browser.buy(shop.path(), promo="SPRING", shown="87480").headers["Location"]
    assert uses(shop) == [1]
    assert "used up" in look(shop.browser(), shop, promo="SPRING")
    browser.get(shop.leave(hosted))
    assert uses(shop) == [0]
    with shop.clinic.read() as session:
        assert session.scalars(select(PromoUse.released_at)).one() is not None
    assert to_pay(look(shop.browser(), shop, promo="SPRING")) == "$874.80"


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ({"name": "OTHER"}, "There is no such code"),
        ({"from_on": date(2031, 1, 1)}, "does not hold yet"),
        ({"from_on": date(2021, 1, 1), "until_on": date(2021, 12, 31)}, "has ended"),
        ({"currency": "EUR"}, "does not hold here"),
        ({"items": frozenset({new_id()})}, "holds for nothing here"),
    ],
)  # fmt: skip
def test_promo_code_not_applicable_explains_and_keeps_form(shop: Shop, terms: dict[str, Any], said: str) -> None:
    code(shop, **terms)
    page = look(shop.browser(), shop, promo="SPRING", given_name="Nora")
    assert said in page
    assert to_pay(page) == "$972.00"
    assert 'value="Nora"' in page


def test_gift_card_covering_whole_order_skips_payment_page(shop: Shop) -> None:
    typed = gift_code(shop, 1000_00)
    browser = shop.browser()
    answer = browser.buy(shop.path(), gift_code=typed, shown="0")
    assert answer.status_code == 303
    assert "/shop/order/" in answer.headers["Location"]
    assert "Thank you" in browser.get(answer.headers["Location"]).text
    assert shop.till.stripe.simulator.world.store.all("checkout.session") == []
    order_id = shop.order_id(answer.headers["Location"])
    assert shop.clinic.postings(order_id) == {
        "gift_card_liability": 972_00,
        "package_liability": -900_00,
        "tax_payable:8": -72_00,
    }
    again = browser.get(answer.headers["Location"])
    assert again.status_code == 200
    holds(shop)


def test_gift_card_covering_part_of_order_charges_rest(shop: Shop) -> None:
    typed = gift_code(shop, 500_00)
    browser = shop.browser()
    assert to_pay(look(browser, shop, gift_code=typed)) == "$472.00"
    hosted = browser.buy(shop.path(), gift_code=typed, shown="47200").headers["Location"]
    landing = shop.pay(hosted)
    assert "Thank you" in browser.get(landing).text
    assert shop.till.charges() == [472_00]
    holds(shop)


def test_gift_card_payment_page_left_releases_hold(shop: Shop) -> None:
    typed = gift_code(shop, 500_00)
    browser = shop.browser()
    hosted = browser.buy(shop.path(), gift_code=typed, shown="47200").headers["Location"]
    assert to_pay(look(shop.browser(), shop, gift_code=typed)) == "$972.00"
    browser.get(shop.leave(hosted))
    assert to_pay(look(shop.browser(), shop, gift_code=typed)) == "$472.00"


def test_gift_card_unknown_code_is_refused(shop: Shop) -> None:
    page = look(shop.browser(), shop, gift_code="TP-0000-0000")
    assert "not the code of a gift card" in page


def test_shop_order_price_changed_is_refused_and_not_charged(shop: Shop) -> None:
    browser = shop.browser()
    page = browser.get(shop.path()).text
    assert hidden(page, "shown") == "97200"

    def raise_price(session: Any) -> None:
        for price in session.scalars(select(Price).where(Price.item_id == shop.clinic.items["ten"])):
            price.price_minor = 950_00

    shop.clinic.write(raise_price)
    answer = browser.buy(shop.path(), page=page, shown="97200")
    assert answer.status_code == 409
    assert "The price has changed" in answer.text
    assert to_pay(answer.text) == "$1,026.00"
    assert shop.till.stripe.simulator.world.store.all("checkout.session") == []


# A bank that takes its days


def debit(shop: Shop) -> tuple[Browser, str]:
    """A package bought by bank debit; returns the visitor and their landing page."""
    shop.clinic.write(
        lambda s: setattr(
            s.get_one(Location, shop.clinic.usd.location_id), "online_methods", ["card", "us_bank_account"]
        )
    )
    browser = shop.browser()
    hosted = browser.buy(shop.path()).headers["Location"]
    landing = shop._press(hosted, "debit")
    return browser, landing


def bank(shop: Shop, answer: str) -> None:
    session = shop.till.stripe.simulator.world.store.all("checkout.session")[0]
    shop.till.stripe.press(f"sessions/{session['id']}/bank-{answer}")


def test_bank_debit_pending_for_days_becomes_sale_when_paid(shop: Shop) -> None:
    browser, landing = debit(shop)
    assert "We are waiting for your bank" in browser.get(landing).text
    with clock.at(clock.now() + timedelta(days=3)):
        with shop.clinic.app.app_context():
            poll_pending()
            assert payment_state(reading(), shop.order_id(landing)).state == "pending"
        holds(shop)
        bank(shop, "pays")
        shop.webhooks()
        assert "Thank you" in browser.get(landing).text
        with shop.clinic.read() as session:
            assert session.scalars(select(Sale.total_minor)).all() == [972_00]
        holds(shop)


def test_bank_debit_refused_releases_order_and_mails_client(shop: Shop) -> None:
    browser, landing = debit(shop)
    bank(shop, "refuses")
    shop.webhooks()
    page = browser.get(landing).text
    assert "The bank did not make this payment" in page
    assert [mail.subject for mail in shop.mails()] == ["Your bank did not pay Stillpoint Clinic"]
    with shop.clinic.read() as session:
        assert session.scalars(select(Sale)).all() == []
    holds(shop)


def test_bank_debit_disputed_after_payment_is_lost_at_once(shop: Shop) -> None:
    """A bank asks nobody: the first that is heard of it is that it is lost."""
    debit(shop)
    bank(shop, "pays")
    shop.webhooks()
    (charge,) = shop.till.stripe.simulator.world.store.all("charge")
    told = shop.till.stripe.press(f"charges/{charge['id']}/dispute")
    shop.till.stripe.press(f"disputes/{told['id']}/lose")
    shop.webhooks()
    with shop.clinic.read() as session:
        steps = {step.kind: step for step in session.scalars(select(DisputeStep))}
        (lot,) = session.scalars(select(CreditLot))
    assert sorted(steps) == ["lost", "opened"]
    assert (steps["lost"].liability_minor, steps["lost"].tax_minor, steps["lost"].bad_debt_minor) == (900_00, 72_00, 0)
    assert (lot.status, lot.remaining) == ("refunded", 0)
    assert shop.clinic.balance(shop.clinic.usd, "package_liability") == 0
    holds(shop)


def test_polling_job_pending_bank_debit_asks_each_minute_then_hourly(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    debit(shop)
    asked: list[int] = []
    begun = clock.now()

    def counted(order_id: UUID) -> PaymentState:
        asked.append((clock.now() - begun).seconds // 60)
        return refresh_unattended(order_id)

    monkeypatch.setattr("pos.services.jobs.event_handlers.refresh_unattended", counted)
    with shop.clinic.app.app_context():
        for minutes in (0, 1, 30, 59, 61, 62, 118, 119, 122, 178, 183):
            with clock.at(begun + timedelta(minutes=minutes)):
                poll_pending()
    assert asked == [0, 1, 30, 59, 119, 183]


def test_account_credit_of_signed_in_client_pays_part_of_shop_order(shop: Shop) -> None:
    """40.00 of 972.00: set aside while the page is open, given back when it is left, spent when the rest is paid."""
    clinic = shop.clinic
    with clinic.app.app_context():
        give_goodwill(
            package_action(clinic, "A long wait"),
            client_id=clinic.ana,
            location_id=clinic.usd.location_id,
            amount_minor=40_00,
        )
    with clinic.read() as session:
        ana = session.get_one(Client, clinic.ana)
        own = {"given_name": ana.given_name, "family_name": ana.family_name, "email": ana.email or ""}
    browser = shop.browser()
    browser.sign_in(clinic.write(lambda session: clients.open_session(session, clinic.ana)))
    assert to_pay(look(browser, shop, use_credit="1")) == "$932.00"
    hosted = browser.buy(shop.path(), use_credit="1", shown="93200", **own).headers["Location"]
    assert on_account(clinic, clinic.ana) == 0
    browser.get(shop.leave(hosted))
    assert on_account(clinic, clinic.ana) == 40_00
    landing = shop.pay(browser.buy(shop.path(), use_credit="1", shown="93200", **own).headers["Location"])
    assert "Thank you" in browser.get(landing).text
    assert (shop.till.charges(), on_account(clinic, clinic.ana)) == ([932_00], 0)
    assert clinic.postings(shop.order_id(landing))["account_credit"] == 40_00
    holds(shop)


def test_shop_order_of_zero_sent_twice_is_one_sale_and_keeps_early_begin(shop: Shop) -> None:
    """A code that takes all of it, where the law gives time to withdraw; the form sent twice is one sale."""
    code(shop, percent=Decimal(100), currency="EUR")
    browser, path = shop.browser(), shop.path("ten", "altstadt")
    page = browser.get(path).text
    first = browser.buy(path, page=page, promo="spring", shown="0", begin_early="y").headers["Location"]
    assert browser.buy(path, page=page, promo="spring", shown="0", begin_early="y").headers["Location"] == first
    order_id = shop.order_id(first)
    with shop.clinic.read() as session:
        assert requested_immediate_start(session, order_id)
        assert session.get_one(Order, order_id).state == "completed"
    holds(shop)
