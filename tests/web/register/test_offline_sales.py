"""Sales that a desk took while the server did not answer come in once, or wait for a person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from pos.core import clock
from pos.core.ids import new_id
from pos.domain.locations.queries import places
from pos.domain.receipts.models import Receipt
from pos.domain.sales.models import Sale, Ticket
from pos.reports.desk.offline_sales import offline_sales_report
from pos.reports.period import Scope
from pos.reports.verify import CheckResult, verify
from pos.services.client_records.erase_client import erase_client
from tests.support.clinic import Clinic, LineRequest, line
from tests.web.register.conftest import Register
from tests.web.register.test_appointments import plan, ring_up, seen


def taken(register: Register, *asked: LineRequest, due: int, client: UUID | None = None, **more: Any) -> dict[str, Any]:
    """What a desk sends of a sale that it took ten minutes ago."""
    return {
        "sale_id": str(new_id()),
        "client_id": str(client) if client else None,
        "lines": register.rows(*asked),
        "due_minor": due,
        "cash_minor": due,
        "credits": 0,
        "taken_at": (clock.now() - timedelta(minutes=10)).isoformat(),
        "taken_by": "Ruth",
        **more,
    }


def rows(clinic: Clinic) -> list[Any]:
    with clinic.read() as session:
        today = clock.now().date()
        scope = Scope(places(session), today - timedelta(days=1), today + timedelta(days=1))
        return [(row[4], row[6].minor, row[9]) for row in offline_sales_report(session, scope)]


def sales(clinic: Clinic) -> int:
    with clinic.read() as session:
        return session.scalar(select(func.count()).select_from(Sale)) or 0


def test_sale_taken_offline_is_completed_once_however_often_it_is_sent(register: Register, clinic: Clinic) -> None:
    sent = taken(register, line("trigger_60"), due=10800, cash_minor=12000)
    for _ in range(2):
        answer = register.send("/offline-sales", sent)
        assert (answer.status_code, answer.get_json()) == (201, {"sale_id": sent["sale_id"], "problem": None})
    assert sales(clinic) == 1
    with clinic.read() as session:
        assert session.scalar(select(Receipt.sale_id)) == UUID(sent["sale_id"])
    assert rows(clinic) == [("Ruth", 10800, "completed")]
    other = register.send("/offline-sales", sent | {"cash_minor": 13000})
    assert (other.status_code, other.get_json()["code"]) == (409, "key_reused")


def test_sale_taken_offline_at_an_old_price_waits_as_a_ticket_until_it_is_settled(
    register: Register, clinic: Clinic
) -> None:
    sent = taken(register, line("trigger_60"), due=9900)
    for _ in range(2):
        answer = register.send("/offline-sales", sent).get_json()
        assert answer["problem"]
    assert (sales(clinic), rows(clinic)) == (0, [("Ruth", 9900, "waits")])
    parked = register.get("/state").get_json()["parked"]
    assert [one["ticket_id"] for one in parked] == [sent["sale_id"]]
    assert parked[0]["problem"] == answer["problem"]
    assert "$99.00 in cash was received" in parked[0]["note"]

    ticket = register.send(f"/tickets/{sent['sale_id']}/take-up").get_json()
    assert ticket["totals"]["due_minor"] == 10800
    body = {
        "sale_id": str(new_id()), "ticket_id": sent["sale_id"], "ticket_version": ticket["version"],
        "cash_tendered_minor": 10800, "expected_due_minor": 10800, "expected_credits": 0, "expected_stored_minor": 0,
    }  # fmt: skip
    assert register.send("/sales", body).status_code == 201
    assert rows(clinic) == [("Ruth", 9900, "settled")]


def test_last_credit_redeemed_offline_at_two_desks_pays_one_visit_and_the_other_waits(clinic: Clinic) -> None:
    clinic.buy("three", clinic.ana)
    for _ in range(2):
        clinic.sell(line("trigger_60"), client=clinic.ana)
    first, second = (Register(clinic, clinic.receptionist, desk) for desk in clinic.usd.desks[:2])
    asked = [taken(one, line("trigger_60"), due=0, client=clinic.ana, credits=1) for one in (first, second)]
    both = zip((first, second), asked, strict=True)
    answers = [one.send("/offline-sales", body).get_json()["problem"] for one, body in both]
    assert answers[0] is None
    assert "last credit" in answers[1]
    assert sorted(state for _, _, state in rows(clinic)) == ["completed", "waits"]


@pytest.mark.parametrize("due", [10800, 9900])
def test_visit_rung_up_on_a_ticket_that_is_sold_offline_is_rung_up(
    register: Register, clinic: Clinic, due: int
) -> None:
    """Completed or waiting for a person: the ticket on the screen is the one that was sold, and the visit with it."""
    visit = plan(clinic, client_id=clinic.ana)
    ticket = ring_up(register, visit)
    sent = taken(register, line("trigger_60"), due=due, client=clinic.ana, ticket_id=ticket["ticket_id"])
    for _ in range(2):
        assert bool(register.send("/offline-sales", sent).get_json()["problem"]) == (due != 10800)
    assert register.get("/state").get_json()["ticket"] is None
    if due == 10800:
        assert (seen(clinic, visit).state, str(seen(clinic, visit).sale_id)) == ("rung_up", sent["sale_id"])
    else:
        assert seen(clinic, visit).ticket_state == "parked"
        answer = register.send(f"/appointments/{visit}/ring-up", {"ticket_id": str(new_id())})
        assert answer.status_code == 409


def test_sale_taken_offline_for_a_client_who_was_erased_meanwhile_waits_without_them(
    register: Register, clinic: Clinic
) -> None:
    with clinic.app.app_context():
        erase_client(
            client_id=clinic.ben, typed_name="Ben Fischer", staff_id=clinic.owner.id, location_id=clinic.usd.location_id
        )
    answer = register.send("/offline-sales", taken(register, line("trigger_60"), due=10800, client=clinic.ben))
    assert (answer.status_code, bool(answer.get_json()["problem"])) == (201, True)
    assert rows(clinic) == [("Ruth", 10800, "waits")]


def test_ticket_sold_offline_and_paid_elsewhere_meanwhile_waits_for_a_person(
    register: Register, clinic: Clinic
) -> None:
    ticket = register.ticket(line("trigger_60"))
    assert register.send("/sales", register.cash(ticket)).status_code == 201
    sent = taken(register, line("trigger_60"), due=10800, ticket_id=ticket["ticket_id"])
    assert register.send("/offline-sales", sent).get_json()["problem"]
    assert (sales(clinic), rows(clinic)) == (1, [("Ruth", 10800, "waits")])


@pytest.mark.parametrize("closed", [True, False])
def test_sale_taken_offline_that_cannot_be_completed_is_dropped_by_a_manager_only(
    register: Register, clinic: Clinic, closed: bool
) -> None:
    if closed:
        body = {"counted_minor": 10000, "left_minor": 10000, "note": ""}
        assert register.send("/shift/close", body).status_code in (200, 201)
    sent = taken(register, line("trigger_60"), due=10800 if closed else 1, client=None if closed else new_id())
    assert register.send("/offline-sales", sent).get_json()["problem"]
    refused = register.send(f"/tickets/{sent['sale_id']}/drop")
    assert (refused.status_code, "A manager drops it" in refused.text) == (409, True)
    assert Register(clinic, clinic.manager).send(f"/tickets/{sent['sale_id']}/drop").status_code == 200
    with clinic.read() as session:
        assert session.get_one(Ticket, UUID(sent["sale_id"])).state == "dropped"
    assert rows(clinic)[0][2] == "dropped"


def test_sale_taken_offline_that_was_refused_is_kept_for_a_manager_whatever_it_holds(
    register: Register, clinic: Clinic
) -> None:
    """An older page sends lines that are read no more: the cash is in the drawer, so it is listed until it is settled."""
    sent = taken(register, line("trigger_60"), due=10800) | {"lines": [{"of": "an older page"}], "taken_at": "noon"}
    why = register.send("/offline-sales", sent).get_json()["title"]
    for _ in range(2):
        answer = register.send("/offline-sales", sent | {"refused": why})
        assert (answer.status_code, answer.get_json()["problem"]) == (201, why)
    (parked,) = register.get("/state").get_json()["parked"]
    assert "108.00" in parked["note"]
    assert rows(clinic) == [("Ruth", 10800, "waits")]
    assert register.send(f"/tickets/{sent['sale_id']}/drop").status_code == 409
    assert Register(clinic, clinic.manager).send(f"/tickets/{sent['sale_id']}/drop").status_code == 200
    assert rows(clinic)[0][2] == "dropped"


@pytest.mark.parametrize(
    ("changed", "field"),
    [({"taken_at": "noon"}, "taken_at"), ({"lines": []}, "lines"), ({"due_minor": -1}, "due_minor")],
)
def test_sale_taken_offline_that_makes_no_sense_is_refused_by_its_field(
    register: Register, clinic: Clinic, changed: dict[str, Any], field: str
) -> None:
    answer = register.send("/offline-sales", taken(register, line("trigger_60"), due=10800) | changed)
    assert (answer.status_code, answer.get_json()["field"]) == (422, field)
    assert rows(clinic) == []


def test_checks_find_a_sale_taken_offline_that_is_neither_sale_nor_ticket(register: Register, clinic: Clinic) -> None:
    for due in (10800, 1):
        register.send("/offline-sales", taken(register, line("trigger_60"), due=due))

    def found() -> CheckResult:
        with clinic.read() as session:
            return next(one for one in verify(session) if one.key == "offline_sales")

    assert (found().examined, found().bad) == (2, 0)
    lost = register.send("/offline-sales", taken(register, line("trigger_60"), due=2)).get_json()["sale_id"]
    clinic.write(lambda session: session.delete(session.get_one(Ticket, UUID(lost))))
    assert (found().examined, found().bad) == (3, 1)
