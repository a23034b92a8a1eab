"""A visit of the last evening, checked out in the morning: the desk is offered the day, and the credit then pays."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pos.core import clock
from tests.support.clinic import Clinic, line
from tests.web.register.conftest import Register


@pytest.fixture
def morning(clinic: Clinic) -> datetime:
    """17 December, 09:05 in New York; Ana's three sessions were valid until the 16th."""
    clinic.buy("three", clinic.ana)
    return datetime(2026, 12, 17, 14, 5, tzinfo=UTC)


def test_late_visit_day_is_offered_where_credit_applies(clinic: Clinic, morning: datetime) -> None:
    with clock.at(morning):
        register = Register(clinic, clinic.receptionist)
        ticket = register.ticket(line("trigger_60"), client=clinic.ana)
        assert (ticket["totals"]["due_minor"], ticket["late_on"], ticket["service_on"]) == (108_00, "2026-12-16", None)
        assert register.ticket(line("trigger_60"), client=clinic.ben)["late_on"] is None
        row = ticket["lines"][0]
        lines = [{key: row[key] for key in ("line_id", "item_id", "quantity", "therapist_id", "credit", "discount")}]
        body = {"client_id": str(clinic.ana), "lines": lines, "version": ticket["version"], "service_on": "2026-12-16"}
        late = register.send(f"/tickets/{ticket['ticket_id']}", body, method="PUT").get_json()
        assert (late["totals"]["due_minor"], late["service_on"], late["late_on"]) == (0, "2026-12-16", "2026-12-16")
        wrong = register.send(
            f"/tickets/{ticket['ticket_id']}",
            body | {"version": late["version"], "service_on": "2026-12-15"},
            method="PUT",
        )
        assert (wrong.status_code, wrong.get_json()["field"]) == (422, "service_on")
        for value in ("soon", 5, []):
            answer = register.send(
                f"/tickets/{ticket['ticket_id']}",
                body | {"version": late["version"], "service_on": value},
                method="PUT",
            )
            assert (answer.status_code, answer.get_json()["field"]) == (422, "service_on")
