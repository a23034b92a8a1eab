"""Guests in the shop: nobody is a client before the money is there, and no answer tells who is one."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from invoices.errors import PaperUnavailable
from pos.core.audit import AuditEvent
from pos.core.outbox import OutboxMessage
from pos.domain.clients import queries, registration
from pos.domain.clients.models import Client
from pos.domain.credits.models import CreditLot
from pos.domain.payouts.models import UnmatchedTransaction
from pos.domain.promotions import repository as promotions
from pos.domain.promotions.models import PromoUse
from pos.domain.sales.models import Order, Sale
from pos.services.checkout import complete_sale, promo_codes
from pos.services.jobs import event_handlers
from pos.services.notifications import refunds
from pos.services.payments import online_checkout as buying
from tests.browser.shop.test_codes_and_banks import (
    bank,
    code,
    debit,
    gift_code,
    holds,
    uses,
)
from tests.integration.refunds.conftest import Desk
from tests.support.books import tamper
from tests.support.clinic import line
from tests.web.permissions.full_app import browser
from tests.web.register.conftest import Register
from tests.web.shop.conftest import SHOP, Shop

pytestmark = SHOP
# Ana is a client of the world; Mallory writes her address.
ANA = {"given_name": "Ana", "family_name": "Núñez", "email": "ana@mail.example"}
MALLORY = {"given_name": "Mallory", "family_name": "Other", "email": "ana@mail.example"}
NORA = {"given_name": "Nora", "family_name": "Łind", "email": "nora@mail.example"}


@pytest.fixture(autouse=True)
def _no_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object) -> bytes:
        raise PaperUnavailable("no paper in this test")

    monkeypatch.setattr(event_handlers, "receipt_pdf", none)
    monkeypatch.setattr(refunds, "note_pdf", none)


def clients(shop: Shop) -> int:
    with shop.clinic.read() as session:
        return session.scalar(select(func.count()).select_from(Client)) or 0


def found(shop: Shop, text: str) -> list[tuple[str, str | None]]:
    with shop.clinic.read() as session:
        return [(client.name, client.email) for client in queries.search(session, text)]


def sessions_of(shop: Shop, name: str) -> list[int]:
    with shop.clinic.read() as session:
        query = select(CreditLot.remaining).join(Client, Client.id == CreditLot.client_id)
        return list(session.scalars(query.where(Client.given_name == name)))


def order_of(shop: Shop) -> Order:
    with shop.clinic.read() as session:
        return session.scalars(select(Order).where(Order.channel == "shop")).one()


def test_shop_order_of_guest_registers_client_only_when_paid(shop: Shop) -> None:
    before = clients(shop)
    hosted = shop.browser().buy(shop.path(), phone="(503) 555-0177").location
    assert clients(shop) == before
    assert found(shop, "nora") == found(shop, "5550177") == []
    order = order_of(shop)
    assert (order.client_id, order.buyer and order.buyer["email"]) == (None, "nora@mail.example")

    shop.pay(hosted)
    shop.webhooks()
    assert found(shop, "5550177") == [("Nora Łind", "nora@mail.example")]
    assert sessions_of(shop, "Nora") == [10]
    assert [(mail.to, "Nora" in mail.text) for mail in shop.mails()] == [("nora@mail.example", True)]
    order = order_of(shop)
    with shop.clinic.read() as session:
        assert session.scalars(select(Sale.client_id)).one() == order.client_id
    assert order.buyer is None
    holds(shop)


def test_shop_order_answer_is_same_for_known_and_unknown_address(shop: Shop) -> None:
    """Unknown, known under this name, known under another: the same answer and the same page at Stripe."""
    seen = []
    for who in (NORA, ANA, MALLORY):
        answer = shop.browser().buy(shop.path(), **who)
        same = [re.sub(r"/[^/?]*$", "", urlsplit(answer.location).path)]
        body = re.sub(r'http[^"<]*', "", answer.text)
        seen.append((answer.status_code, sorted(answer.headers.keys()), same, body))
    assert seen[0] == seen[1] == seen[2]
    sessions = shop.till.stripe.simulator.world.store.all("checkout.session")
    assert len(sessions) == 3


def test_shop_order_paid_with_address_of_other_client_belongs_to_buyer(shop: Shop) -> None:
    browser = shop.browser()
    landing = shop.pay(browser.buy(shop.path(), **MALLORY, phone="(503) 555-0178").location)
    assert "Thank you" in browser.get(landing).text
    shop.work()
    assert sessions_of(shop, "Ana") == []
    assert sessions_of(shop, "Mallory") == [10]
    assert found(shop, "mallory") == [("Mallory Other", None)]
    assert found(shop, "5550178") == [("Mallory Other", None)]
    assert [(mail.to, "Mallory" in mail.text, "Ana" in mail.text) for mail in shop.mails()] == [
        ("ana@mail.example", True, False)
    ]
    holds(shop)


def test_shop_mails_go_to_address_typed_by_buyer(shop: Shop) -> None:
    shop.pay(shop.browser().buy("/shop/riverside/gift-card", **MALLORY, amount="80").location)
    shop.webhooks()
    assert sorted(mail.subject.split(" from ")[0] for mail in shop.mails()) == [
        "A gift card for you",
        "Your receipt RIV-000001",
    ]
    bought = shop.pay(shop.browser().buy(shop.path(), **MALLORY).location)
    shop.webhooks()
    desk = Desk(shop.clinic, shop.till)
    sale_id = shop.order_id(bought)
    desk.run(desk.command(sale_id, package_id=desk.package(sale_id), office=True))
    shop.work()
    assert {mail.to for mail in shop.mails()} == {"ana@mail.example"}
    assert "Your credit note RIV-CN-000001" in shop.mails()[-1].subject
    assert "Mallory" in shop.mails()[-1].text


def test_shop_order_with_own_name_and_address_belongs_to_client(shop: Shop) -> None:
    before = clients(shop)
    browser = shop.browser()
    shop.pay(browser.buy(shop.path(), given_name="ana", family_name="NUNEZ", email="Ana@mail.example").location)
    shop.webhooks()
    assert (clients(shop), sessions_of(shop, "Ana")) == (before, [10])


def test_shop_order_of_zero_with_address_of_other_client_belongs_to_buyer(shop: Shop) -> None:
    browser = shop.browser()
    answer = browser.buy(shop.path(), **MALLORY, gift_code=gift_code(shop, 1000_00), shown="0")
    assert answer.status_code == 303
    shop.work()
    assert (sessions_of(shop, "Ana"), sessions_of(shop, "Mallory")) == ([], [10])
    assert [mail.to for mail in shop.mails()] == ["ana@mail.example"]
    holds(shop)


def test_shop_order_two_of_one_guest_register_one_client(shop: Shop) -> None:
    before = clients(shop)
    hosted = [shop.browser().buy(shop.path()).location for _ in range(2)]
    for one in hosted:
        shop.pay(one)
    shop.webhooks()
    assert clients(shop) == before + 1
    assert sessions_of(shop, "Nora") == [10, 10]


def test_promo_code_once_per_client_second_open_order_of_guest_is_refused(shop: Shop) -> None:
    code(shop, most_per_client=1)
    first = shop.browser().buy(shop.path(), promo="SPRING", shown="87480")
    assert first.status_code == 303
    second = shop.browser().buy(shop.path(), promo="SPRING", shown="87480")
    assert second.status_code == 422
    assert "has used this code already" in second.text
    other = shop.browser().buy(shop.path(), promo="SPRING", shown="87480", **MALLORY)
    assert (other.status_code, uses(shop)) == (303, [2])

    shop.pay(first.location)
    shop.webhooks()
    with shop.clinic.read() as session:
        used = session.execute(select(PromoUse.client_id, PromoUse.buyer_hash).order_by(PromoUse.at)).all()
        nora = session.scalars(select(Client.id).where(Client.email == "nora@mail.example")).one()
    assert {row.client_id for row in used} == {nora, None}
    assert None not in [row.buyer_hash for row in used]
    holds(shop)


def test_promo_code_once_per_client_guest_with_other_address_is_counted(shop: Shop) -> None:
    """Each purchase of Mallory's makes a client, for the address is Ana's: the code is counted by what was typed."""
    code(shop, most_per_client=1)
    shop.pay(shop.browser().buy(shop.path(), promo="SPRING", shown="87480", **MALLORY).location)
    shop.webhooks()
    again = shop.browser().buy(shop.path(), promo="SPRING", shown="87480", **MALLORY)
    assert again.status_code == 422


@pytest.mark.parametrize(("first", "second"), [("Müller", "Mueller"), ("Mueller", "Muller"), ("Sørensen", "Soerensen")])
def test_promo_code_once_per_client_other_spelling_is_counted(shop: Shop, first: str, second: str) -> None:
    code(shop, most_per_client=1)
    assert shop.browser().buy(shop.path(), promo="SPRING", shown="87480", family_name=first).status_code == 303
    again = shop.browser().buy(shop.path(), promo="SPRING", shown="87480", family_name=second)
    assert again.status_code == 422
    assert "has used this code already" in again.text
    assert uses(shop) == [1]


def register_nora(shop: Shop) -> UUID:
    return shop.clinic.write(
        lambda session: (
            registration.register(
                session, given_name="Nora", family_name="Łind", email="nora@mail.example", phone=None, country="US"
            ).id
        )
    )


def at_the_desk(shop: Shop, client_id: UUID) -> dict[str, Any]:
    """A ticket of ten with the code, as the desk has it."""
    register = Register(shop.clinic, shop.clinic.receptionist)
    return register.ticket(line("ten"), client=client_id, promo="SPRING")


def test_promo_code_once_per_client_open_order_blocks_use_at_desk(shop: Shop) -> None:
    code(shop, most_per_client=1)
    order = shop.browser().buy(shop.path(), promo="SPRING", shown="87480")
    nora = register_nora(shop)
    register = Register(shop.clinic, shop.clinic.receptionist)
    ticket = at_the_desk(shop, nora)
    assert ticket["promo"]["problem"] == "This client has used this code already."
    assert ticket["totals"]["due_minor"] == 972_00
    assert register.send("/sales", register.cash(ticket)).status_code == 201
    shop.pay(order.location)
    shop.webhooks()
    with shop.clinic.read() as session:
        assert session.scalars(select(PromoUse.client_id)).all() == [nora]
        assert session.scalars(select(AuditEvent).where(AuditEvent.action == "promo.over_limit")).all() == []
    holds(shop)


@pytest.mark.parametrize("way", ["cash", "card"])
def test_promo_code_once_per_client_ticket_priced_before_order_is_refused(shop: Shop, way: str) -> None:
    code(shop, most_per_client=1)
    nora = register_nora(shop)
    ticket = at_the_desk(shop, nora)
    assert ticket["totals"]["due_minor"] == 874_80
    assert shop.browser().buy(shop.path(), promo="SPRING", shown="87480").status_code == 303
    register = Register(shop.clinic, shop.clinic.receptionist)
    if way == "cash":
        refused = register.send("/sales", register.cash(ticket))
    else:
        refused = register.send("/payments", register.cash(ticket, 0) | {"by_code": True})
    assert (refused.status_code, refused.get_json()["why"]) == (409, "due_changed")
    assert uses(shop) == [1]


def test_promo_code_once_per_client_desk_checks_use_under_lock(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """In every way of the desk: the last look is under the lock of the code."""
    code(shop, most_per_client=1)
    order = shop.browser().buy(shop.path(), promo="SPRING", shown="87480")
    nora = register_nora(shop)
    monkeypatch.setattr(promo_codes, "queries", Blind)
    ticket = at_the_desk(shop, nora)
    assert ticket["totals"]["due_minor"] == 874_80
    register = Register(shop.clinic, shop.clinic.receptionist)
    for path, body in (
        ("/sales", register.cash(ticket)),
        ("/payments", register.cash(ticket, 0) | {"by_code": True}),
    ):
        refused = register.send(path, body)
        assert (refused.status_code, refused.get_json()["field"]) == (409, "promo")
    assert uses(shop) == [1]
    # Nobody pays the order: the code is hers at the desk.
    monkeypatch.undo()
    shop.browser().get(shop.leave(order.location))
    ticket = register.get(f"/tickets/{ticket['ticket_id']}").get_json()
    assert register.send("/sales", register.cash(ticket)).status_code == 201


def test_promo_code_once_per_client_use_at_desk_blocks_guest_order(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client was registered, and had the code, while the guest's order was being placed."""
    code(shop, most_per_client=1)
    nora = register_nora(shop)
    register = Register(shop.clinic, shop.clinic.receptionist)
    assert register.send("/sales", register.cash(at_the_desk(shop, nora))).status_code == 201
    monkeypatch.setattr(buying, "client_of_buyer", lambda *_, **__: None)
    assert shop.browser().buy(shop.path(), promo="SPRING", shown="87480").status_code == 422


