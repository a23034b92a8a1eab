"""Promo codes at the desk: what they take off, how the last use is guarded, and that the books agree."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from pos.core import clock
from pos.core.errors import Conflict, Invalid
from pos.core.ids import new_id
from pos.domain.clients import registration as clients
from pos.domain.clients.queries import person_hash
from pos.domain.promotions import repository as promotions
from pos.domain.promotions.models import PromoCode, PromoUse
from pos.domain.promotions.rules import PromoTerms, cuts, problem
from pos.domain.sales.carts import CartRequest
from pos.domain.sales.pricing import Discount, Exemption
from pos.services.checkout import promo_codes
from pos.services.checkout.ring_up import RingUpSale
from tests.integration.instalments.conftest import allow_deposit, part_of
from tests.integration.refunds.conftest import Desk
from tests.support.barrier import race
from tests.support.books import book_floats, failing, tamper
from tests.support.cards import CARDS, Till
from tests.support.clinic import Clinic, LineRequest, line

TERMS = PromoTerms(
    new_id(), "SPRING", "Spring offer", Decimal(10), None, "USD", None, frozenset(), date(2026, 1, 1), None, None, None
)


def code(clinic: Clinic, **more: Any) -> PromoTerms:
    """A code of 10 % for everything, or as told."""
    made = PromoTerms(**(TERMS.__dict__ | {"promo_id": new_id()} | more))
    clinic.write(lambda s: promotions.write(s, made))
    return made


def command(
    clinic: Clinic, *lines: LineRequest, client: UUID | None = None, promo: str | None = "SPRING"
) -> RingUpSale:
    """The command that rings lines up with a code, for cash."""
    asked = clinic.wanted(*lines)
    wanted = CartRequest(asked.lines, asked.discount, promo=promo)
    return RingUpSale(
        sale_id=new_id(),
        desk_id=clinic.usd.desk,
        staff_id=clinic.receptionist.id,
        cash_tendered_minor=clinic.due(wanted, client=client),
        client_id=client,
        wanted=wanted,
    )


def uses(clinic: Clinic) -> tuple[int, int]:
    """What the code says, and the uses that are there."""
    with clinic.read() as session:
        counted = session.scalar(select(func.count()).select_from(PromoUse).where(PromoUse.released_at.is_(None)))
        return session.scalars(select(PromoCode.uses)).one(), counted or 0


def test_promo_code_percentage_is_posted_as_discount(clinic: Clinic) -> None:
    code(clinic)
    done = clinic.ring_up(command(clinic, line("trigger_60"), line("oil")))
    # 100.00 and 18.00 less 10 %: 90.00 and 16.20, 8 % on top of 106.20.
    found = clinic.postings(done.sale_id)
    assert (found["service_revenue"], found["retail_revenue"], found["discounts"]) == (-100_00, -18_00, 11_80)
    assert done.total_minor == 106_20 + 8_50
    assert uses(clinic) == (1, 1)
    book_floats(clinic)
    assert failing(clinic) == {}


def test_promo_code_amount_is_spread_over_eligible_lines(clinic: Clinic) -> None:
    code(
        clinic, percent=None, amount_minor=15_00, items=frozenset({clinic.items["trigger_60"], clinic.items["cupping"]})
    )
    done = clinic.ring_up(command(clinic, line("trigger_60"), line("cupping"), line("oil")))
    found = clinic.postings(done.sale_id)
    assert found["discounts"] == 15_00
    assert done.total_minor == 123_00 + 9_84


def test_promo_code_beside_credit_and_discount_reduces_other_lines_only(clinic: Clinic) -> None:
    code(clinic)
    clinic.buy("three", clinic.ana)
    lines = (line("trigger_60"), line("oil", discount=Discount(amount_minor=3_00)), line("cupping"))
    done = clinic.ring_up(command(clinic, *lines, client=clinic.ana))
    # The session is paid by a credit and the oil has its own discount: the code takes 2.00 off the cupping.
    assert clinic.postings(done.sale_id)["discounts"] == 3_00 + 2_00


def test_promo_code_on_instalment_reduces_nothing_of_package(clinic: Clinic) -> None:
    allow_deposit(clinic)
    code(clinic)
    part = part_of(clinic, 300_00)
    both = CartRequest((*part.lines, *clinic.wanted(line("oil")).lines), promo="SPRING")
    due = clinic.due(both, client=clinic.ana)
    done = clinic.ring_up(
        replace(command(clinic, line("oil"), client=clinic.ana), wanted=both, cash_tendered_minor=due)
    )
    # 300.00 of the package whole, 18.00 less 1.80, and 8 % of both.
    assert (clinic.postings(done.sale_id)["discounts"], done.total_minor) == (1_80, 316_20 + 25_30)
    book_floats(clinic)
    assert failing(clinic) == {}


def test_promo_code_on_tax_exempt_line_reduces_it(clinic: Clinic) -> None:
    code(clinic)
    free = Exemption("certificate", "C-12")
    done = clinic.ring_up(command(clinic, line("trigger_60", exemption=free), line("oil")))
    # 90.00 without tax, and 16.20 with its 1.30.
    assert done.total_minor == 90_00 + 17_50
    assert clinic.postings(done.sale_id)["discounts"] == 11_80


def test_promo_code_once_per_client_second_sale_is_full_price(clinic: Clinic) -> None:
    code(clinic, most_per_client=1)
    assert clinic.ring_up(command(clinic, line("foot_60"), client=clinic.ana)).total_minor == 72_90
    assert clinic.ring_up(command(clinic, line("foot_60"), client=clinic.ana)).total_minor == 81_00
    assert clinic.ring_up(command(clinic, line("foot_60"), client=clinic.ben)).total_minor == 72_90


def test_promo_code_use_is_returned_by_void_and_kept_by_refund(clinic: Clinic) -> None:
    """Five for 460.00 with 10 % off once per client: 447.12 with tax; after a void 447.12 again, not 496.80."""
    code(clinic, most_per_client=1, most_uses=2)
    desk = Desk(book_floats(clinic))
    sold = clinic.ring_up(command(clinic, line("five"), client=clinic.ana))
    assert (sold.total_minor, uses(clinic)) == (447_12, (1, 1))
    desk.void(sold.sale_id)
    assert uses(clinic) == (0, 0)
    assert failing(clinic) == {}
    again = clinic.ring_up(command(clinic, line("five"), client=clinic.ana))
    assert (again.total_minor, uses(clinic)) == (447_12, (1, 1))
    desk.refund(again.sale_id, package_id=desk.package(again.sale_id))
    assert uses(clinic) == (1, 1)
    assert (
        clinic.due(command(clinic, line("five"), client=clinic.ana).wanted or CartRequest(), client=clinic.ana)
        == 496_80
    )
    assert failing(clinic) == {}


def test_promo_code_check_use_kept_by_voided_sale_fails(clinic: Clinic) -> None:
    code(clinic)
    desk = Desk(book_floats(clinic))
    desk.void(clinic.ring_up(command(clinic, line("foot_60"))).sale_id)
    tamper(clinic, "UPDATE promo_uses SET released_at = NULL", "UPDATE promo_codes SET uses = 1")
    assert "does not agree with its order or sale" in failing(clinic)["promo_codes"]


@pytest.mark.parametrize(
    "more",
    [
        {"code": "A"},
        {"percent": None},
        {"percent": Decimal(101)},
        {"amount_minor": 5},
        {"until_on": date(2025, 1, 1)},
        {"most_uses": 0},
    ],
)
def test_promo_code_invalid_terms_are_refused(clinic: Clinic, more: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        code(clinic, **more)


# ---- the last use


def at_once(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Two desks whose screens both took the code off, and that both ring up now."""
    code(clinic, most_uses=1)
    commands = [command(clinic, line("foot_60")) for _ in range(2)]
    shown = problem(TERMS, location_id=new_id(), currency="USD", day=date(2026, 6, 1), client_id=None, used_by_client=0)
    monkeypatch.setattr(promo_codes, "problem", lambda *_, **__: shown)
    return race(*(partial(clinic.ring_up, one) for one in commands))


