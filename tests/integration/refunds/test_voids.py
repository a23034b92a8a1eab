"""Voids: the same shift, everything back, both records kept, no number lost."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import select

from pos.core.errors import Conflict, NeedsApproval
from pos.domain.receipts.models import Receipt
from pos.domain.refunds.models import Refund
from pos.domain.sales.carts import Tip
from tests.integration.refunds.conftest import Desk
from tests.support.books import failing
from tests.support.clinic import line


def test_void_reverses_every_posting_and_keeps_both_documents(desk: Desk) -> None:
    clinic = desk.clinic
    sold = clinic.sell(line("trigger_60"), line("oil"), tip=Tip(Decimal(20), staff_id=clinic.therapist.id))
    done = desk.void(sold.sale_id)
    assert (done.kind, done.cash_minor, done.state) == ("void", 147_44, "paid_back")
    sale = clinic.postings(sold.sale_id)
    assert desk.entry("void", done.refund_id) == {account: -minor for account, minor in sale.items()}
    assert desk.balance("tips_payable") == desk.balance("tax_payable") == 0
    next_one = clinic.sell(line("foot_60"))
    with clinic.read() as session:
        labels = session.scalars(select(Receipt.label).where(Receipt.label.startswith("RIV")).order_by(Receipt.number))
        assert list(labels) == ["RIV-000001", "RIV-000002"]
    assert next_one.receipt_label == "RIV-000002"
    assert desk.notes() == ["RIV-CN-000001"]
    assert failing(clinic) == {}


def test_voided_sale_cannot_be_voided_or_refunded(desk: Desk) -> None:
    sale_id = desk.clinic.sell(line("trigger_60")).sale_id
    desk.void(sale_id)
    for again in (desk.void, desk.refund):
        with pytest.raises(Conflict):
            again(sale_id)
    assert desk.balance("service_revenue") == 0


def test_void_of_partly_refunded_sale_is_refused(desk: Desk) -> None:
    sale_id = desk.clinic.sell(line("trigger_60")).sale_id
    desk.refund(sale_id, amount_minor=8_00)
    with pytest.raises(Conflict):
        desk.void(sale_id)


def test_void_of_visit_paid_by_credit_restores_credit(desk: Desk) -> None:
    clinic = desk.clinic
    lot = clinic.buy("ten", clinic.ana)
    visit = clinic.sell(line("trigger_60"), line("cupping"), client=clinic.ana)
    assert clinic.lot(lot).remaining == 9
    done = desk.void(visit.sale_id)
    assert (clinic.lot(lot).remaining, clinic.lot(lot).redeemed) == (10, 0)
    assert desk.entry("void", done.refund_id)["package_liability"] == -90_00
    assert desk.balance("package_liability") == -900_00
    assert failing(clinic) == {}
    # The credit can be used again, at the same value.
    again = clinic.sell(line("trigger_60"), client=clinic.ana)
    assert clinic.postings(again.sale_id)["service_revenue"] == -90_00


def test_void_of_unused_package_removes_credits(desk: Desk) -> None:
    clinic = desk.clinic
    sold = clinic.sell(line("ten"), client=clinic.ana)
    desk.void(sold.sale_id)
    assert desk.found(sold.sale_id).packages[0].left == 0
    assert desk.balance("package_liability") == 0
    assert failing(clinic) == {}


def test_void_of_used_package_is_refused(desk: Desk) -> None:
    clinic = desk.clinic
    sold = clinic.sell(line("ten"), client=clinic.ana)
    clinic.sell(line("trigger_60"), client=clinic.ana)
    with pytest.raises(Conflict) as refused:
        desk.void(sold.sale_id)
    assert refused.value.extra["why"] == "used"
    assert desk.balance("package_liability") == -810_00


def test_void_at_other_desk_is_refused(desk: Desk) -> None:
    sale_id = desk.clinic.sell(line("trigger_60")).sale_id
    with pytest.raises(Conflict) as refused:
        desk.void(sale_id, desk=desk.clinic.usd.desks[1])
    assert refused.value.extra["why"] == "other_shift"


def test_void_by_receptionist_needs_approval_and_records_approver(desk: Desk) -> None:
    sale_id = desk.clinic.sell(line("trigger_60")).sale_id
    rita = desk.clinic.receptionist
    with pytest.raises(NeedsApproval) as asked:
        desk.void(sale_id, by=rita)
    assert asked.value.extra["action"] == "void"
    consent = desk.approval("void", sale_id, 108_00, asked_by=rita)
    done = desk.void(sale_id, by=rita, approval_id=consent)
    with desk.clinic.read() as session:
        row = session.get_one(Refund, done.refund_id)
        assert (row.staff_id, row.approver_id) == (rita.id, desk.clinic.manager.id)
        assert row.shift_id == desk.clinic.usd.shift_ids[0]
