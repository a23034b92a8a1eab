"""Sales are found at the desk without the number of their receipt."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from pos.core import clock
from pos.core.ids import new_id
from pos.domain.locations.models import Location
from tests.support.cards import CARDS, Till
from tests.support.clinic import Clinic, line
from tests.web.register.conftest import Register

pytestmark = CARDS


@pytest.fixture
def sold(clinic: Clinic) -> dict[str, str]:
    """Four receipts: Ana's package in the morning, a walk-in at noon, one at the other desk, one of last week."""
    now = clock.now()
    found = {}
    with clock.at(now - timedelta(days=7)):
        found["last week"] = clinic.sell(line("foot_60"), client=clinic.ben).receipt_label
    with clock.at(now - timedelta(hours=1)):
        found["ana"] = clinic.sell(line("three"), client=clinic.ana).receipt_label
    found["walk-in"] = clinic.sell(line("trigger_60")).receipt_label
    found["other desk"] = clinic.sell(line("oil"), desk=clinic.usd.desks[1]).receipt_label
    return found


def names(register: Register, sold: dict[str, str], query: str) -> list[str]:
    by_label = {label: name for name, label in sold.items()}
    return [by_label[one["receipt"]] for one in register.get(f"/sales?{query}").get_json()["sales"]]


def test_sales_of_today_are_listed_newest_first_at_this_desk_or_all(register: Register, sold: dict[str, str]) -> None:
    assert names(register, sold, "here=1") == ["walk-in", "ana"]
    assert sorted(names(register, sold, "")) == ["ana", "other desk", "walk-in"]
    day = register.get("/sales").get_json()["today"]
    assert sorted(names(register, sold, f"on={day}")) == ["ana", "other desk", "walk-in"]
    for wrong in ("on=2026-02-30", "on=0001-01-01&q=0:05", "on=9999-12-31&q=23:59"):
        answer = register.get(f"/sales?{wrong}")
        assert (answer.status_code, answer.get_json()["field"]) == (422, "on")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("nunez", ["ana"]),
        ("108", ["walk-in"]),
        ("108.00", ["walk-in"]),
        ("108,00", ["walk-in"]),
        ("ben 81", ["last week"]),
        ("ben 82", []),
        ("nunez 108", []),
        ("%", []),
        ("_", []),
    ],
)
def test_sale_is_found_by_every_word_of_client_and_amount(
    register: Register, sold: dict[str, str], words: str, found: list[str]
) -> None:
    assert names(register, sold, f"q={words}") == found


def test_sale_is_found_by_receipt_and_clock_time(register: Register, sold: dict[str, str], clinic: Clinic) -> None:
    assert names(register, sold, f"q={sold['last week'].lower()}") == ["last week"]
    # Noon in UTC is eight in the morning at Riverside; Ana's was an hour before.
    assert names(register, sold, "q=7:05") == ["ana"]
    assert set(names(register, sold, "q=08:03 108")) == {"walk-in"}


def test_sale_after_midnight_is_found_by_its_clock_time_on_its_business_date(clinic: Clinic) -> None:
    clinic.write(lambda session: setattr(session.get_one(Location, clinic.usd.location_id), "cutoff_hour", 3))
    evening = clock.now().date()
    with clock.at(datetime.combine(evening + timedelta(days=1), time(0, 40), ZoneInfo("America/New_York"))):
        late, register = clinic.sell(line("trigger_60")).receipt_label, Register(clinic, clinic.receptionist)
        for query in ("q=0:40", f"q=0:40&on={evening}"):
            assert [one["receipt"] for one in register.get(f"/sales?{query}").get_json()["sales"]] == [late], query
        assert register.get(f"/sales?q=0:40&on={evening + timedelta(days=1)}").get_json()["sales"] == []


def test_card_sale_is_found_by_last_four_digits_and_a_void_is_marked(
    till: Till, clinic: Clinic, sold: dict[str, str]
) -> None:
    begun = till.charge(till.command(till.ticket(line("trigger_60"))))
    till.tap()
    paid = till.look(begun.order_id)
    assert paid.paid
    last4 = till.attempt(begun.order_id).card_last4
    manager = Register(clinic, clinic.manager)
    (one,) = manager.get(f"/sales?q={last4}").get_json()["sales"]
    assert (one["sale_id"], one["tenders"], one["last4"]) == (str(paid.paid.sale_id), ["card"], last4)
    (cash,) = manager.get("/sales?q=nunez").get_json()["sales"]
    body = {"refund_id": str(new_id()), "reason": "Wrong client", "expected_total_minor": cash["total_minor"]}
    assert manager.send(f"/sales/{cash['sale_id']}/void", body).status_code == 201
    (cash,) = manager.get("/sales?q=nunez").get_json()["sales"]
    assert cash["refund"] == "void"


def test_sales_of_another_location_are_not_found(register: Register, clinic: Clinic, sold: dict[str, str]) -> None:
    clinic.sell(line("oil"), site=clinic.eur)
    assert len(register.get("/sales").get_json()["sales"]) == 3
