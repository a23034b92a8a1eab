"""The desk is told what a longer visit costs beyond the credit."""

from __future__ import annotations

from tests.register.conftest import Register
from tests.support.world import World, line


def test_the_line_says_credit_and_upgrade_and_one_change_undoes_it(clinic: World) -> None:
    lot = clinic.buy("ten", clinic.ana)
    desk = Register(clinic, clinic.receptionist)
    ticket = desk.ticket(line("trigger_90"), client=clinic.ana)
    row = ticket["lines"][0]
    assert row["cover"] == {
        "kind": "credit", "lot_id": str(lot), "uses": 1, "upgrade_minor": 40_00, "package": "10 × 60 min",
    }  # fmt: skip
    assert (row["amount_minor"], ticket["totals"]["due_minor"]) == (40_00, 43_20)
    body = {"client_id": str(clinic.ana), "version": ticket["version"]}
    single = desk.send(
        f"/tickets/{ticket['ticket_id']}", body | {"lines": [row | {"credit": "none"}]}, method="PUT"
    ).get_json()
    assert (single["lines"][0]["cover"], single["totals"]["due_minor"]) == (None, 151_20)