def test_promo_code_last_use_at_two_desks_one_wins(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes = at_once(clinic, monkeypatch)
    refused = [outcome for outcome in outcomes if isinstance(outcome, Conflict)]
    assert [error.field for error in refused] == ["promo"]
    assert uses(clinic) == (1, 1)


def test_promo_code_last_use_without_guard_is_given_twice(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: a use is written down without the conditional UPDATE."""

    def write_only(session: Any, promo_id: UUID, **facts: Any) -> None:
        session.add(PromoUse(promo_id=promo_id, at=clock.now(), **facts))

    monkeypatch.setattr(promo_codes.promotions, "use", write_only)
    outcomes = at_once(clinic, monkeypatch)
    assert not [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert uses(clinic) == (0, 2)


@CARDS
def test_promo_code_use_of_canceled_order_is_returned_and_of_paid_kept(till: Till) -> None:
    code(till.clinic, most_uses=1)

    def charge() -> UUID:
        ticket = till.ticket(line("foot_60"), promo="SPRING")
        assert ticket.priced.due_minor == 72_90
        return till.charge(till.command(ticket)).order_id

    first = charge()
    assert uses(till.clinic) == (1, 1)
    till.cancel(first)
    assert uses(till.clinic) == (0, 0)
    second = charge()
    till.tap()
    assert till.look(second).state == "succeeded"
    assert uses(till.clinic) == (1, 1)
    book_floats(till.clinic)
    assert failing(till.clinic) == {}


@pytest.mark.parametrize(
    "statement",
    ["UPDATE promo_codes SET uses = uses + 1", "UPDATE promo_uses SET released_at = at", "DELETE FROM promo_uses"],
)
def test_promo_code_check_wrong_count_fails(clinic: Clinic, statement: str) -> None:
    code(clinic)
    clinic.ring_up(command(clinic, line("foot_60")))
    book_floats(clinic)
    tamper(clinic, statement)
    assert "promo_codes" in failing(clinic)


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=8), st.integers(1, 10**9), st.booleans())
def test_promo_code_discount_never_exceeds_price(amounts: list[int], off: int, is_amount: bool) -> None:
    terms = PromoTerms(**(TERMS.__dict__ | ({"percent": None, "amount_minor": off} if is_amount else {})))
    found = cuts(terms, [(new_id(), amount) for amount in amounts])
    assert all(0 <= cut <= amount for cut, amount in zip(found, amounts, strict=True))
    if is_amount:
        assert sum(found) == min(off, sum(amounts))


def order_of_nora(clinic: Clinic, promo_id: UUID, family_name: str) -> None:
    """The use of an order in the shop that nobody has paid yet."""
    who = person_hash("nora@mail.example", f"Nora {family_name}")
    use = {"by_id": new_id(), "location_id": clinic.usd.location_id, "client_id": None, "amount_minor": 90_00}
    clinic.write(lambda session: promotions.use(session, promo_id, buyer_hash=who, **use))


def nora(clinic: Clinic, family_name: str) -> UUID:
    typed = {"given_name": "Nora", "family_name": family_name, "email": "nora@mail.example"}
    return clinic.write(lambda session: clients.register(session, phone=None, country="US", **typed).id)


@pytest.mark.parametrize("family_name", ["Müller", "Mueller", "MULLER"])
def test_promo_code_once_per_client_desk_knows_order_by_address_and_name(clinic: Clinic, family_name: str) -> None:
    terms = code(clinic, most_per_client=1)
    order_of_nora(clinic, terms.promo_id, "Müller")
    with pytest.raises(Conflict):
        order_of_nora(clinic, terms.promo_id, family_name)
    # The desk's price knows it, 81.00 instead of 72.90, and so does the use itself.
    client = nora(clinic, family_name)
    sale = command(clinic, line("foot_60"), client=client)
    assert sale.cash_tendered_minor == 81_00
    use = {"by_id": new_id(), "location_id": clinic.usd.location_id, "client_id": client, "amount_minor": 8_10}
    with pytest.raises(Conflict) as refused:
        clinic.write(lambda session: promotions.use(session, terms.promo_id, **use))
    assert refused.value.field == "promo"
    assert uses(clinic) == (1, 1)


def test_promo_code_once_per_client_order_knows_sale_by_address_and_name(clinic: Clinic) -> None:
    terms = code(clinic, most_per_client=1)
    assert clinic.ring_up(command(clinic, line("foot_60"), client=nora(clinic, "Müller"))).total_minor == 72_90
    with pytest.raises(Conflict):
        order_of_nora(clinic, terms.promo_id, "Mueller")
    order_of_nora(clinic, terms.promo_id, "Other")
    assert uses(clinic) == (2, 2)
