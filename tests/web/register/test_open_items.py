"""Goods that are not in the catalogue: typed at the desk, taxed as the articles are, within a limit, and in plain sight."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from pos.core.audit import AuditEvent
from pos.core.ids import new_id
from pos.core.money import Money
from pos.domain.catalogue.open_item import OPEN_ITEM
from pos.domain.locations.queries import place
from pos.domain.receipts.models import Receipt
from pos.domain.sales.models import SaleLine
from pos.reports.listed import reports
from pos.reports.period import Scope
from pos.services.refunds.calculate import RefundChoice
from pos.services.refunds.issue_refund import RefundCommand, refund
from pos.services.refunds.refundable import refundable
from tests.support.agreeing import disagreements
from tests.support.books import book_floats, failing
from tests.support.clinic import Clinic, line
from tests.web.register.conftest import Register
from tests.web.register.test_discount_limits import consent, put


def typed(minor: int, *, quantity: int = 1, **changed: object) -> dict[str, Any]:
    words = {"name": "Magnesium bath salt", "tax_category": "goods", "reason": "Sample of the week"}
    return {
        "line_id": str(new_id()),
        "item_id": str(OPEN_ITEM),
        "quantity": quantity,
        "open_item": {**words, "amount_minor": minor, **changed},
    }


def test_open_item_is_sold_taxed_as_an_article_reported_and_refunded(clinic: Clinic, register: Register) -> None:
    """Two at 14.00 beside oil: taxed like the oil, the reason in the report alone; one comes back, every book agrees."""
    book_floats(clinic)
    rows = [typed(14_00, quantity=2), *register.rows(line("oil"))]
    ticket = put(register, register.ticket(line("oil")), rows).get_json()
    assert ticket["lines"][0]["open_item"] == rows[0]["open_item"]
    sold = register.send("/sales", register.cash(ticket)).get_json()
    with clinic.read() as session:
        here = place(session, clinic.usd.location_id)
        salt, oil = session.scalars(select(SaleLine).order_by(SaleLine.position)).all()
        assert (salt.name, salt.kind, salt.net_minor, salt.catalogue_minor) == (
            "Magnesium bath salt", "retail", 28_00, None,
        )  # fmt: skip
        assert (salt.tax_category, salt.tax_percent) == (oil.tax_category, oil.tax_percent)
        assert salt.tax_minor > 0
        paper = session.scalars(select(Receipt.document)).one()["lines"][0]
        assert (paper["description"], paper["unit_price"], paper["details"]) == ("Magnesium bath salt", "14.00", [])
        scope = Scope((here,), here.today(), here.today())
        rows_of, by_person = reports()["overrides"].sheets(session, scope)
        assert [row[5:] for row in rows_of.rows] == [
            ("Magnesium bath salt", 2, "USD", None, Money(14_00, "USD"), None, "Sample of the week"),
        ]  # fmt: skip
        assert by_person.rows == [("Rita", "USD", 1, Money(0, "USD"), Money(0, "USD"), Money(28_00, "USD"))]
        noted = session.scalars(select(AuditEvent).where(AuditEvent.action == "sale.open_item")).one()
        assert (str(noted.subject_id), noted.detail["item"]) == (sold["sale_id"], "Magnesium bath salt")
        assert disagreements(session, here) == []
    sale = UUID(sold["sale_id"])
    with clinic.app.app_context():
        wanted = RefundChoice(sale, positions=(1,), units=((1, 1),))
        refund(RefundCommand(new_id(), wanted, "Torn bag", clinic.owner, clinic.usd.desk))
    with clinic.read() as session:
        left = refundable(session, sale).lines[0]
        assert (left.units_left, left.net_minor) == (1, 14_00)
    assert failing(clinic) == {}


def test_open_items_above_the_limit_together_need_approval_once(clinic: Clinic, register: Register) -> None:
    """Reception sells 50.00 of them alone: 30.00 and 21.00 ask, the consent holds for less and not for more."""
    ticket = register.ticket(line("oil"))
    one, two = typed(30_00), typed(21_00, name="Neck pillow")
    asked = put(register, ticket, [one, two]).get_json()
    assert (asked["code"], asked["action"], asked["amount_minor"]) == ("needs_approval", "open_item", 51_00)
    assert [found["name"] for found in asked["items"]] == ["Magnesium bath salt", "Neck pillow"]
    given = consent(register, asked, clinic.manager.pin)
    ticket = put(register, ticket, [one, two], approval_id=given).get_json()
    ticket = put(register, ticket, [two, *register.rows(line("oil"))]).get_json()
    more = put(register, ticket, [typed(51_01)])
    assert more.get_json()["code"] == "needs_approval"
    assert register.send("/sales", register.cash(ticket)).status_code == 201
    body = {
        "sale_id": str(new_id()),
        "lines": [typed(51_00)],
        "cash_tendered_minor": 99_00,
        "expected_due_minor": 55_08,
        "expected_credits": 0,
    }
    assert register.send("/sales", body).get_json()["code"] == "needs_approval"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": " "}, "item_name"),
        ({"amount_minor": 0}, "amount_minor"),
        ({"reason": ""}, "reason"),
        ({"tax_category": "service"}, "tax_category"),
    ],
)
def test_open_item_half_typed_is_refused_at_its_field(
    clinic: Clinic, register: Register, changed: dict[str, Any], field: str
) -> None:
    refused = put(
        register, register.ticket(line("oil")), [typed(14_00) | {"open_item": {**typed(14_00)["open_item"], **changed}}]
    )
    assert (refused.status_code, refused.get_json()["field"]) == (422, field)


def test_catalogue_price_cannot_be_typed_over_as_an_open_item(clinic: Clinic, register: Register) -> None:
    rows = register.rows(line("oil"))
    rows[0]["open_item"] = typed(1)["open_item"]
    assert put(register, register.ticket(line("oil")), rows).get_json()["field"] == "open_item"
