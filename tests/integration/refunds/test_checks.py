"""Each invariant of refunds finds the fault planted for it, and only books with a fault fail."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from pos.core import clock
from pos.domain.refunds.models import Refund
from tests.integration.refunds.conftest import Desk
from tests.support.books import failing, found_by, tamper
from tests.support.clinic import line

# The fault as SQL, the check that finds it, and a word of its sentence.
FAULTS = {
    "more than was taken": ("UPDATE refunds SET total_minor = total_minor + 1, tip_minor = tip_minor + 1", "refunded"),
    "a counter that forgot": ("UPDATE sale_refund_totals SET refunded_minor = 0, tip_refunded_minor = 0", "refunded"),
    "a tender that forgot": ("UPDATE tender_refund_totals SET refunded_minor = 0", "refunded"),
    "a line given back twice": ("UPDATE refund_lines SET net_minor = net_minor * 3", "refunded"),
    "a part of another amount": ("UPDATE refund_parts SET amount_minor = amount_minor - 1", "refund_sums"),
    "a line of another amount": ("UPDATE refund_lines SET tax_minor = tax_minor - 1", "refund_sums"),
    "nobody approved": ("UPDATE refunds SET approver_id = NULL, staff_role = 'receptionist'", "approved"),
    "an entry of another amount": (
        "UPDATE refunds SET tax_minor = tax_minor - 1, net_minor = net_minor + 1", "refund_entries"
    ),
    "an entry that is gone": (
        "UPDATE journal_entries SET event = 'float' WHERE event = 'refund'", "refund_entries"
    ),
    "a failure nobody booked": (
        "UPDATE refund_parts SET kind = 'card', shift_id = NULL, state = 'failed', attempt_id = id", "refunds_owed"
    ),
    "a gap in the numbers": ("UPDATE credit_notes SET number = 7", "credit_notes"),
    "a counter ahead": ("UPDATE credit_note_series SET last_number = 9", "credit_notes"),
    "no credit note": ("DELETE FROM credit_notes", "credit_notes"),
    "a doubt that stays": (
        "UPDATE refund_parts SET kind = 'card', shift_id = NULL, state = 'unknown', attempt_id = id", "refunds_settled"
    ),
}  # fmt: skip


@pytest.fixture
def refunded(desk: Desk) -> Desk:
    """A clinic where one sale was given back in part with a manager's consent, and another one was voided."""
    rita = desk.clinic.receptionist
    sale_id = desk.clinic.sell(line("trigger_60"), line("oil")).sale_id
    consent = desk.approval("refund", sale_id, 60_00, asked_by=rita)
    desk.refund(sale_id, amount_minor=60_00, by=rita, approval_id=consent)
    return desk


@pytest.mark.parametrize("fault", FAULTS)
def test_refund_checks_planted_fault_is_found(refunded: Desk, fault: str) -> None:
    statement, check = FAULTS[fault]
    tamper(refunded.clinic, statement)
    with clock.at(clock.now() + timedelta(hours=1)):
        assert found_by(refunded.clinic, check)


def test_refund_checks_sound_refund_holds_now_and_later(refunded: Desk) -> None:
    assert failing(refunded.clinic) == {}
    with clock.at(clock.now() + timedelta(hours=1)):
        assert failing(refunded.clinic) == {}


def test_void_checks_planted_fault_is_found(desk: Desk) -> None:
    desk.void(desk.clinic.sell(line("trigger_60")).sale_id)
    assert failing(desk.clinic) == {}
    tamper(desk.clinic, "UPDATE refund_parts SET amount_minor = amount_minor - 1")
    assert {"refunded", "refund_sums", "refund_entries"} <= failing(desk.clinic).keys()


def test_refund_checks_staff_role_changed_later_hold(refunded: Desk) -> None:
    sale_id: UUID = refunded.clinic.sell(line("foot_60")).sale_id
    done = refunded.refund(sale_id)
    with refunded.clinic.read() as session:
        assert session.get_one(Refund, done.refund_id).staff_role == "manager"
    tamper(refunded.clinic, "UPDATE staff SET role = 'therapist' WHERE name = 'Mara'")
    assert failing(refunded.clinic) == {}
