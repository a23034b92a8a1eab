"""Receipts on the network printer of a desk, and the drawer that hangs at it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from pos.core import clock
from pos.core.audit import AuditEvent
from pos.core.ids import new_id
from pos.domain.staff.queries import by_key
from pos.services.locations.desks import change_desk
from pos.services.locations.printers import PrinterTerms, add_printer, retire_printer
from tests.support.clinic import Clinic, line
from tests.support.roll_printer import RollPrinter, printer_switched_off, roll_printer
from tests.web.register.conftest import Register

PULSE = b"\x1bp\x00"


@pytest.fixture
def printer() -> Iterator[RollPrinter]:
    with roll_printer() as found:
        yield found


def set_up(clinic: Clinic, port: int, **more: Any) -> UUID:
    """A printer for the front desk."""
    key = new_id()
    with clinic.read() as session:
        person = by_key(session, clinic.manager.id)
    terms = PrinterTerms(name="Front", host="127.0.0.1", port=str(port), model="epson_t88", **more)
    with clinic.app.app_context():
        add_printer(printer_id=key, location_id=clinic.usd.location_id, terms=terms, person=person)
        change_desk(desk_id=clinic.usd.desk, name="Front", paper="80mm", printer_id=key, person=person)
    return key


def pulses(clinic: Clinic) -> list[UUID | None]:
    with clinic.read() as session:
        query = select(AuditEvent.subject_id).where(AuditEvent.action == "drawer.opened_by_printer")
        return list(session.scalars(query))


def test_receipt_printed_on_network_printer_opens_drawer_for_cash_once_noted(
    clinic: Clinic, register: Register, printer: RollPrinter
) -> None:
    set_up(clinic, printer.port, opens_drawer=True, prints_always=True)
    told = register.get("/state").get_json()["printer"]
    assert told == {"name": "Front", "prints_always": True, "opens_drawer": True}
    done = clinic.sell(line("trigger_60"))
    assert register.send(f"/sales/{done.sale_id}/print").get_json() == {"drawer_opened": True}
    (job,) = printer.jobs(1)
    assert PULSE in job
    assert done.receipt_label.encode() in job
    assert b"108.00\n" in job
    assert pulses(clinic) == [done.sale_id]
    # Ten minutes later the receipt is printed again, and the drawer stays shut: it is opened with a reason.
    with clock.at(clock.now() + timedelta(minutes=10)):
        assert register.send(f"/sales/{done.sale_id}/print").get_json() == {"drawer_opened": False}
    assert PULSE not in printer.jobs(2)[1]
    assert pulses(clinic) == [done.sale_id]


def test_receipt_duplicate_is_printed_only_where_it_was_counted(
    clinic: Clinic, register: Register, printer: RollPrinter
) -> None:
    set_up(clinic, printer.port, opens_drawer=True)
    done = clinic.sell(line("trigger_60"))
    assert register.send(f"/sales/{done.sale_id}/print", {"duplicate": 1}).status_code == 404
    assert register.send(f"/sales/{done.sale_id}/print", {"duplicate": 2**31}).status_code == 422
    number = register.send(f"/sales/{done.sale_id}/reprint").get_json()["number"]
    assert register.send(f"/sales/{done.sale_id}/print", {"duplicate": number}).status_code == 200
    (job,) = printer.jobs(1)
    assert b"*** DUPLICATE 1 ***" in job
    assert PULSE not in job


def test_drawer_alone_opens_for_cash_and_not_for_a_redeemed_credit(
    clinic: Clinic, register: Register, printer: RollPrinter
) -> None:
    set_up(clinic, printer.port, opens_drawer=True)
    done = clinic.sell(line("ten"), client=clinic.ana)
    assert register.send(f"/sales/{done.sale_id}/print", {"drawer_only": True}).get_json() == {"drawer_opened": True}
    (job,) = printer.jobs(1)
    assert PULSE in job
    assert done.receipt_label.encode() not in job
    visit = clinic.sell(line("trigger_60"), client=clinic.ana)
    assert register.send(f"/sales/{visit.sale_id}/print", {"drawer_only": True}).get_json() == {"drawer_opened": False}
    assert len(printer.jobs(1)) == 1


def test_printer_that_is_off_leaves_the_sale_and_says_so(clinic: Clinic, register: Register) -> None:
    with printer_switched_off() as port:
        key = set_up(clinic, port)
        done = clinic.sell(line("trigger_60"))
        answer = register.send(f"/sales/{done.sale_id}/print")
    assert (answer.status_code, answer.get_json()["code"]) == (409, "printer_silent")
    assert answer.get_json()["title"].startswith("Front did not answer. The sale is complete.")
    assert register.get(f"/sales/{done.sale_id}").get_json()["receipt"] == done.receipt_label
    with clinic.read() as session:
        person = by_key(session, clinic.manager.id)
    with clinic.app.app_context():
        retire_printer(printer_id=key, person=person)
    assert register.get("/state").get_json()["printer"] is None
    answer = register.send(f"/sales/{done.sale_id}/print")
    assert (answer.status_code, answer.get_json()["title"]) == (
        409, "This desk has no network printer. Print by the browser.",
    )  # fmt: skip


def test_credit_note_of_cash_is_printed_and_opens_the_drawer(
    clinic: Clinic, register: Register, printer: RollPrinter
) -> None:
    set_up(clinic, printer.port, opens_drawer=True)
    done = clinic.sell(line("trigger_60"))
    refund_id = str(new_id())
    body = {"refund_id": refund_id, "reason": "Wrong client", "expected_total_minor": 108_00}
    manager = Register(clinic, clinic.manager)
    voided = manager.send(f"/sales/{done.sale_id}/void", body)
    assert voided.status_code == 201, voided.get_json()
    assert register.send(f"/refunds/{refund_id}/print").get_json() == {"drawer_opened": True}
    (job,) = printer.jobs(1)
    assert PULSE in job
    assert voided.get_json()["note"].encode() in job
    assert pulses(clinic) == [UUID(refund_id)]
    # The cash came out of the drawer of the other desk: the one here stays shut.
    give = Register(clinic, clinic.manager, clinic.usd.desks[1])
    other = clinic.sell(line("oil"), desk=clinic.usd.desks[1])
    refund_id = str(new_id())
    body = {"refund_id": refund_id, "reason": "Wrong client", "expected_total_minor": 19_44}
    assert give.send(f"/sales/{other.sale_id}/void", body).get_json()["total_minor"] == 19_44
    assert register.send(f"/refunds/{refund_id}/print").get_json() == {"drawer_opened": False}
