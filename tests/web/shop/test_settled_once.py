"""Whoever brings the news of a purchase, at the same moment too, it is settled once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import permutations
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from pos.domain.credits.models import PurchasedPackage
from pos.domain.payments.models import PaymentAttempt
from pos.domain.payouts.models import UnmatchedTransaction
from pos.domain.receipts.models import Receipt
from pos.domain.sales.models import Order
from pos.services.payments import apply_outcome
from pos.services.payments.refresh_payment import refresh_payment
from tests.web.shop.conftest import (
    SHOP,
    Shop,
)
from tests.web.shop.test_journey import _no_pdf, assert_bought_once, count

pytestmark = SHOP
__all__ = ["_no_pdf"]
WAYS = ("webhook", "landing")


@pytest.mark.parametrize("order", [*permutations(WAYS), ("webhook",), ("landing",), WAYS * 2, WAYS[::-1] * 2])
def test_shop_order_settled_by_webhook_and_landing_in_any_order_is_sold_once(
    shop: Shop, order: tuple[str, ...]
) -> None:
    browser = shop.browser()
    landing = shop.pay(browser.buy(shop.path()).location)
    news: dict[str, Callable[[], object]] = {"webhook": shop.webhooks, "landing": lambda: browser.get(landing)}
    for who in order:
        news[who]()
    assert "Thank you" in browser.get(landing).text
    shop.work()
    assert_bought_once(shop, landing)


def _settle_at_once(shop: Shop, order_id: UUID) -> list[BaseException]:
    """Two tellers who have both heard from Stripe that it is paid before either writes."""
    heard = threading.Barrier(2, timeout=20)

    def after(method: str, path: str) -> None:
        if method == "get" and "/checkout/sessions/" in path:
            heard.wait()

    errors: list[BaseException] = []

    def tell() -> None:
        try:
            with shop.clinic.app.app_context():
                refresh_payment(order_id)
        except Exception as error:
            errors.append(error)

    shop.till.stripe.http_client.after = after
    tellers = [threading.Thread(target=tell) for _ in range(2)]
    for teller in tellers:
        teller.start()
    for teller in tellers:
        teller.join()
    shop.till.stripe.http_client.after = None
    return errors


def test_shop_order_settled_by_webhook_and_landing_at_once_is_sold_once(shop: Shop) -> None:
    browser = shop.browser()
    landing = shop.pay(browser.buy(shop.path()).location)
    assert _settle_at_once(shop, shop.order_id(landing)) == []
    shop.work()
    assert_bought_once(shop, landing)


def test_shop_order_settled_without_state_guard_only_table_keys_stop_second(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The negative control: state ignored, the second completion reaches the tables and only their keys stop it."""

    def whatever_the_state(session: Session, order: Order, attempt: PaymentAttempt, _: object) -> None:
        attempt.state = "succeeded"
        apply_outcome.complete_order(session, order)

    browser = shop.browser()
    landing = shop.pay(browser.buy(shop.path()).location)
    monkeypatch.setattr(apply_outcome, "_apply_succeeded", whatever_the_state)
    monkeypatch.setattr("pos.domain.sales.repository.move_order", lambda order, state: None)
    assert _settle_at_once(shop, shop.order_id(landing)) == []
    assert "IntegrityError" in caplog.text
    assert "is paid and cannot be completed" in caplog.text
    assert count(shop, PurchasedPackage, Receipt, UnmatchedTransaction) == [1, 1, 0]
