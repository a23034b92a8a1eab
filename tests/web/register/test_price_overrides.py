"""Another price than the catalogue's at the desk: with a reason, within what a role takes off alone, and in plain sight."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from pos.core.audit import AuditEvent
from pos.core.ids import new_id
from pos.core.money import Money
from pos.domain.locations.queries import place
from pos.domain.receipts.models import Receipt
from pos.domain.sales.models import SaleLine
from pos.reports.listed import reports
from pos.reports.period import Scope
from tests.support.agreeing import disagreements
from tests.support.books import book_floats, failing
from tests.support.clinic import Clinic, line
from tests.web.register.conftest import Register
from tests.web.register.test_discount_limits import consent, put


def priced(register: Register, item: str, minor: int, reason: str = "Said on the phone") -> list[dict[str, Any]]:
    rows = register.rows(line(item))
    rows[0]["price"] = {"amount_minor": minor, "reason": reason}
    return rows


def test_price_override_is_sold_printed_and_reported_honestly(clinic: Clinic, register: Register) -> None:
    """A treatment of 100.00 for 95.00, alone; oil of 18.00 for 20.00: tax on what was agreed, and every book agrees."""
    book_floats(clinic)
    rows = priced(register, "trigger_60", 95_00) + priced(register, "oil", 20_00, "Gift wrapping")
    ticket = put(register, register.ticket(line("trigger_60")), rows).get_json()
    assert ticket["totals"]["due_minor"] == 124_20
    sold = register.send("/sales", register.cash(ticket)).get_json()
    with clinic.read() as session:
        here = place(session, clinic.usd.location_id)
        lines = session.scalars(select(SaleLine).order_by(SaleLine.position)).all()
        assert [(one.unit_minor, one.catalogue_minor, one.net_minor) for one in lines] == [
            (95_00, 100_00, 95_00), (20_00, 18_00, 20_00),
        ]  # fmt: skip
        paper = session.scalars(select(Receipt.document)).one()["lines"][0]
        assert (paper["unit_price"], paper["amount"]) == ("95.00", "95.00")
        assert {"agreed price, list price 100.00", "Said on the phone"} <= set(paper["details"])
        scope = Scope((here,), here.today(), here.today())
        rows_of, by_person = reports()["overrides"].sheets(session, scope)
        assert [row[10] for row in rows_of.rows] == [Money(-5_00, "USD"), Money(2_00, "USD")]
        assert by_person.rows == [("Rita", "USD", 2, Money(-5_00, "USD"), Money(2_00, "USD"), Money(0, "USD"))]
        noted = session.scalars(select(AuditEvent).where(AuditEvent.action == "sale.agreed_price")).all()
        assert [str(one.subject_id) for one in noted] == [sold["sale_id"]] * 2
        assert disagreements(session, here) == []
    assert failing(clinic) == {}


def test_price_override_far_below_list_needs_approval(clinic: Clinic, register: Register) -> None:
    """Reception takes off 10 % alone: 89.00 for 100.00 asks, and a discount on top of an agreed price counts with it."""
    ticket, rows = register.ticket(line("trigger_60")), priced(register, "trigger_60", 89_00)
    asked = put(register, ticket, rows)
    assert (asked.status_code, asked.get_json()["code"], asked.get_json()["amount_minor"]) == (
        403, "needs_approval", 11_00,
    )  # fmt: skip
    both = priced(register, "trigger_60", 95_00)
    both[0]["discount"] = {"percent": "10", "reason": "Loyal"}
    assert put(register, ticket, both).status_code == 403
    given = consent(register, asked.get_json(), clinic.manager.pin)
    done = put(register, ticket, rows, approval_id=given)
    assert done.status_code == 200
    assert register.send("/sales", register.cash(done.get_json())).get_json()["total_minor"] == 96_12


def test_price_override_cannot_be_had_without_ticket_either(clinic: Clinic, register: Register) -> None:
    rows = priced(register, "trigger_60", 0)
    body = {
        "sale_id": str(new_id()), "lines": rows, "cash_tendered_minor": 0, "expected_due_minor": 0, "expected_credits": 0,
    }  # fmt: skip
    assert register.send("/sales", body).get_json()["code"] == "needs_approval"


@pytest.mark.parametrize(
    ("item", "price", "field"),
    [
        ("ten", {"amount_minor": 800_00, "reason": "Friend"}, "discount"),
        ("oil", {"amount_minor": 10_00, "reason": " "}, "reason"),
        ("oil", {"amount_minor": -1, "reason": "Friend"}, "discount"),
    ],
)
def test_price_override_invalid_is_refused_at_its_field(
    clinic: Clinic, register: Register, item: str, price: dict[str, Any], field: str
) -> None:
    rows = register.rows(line(item))
    rows[0]["price"] = price
    refused = put(register, register.ticket(line("oil")), rows)
    assert (refused.status_code, refused.get_json()["field"]) == (422, field)
