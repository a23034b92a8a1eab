"""Refunds of ordinary sales: whole, in part, of one line, with tax and tip, in the drawer and in the books."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from pos.core import clock
from pos.core.errors import (
    AlreadyUsedKey,
    Conflict,
    Invalid,
    NeedsApproval,
    NotFound,
)
from pos.core.ids import new_id
from pos.domain.refunds.repository import cash_refunded
from pos.domain.sales.carts import Tip
from pos.domain.sales.pricing import Discount
from pos.services.till.shifts import close_shift, open_shift
from tests.integration.refunds.conftest import Desk
from tests.support.books import failing
from tests.support.clinic import line


def test_refund_of_whole_cash_sale_returns_tax(desk: Desk) -> None:
    sale_id = desk.clinic.sell(line("trigger_60"), line("oil")).sale_id
    done = desk.refund(sale_id)
    assert (done.total_minor, done.cash_minor, done.state) == (127_44, 127_44, "paid_back")
    assert desk.entry("refund", done.refund_id) == {
        "cash_drawer": -127_44,
        "service_revenue": 100_00,
        "retail_revenue": 18_00,
        "tax_payable:8": 9_44,
    }
    assert desk.balance("tax_payable") == 0
    with desk.clinic.read() as session:
        assert cash_refunded(session, desk.clinic.usd.shift_ids[0]) == 127_44
    assert failing(desk.clinic) == {}


def test_refund_of_one_line_leaves_others(desk: Desk) -> None:
    sale_id = desk.clinic.sell(line("trigger_60"), line("oil")).sale_id
    done = desk.refund(sale_id, positions=(2,))
    assert desk.entry("refund", done.refund_id) == {
        "cash_drawer": -19_44,
        "retail_revenue": 18_00,
        "tax_payable:8": 1_44,
    }
    with pytest.raises(Invalid, match="Nothing is left"):
        desk.refund(sale_id, positions=(2,))
    assert desk.preview(sale_id).total_minor == 108_00


def test_refund_in_amounts_sums_to_tax_of_sale(desk: Desk) -> None:
    """Example f's lines less 15.00: three refunds of a third each take back exactly 10.56 of tax."""
    sale_id = desk.clinic.sell(
        line("trigger_60"), line("foot_30"), line("aromatherapy"), discount=Discount(amount_minor=15_00)
    ).sale_id
    found = desk.found(sale_id)
    total = found.sale.total_minor
    for amount in (total // 3, total // 3, total - 2 * (total // 3)):
        desk.refund(sale_id, amount_minor=amount)
    after = desk.found(sale_id)
    assert after.refunded_minor == total
    assert [(left.net_minor, left.tax_minor) for left in after.lines] == [(0, 0)] * 3
    assert desk.balance("tax_payable") == 0
    assert desk.balance("service_revenue") + desk.balance("add_on_revenue") + desk.balance("discounts") == 0
    assert failing(desk.clinic) == {}


def test_refund_of_more_than_left_is_refused(desk: Desk) -> None:
    sale_id = desk.clinic.sell(line("trigger_60")).sale_id
    desk.refund(sale_id, amount_minor=100_00)
    with pytest.raises(Invalid) as refused:
        desk.refund(sale_id, amount_minor=8_01)
    assert (refused.value.field, refused.value.extra["most_minor"]) == ("amount", 8_00)
    for senseless in ({"positions": (7,)}, {"tip_minor": 1}, {"amount_minor": 0}):
        with pytest.raises(Invalid):
            desk.refund(sale_id, **senseless)
    assert desk.found(sale_id).refunded_minor == 100_00


def test_refund_of_tip_only_when_requested(desk: Desk) -> None:
    sale_id = desk.clinic.sell(line("trigger_60"), tip=Tip(Decimal(20), staff_id=desk.clinic.therapist.id)).sale_id
    assert desk.preview(sale_id).total_minor == 108_00
    done = desk.refund(sale_id, tip_minor=20_00)
    assert desk.entry("refund", done.refund_id) == {"cash_drawer": -20_00, "tips_payable": 20_00}
    assert desk.refund(sale_id).total_minor == 108_00
    assert failing(desk.clinic) == {}


def test_refund_command_sent_twice_is_one_refund(desk: Desk) -> None:
    sale_id = desk.clinic.sell(line("trigger_60")).sale_id
    command = desk.command(sale_id, amount_minor=50_00)
    first = desk.run(command)
    assert desk.run(command) == first
    assert desk.found(sale_id).refunded_minor == 50_00
    with pytest.raises(AlreadyUsedKey):
        desk.refund(sale_id, amount_minor=51_00, refund_id=command.refund_id)
    assert desk.notes() == ["RIV-CN-000001"]


def test_refund_by_receptionist_needs_approval_of_exact_amount(desk: Desk) -> None:
    sale_id = desk.clinic.sell(line("trigger_60")).sale_id
    rita = desk.clinic.receptionist
    with pytest.raises(NeedsApproval) as asked:
        desk.refund(sale_id, by=rita)
    assert asked.value.extra == {"action": "refund", "subject_id": str(sale_id), "amount_minor": 108_00}
    other = desk.approval("refund", sale_id, 50_00, asked_by=rita)
    with pytest.raises(NeedsApproval):
        desk.refund(sale_id, by=rita, approval_id=other)
    assert desk.found(sale_id).refunded_minor == 0
    consent = desk.approval("refund", sale_id, 108_00, asked_by=rita)
    done = desk.refund(sale_id, by=rita, approval_id=consent)
    assert (done.staff_id, done.approver_id) == (rita.id, desk.clinic.manager.id)
    assert failing(desk.clinic) == {}


def test_refund_without_reason_is_refused(desk: Desk) -> None:
    sale_id = desk.clinic.sell(line("trigger_60")).sale_id
    command = desk.command(sale_id)
    with pytest.raises(Invalid) as refused:
        desk.run(type(command)(**{**command.__dict__, "reason": "  "}))
    assert refused.value.field == "reason"


def test_refund_of_sale_at_other_location_is_not_found(desk: Desk) -> None:
    sale_id = desk.clinic.sell(line("trigger_60"), site=desk.clinic.eur).sale_id
    with pytest.raises(NotFound):
        desk.refund(sale_id)
    with pytest.raises(NotFound):
        desk.refund(new_id())


def test_refund_in_cash_without_open_shift_is_refused(desk: Desk) -> None:
    sale_id = desk.clinic.sell(line("trigger_60")).sale_id
    with pytest.raises(Conflict) as office:
        desk.refund(sale_id, office=True)
    assert office.value.extra["why"] == "cash_at_desk"
    back = desk.clinic.usd.desks[1]
    with desk.clinic.app.app_context():
        close_shift(desk_id=back, staff_id=desk.clinic.receptionist.id, counted_minor=100_00)
    with pytest.raises(Conflict) as closed:
        desk.refund(sale_id, desk=back)
    assert closed.value.extra["why"] == "shift_closed"
    assert desk.found(sale_id).refunded_minor == 0


def test_refund_of_cash_sale_after_shift_close_counts_on_next_day(desk: Desk) -> None:
    """Hard case 8: rung before the Z, reversed after; the first day stays as it was."""
    front, rita = desk.clinic.usd.desk, desk.clinic.receptionist.id
    sale_id = desk.clinic.sell(line("trigger_60")).sale_id
    with desk.clinic.app.app_context():
        closed = close_shift(desk_id=front, staff_id=rita, counted_minor=208_00)
        assert closed.expected_minor == 208_00
    with clock.at(clock.now() + timedelta(days=1)):
        with desk.clinic.app.app_context():
            open_shift(desk_id=front, staff_id=rita, float_minor=200_00)
        with pytest.raises(Conflict) as refused:
            desk.void(sale_id)
        assert refused.value.extra["why"] == "other_shift"
        done = desk.refund(sale_id)
        assert done.created_at.date() == desk.found(sale_id).sale.business_on + timedelta(days=1)
        with desk.clinic.app.app_context():
            second = close_shift(desk_id=front, staff_id=rita, counted_minor=92_00)
        assert (second.expected_minor, second.over_short_minor) == (92_00, 0)
        assert failing(desk.clinic) == {}
    assert desk.found(sale_id).sale.total_minor == 108_00
