"""The discount that is charged is the one that is looked at, on both databases: a consent is spent with the money taken."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from pos.core.database.base import reading
from pos.core.errors import NeedsApproval
from pos.core.ids import new_id
from pos.domain.locations.queries import desk_place
from pos.domain.sales.models import Ticket
from pos.domain.sales.pricing import Discount
from pos.services.auth import give_approval
from pos.services.checkout.cart import change_ticket, open_ticket, view_ticket
from pos.services.checkout.ring_up import RingUpSale
from tests.support.books import book_floats, failing
from tests.support.clinic import Clinic, line


def test_discount_behind_credit_needs_approval_when_credit_is_gone(clinic: Clinic) -> None:
    book_floats(clinic)
    clinic.buy("three", clinic.ana)
    clinic.sell(line("trigger_60"), line("trigger_60"), client=clinic.ana)
    ticket_id, at = new_id(), {"desk_id": clinic.usd.desk, "staff_id": clinic.receptionist.id}
    half = clinic.wanted(line("trigger_60", discount=Discount(percent=Decimal(50), reason="Friend")))
    with clinic.app.app_context():
        open_ticket(ticket_id=ticket_id, client_id=clinic.ana, **at)
        change_ticket(
            ticket_id=ticket_id, client_id=clinic.ana, wanted=half, version=1, actor=clinic.receptionist, **at
        )
        clinic.sell(line("trigger_60"), client=clinic.ana)
        state = view_ticket(reading(), desk_place(reading(), clinic.usd.desk).place, ticket_id)
        assert state.priced.due_minor == 54_00
        command = RingUpSale(
            sale_id=new_id(), cash_tendered_minor=54_00, ticket_id=ticket_id, actor=clinic.receptionist, **at
        )
        with pytest.raises(NeedsApproval) as asked:
            clinic.ring_up(command)
        named = asked.value.extra
        assert (named["amount_minor"], named["subject_id"]) == (50_00, str(ticket_id))
        given = give_approval(
            desk_id=clinic.usd.desk,
            asked_by=clinic.receptionist.id,
            action=named["action"],
            subject_id=ticket_id,
            amount_minor=named["amount_minor"],
            content_hash=named["content_hash"],
            pin=clinic.manager.pin,
        )
        assert clinic.ring_up(replace(command, approval_id=given)).total_minor == 54_00
    with clinic.read() as session:
        assert session.get_one(Ticket, ticket_id).approved_discounts == [
            {"item_id": str(clinic.items["trigger_60"]), "price_minor": 100_00, "off_minor": 50_00}
        ]
    assert failing(clinic) == {}
