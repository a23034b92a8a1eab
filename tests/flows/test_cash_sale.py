"""A sale paid in cash, from the ticket to the books."""

from __future__ import annotations

from tests.support.world import World, line


def test_a_single_session_with_tax_on_top(clinic: World) -> None:
    done = clinic.sell(line("trigger_60"), cash=120_00)
    assert (done.total_minor, done.change_minor, done.receipt_label) == (108_00, 12_00, "RIV-000001")
    assert clinic.postings(done.sale_id) == {"cash_drawer": 108_00, "service_revenue": -100_00, "tax_payable:8": -8_00}
