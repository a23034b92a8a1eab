"""A void gives back what its sale used up: gift cards and account credit; a voided gift card is not mailed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pos.domain.sales.cart_options import Gift
from pos.services.documents import gift_certificates
from pos.services.documents.gift_certificates import mail_certificate
from tests.integration.refunds.conftest import Desk
from tests.support.books import failing
from tests.support.clinic import line
from tests.support.gift_card_desk import (
    by_account,
    by_card,
    cards_of,
    content,
    give_credit,
    on_account,
    on_card,
    pay,
    sell_card,
)


def test_void_of_sale_paid_by_gift_card_restores_its_balance(desk: Desk) -> None:
    clinic = desk.clinic
    card = sell_card(clinic, 50_00)
    wanted = content(clinic, line("foot_60"), stored=(by_card(card.card_id),))
    sold = pay(clinic, wanted, cash=31_00)
    assert on_card(clinic, card.card_id) == 0
    desk.void(sold.sale_id)
    assert on_card(clinic, card.card_id) == 50_00
    again = pay(clinic, replace(wanted, lines=clinic.wanted(line("foot_60")).lines), cash=31_00)
    assert again.total_minor == sold.total_minor == 81_00
    assert failing(clinic) == {}


def test_void_of_sale_paid_by_account_credit_restores_it_and_it_can_pay_again(desk: Desk) -> None:
    clinic = desk.clinic
    give_credit(clinic, clinic.ana, 81_00)
    wanted = content(clinic, line("foot_60"), stored=(by_account(),))
    for _ in range(2):
        sold = pay(clinic, wanted, client=clinic.ana)
        assert (sold.total_minor, on_account(clinic, clinic.ana)) == (81_00, 0)
        voided = desk.void(sold.sale_id)
        assert on_account(clinic, clinic.ana) == 81_00
        assert desk.entry("void", voided.refund_id) == {
            account: -minor for account, minor in clinic.postings(sold.sale_id).items()
        }


def test_void_of_gift_card_sale_stops_its_mail(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    clinic = desk.clinic
    sold = pay(clinic, content(clinic, gifts=(Gift(50_00, to_email="eve@example.com", to_name="Eve"),)), cash=50_00)
    (card,) = cards_of(clinic, sold.sale_id)
    posted: list[object] = []
    monkeypatch.setattr(gift_certificates, "post_letter", posted.append)
    with clinic.app.app_context():
        mail_certificate({"card_id": str(card.card_id)})
    assert len(posted) == 1
    desk.void(sold.sale_id)
    with clinic.app.app_context():
        mail_certificate({"card_id": str(card.card_id)})
    assert len(posted) == 1