def test_promo_code_use_above_limit_of_paid_order_is_completed_and_audited(shop: Shop) -> None:
    """The code had no limit when Nora ordered online and bought at the desk; it has one when her order is paid."""
    terms = code(shop)
    order = shop.browser().buy(shop.path(), promo="SPRING", shown="87480")
    nora = register_nora(shop)
    register = Register(shop.clinic, shop.clinic.receptionist)
    assert register.send("/sales", register.cash(at_the_desk(shop, nora))).status_code == 201
    shop.clinic.write(lambda session: promotions.write(session, replace(terms, most_per_client=1)))
    shop.pay(order.location)
    shop.webhooks()
    assert uses(shop) == [2]
    with shop.clinic.read() as session:
        assert session.scalars(select(PromoUse.client_id)).all() == [nora, nora]
        noted = session.scalars(select(AuditEvent).where(AuditEvent.action == "promo.over_limit")).one()
    assert noted.detail == {"code": "SPRING", "client_id": str(nora)}
    holds(shop)


class Blind:
    """Reads that see no use of a code."""

    find = staticmethod(promo_codes.queries.find)

    @staticmethod
    def used_by(*_: object) -> int:
        return 0


def test_promo_code_once_per_client_order_checks_use_under_lock(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last look is under the lock of the code: two orders priced at the same moment do not both have it."""
    code(shop, most_per_client=1)
    assert shop.browser().buy(shop.path(), promo="SPRING", shown="87480").status_code == 303
    monkeypatch.setattr(promo_codes, "queries", Blind)
    again = shop.browser().buy(shop.path(), promo="SPRING", shown="87480")
    assert again.status_code == 409
    assert uses(shop) == [1]


def test_shop_order_released_keeps_no_personal_data(shop: Shop) -> None:
    code(shop, most_per_client=1)
    browser = shop.browser()
    hosted = browser.buy(shop.path(), promo="SPRING", shown="87480", phone="(503) 555-0177").location
    browser.get(shop.leave(hosted))
    order = order_of(shop)
    assert (order.state, order.client_id, order.buyer) == ("released", None, None)
    with shop.clinic.read() as session:
        assert session.scalars(select(PromoUse.buyer_hash)).one() is None
    assert found(shop, "nora") == []
    assert shop.browser().buy(shop.path(), promo="SPRING", shown="87480").status_code == 303
    holds(shop)


def test_bank_debit_refused_mails_guest_and_deletes_address(shop: Shop) -> None:
    debit(shop)
    bank(shop, "refuses")
    shop.webhooks()
    assert [(mail.to, mail.subject) for mail in shop.mails()] == [
        ("nora@mail.example", "Your bank did not pay Stillpoint Clinic")
    ]
    with shop.clinic.read() as session:
        told = session.scalars(select(OutboxMessage).where(OutboxMessage.topic == "payment_refused")).one()
    assert (told.state, sorted(told.payload)) == ("done", ["order_id"])
    assert order_of(shop).buyer is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"email": "nora@"}, "e-mail"),
        ({"phone": "1"}, "phone number"),
        ({"given_name": "x" * 81}, "80 characters"),
    ],
)
def test_shop_order_invalid_buyer_is_refused(shop: Shop, change: dict[str, str], said: str) -> None:
    answer = shop.browser().buy(shop.path(), **change)
    assert answer.status_code == 422
    assert said in answer.text
    with shop.clinic.read() as session:
        assert session.scalars(select(Order)).all() == []


def _fails(*_: object, **__: object) -> None:
    raise LookupError("a state nobody thought of")


def test_unmatched_payment_of_guest_names_buyer(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    hosted = shop.browser().buy(shop.path()).location
    with monkeypatch.context() as broken:
        broken.setattr(complete_sale, "entry_for_sale", _fails)
        shop.pay(hosted)
        shop.webhooks()
    with shop.clinic.read() as session:
        row = session.scalars(select(UnmatchedTransaction)).one()
    assert row.why == "not_completed"
    assert row.about.endswith(" · nora@mail.example · Nora Łind")
    assert (order_of(shop).state, order_of(shop).buyer) == ("released", None)
    page = browser(shop.clinic, office=shop.clinic.manager).get("/office/money/unmatched").text
    assert "nora@mail.example · Nora Łind" in page
    # A name and an address may have to be erased: that is no change of history.
    shop.clinic.write(lambda s: s.execute(update(UnmatchedTransaction).values(about="")))
    tamper(shop.clinic, "UPDATE unmatched_transactions SET about = 'erased'")
    holds(shop)
