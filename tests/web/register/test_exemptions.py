"""Selling free of tax at the desk: who may, and what has to be said."""

from __future__ import annotations

import pytest

from pos.domain.staff import permissions
from tests.support.clinic import Clinic, line
from tests.web.register.conftest import Register


def test_exemption_without_permission_or_reference_is_refused(
    clinic: Clinic, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = register.ticket(line("ten"), client=clinic.ana)
    (row,) = register.rows(line("ten"))
    body = {"client_id": str(clinic.ana), "version": ticket["version"]}
    free = {"reason": "prescription", "reference": "RX 4711", "count": 4}
    for wrong, field in (
        ({"reference": " "}, "reference"),
        ({"reason": "flu"}, "exemption"),
        ({"count": 0}, "exemption"),
    ):
        answer = register.send(
            f"/tickets/{ticket['ticket_id']}", {**body, "lines": [row | {"exemption": free | wrong}]}, method="PUT"
        )
        assert (answer.status_code, answer.get_json()["field"]) == (422, field)
    changed = register.send(
        f"/tickets/{ticket['ticket_id']}", {**body, "lines": [row | {"exemption": free}]}, method="PUT"
    ).get_json()
    assert (changed["totals"]["tax_minor"], changed["lines"][0]["exempt_units"]) == (43_20, 4)
    desk = permissions.ALLOWED[permissions.Role.RECEPTIONIST] - {permissions.Permission.EXEMPT_TAX}
    monkeypatch.setattr(permissions, "ALLOWED", {**permissions.ALLOWED, permissions.Role.RECEPTIONIST: desk})
    answer = register.send(
        f"/tickets/{ticket['ticket_id']}", {**body, "version": changed["version"], "lines": [row | {"exemption": free}]},
        method="PUT",
    )  # fmt: skip
    assert (answer.status_code, answer.get_json()["field"]) == (409, "exemption")
