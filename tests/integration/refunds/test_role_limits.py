"""Refunds and voids within the limits of a role need nobody; above them somebody agrees whose own limit is as high."""

from __future__ import annotations

import pytest

from pos.core.errors import NeedsApproval, NotAllowed
from pos.domain.refunds.models import Refund
from pos.domain.staff.limit_rules import Limit
from pos.domain.staff.permissions import Role
from tests.integration.refunds.conftest import Desk
from tests.integration.refunds.test_cards import paid
from tests.support.barrier import race
from tests.support.books import failing, tamper
from tests.support.cards import CARDS
from tests.support.clinic import line
from tests.support.role_limits import set_limits


def test_refund_within_limit_needs_nobody_and_parts_of_one_sale_add_up(desk: Desk) -> None:
    clinic, who = desk.clinic, desk.clinic.receptionist
    set_limits(clinic, Role.RECEPTIONIST, {Limit.REFUND: 50_00})
    sold = clinic.sell(line("foot_60"))
    first = desk.refund(sold.sale_id, by=who, amount_minor=30_00)
    with clinic.read() as session:
        row = session.get_one(Refund, first.refund_id)
        assert (row.approver_id, row.staff_role, row.alone_minor) == (None, "receptionist", 50_00)
    with pytest.raises(NeedsApproval):
        desk.refund(sold.sale_id, by=who, amount_minor=20_01)
    consent = desk.approval("refund", sold.sale_id, 20_01, asked_by=who)
    desk.refund(sold.sale_id, by=who, amount_minor=20_01, approval_id=consent)
    assert failing(clinic) == {}
    # What the role gave back alone is kept with the refund, so that a larger one without consent is found later too.
    set_limits(clinic, Role.RECEPTIONIST, {Limit.REFUND: 0})
    assert failing(clinic) == {}
    tamper(clinic, "UPDATE refunds SET alone_minor = 2999 WHERE approver_id IS NULL")
    assert "has no approval of a second person" in failing(clinic)["approved"]


def test_two_refunds_of_one_sale_at_once_do_not_pass_limit_together(desk: Desk) -> None:
    clinic, who = desk.clinic, desk.clinic.receptionist
    set_limits(clinic, Role.RECEPTIONIST, {Limit.REFUND: 50_00})
    sold = clinic.sell(line("foot_60"))

    def give() -> object:
        return desk.refund(sold.sale_id, by=who, amount_minor=30_00)

    outcomes = race(give, give)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NeedsApproval", "RefundState"]
    assert failing(clinic) == {}


def test_void_within_limit_needs_nobody(desk: Desk) -> None:
    clinic, who = desk.clinic, desk.clinic.receptionist
    small, large = clinic.sell(line("oil")), clinic.sell(line("foot_60"))
    with pytest.raises(NeedsApproval):
        desk.void(small.sale_id, by=who)
    set_limits(clinic, Role.RECEPTIONIST, {Limit.VOID: 50_00})
    desk.void(small.sale_id, by=who)
    with pytest.raises(NeedsApproval):
        desk.void(large.sale_id, by=who)
    assert failing(clinic) == {}


def test_manager_above_own_limit_needs_owner_and_does_not_agree_for_others(desk: Desk) -> None:
    clinic, manager = desk.clinic, desk.clinic.manager
    sold = clinic.sell(line("foot_60"))
    # Given before the limit was lowered, spent after it: the limit of the moment counts, of who agreed too.
    consent = desk.approval("refund", sold.sale_id, 40_00, asked_by=clinic.receptionist)
    set_limits(clinic, Role.MANAGER, {Limit.REFUND: 30_00})
    with pytest.raises(NotAllowed, match="above what this person may do alone"):
        desk.refund(sold.sale_id, by=clinic.receptionist, amount_minor=40_00, approval_id=consent)
    with pytest.raises(NeedsApproval, match="above what your role may do alone"):
        desk.refund(sold.sale_id, by=manager, amount_minor=40_00)
    agreed = desk.approval("refund", sold.sale_id, 40_00, asked_by=manager)  # the owner's
    desk.refund(sold.sale_id, by=manager, amount_minor=40_00, approval_id=agreed)
    assert failing(clinic) == {}


@CARDS
def test_cash_for_money_not_paid_in_cash_has_limit_of_its_own(card_desk: Desk) -> None:
    clinic, manager = card_desk.clinic, card_desk.clinic.manager
    sale_id = paid(card_desk, line("trigger_60"), cash=8_00)
    whole = card_desk.found(sale_id).sale.total_minor
    with pytest.raises(NeedsApproval):
        card_desk.refund(sale_id, by=manager, amount_minor=whole)
    set_limits(clinic, Role.MANAGER, {Limit.CASH_REFUND: 7_99})
    with pytest.raises(NeedsApproval):
        card_desk.refund(sale_id, by=manager, amount_minor=whole)
    set_limits(clinic, Role.MANAGER, {Limit.CASH_REFUND: 8_00})
    card_desk.refund(sale_id, by=manager, amount_minor=whole)
    assert "approved" not in failing(clinic)
