"""A package that rests is given back: its freeze ends with it. Found by the clinic that does anything."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from pos.core import clock
from pos.core.ids import new_id
from pos.domain.credits.models import CreditLot, LotFreeze, PurchasedPackage
from pos.services.packages.freeze_and_extend import freeze_package
from pos.services.refunds.calculate import RefundChoice
from pos.services.refunds.issue_refund import RefundCommand, refund
from tests.support.books import book_floats
from tests.support.clinic import Clinic
from tests.support.package_actions import package_action
from tests.support.remembered_checks import broken_checks


@pytest.mark.parametrize("as_credit", [False, True])
def test_refund_of_frozen_package_ends_freeze(clinic: Clinic, as_credit: bool) -> None:
    world = book_floats(clinic)
    lot_id = world.buy("ten", world.ana)
    with world.app.app_context():
        freeze_package(package_action(world), lot_id, medical=True)
    with world.read() as session:
        package = session.scalars(select(PurchasedPackage)).one()
    with clock.at(clock.now() + timedelta(days=200)), world.app.app_context():
        assert package.sale_id is not None
        wanted = RefundChoice(package.sale_id, package_id=package.id, as_credit=as_credit)
        refund(RefundCommand(new_id(), wanted, "Asked for.", world.owner, desk_id=world.usd.desk))
    with world.read() as session:
        assert session.get_one(CreditLot, lot_id).status == "refunded"
        assert session.scalars(select(LotFreeze.ended_on)).one() is not None
        assert broken_checks(session) == {}
