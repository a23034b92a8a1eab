"""What is given back in a shift, on its Z report and in the days that were closed before."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from pos.core import clock
from pos.domain.ledger.models import Closing
from pos.domain.sales.carts import Tip
from pos.domain.till.models import ZReport
from pos.domain.tips.repository import owed_to
from pos.services.till.close_period import close_periods
from pos.services.till.shifts import close_shift, open_shift
from tests.integration.refunds.conftest import Desk
from tests.support.books import book_floats, failing
from tests.support.clinic import Clinic, line


@pytest.fixture
def desk(clinic: Clinic) -> Desk:
    return Desk(book_floats(clinic))


def test_z_report_lists_voids_and_refunds_beside_sales(desk: Desk) -> None:
    clinic = desk.clinic
    voided = clinic.sell(line("trigger_60"), tip=Tip(amount_minor=20_00, staff_id=clinic.therapist.id))
    desk.void(voided.sale_id)
    with clinic.read() as session:
        assert owed_to(session, clinic.usd.location_id, clinic.therapist.id) == 0
    kept = clinic.sell(line("oil"))  # 19.44
    desk.refund(kept.sale_id)
    with clinic.app.app_context():
        done = close_shift(desk_id=clinic.usd.desk, staff_id=clinic.receptionist.id, counted_minor=100_00)
    assert done.over_short_minor == 0
    with clinic.read() as session:
        z = session.get_one(ZReport, done.z_id).document
    assert (z["sales"], z["total_minor"]) == (2, 127_44)  # both records are kept
    assert z["corrections"] == [
        {"event": "refund", "count": 1, "minor": 19_44, "means": {"cash": 19_44}},
        {"event": "void", "count": 1, "minor": 128_00, "means": {"cash": 128_00}},
    ]
    assert failing(clinic) == {}


def test_refund_on_next_day_leaves_z_report_and_closing_unchanged(desk: Desk) -> None:
    """Cash sale 100.00 rung before the Z, refunded after: day 1's Z and closing stay 100.00 net."""
    clinic = desk.clinic
    sold = clinic.sell(line("trigger_60"))
    front, back = clinic.usd.desks
    with clinic.app.app_context():
        first = close_shift(desk_id=front, staff_id=clinic.receptionist.id, counted_minor=208_00)
        close_shift(desk_id=back, staff_id=clinic.receptionist.id, counted_minor=100_00)
    here, next_day = clinic.usd.location_id, clock.now() + timedelta(days=1)
    with clock.at(next_day):
        with clinic.app.app_context():
            close_periods(here)
            open_shift(desk_id=front, staff_id=clinic.receptionist.id, float_minor=200_00)
        desk.refund(sold.sale_id)
        with clinic.app.app_context():
            second = close_shift(desk_id=front, staff_id=clinic.receptionist.id, counted_minor=92_00)
    with clock.at(next_day + timedelta(days=1)), clinic.app.app_context():
        close_periods(here)
    with clinic.read() as session:
        z = [session.get_one(ZReport, done.z_id).document for done in (first, second)]
        days = session.scalars(select(Closing).where(Closing.kind == "day").order_by(Closing.number)).all()
        documents = [day.document for day in days]
    assert [(one["net_minor"], one["corrections"]) for one in z] == [
        (100_00, []),
        (0, [{"event": "refund", "count": 1, "minor": 108_00, "means": {"cash": 108_00}}]),
    ]
    assert [(d["net_minor"], d["back_net_minor"], d["back"]) for d in documents] == [
        (100_00, 0, {}),
        (0, 100_00, {"cash": 108_00}),
    ]
    assert failing(clinic) == {}
